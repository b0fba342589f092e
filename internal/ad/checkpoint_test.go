package ad

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCheckpointGivesTheSameBits compares the gradient and the memory of a long
// recurrence with those of its segments between checkpoints.
func TestCheckpointGivesTheSameBits(t *testing.T) {
	const segments, steps, rows, h = 8, 8, 64, 8
	run := func(checkpointed bool) (loss float64, grads [][]float64, floats int) {
		rng := rand.New(rand.NewPCG(7, 8))
		var tape, inner Tape
		param := func(rows, cols int) *Node {
			grad := make([]float64, rows*cols)
			grads = append(grads, grad)
			return tape.Param(rows, cols, normals(rng, rows*cols), grad)
		}
		state, gx, wh, bh := param(rows, h), param(rows, 3*h), param(h, 3*h), param(1, 3*h)
		for range segments {
			start, on := state, &tape
			segment := func() *Node {
				y := start
				for range steps {
					y = on.GRUStep(y, gx, wh, bh)
				}
				return y
			}
			if checkpointed {
				on = &inner
				state = tape.Checkpoint(&inner, segment)
			} else {
				state = segment()
			}
		}
		y := tape.Sum(tape.Mul(state, state))
		tape.Backward(y)
		for _, a := range []*Tape{&tape, &inner} {
			for _, c := range a.floats.chunks {
				floats += len(c)
			}
		}
		return y.Val[0], grads, floats
	}
	loss, grads, floats := run(false)
	gotLoss, gotGrads, gotFloats := run(true)
	if gotLoss != loss {
		t.Errorf("loss %v, without checkpoints %v", gotLoss, loss)
	}
	for i := range grads {
		for j, want := range grads[i] {
			if got := gotGrads[i][j]; math.Float64bits(got) != math.Float64bits(want) {
				t.Fatalf("input %d, element %d: derivative %v, without checkpoints %v", i, j, got, want)
			}
		}
	}
	if gotFloats > floats/3 {
		t.Errorf("%d numbers kept, without checkpoints %d", gotFloats, floats)
	}
}
