package vae

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// shortPanel returns n series of 16 steps between -1 and 1.
func shortPanel(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 5))
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		f, q := 0.2+0.3*rng.Float64(), 6*rng.Float64()
		for t := range 16 {
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, math.Sin(f*float64(t)+q))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestGeneratedRange protects that series as long as those of the data stay about their
// range, though they are longer than a window, by a model that has learned next to nothing.
func TestGeneratedRange(t *testing.T) {
	seriestest.Long(t)
	m := &Model{Options: Options{Hidden: 4, Latent: 2, Updates: 5, Length: 6}}
	if err := m.Fit(context.Background(), shortPanel(40), forecast.FitOptions{Horizon: 2, Season: 1}); err != nil {
		t.Fatal(err)
	}
	if n := m.config.Options.Length; n >= 16 {
		t.Fatalf("windows of %d steps, want fewer than 16", n)
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 100, Length: 16, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range g.Series {
		for _, x := range s.Values {
			if !(math.Abs(x) < 1.2) {
				t.Fatalf("%v, values of the data are between -1 and 1", x)
			}
		}
	}
}

// TestWindowsOfShortSeries protects that each of many short series is a window.
func TestWindowsOfShortSeries(t *testing.T) {
	for _, x := range []struct{ series, season, want int }{
		{manyWhole, 4, 16}, {manySeries, 1, 16}, {manySeries, 4, 8}, {manySeries - 1, 1, 6},
	} {
		c, _, err := newConfig(Options{}, shortPanel(x.series), forecast.FitOptions{Horizon: 2, Season: x.season})
		if err != nil {
			t.Fatal(err)
		}
		if c.Options.Length != x.want || c.Horizon != 2 {
			t.Errorf("%d series, season %d: windows of %d steps with a horizon of %d, want %d and 2", x.series, x.season, c.Options.Length, c.Horizon, x.want)
		}
	}
}
