package ad

import (
	"math/rand/v2"
	"testing"
)

// What depends on constants only is not differentiated, and Backward of it does nothing.
func TestConstantsHaveNoGradient(t *testing.T) {
	var tape Tape
	a := tape.Const(1, 2, []float64{1, 2})
	y := tape.Sum(tape.Tanh(a))
	if y.varies {
		t.Error("the sum of a constant has a gradient")
	}
	tape.Backward(y) // must do nothing
}

// TestBackwardTwice goes back from two results of one tape, of which each leads
// to a part of the record only; the gradients add up.
func TestBackwardTwice(t *testing.T) {
	var tape Tape
	grad := make([]float64, 4)
	x := tape.Param(2, 2, []float64{1, 2, 3, 4}, grad)
	y := tape.Scale(3, x)
	top, bottom := tape.Sum(tape.RowRange(y, 0, 1)), tape.Sum(tape.Mul(tape.RowRange(y, 1, 2), tape.RowRange(y, 1, 2)))
	for i, c := range []struct {
		from *Node
		want [4]float64
	}{
		{top, [4]float64{3, 3, 0, 0}},
		{bottom, [4]float64{3, 3, 54, 72}},
		{top, [4]float64{6, 6, 54, 72}},
	} {
		tape.Backward(c.from)
		if [4]float64(grad) != c.want {
			t.Errorf("after %d passes: %v, want %v", i+1, grad, c.want)
		}
	}
}

// A step that repeats an earlier one on the same tapes takes no new memory.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector the kernels allocate")
	}
	const rows, in, h = 32, 8, 4
	rng := rand.New(rand.NewPCG(1, 1))
	matrix := func(rows, cols int) func(*Tape) *Node {
		val, grad := normals(rng, rows*cols), make([]float64, rows*cols)
		return func(t *Tape) *Node { return t.Param(rows, cols, val, grad) }
	}
	x, w, b := matrix(rows, in), matrix(in, 3*h), matrix(1, 3*h)
	u, v, c := matrix(h, 3*h), matrix(h, 4*h), matrix(1, 4*h)
	active, index := []int{16, 12, 4}, []int{3, 3, 0}
	var tape, inner Tape
	var states [4]*Node
	segment := func() *Node { return inner.Tanh(states[0]) }
	summand := func() *Node { return inner.Sum(inner.Tanh(states[1])) }
	step := func() {
		tape.Reset()
		wh, bh := u(&tape), b(&tape)
		gx := tape.Linear(x(&tape), w(&tape), bh)
		states[0] = tape.GRU(gx, wh, bh, active)
		states[1] = tape.GRUStep(states[0], bh, wh, bh, Input{x(&tape), w(&tape)})
		states[2] = tape.LSTM(tape.LinearTanh(states[1], v(&tape), c(&tape)), v(&tape), c(&tape), active)
		states[3] = tape.Checkpoint(&inner, segment)
		s := tape.Stack(states[:])
		d := tape.SoftplusAbove(0.1, s)
		kl := tape.Rows(tape.RowRange(tape.KLGaussian(s, d, d, d), 0, rows), index)
		y := tape.Eager(&inner, 0.5, summand)
		tape.Backward(tape.Add(y, tape.Sum(tape.LogSumExp(tape.Columns(kl, 1, 3)))))
	}
	step()
	if n := testing.AllocsPerRun(20, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// BenchmarkDispatch reports what an operation costs, on the way forward and
// back together, beside its arithmetic: it works on a single number.
func BenchmarkDispatch(b *testing.B) {
	const count = 1000
	var tape Tape
	val, grad := []float64{1}, []float64{0}
	for b.Loop() {
		tape.Reset()
		x := tape.Param(1, 1, val, grad)
		y := x
		for range count {
			y = tape.Add(y, x)
		}
		tape.Backward(y)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/operation")
}
