package models_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/rnn"
	"tsgen/series"
)

// quick returns a generator of the kind, of few updates where it has any, nil if the kind has none.
func quick(t *testing.T, k models.Kind) forecast.Generator {
	t.Helper()
	var options map[string]string
	if slices.ContainsFunc(option.List(k.Options), func(o option.Option) bool { return o.Name == "updates" }) {
		options = map[string]string{"updates": "60"}
		if k.Name == rnn.VRNN || k.Name == rnn.SRNN { // of which many are made in the same time
			options["updates"] = "300"
		}
	}
	m, err := k.New(options)
	if err != nil {
		t.Fatal(err)
	}
	g, _ := m.(forecast.Generator)
	return g
}

// TestGeneratedLengths protects that the series of a panel whose series differ in length differ so
// when they are generated, the first whatever the number of them, and that a length that is asked for is kept.
func TestGeneratedLengths(t *testing.T) {
	seriestest.Long(t)
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range 40 {
		s := &series.Series{ID: string(rune('a' + i))}
		for j := range 16 + 8*(i%3) {
			s.Times, s.Values = append(s.Times, float64(j)), append(s.Values, math.Sin(float64(j*j+i)))
		}
		p.Series = append(p.Series, s)
	}
	for _, k := range models.Kinds() {
		g := quick(t, k)
		if g == nil {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			if err := g.Fit(ctx, p, forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1}); err != nil {
				t.Fatal(err)
			}
			made, err := g.Generate(ctx, forecast.GenerateOptions{Number: 60, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			counts := make(map[int]int)
			for _, s := range made.Series {
				counts[s.Len()]++
				if len(s.Values) != s.Len() {
					t.Fatalf("%d values at %d times", len(s.Values), s.Len())
				}
			}
			for _, n := range []int{16, 24, 32} {
				if c := counts[n]; c < 8 || c > 34 {
					t.Errorf("%d of 60 series have %d steps, a third of the data have: %v", c, n, counts)
				}
			}
			one, err := g.Generate(ctx, forecast.GenerateOptions{Seed: 3})
			if err != nil || !slices.Equal(one.Series[0].Values, made.Series[0].Values) {
				t.Errorf("the first of 60 series is another than one alone, error %v", err)
			}
			if asked, err := g.Generate(ctx, forecast.GenerateOptions{Number: 5, Length: 20, Seed: 3}); err != nil || slices.ContainsFunc(asked.Series, func(s *series.Series) bool { return s.Len() != 20 }) {
				t.Errorf("series of 20 steps were asked for: %v", err)
			}
		})
	}
}

// TestGeneratedAtTimes protects that series at given times have the season of these times, though
// they begin at another than the data do, and that times with a gap are refused.
func TestGeneratedAtTimes(t *testing.T) {
	seriestest.Long(t)
	const season, first, length = 12, 7, 30
	usual := func(i int) float64 { return 10 * math.Sin(2*math.Pi*float64(i)/season) }
	p := &series.Panel{Channels: []string{"x"}, TimeColumn: "t", Step: series.Step{Width: 1}}
	s := &series.Series{}
	for i := range 240 {
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, usual(i)+math.Sin(float64(i*i)))
	}
	p.Series = append(p.Series, s)
	var times []float64
	for i := range length {
		times = append(times, float64(first+i))
	}
	for _, k := range models.Kinds() {
		g := quick(t, k)
		if g == nil {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			if err := g.Fit(ctx, p, forecast.FitOptions{Horizon: season, Season: season, Seed: 1}); err != nil {
				t.Fatal(err)
			}
			made, err := g.Generate(ctx, forecast.GenerateOptions{Number: 40, Times: times, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			var product, square, drawn float64
			for _, s := range made.Series {
				if !slices.Equal(s.Times, times) {
					t.Fatalf("times %v, asked for %v", s.Times, times)
				}
				for i, x := range s.Values {
					u := usual(first + i)
					product, square, drawn = product+u*x, square+u*u, drawn+x*x
				}
			}
			if c := product / math.Sqrt(square*drawn); !(c > 0.5) {
				t.Errorf("the correlation with the season of these times is %.2f", c)
			}
			if _, err := g.Generate(ctx, forecast.GenerateOptions{Times: []float64{3, 5}}); !errors.Is(err, forecast.ErrMismatch) {
				t.Errorf("times with a gap: %v", err)
			}
		})
	}
}
