package latentode

import (
	"context"
	"errors"
	"math"
	"slices"
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
