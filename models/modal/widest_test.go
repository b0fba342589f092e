package modal

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// What is said of a time is the same whatever other times are asked for, though no interval is narrower than one before.
func TestTimesAskedAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	s := &series.Series{ID: "a"}
	for i := range 60 {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, 10+2*math.Sin(2*math.Pi*float64(i)/7)+rng.NormFloat64())
	}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	m := &Model{}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{}); err != nil {
		t.Fatal(err)
	}
	said := func(at ...float64) [][]float64 {
		f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{at}})
		if err != nil {
			t.Fatal(err)
		}
		return f.Series[0].Quantiles(0.025, 0.5, 0.975)
	}
	times := make([]float64, 21)
	for i := range times {
		times[i] = float64(60 + i)
	}
	all := said(times...)
	for k, at := range times {
		alone := said(at)
		for l := range alone {
			if math.Abs(alone[l][0]-all[l][k]) > 1e-9 {
				t.Errorf("at %v alone %v, among others %v", at, alone[l][0], all[l][k])
			}
		}
	}
}
