//go:build !race

package nn

import (
	"context"
	"testing"
)

// TestUpdatesAllocateNothing: loss and gradient of the benchmarks' models work
// in the memory of the update before.
func TestUpdatesAllocateNothing(t *testing.T) {
	size := sequenceSize{"small", 7, 4, 2, 8, 3, false}
	for name, model := range map[string]func(sequenceSize, int) (Objective, *sequences, *Params){"VRNN": newVRNN, "SRNN": newSRNN} {
		o, _, s := model(size, 1)
		p := Pass{Values: s.Values, Grad: make([]float64, len(s.Values))}
		update := func() {
			p.Reset()
			clear(p.Grad)
			loss, err := o.Loss(context.Background(), &p, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			p.Backward(loss)
		}
		update()
		if n := testing.AllocsPerRun(20, update); n != 0 {
			t.Errorf("%s: %v allocations an update", name, n)
		}
	}
}
