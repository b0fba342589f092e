package latentode

import (
	"context"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
)

// TestStateDoesNotBlowUp has weights a hundred times those of a network at its
// start and integrates far beyond the window: no component moves faster than
// its speed and its drift, so that it is bounded by a straight line.
func TestStateDoesNotBlowUp(t *testing.T) {
	f, windows := start(t, Options{Level: LevelPanel, State: 3, Static: 2, Context: 12})
	for _, l := range f.network.field.Layers {
		for i := range l.W.In(f.Params.Values) {
			l.W.In(f.Params.Values)[i] *= 100
		}
	}
	f.config.Options.Tolerance = 1e-3
	s, err := f.network.newWorkspace(f.config.Options.Tolerance, purpose{learning: true})
	if err != nil {
		t.Fatal(err)
	}
	w := windows[0]
	for _, far := range []float64{1, 10, 1000} {
		w.asked = append(w.asked, w.U[w.Origin-1]+far*f.config.Gap*float64(f.config.Horizon))
	}
	s.fill([]window{w})
	p := nn.Pass{Values: f.Params.Values}
	z0 := []float64{1, -1, 0.5, 2, -2}
	d, err := f.network.decode(context.Background(), &p, s, p.Const(1, 5, z0))
	if err != nil {
		t.Fatal(err)
	}
	speed, drift := f.network.speed.In(f.Params.Values), f.network.constant.In(f.Params.Values)
	for row, at := range s.times[0] {
		for j := range 3 {
			most := math.Abs(speed[j]) + math.Abs(drift[j]*z0[3]+drift[3+j]*z0[4])
			if moved := math.Abs(d.states.Val[row*5+j] - z0[j]); !(moved <= 1.001*most*at+1e-9) {
				t.Errorf("component %d moved by %v in %v units of time, at most %v were possible", j, moved, at, most*at)
			}
		}
		for j := 3; j < 5; j++ {
			if got := d.states.Val[row*5+j]; got != z0[j] {
				t.Errorf("static component %d moved to %v", j, got)
			}
		}
	}
}

// TestOneObservation forecasts series of a single observation, at the level of
// the panel and at their own.
func TestOneObservation(t *testing.T) {
	seriestest.Long(t)
	for _, level := range []Level{LevelPanel, LevelWindow} {
		panel := oscillators(6, 40, 0.1, 4)
		o := small
		o.Level = level
		m := fit(t, o, panel, forecast.FitOptions{Horizon: 5, Season: 1, Seed: 1})
		first := panel.Series[0].Slice(0, 1)
		first.Values = []float64{0.4, math.NaN()}
		f := forecastOf(t, m, panel.With(append(panel.Series[1:2:2], first)), 3, 200)
		low, high := make([]float64, 6), make([]float64, 6)
		f.Series[1].Quantile(low, 0.05)
		f.Series[1].Quantile(high, 0.95)
		for i := range low {
			// Deviations of the panel are about 0.7.
			if width := high[i] - low[i]; !(width > 0.2 && width < 20) {
				t.Errorf("level %s: the middle nine tenths of a forecast from one value are %v wide", level, width)
			}
		}
	}
}

// TestFreeNats holds what divergences cost, two windows by three variables,
// against the sum of the larger of each variable's mean and what is free.
func TestFreeNats(t *testing.T) {
	kl := []float64{0.1, 1, 3, 0.3, 3, 5}
	for free, want := range map[float64]float64{0: 12.4, 0.5: 2 * (0.5 + 2 + 4), 3: 2 * (3 + 3 + 4)} {
		s := workspace{batch: batch{config: &config{Options: Options{Free: free}}}}
		var p nn.Pass
		if got := s.charge(&p, p.Const(2, 3, kl)).Val[0]; math.Abs(got-want) > 1e-12 {
			t.Errorf("%v nats free: %v, want %v", free, got, want)
		}
	}
}
