package latentode

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

// turning returns n regular series of a length, which turn at speeds that differ by a part, or walk at random if the speed is 0.
func turning(n, length int, speed, differs float64) *series.Panel {
	rng := rand.New(rand.NewPCG(5, 9))
	p := &series.Panel{Channels: []string{"x", "y"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		own, phase, x, y := speed*math.Exp(differs*rng.NormFloat64()), 2*math.Pi*rng.Float64(), 0.0, 0.0
		for k := range length {
			if speed > 0 {
				x, y = math.Cos(own*float64(k)+phase), math.Sin(own*float64(k)+phase)
			}
			x, y = x+0.03*rng.NormFloat64(), y+0.03*rng.NormFloat64()
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, x, y)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Series that oscillate begin with dynamics that turn at their speed, those of different speeds also where a season was found, and those
// that walk at random or repeat a season together do not.
func TestOscillations(t *testing.T) {
	seriestest.Long(t)
	for _, c := range []struct {
		panel  *series.Panel
		season int
		want   float64
	}{
		{turning(10, 50, 0.4, 0.2), 1, 0.4},
		{turning(10, 50, 0.4, 0.2), 14, 0.4},
		{turning(1, 200, 0.3, 0), 1, 0.3},
		{turning(10, 50, 2*math.Pi/14, 0), 14, 0},
		{turning(10, 50, 0, 0), 1, 0},
		{turning(40, 50, 0.4, 0.2), 1, 0.4},
		{turning(40, 50, 0, 0), 1, 0},
	} {
		config, _, err := newConfig(t.Context(), Options{}, 0, c.panel, forecast.FitOptions{Horizon: 5, Season: c.season})
		if err != nil {
			t.Fatal(err)
		}
		if c.want == 0 {
			if len(config.rotations) > 0 {
				t.Errorf("season %d: rotations %v", c.season, config.rotations)
			}
			continue
		}
		if len(config.rotations) == 0 || math.Abs(config.rotations[0].speed/c.want-1) > 0.15 {
			t.Fatalf("rotations %v, want one of %v", config.rotations, c.want)
		}
		n := newFitted(config, rand.New(rand.NewPCG(1, 1)))
		d := n.network.linear.In(n.Params.Values)
		state := config.Options.State
		if got := (d[1] - d[state]) / config.Unit / config.rotations[0].speed; math.Abs(got-1) > 0.2 {
			t.Errorf("the first two latent variables turn at %v of that speed", got)
		}
	}
}

// A short training forecasts clean oscillations of different speeds by the dynamics alone: at rest the error is 0.7.
func TestForecastOscillations(t *testing.T) {
	seriestest.Long(t)
	all := turning(6, 60, 0.4, 0.2)
	heads := all.With(nil)
	var at [][]float64
	for _, s := range all.Series {
		heads.Series, at = append(heads.Series, s.Slice(0, 54)), append(at, s.Times[54:])
	}
	m := fit(t, Options{Updates: 80, Hidden: 16, Companion: CompanionNone}, heads, forecast.FitOptions{Horizon: 6, Season: 1, Seed: 1})
	f, err := m.Forecast(context.Background(), heads, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	square, n := 0.0, 0
	for i, d := range f.Series {
		for k, v := range d.Quantiles(0.5)[0] {
			e := v - all.Series[i].Values[54*2+k]
			square, n = square+e*e, n+1
		}
	}
	if rms := math.Sqrt(square / float64(n)); rms > 0.45 {
		t.Errorf("forecasts are off by %.2f", rms)
	}
}
