package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/internal/training"
	"tsgen/models/density"
	"tsgen/series"
)

// TestSingleGradient holds the gradient of an update in float32, of encoder and dynamics through the solver's
// steps, against that in float64: the norm of the difference is at most 1e-4 of the gradient's, and so is the difference of
// the losses.
func TestSingleGradient(t *testing.T) {
	seriestest.Long(t)
	for _, c := range []struct {
		name    string
		panel   *series.Panel
		horizon int
		season  int
		o       Options
	}{
		{"spirals", spirals(60), 30, 1, Options{State: 4, Batch: 60, Context: 70, Level: LevelPanel}},
		{"oscillators with a linear part", oscillators(40, 60, 0.1, 1), 10, 1, Options{Level: LevelPanel, State: 4, Static: 4}},
		{"stays", stays(30), 10, 1, Options{Level: LevelPanel, State: 10, Static: 10, Batch: 16, Context: 60}},
		{"seasonal, windows' own level", seriestest.Monthly(80), 12, 12, Options{Static: 2}},
		{"counts", visits(4, 60), 6, 12, Options{Static: 2, Likelihood: density.Poisson}},
		{"importance weights", oscillators(20, 40, 0.1, 1), 6, 1, Options{Level: LevelPanel, Draws: 3}},
		{"dynamics in float64", spirals(20), 30, 1, Options{State: 4, Context: 70, Level: LevelPanel, Tolerance: 1e-8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var losses [2]float64
			var grads [2][]float64
			for i, precision := range []Precision{Float64, Float32} {
				o := c.o
				o.Precision, o.Updates = precision, 10
				losses[i], grads[i] = gradientOf(t, o, c.panel, forecast.FitOptions{Horizon: c.horizon, Season: c.season})
			}
			if d := math.Abs(losses[1] - losses[0]); !(d > 0 && d <= 1e-4*math.Abs(losses[0])) {
				t.Errorf("loss %v, in float32 %v", losses[0], losses[1])
			}
			norm, off := 0.0, 0.0
			for i, g := range grads[0] {
				norm, off = norm+g*g, off+(grads[1][i]-g)*(grads[1][i]-g)
			}
			if r := math.Sqrt(off / norm); !(r > 0 && r <= 1e-4) {
				t.Errorf("relative to its norm the gradient in float32 is off by %.2g", r)
			}
		})
	}
}

// gradientOf returns the loss of an update at the first weights, and its gradient.
func gradientOf(t *testing.T, o Options, panel *series.Panel, opt forecast.FitOptions) (loss float64, grad []float64) {
	t.Helper()
	c, records, err := newConfig(t.Context(), o, 0, panel, opt)
	if err != nil {
		t.Fatal(err)
	}
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rand.New(rand.NewPCG(1, 1)))
	obj, err := newObjective(f, panel, records, 1)
	if err != nil {
		t.Fatal(err)
	}
	pass := nn.Pass{Values: f.Params.Values, Grad: make([]float64, len(f.Params.Values))}
	for shard := range shards {
		pass.Reset()
		l, err := obj.Loss(context.Background(), &pass, 5, shard)
		if err != nil {
			t.Fatal(err)
		}
		loss += l.Val[0]
		pass.Backward(l)
	}
	return loss, pass.Grad
}

// A forecast of a model that was trained in float32, of encoder, search for modes and dynamics, is that in float64 but for its last
// digits.
func TestSingleForecast(t *testing.T) {
	panel := oscillators(20, 30, 0.1, 3)
	o := small
	o.Static, o.Level, o.Companion = 2, LevelPanel, CompanionNone
	m := fit(t, o, panel, forecast.FitOptions{Horizon: 6, Season: 1, Seed: 1})
	for _, refine := range []bool{false, true} {
		m.config.Refine = refine
		var values [2][][]float64
		for i, precision := range []Precision{Float32, Float64} {
			m.config.Options.Precision, m.idle = precision, sync.Pool{}
			f, err := m.Forecast(context.Background(), panel, forecast.Options{Horizon: 12, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Series {
				values[i] = append(values[i], d.Values...)
			}
		}
		far := 0.0
		for i, row := range values[0] {
			for k, x := range row {
				far = max(far, math.Abs(x-values[1][i][k]))
			}
		}
		if !(far > 0 && far < 1e-3) {
			t.Errorf("refined %v: a quantile is off by %.2g", refine, far)
		}
	}
}

// TestPrecision holds what decides on the width of numbers.
func TestPrecision(t *testing.T) {
	seriestest.Long(t)
	if err := (Options{Precision: Float32, Encoder: EncoderODERNN}).Validate(); err == nil {
		t.Error("an encoder in motion in float32 is taken")
	}
	for _, c := range []struct {
		o    Options
		want Precision
	}{
		{Options{Precision: Float32}, Float32},
		{Options{Precision: Float64}, Float64},
		{Options{Encoder: EncoderGRUD}, Float64},
	} {
		got, _, err := newConfig(t.Context(), c.o, 0, seriestest.Monthly(80), forecast.FitOptions{Horizon: 12, Season: 12})
		if err != nil || got.Options.Precision != c.want {
			t.Errorf("%v: precision %q (%v), want %q", c.o, got.Options.Precision, err, c.want)
		}
	}
}
