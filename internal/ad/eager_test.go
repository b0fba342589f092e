package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// eagerLoss is a recurrence over segments of steps with a summand of the loss
// for each, of weight -0.3, eager or not. It returns the loss and the gradients
// of its inputs.
func eagerLoss(eager bool) (loss float64, grads [][]float64) {
	const segments, steps, rows, h = 3, 2, 4, 5
	rng := rand.New(rand.NewPCG(9, 9))
	var tape, inner Tape
	param := func(rows, cols int) (val, grad []float64) {
		grad = make([]float64, rows*cols)
		grads = append(grads, grad)
		return normals(rng, rows*cols), grad
	}
	x, dx := param(segments*steps*rows, 3*h)
	w, dw := param(h, 3*h)
	b, db := param(1, 3*h)
	v, dv := param(h, 3)
	gx, wh, bh := tape.Param(segments*steps*rows, 3*h, x, dx), tape.Param(h, 3*h, w, dw), tape.Param(1, 3*h, b, db)
	state := tape.Const(rows, h, make([]float64, rows*h))
	var sums []*Node
	for k := range segments {
		var states []*Node
		for s := range steps {
			at := (k*steps + s) * rows
			state = tape.GRUStep(state, tape.RowRange(gx, at, at+rows), wh, bh)
			states = append(states, state)
		}
		on := &tape
		if eager {
			on = &inner
		}
		segment := func() *Node {
			y := on.Tanh(on.MatMul(on.Stack(states), on.Param(h, 3, v, dv)))
			return on.Add(on.Sum(on.Mul(y, y)), on.Sum(on.RowRange(states[0], 1, 3)))
		}
		if eager {
			sums = append(sums, tape.Eager(&inner, -0.3, segment))
		} else {
			sums = append(sums, tape.Scale(-0.3, segment()))
		}
	}
	y := tape.Sum(tape.Stack(sums))
	tape.Backward(y)
	return y.Val[0], grads
}

// Taken in segments, a loss is the same and its gradient is
// that of a record of all steps.
func TestEagerGivesTheGradient(t *testing.T) {
	wantLoss, want := eagerLoss(false)
	loss, grads := eagerLoss(true)
	if loss != wantLoss {
		t.Errorf("loss %v, recorded as a whole %v", loss, wantLoss)
	}
	for i := range grads {
		for j, w := range want[i] {
			if got := grads[i][j]; !(math.Abs(got-w) <= 1e-13*(1+math.Abs(w))) {
				t.Errorf("input %d, element %d: derivative %v, recorded as a whole %v", i, j, got, w)
			}
		}
	}
}

// The weight of a segment is in its value and gradient once, and a loss
// that counts it otherwise panics.
func TestEagerCountsOnce(t *testing.T) {
	var tape, inner Tape
	grad := []float64{0}
	x := tape.Param(1, 1, []float64{2}, grad)
	square := func() *Node { return inner.Mul(x, x) }
	y := tape.Eager(&inner, 3, square)
	if y.Val[0] != 12 || grad[0] != 12 {
		t.Errorf("value %v and gradient %v, want 12 and 12", y.Val[0], grad[0])
	}
	tape.Backward(tape.Sum(y)) // adds nothing
	if grad[0] != 12 {
		t.Errorf("gradient %v after Backward, want 12", grad[0])
	}
	defer func() {
		if recover() == nil {
			t.Error("a loss that counts the result twice: no panic")
		}
	}()
	tape.Backward(tape.Scale(2, tape.Eager(&inner, 3, square)))
}

// TestEagerWithoutGradient: a segment of constants is a constant.
func TestEagerWithoutGradient(t *testing.T) {
	var tape, inner Tape
	x := tape.Const(1, 2, []float64{1, 2})
	y := tape.Eager(&inner, 2, func() *Node { return inner.Sum(x) })
	if y.Val[0] != 6 || y.varies {
		t.Errorf("value %v, varies %v; want 6 and a constant", y.Val[0], y.varies)
	}
	defer func() {
		if recover() == nil {
			t.Error("a segment with two results: no panic")
		}
	}()
	tape.Eager(&inner, 2, func() *Node { return x })
}
