//go:build !race

package latentode

import (
	"context"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/internal/training"
)

// TestSteadyStateAllocatesNothing is not for the race detector, under which a
// sync.Pool forgets what it holds now and then.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, o := range []Options{{Precision: Float64}, {Precision: Float32}, {Residuals: ResidualsOU, Encoder: EncoderGRUD}} {
		o.Hidden, o.Batch = 8, 8
		if n := allocations(t, o); n != 0 {
			t.Errorf("residuals %q, encoder %q, precision %q: %v allocations an update", o.Residuals, o.Encoder, o.Precision, n)
		}
	}
}

// allocations returns those of an update after the first few.
func allocations(t *testing.T, options Options) float64 {
	t.Helper()
	c, records, err := newConfig(t.Context(), options, 0, seriestest.Monthly(80), forecast.FitOptions{Horizon: 12, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rand.New(rand.NewPCG(1, 1)))
	o, err := newObjective(f, seriestest.Monthly(80), records, 1)
	if err != nil {
		t.Fatal(err)
	}
	pass := nn.Pass{Values: f.Params.Values, Grad: make([]float64, len(f.Params.Values))}
	k := 0
	step := func() {
		pass.Reset()
		loss, err := o.Loss(context.Background(), &pass, k%10, 0)
		if err != nil {
			t.Fatal(err)
		}
		pass.Backward(loss)
		k++
	}
	for range 10 {
		step()
	}
	return testing.AllocsPerRun(20, step)
}
