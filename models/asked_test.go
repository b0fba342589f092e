package models_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
)

// What closed forms say of a step is the same whichever other steps are asked for, though intervals do not shrink from one
// to the next.
func TestTimesAskedAlone(t *testing.T) {
	const seen, ahead = 60, 12
	rng := rand.New(rand.NewPCG(4, 4))
	s := &series.Series{ID: "a"}
	for i := range seen {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, 10+2*math.Sin(2*math.Pi*float64(i)/7)+rng.NormFloat64())
	}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: []float64{7}, Series: []*series.Series{s}}
	whole := make([]int, ahead)
	for i := range whole {
		whole[i] = i
	}
	for _, name := range models.ClosedForm() {
		k, err := models.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		m := k.Default()
		if err := forecast.Fit(t.Context(), m, p, forecast.FitOptions{Horizon: ahead, Season: 7, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		said := func(steps []int) [][]float64 {
			at := make([]float64, len(steps))
			for i, k := range steps {
				at[i] = seen + float64(k)
			}
			f, err := forecast.Continue(t.Context(), m, p, forecast.Options{At: [][]float64{at}, Season: 7, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			return f.Series[0].Quantiles(0.025, 0.5, 0.975)
		}
		all := said(whole)
		for _, some := range [][]int{{3}, {11}, {0, 5}, {2, 3, 9}} {
			for l, q := range said(some) {
				for i, k := range some {
					if math.Abs(q[i]-all[l][k]) > 1e-9 {
						t.Errorf("%s: step %d asked for with %v is %v, with all %v", name, k, some, q[i], all[l][k])
					}
				}
			}
		}
	}
}
