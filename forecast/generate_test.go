package forecast_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/models/gauss"
	"tsgen/series"
)

// shaped returns a series with a line, a season of 6 steps and noise.
func shaped(level, slope, season, noise float64, n int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := &series.Series{}
	before := 0.0
	for i := range n {
		before = 0.7*before + rng.NormFloat64()
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, level+slope*float64(i)+season*math.Sin(2*math.Pi*float64(i)/6)+noise*before)
	}
	return &series.Panel{Channels: []string{"y"}, TimeColumn: "t", Step: series.Step{Width: 1}, Seasons: []float64{6}, Series: []*series.Series{s}}
}

// moments returns level, amplitude of the season of 6 steps and deviation from both of x, and
// the autocorrelation of what is left.
func moments(x []float64) (level, amplitude, deviation, correlation float64) {
	var a, b float64
	n := float64(len(x))
	for i, v := range x {
		level += v / n
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 6)
		a, b = a+2*v*sin/n, b+2*v*cos/n
	}
	left := make([]float64, len(x))
	for i, v := range x {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 6)
		left[i] = v - level - a*sin - b*cos
		deviation += left[i] * left[i] / n
		if i > 0 {
			correlation += left[i] * left[i-1] / n
		}
	}
	return level, math.Hypot(a, b), math.Sqrt(deviation), correlation / deviation
}

// TestGenerateLike protects series that are to be like another: level, season and spread are
// its own by a strength of 1, between by less, and the noise depends on itself as the model
// has it.
func TestGenerateLike(t *testing.T) {
	ctx := context.Background()
	m := &gauss.Model{}
	if err := m.Fit(ctx, shaped(10, 0, 1, 1, 300, 1), forecast.FitOptions{Horizon: 12, Season: 6}); err != nil {
		t.Fatal(err)
	}
	like := shaped(-50, 0, 6, 3, 120, 2)
	wantLevel, wantAmplitude, wantDeviation, _ := moments(like.Series[0].Values)
	opt := forecast.GenerateOptions{Number: 20, Length: 120, Seed: 3}
	plain, err := forecast.Generate(ctx, m, opt)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := m.Generate(ctx, opt)
	if err != nil || !slices.Equal(direct.Series[0].Values, plain.Series[0].Values) {
		t.Errorf("series that are like none differ from the model's own: %v", err)
	}
	for _, strength := range []float64{0, 0.5} { // 0 means 1
		opt.Like, opt.Strength = like, strength
		made, err := forecast.Generate(ctx, m, opt)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range made.Series {
			level, amplitude, deviation, correlation := moments(s.Values)
			ownLevel, ownAmplitude, ownDeviation, ownCorrelation := moments(plain.Series[i].Values)
			if strength == 0.5 {
				if math.Abs(level-(ownLevel+wantLevel)/2) > 0.5 || math.Abs(deviation/math.Sqrt(ownDeviation*wantDeviation)-1) > 0.05 ||
					amplitude <= ownAmplitude || amplitude >= wantAmplitude {
					t.Errorf("half way: level %.1f, season %.1f, noise %.1f", level, amplitude, deviation)
				}
				continue
			}
			if math.Abs(level-wantLevel) > 0.5 || math.Abs(amplitude/wantAmplitude-1) > 0.05 || math.Abs(deviation/wantDeviation-1) > 0.1 {
				t.Errorf("level %.1f, season %.1f, noise %.1f, want %.1f, %.1f, %.1f", level, amplitude, deviation, wantLevel, wantAmplitude, wantDeviation)
			}
			if math.Abs(correlation-ownCorrelation) > 0.1 {
				t.Errorf("noise of the autocorrelation %.2f, the model's %.2f", correlation, ownCorrelation)
			}
		}
	}
	opt.Strength = 2
	if _, err := forecast.Generate(ctx, m, opt); err == nil {
		t.Error("a strength of 2 passes")
	}
}

// TestScenarios protects series that continue others, of a model that generates none: as
// many as are asked for, each on its own, about the course of the forecast.
func TestScenarios(t *testing.T) {
	ctx := context.Background()
	start := shaped(10, 0.5, 4, 0.2, 60, 1)
	m := &baseline.AR{}
	if err := m.Fit(ctx, start, forecast.FitOptions{Horizon: 12, Season: 6}); err != nil {
		t.Fatal(err)
	}
	made, err := forecast.Generate(ctx, m, forecast.GenerateOptions{Number: 30, Length: 12, Seed: 1, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Series) != 30 || made.Series[0].Times[0] != 60 || len(made.Series[4].Times) != 12 {
		t.Fatalf("%d series from %v on", len(made.Series), made.Series[0].Times)
	}
	truth := shaped(10, 0.5, 4, 0, 72, 1).Series[0].Values[60:]
	for i, want := range truth {
		mean := 0.0
		for _, s := range made.Series {
			mean += s.Values[i] / 30
		}
		if math.Abs(mean-want) > 1 {
			t.Errorf("step %d: scenarios about %.2f, want %.2f", i+1, mean, want)
		}
	}
	if slices.Equal(made.Series[0].Values, made.Series[1].Values) {
		t.Error("two scenarios are the same")
	}
	if _, err := forecast.Generate(ctx, m, forecast.GenerateOptions{}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("ar generates: %v", err)
	}
}

// TestGenerateLikeKeepsGrid protects the values' own kind where they are moved to the shape of a
// given series: halves stay halves.
func TestGenerateLikeKeepsGrid(t *testing.T) {
	p := shaped(50, 0.1, 8, 1, 120, 1)
	for i, v := range p.Series[0].Values {
		p.Series[0].Values[i] = math.Round(2*v) / 2
	}
	m := &gauss.Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 6, Season: 6}); err != nil {
		t.Fatal(err)
	}
	g, err := forecast.Generate(context.Background(), m, forecast.GenerateOptions{Number: 5, Length: 30, Seed: 1, Like: shaped(913.7, 0, 3.3, 2, 60, 2)})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range g.Series {
		for _, v := range s.Values {
			if v != math.Round(2*v)/2 {
				t.Fatalf("%v, of values in halves", v)
			}
		}
	}
}
