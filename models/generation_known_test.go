package models_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/series"
)

// promotions returns a panel of series with a week, noise of the deviation 1 and days of
// promotion, on which sales are higher by effect.
func promotions(n, length int, effect float64, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 3))
	p := &series.Panel{Channels: []string{"sales"}, Known: []string{"promotion"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		var known []float64
		level := 20 + 2*rng.NormFloat64()
		for t := range length {
			promotion := 0.0
			if rng.Float64() < 0.3 {
				promotion = 1
			}
			s.Times = append(s.Times, float64(t))
			known = append(known, promotion)
			s.Values = append(s.Values, level+3*math.Sin(2*math.Pi*float64(t)/7)+effect*promotion+rng.NormFloat64())
		}
		s.Known = series.Track{Times: s.Times, Values: known}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestPlantedEffect protects generation given covariates: what a promotion adds to the
// data it adds to generated series, on the days that are said and for as long as it is. The
// effect is known to 0.13 from the data, and sampling adds as much.
func TestPlantedEffect(t *testing.T) {
	seriestest.Long(t)
	const planted, tolerance = 5, 0.6
	data := promotions(1, 300, planted, 1)
	for _, k := range models.Kinds() {
		m, err := k.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := m.(forecast.Generator); !ok || !k.Known {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			if k.Name == latentode.Kind { // it has to learn effects by training
				seriestest.Long(t)
			} else if m, err = k.New(map[string]string{"updates": "100"}); err != nil {
				t.Fatal(err)
			}
			if err := m.Fit(context.Background(), data, forecast.FitOptions{Horizon: 7, Season: 7, Seed: 1}); err != nil {
				t.Fatal(err)
			}
			g := m.(forecast.Generator)
			effects := map[string]float64{"some days": onSomeDays(t, g), "all days": onAllDays(t, g)}
			for name, effect := range effects {
				if math.Abs(effect-planted) > tolerance {
					t.Errorf("promotions on %s add %.2f, in the data %d", name, effect, planted)
				}
			}
		})
	}
}

const asked = 42 // steps of generated series, six weeks

// generated returns the values of many series whose promotions are on the given days.
func generated(t *testing.T, g forecast.Generator, on func(i int) bool) []*series.Series {
	t.Helper()
	p := promotions(1, asked, 0, 2)
	for i := range p.Series[0].Known.Values {
		p.Series[0].Known.Values[i] = 0
		if on(i) {
			p.Series[0].Known.Values[i] = 1
		}
	}
	made, err := g.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Times: p.Series[0].Times, Known: p, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	return made.Series
}

// onSomeDays returns the effect of promotions in every other week, within series.
func onSomeDays(t *testing.T, g forecast.Generator) (effect float64) {
	on := func(i int) bool { return i/7%2 == 1 || i%5 == 0 }
	for _, s := range generated(t, g, on) {
		for d := range 7 {
			var sum, n [2]float64
			for i := d; i < asked; i += 7 {
				at := 0
				if on(i) {
					at = 1
				}
				sum[at] += s.Values[i]
				n[at]++
			}
			effect += (sum[1]/n[1] - sum[0]/n[0]) / (7 * 200)
		}
	}
	return effect
}

// onAllDays returns the effect of promotions that never end.
func onAllDays(t *testing.T, g forecast.Generator) (effect float64) {
	without, with := generated(t, g, func(int) bool { return false }), generated(t, g, func(int) bool { return true })
	for i, s := range with {
		for k, x := range s.Values {
			effect += (x - without[i].Values[k]) / (asked * 200)
		}
	}
	return effect
}
