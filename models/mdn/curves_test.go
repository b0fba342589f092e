package mdn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// courses returns n series of one channel whose values draw returns.
func courses(n, steps int, draw func(rng *rand.Rand) func(t float64) float64) *series.Panel {
	rng := rand.New(rand.NewPCG(8, 9))
	p := &series.Panel{Channels: []string{"a"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		at := draw(rng)
		for t := range steps {
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, at(float64(t)))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

func sine(rng *rand.Rand) func(t float64) float64 {
	f, phase := 0.05+0.1*rng.Float64(), rng.Float64()
	return func(t float64) float64 { return math.Sin(f*t + phase) }
}

// gentle returns a sine of which series show a part.
func gentle(rng *rand.Rand) func(t float64) float64 {
	f, phase := 0.1*rng.Float64(), 0.1*rng.Float64()
	return func(t float64) float64 { return math.Sin(f*t + phase) }
}

func damped(rng *rand.Rand) func(t float64) float64 {
	rate, wave := 0.1*rng.Float64(), sine(rng)
	return func(t float64) float64 { return math.Exp(-rate*t) * wave(2*t) }
}

func growth(rng *rand.Rand) func(t float64) float64 {
	rate, middle := 0.2+0.2*rng.Float64(), 8+8*rng.Float64()
	return func(t float64) float64 { return 1 / (1 + math.Exp(-rate*(t-middle))) }
}

func noisy(noise float64) func(rng *rand.Rand) func(t float64) float64 {
	return func(rng *rand.Rand) func(t float64) float64 {
		wave := sine(rng)
		return func(t float64) float64 { return wave(t) + noise*rng.NormFloat64() }
	}
}

func wandering(rng *rand.Rand) func(t float64) float64 {
	x := 0.0
	return func(float64) float64 { x += rng.NormFloat64(); return x }
}

// TestCurvesAreFound protects which series are taken for curves: smooth ones, and not what has noise, few or gaps.
func TestCurvesAreFound(t *testing.T) {
	for _, test := range []struct {
		name string
		p    *series.Panel
		want bool
	}{
		{"sines", courses(600, 24, sine), true},
		{"sines that begin alike", courses(600, 24, func(rng *rand.Rand) func(t float64) float64 {
			f := 0.1 * rng.Float64()
			return func(t float64) float64 { return 2 + math.Sin(f*t) }
		}), true},
		{"damped sines", courses(900, 36, damped), true},
		{"growth", courses(900, 36, growth), true},
		{"noisy sines", courses(900, 24, noisy(0.01)), false},
		{"walks", courses(900, 24, wandering), false},
		{"few sines", courses(100, 24, sine), false},
	} {
		o, err := newObjective(Options{Hidden: 4}, test.p, forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		c := o.config.Curves
		if (c != nil) != test.want {
			t.Errorf("%s: curves %v, want %v", test.name, c != nil, test.want)
		}
		if c == nil {
			continue
		}
		x := o.config.units(o.records[0].X)
		z := c.coordinates(x)
		far := 0.0
		for i, v := range c.curve(z) {
			far = max(far, math.Abs(v-x[i]))
		}
		with := c.curve(z)
		c.addRemainder(with, rand.New(rand.NewPCG(1, 1)))
		for i, v := range c.coordinates(with) {
			if math.Abs(v-z[i]) > 1e-6 {
				t.Errorf("%s: coordinate %d is %v, with a remainder %v", test.name, i, z[i], v)
			}
		}
		if far > 10*hardly {
			t.Errorf("%s: a series is %v away from its curve", test.name, far)
		}
	}
}

// TestSmoothSeries protects that series which are generated of smooth ones are far smoother than by the network over time,
// spread as these, with the same bytes from a file, and that forecasts go on.
func TestSmoothSeries(t *testing.T) {
	seriestest.Long(t)
	p := courses(400, 16, gentle)
	m := fit(t, Options{Hidden: 4, Updates: 500}, p, forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1})
	if m.chain == nil {
		t.Fatal("curves are left to the network over time")
	}
	generate := func(m *Model) *series.Panel {
		g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := generate(m)
	of := func(p *series.Panel) (rough, spread float64) {
		n := 0.0
		for _, s := range p.Series {
			for i := 3; i < s.Len(); i++ {
				d := s.Values[i] - 3*s.Values[i-1] + 3*s.Values[i-2] - s.Values[i-3]
				rough, n = rough+d*d, n+1
			}
			spread += math.Pow(s.Values[s.Len()-1], 2)
		}
		return math.Sqrt(rough / n), math.Sqrt(spread / float64(len(p.Series)))
	}
	rough, spread := of(g)
	if wantRough, wantSpread := of(p); rough > 3*wantRough || math.Abs(math.Log(spread/wantSpread)) > 0.1 {
		t.Errorf("third differences of %v and last values of %v, want %v and %v", rough, spread, wantRough, wantSpread)
	}
	overTime := &Model{Options: m.Options, fitted: &fitted{Fitted: m.Fitted, config: m.config, network: m.network}}
	if other, _ := of(generate(overTime)); other < 2*rough {
		t.Errorf("third differences of %v, and of %v by the network over time", rough, other)
	}
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := FromState(state)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range generate(again).Series {
		if !slices.Equal(s.Values, g.Series[i].Values) {
			t.Fatalf("series %d is another from the stored model", i)
		}
	}
	if g, err = m.Generate(context.Background(), forecast.GenerateOptions{Number: 2, Length: 30, Seed: 2}); err != nil || g.Series[0].Len() != 30 {
		t.Errorf("longer series: %v", err)
	}
	f, err := m.Forecast(context.Background(), p, forecast.Options{Horizon: 2, Samples: 10, Seed: 1})
	if err != nil || len(f.Series) != len(p.Series) {
		t.Errorf("forecasts: %v", err)
	}
}
