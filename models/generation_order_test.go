package models_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/series"
)

// TestGeneratedRowsKeepOrders protects that the highest price of a day is never below the first and the last, whatever
// the model.
func TestGeneratedRowsKeepOrders(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	data := &series.Panel{Channels: []string{"first", "high", "last"}, IDColumn: "id", TimeColumn: "day", Step: series.Step{Width: 1}}
	for i := range 2 {
		s := &series.Series{ID: fmt.Sprint(i)}
		last := 50.0
		for d := range 60 {
			first := last
			last *= math.Exp(0.02 * rng.NormFloat64())
			s.Times = append(s.Times, float64(d))
			s.Values = append(s.Values, first, max(first, last)*math.Exp(0.002*rng.ExpFloat64()), last)
		}
		data.Series = append(data.Series, s)
	}
	for _, k := range models.Kinds() {
		m := k.Default()
		if _, ok := m.(forecast.Generator); !ok {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			if k.Name == latentode.Kind {
				seriestest.Long(t)
			}
			if fast, err := k.New(map[string]string{"updates": "2"}); err == nil {
				m = fast
			}
			if err := m.Fit(context.Background(), data, forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1}); err != nil {
				t.Fatal(err)
			}
			p, err := m.(forecast.Generator).Generate(context.Background(), forecast.GenerateOptions{Number: 5, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range p.Series {
				for r := range s.Len() {
					if x := s.Row(r); x[1] < max(x[0], x[2]) {
						t.Fatalf("series %s, day %d: first, high and last %v", s.ID, r, x)
					}
				}
			}
		})
	}
}
