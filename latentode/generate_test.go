package latentode

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// power returns the mean square of the values that are not missing.
func power(p *series.Panel) float64 {
	sum, n := 0.0, 0.0
	for _, s := range p.Series {
		for _, x := range s.Values {
			if !math.IsNaN(x) {
				sum, n = sum+x*x, n+1
			}
		}
	}
	return sum / n
}

// TestGenerate demands series of the training panel's form and power.
func TestGenerate(t *testing.T) {
	seriestest.Long(t)
	panel := oscillators(30, 40, 0.05, 4)
	m := fit(t, Options{Hidden: 16, Updates: 300, Level: LevelPanel}, panel, forecast.FitOptions{Horizon: 10, Season: 1, Seed: 1})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 60, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(g.Series) != 60 || g.Series[0].Len() != 40 || !slices.Equal(g.Channels, panel.Channels) {
		t.Errorf("%d series of %d times, channels %v", len(g.Series), g.Series[0].Len(), g.Channels)
	}
	if ratio := power(g) / power(panel); !(ratio > 0.4 && ratio < 2.5) {
		t.Errorf("the generated series have %.2f times the training series' power", ratio)
	}
	few, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 2, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(few.Series[1].Values, g.Series[1].Values) {
		t.Error("the second series depends on how many are generated")
	}
}

// Generated series have the times and the sign of the training series, and
// negative lengths and models without a panel are refused.
func TestGenerateMonths(t *testing.T) {
	seriestest.Long(t)
	panel := seriestest.Monthly(90)
	m := fit(t, small, panel, forecast.FitOptions{Horizon: 12, Season: 12})
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Length: 200})
	if err != nil {
		t.Fatal(err)
	}
	s := g.Series[0]
	if s.Len() != 200 || s.Times[0] != panel.Series[0].Times[0] || s.Times[7]-s.Times[6] != 1 {
		t.Errorf("%d times, %v", s.Len(), s.Times[:3])
	}
	for i, x := range s.Values {
		if !(x > 0) {
			t.Fatalf("value %d is %v, the training series is positive", i, x)
		}
	}
	if _, err := m.Generate(context.Background(), forecast.GenerateOptions{Length: -1}); err == nil {
		t.Error("a negative length is generated")
	}
	if _, err := new(Model).Generate(context.Background(), forecast.GenerateOptions{}); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("a model that is not fitted generates: %v", err)
	}
	m.config.Length = 0
	if _, err := m.Generate(context.Background(), forecast.GenerateOptions{}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("a model without the form of its panel generates: %v", err)
	}
}

// Series that are measured from different ages on begin as those do which were measured from such an age on.
func TestGenerateBegins(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(3, 4))
	curve := func(age float64) float64 { return 5 * (1 - math.Exp(-age/4)) }
	panel := &series.Panel{Channels: []string{"height"}, IDColumn: "child", TimeColumn: "age"}
	for i := range 20 {
		s := &series.Series{ID: strconv.Itoa(i)}
		age := 8 * rng.Float64()
		for range 6 {
			s.Times, s.Values = append(s.Times, age), append(s.Values, curve(age)+0.1*rng.NormFloat64())
			age += 0.3 + rng.ExpFloat64()
		}
		panel.Series = append(panel.Series, s)
	}
	var known []float64
	for _, s := range panel.Series {
		known = append(known, s.Times[0])
	}
	for _, m := range []interface {
		forecast.Model
		forecast.Generator
	}{
		&Model{Options: Options{Hidden: 8, Updates: 150, Level: LevelPanel, Companion: CompanionNone}},
		&Stochastic{Options: StochasticOptions{Hidden: 8, Updates: 200, Level: LevelPanel}},
	} {
		if err := m.Fit(t.Context(), panel, forecast.FitOptions{Horizon: 1, Season: 1, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		g, err := m.Generate(t.Context(), forecast.GenerateOptions{Number: 60, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		square := 0.0
		for _, s := range g.Series {
			if !slices.Contains(known, s.Times[0]) {
				t.Errorf("%s: a series begins at %v, want one of %v", m.Name(), s.Times[0], known)
			}
			rest := s.Values[0] - curve(s.Times[0])
			square += rest * rest / 60
		}
		if rms := math.Sqrt(square); rms > 0.6 { // 0.87 with states of any age
			t.Errorf("%s: first values are off by %.2f", m.Name(), rms)
		}
	}
}

// What states have to do with when they begin is taken out of them and put back for other times, within those that are known.
func TestLean(t *testing.T) {
	starts := []float64{2, 3, 5, 6}
	var states [][]float64
	for _, u := range starts {
		states = append(states, []float64{1 + 2*u, 7})
	}
	l, rest := lean(states, starts)
	for i, z := range rest {
		if math.Abs(z[0]-9) > 1e-12 || z[1] != 7 {
			t.Errorf("state %d: %v is left, want 9 and 7", i, z)
		}
	}
	for _, c := range []struct{ u, want float64 }{{5.5, 12}, {0, 5}, {8, 13}} {
		z := []float64{9, 7}
		if l.add(z, c.u, 1); math.Abs(z[0]-c.want) > 1e-12 || z[1] != 7 {
			t.Errorf("at %v: %v, want %v and 7", c.u, z, c.want)
		}
	}
}
