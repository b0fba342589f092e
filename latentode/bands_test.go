package latentode

import (
	"context"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
)

// The bands of what is observed, noise left out, hold the truth about as often as they say: within
// the observations and beyond them, as far again as was trained on.
func TestBandsOfTheSignal(t *testing.T) {
	seriestest.Long(t)
	noisy, clean := oscillators(60, 60, 0.3, 7), oscillators(60, 60, 0, 7)
	head, _, err := noisy.SplitLast(20)
	if err != nil {
		t.Fatal(err)
	}
	m := fit(t, Options{Hidden: 24, Updates: 400}, head, forecast.FitOptions{Horizon: 10, Season: 1, Seed: 1})
	at := make([][]float64, len(clean.Series))
	for i, s := range clean.Series {
		at[i] = s.Times
	}
	f, err := m.Impute(context.Background(), head, forecast.Options{At: at, Signal: true})
	if err != nil {
		t.Fatal(err)
	}
	var held, n [2][2]float64
	for i, d := range f.Series {
		truth := clean.Series[i].Values
		for l, level := range []float64{80, 95} {
			low, high := d.Interval(nil, nil, level)
			for k, x := range truth {
				if math.IsNaN(x) {
					continue
				}
				part := 0
				if k/2 >= head.Series[i].Len() {
					part = 1
				}
				n[part][l]++
				if low[k] <= x && x <= high[k] {
					held[part][l]++
				}
			}
		}
	}
	for part, where := range []string{"within", "beyond"} {
		inner, outer := held[part][0]/n[part][0], held[part][1]/n[part][1]
		if inner < 0.7 || inner > 0.95 || outer < 0.9 {
			t.Errorf("%s the observations the bands of 80 and 95 %% hold %.2f and %.2f of the truth", where, inner, outer)
		}
	}
}

// What a signal misses is found from what is missed at some lead times, never less than nothing, and grows on with the lead
// time, but not beyond how much values vary. Of observations it is added beyond what was judged.
func TestGrowth(t *testing.T) {
	for _, c := range []struct{ constant, slope, wantConstant, wantSlope float64 }{
		{0.02, 0.05, 0.02, 0.05}, {0.02, -0.001, 0.0195, 0}, {-0.02, 0.05, 0, 0.02}, {-0.1, -0.1, 0, 0},
	} {
		var g growth
		for i := range 1000 {
			x := float64(i+1) / 1000
			g.add(x, c.constant+c.slope*x)
		}
		constant, slope := g.fit()
		if math.Abs(constant-c.wantConstant) > 1e-3 || math.Abs(slope-c.wantSlope) > 1e-3 {
			t.Errorf("%v + %v x: found %v + %v x, want %v + %v x", c.constant, c.slope, constant, slope, c.wantConstant, c.wantSlope)
		}
	}
	c := &config{Spread: [][]float64{{0.1}, {0.2}}, Growth: []float64{0.05}}
	for lead, want := range map[float64]float64{0: 0.1, 1: 0.3, 10: 1} {
		if got := c.missing(0, lead); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v is missing at the lead time %v, want %v", got, lead, want)
		}
	}
	c.Judged = 2
	for lead, want := range map[float64]float64{1: 0, 2: 0, 4: 0.6, 10: 0.76} {
		if got := c.unjudged(0, lead); math.Abs(got*got-want) > 1e-12 {
			t.Errorf("a variance of %v is unjudged at the lead time %v, want %v", got*got, lead, want)
		}
	}
	if c.Growth = nil; c.missing(0, 10) != 0.2 || c.unjudged(0, 10) != 0 {
		t.Error("what a model that was stored before misses grows")
	}
}
