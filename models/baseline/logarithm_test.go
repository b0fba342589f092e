package baseline_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// growing returns a positive monthly series with a trend and a season, whose movements grow with
// its level or do not.
func growing(n int, withLevel bool) []float64 {
	rng := rand.New(rand.NewPCG(3, 9))
	y := make([]float64, n)
	for t := range y {
		level := 100 + 8*float64(t)
		move := 0.15*math.Sin(2*math.Pi*float64(t)/12) + 0.03*rng.NormFloat64()
		if y[t] = level + 100*move; withLevel {
			y[t] = level * math.Exp(move)
		}
	}
	return y
}

// A series whose season grows with its level is forecast as its logarithms are, one whose season
// does not as it is, and so is any if that is asked for: in quantiles, and in paths but for the
// least bits.
func TestLogarithm(t *testing.T) {
	const steps = 12
	asked := forecast.Options{Horizon: steps, Season: 12, Samples: 50, Seed: 4}
	for _, models := range [][2]forecast.PathForecaster{
		{baseline.STL{}, baseline.STL{Plain: true}},
		{baseline.ARIMA{}, baseline.ARIMA{Plain: true}},
	} {
		if testing.Short() && models[0].Name() == "arima" {
			continue // its search takes seconds
		}
		for _, withLevel := range []bool{true, false} {
			y := growing(60, withLevel)
			z, back := slices.Clone(y), func(x float64) float64 { return x }
			if withLevel {
				for i, v := range z {
					z[i] = math.Log(v)
				}
				back = math.Exp
			}
			got, want := both(t, models[0], regular(y...), asked), both(t, models[1], regular(z...), asked)
			for k, row := range want {
				for i, x := range row {
					if x = back(x); math.Abs(got[k][i]-x) > 1e-9*math.Abs(x) {
						t.Fatalf("%s, growing %v: %v at row %d, step %d, want %v", models[0].Name(), withLevel, got[k][i], k, i, x)
					}
				}
			}
		}
	}
}

// both returns quantiles of the forecast of a model, and its paths.
func both(t *testing.T, m forecast.PathForecaster, p *series.Panel, opt forecast.Options) [][]float64 {
	t.Helper()
	f, err := m.Forecast(t.Context(), p, opt)
	if err != nil {
		t.Fatal(m.Name(), err)
	}
	joined, err := m.ForecastPaths(t.Context(), p, opt)
	if err != nil {
		t.Fatal(m.Name(), err)
	}
	return append(f.Series[0].Quantiles(0.025, 0.5, 0.9), joined.Series[0].Paths...)
}

// Estimates that are kept are of logarithms if they were made of them, whatever the later values
// would say; one that is not positive ends that.
func TestLogarithmKept(t *testing.T) {
	y := growing(60, true)
	opt := forecast.Options{Horizon: 6, Season: 12}
	for _, m := range []forecast.Keeper{baseline.STL{}, baseline.ARIMA{}} {
		if testing.Short() && m.Name() == "arima" {
			continue
		}
		kept, err := m.Keep(t.Context(), regular(y...), forecast.FitOptions{Horizon: 6, Season: 12})
		if err != nil {
			t.Fatal(m.Name(), err)
		}
		own, err := m.Forecast(t.Context(), regular(y...), opt)
		if err != nil {
			t.Fatal(m.Name(), err)
		}
		again, err := kept.Forecast(t.Context(), regular(y...), opt)
		if err != nil {
			t.Fatal(m.Name(), err)
		}
		for i, x := range own.Series[0].Quantiles(0.5)[0] {
			if got := again.Series[0].Quantiles(0.5)[0][i]; got != x {
				t.Errorf("%s: %v from kept estimates at step %d, want %v", m.Name(), got, i, x)
			}
		}
		later, err := kept.Forecast(t.Context(), regular(append(slices.Clone(y), 0)...), opt)
		if err != nil {
			t.Fatal(m.Name(), err)
		}
		for _, x := range later.Series[0].Quantiles(0.1, 0.9) {
			for _, v := range x {
				if math.Abs(v) > 1000 {
					t.Errorf("%s: %v after a value of 0", m.Name(), v)
				}
			}
		}
	}
}
