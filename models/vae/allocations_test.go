//go:build !race

package vae

import (
	"context"
	"testing"

	"tsgen/internal/neural"
	"tsgen/internal/nn"
)

// TestSteadyStateAllocatesNothing holds an update in float64, after the first ones, to no
// memory but what the tape already has.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	o := newTestObjective(t, Options{Length: 9, Hidden: 8, Latent: 2, Batch: 16, Precision: neural.Float64}, longWave(40))
	p := nn.Pass{Values: o.Params.Values, Grad: make([]float64, len(o.Params.Values))}
	k := 0
	update := func() {
		p.Reset()
		l, err := o.Loss(context.Background(), &p, k%2, 0)
		if err != nil {
			t.Fatal(err)
		}
		p.Backward(l)
		k++
	}
	update()
	update()
	if n := testing.AllocsPerRun(20, update); n > 0 {
		t.Errorf("%v allocations in an update", n)
	}
}
