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
		r := run{Checkpoint: NewCheckpoint(s.Values), objective: o, losses: make([]float64, 1), errs: make([]error, 1),
			passes: []Pass{{Grad: make([]float64, len(s.Values))}}}
		update := func() {
			if r.gradient(context.Background(), 0); r.errs[0] != nil {
				t.Fatal(r.errs[0])
			}
		}
		update()
		if n := testing.AllocsPerRun(20, update); n != 0 {
			t.Errorf("%s: %v allocations an update", name, n)
		}
	}
}
