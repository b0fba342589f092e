package rnn

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn/nntest"
	"tsgen/models/density"
	"tsgen/series"
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

// TestGradientSingle holds the loss and its gradient in float32 to those in float64, for both
// models and cells, with and without what is free, where inputs are the model's own draws,
// and where the likelihood has parameters of its own.
func TestGradientSingle(t *testing.T) {
	for _, c := range []struct {
		name    string
		panel   *series.Panel
		options Options
	}{
		{"Gaussian", waves(4, 40, true, 1), Options{}},
		{"shared deviation", waves(4, 40, false, 1), Options{Likelihood: density.SharedGaussian, Free: 0.01}},
		{"bits", copies(4, 40, 1), Options{Likelihood: density.Bernoulli}},
		{"chain", copies(4, 40, 1), Options{Likelihood: density.ChainBernoulli, Sampling: 0.5}},
	} {
		for _, a := range architectures {
			c.options.Cell, c.options.Hidden, c.options.Latent, c.options.Dropout = a.small().Cell, 20, 4, 0.1
			of := func(p Precision) *objective {
				c.options.Precision = p
				return begin(t, a.kind, c.options, c.panel, forecast.FitOptions{Horizon: 4, Season: 1})
			}
			double := of(Float64)
			t.Run(fmt.Sprintf("%s of %s", c.name, a), func(t *testing.T) {
				nntest.SameGradient(t, double, of(Float32), double.Params.Values, 700, 0)
			})
		}
	}
}
