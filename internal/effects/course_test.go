package effects

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestCourse protects that a planted trend and season are taken from what a model sees, of values and
// of logarithms, with values missing, and go on in the forecast, and that
// noise, which has neither, keeps its values.
func TestCourse(t *testing.T) {
	const n, ahead = 200, 20
	wave := func(u float64) float64 { return math.Sin(2*math.Pi*u/12) + 0.5*math.Cos(2*math.Pi*u/6) }
	truth := []func(u float64) float64{
		func(u float64) float64 { return 50 + 0.3*u + 4*wave(u) },
		func(u float64) float64 { return math.Exp(3 + 0.02*u + 0.4*wave(u)) },
	}
	rng := rand.New(rand.NewPCG(5, 6))
	p := &series.Panel{Channels: []string{"plain", "growing", "noise"}, Seasons: []float64{12}, Step: series.Step{Width: 1}}
	s := &series.Series{ID: "a"}
	for i := range n {
		u := float64(i)
		s.Times = append(s.Times, u)
		s.Values = append(s.Values, truth[0](u)+0.1*rng.NormFloat64(), truth[1](u)*math.Exp(0.01*rng.NormFloat64()), rng.NormFloat64())
		if i%7 == 3 {
			s.Values[3*i] = math.NaN()
		}
	}
	p.Series = []*series.Series{s}
	var at []float64
	for i := range ahead {
		at = append(at, float64(n+i))
	}
	f, err := OverCourse(context.Background(), p, p.Seasons, func(less *series.Panel) (*forecast.Forecast, error) {
		for i, v := range less.Series[0].Values {
			if bound := []float64{0.5, 0.05}; i%3 < 2 && math.Abs(v) > bound[i%3] {
				t.Fatalf("value %d of channel %d: the course leaves %v", i/3, i%3, v)
			}
		}
		first, last := less.Series[0].Values[2], less.Series[0].Values[3*n-1]
		if want := s.Values[3*n-1] - s.Values[2]; math.Abs(last-first-want) > 1e-9 {
			t.Errorf("noise that differs by %v differs by %v without its course", want, last-first)
		}
		d := &forecast.Distribution{ID: "a", Times: at, Paths: [][]float64{make([]float64, 3*ahead)}}
		return &forecast.Forecast{Model: "none", Channels: less.Channels, Series: []*forecast.Distribution{d}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range at {
		for j, of := range truth {
			if got, want := f.Series[0].Paths[0][3*i+j], of(u); math.Abs(got-want) > 0.02*want {
				t.Errorf("channel %d at %v: %v, want %v", j, u, got, want)
			}
		}
	}
}
