package rnn

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"tsgen/forecast"
)

// TestPrecision trains a few updates in float32: the forecasts
// are close to those of float64 but not the same, and do not depend on the
// number of processors.
func TestPrecision(t *testing.T) {
	for _, a := range architectures {
		run := func(p Precision, processors int) []float64 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			o := a.small()
			o.Hidden, o.Updates, o.Precision = 32, 3, p
			panel := waves(6, 40, false, 1)
			return pathsOf(t, fit(t, a.kind, o, panel, forecast.FitOptions{Horizon: 5, Season: 1, Seed: 2}), panel, 7, 20)
		}
		double, single := run(Float64, 1), run(Float32, 1)
		if !slices.Equal(single, run(Float32, 3)) {
			t.Errorf("%s: other bytes on another number of processors", a)
		}
		far := 0.0
		for i, x := range double {
			far = max(far, math.Abs(x-single[i]))
		}
		if !(far > 0 && far < 1e-2) {
			t.Errorf("%s: forecasts in float32 are up to %g off", a, far)
		}
	}
}
