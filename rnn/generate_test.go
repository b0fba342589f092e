package rnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestHeldRows protects that rows of notes repeat as a whole as often as the data's, where
// nothing else does: neither seldomer, nor oftener by what the likelihood draws twice itself.
func TestHeldRows(t *testing.T) {
	for _, hold := range []float64{0, 0.5} {
		rng := rand.New(rand.NewPCG(1, 2))
		p := &series.Panel{Channels: []string{"a", "b", "c"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
		var of repeats
		for s := range 40 {
			x := &series.Series{ID: fmt.Sprint(s)}
			row := make([]float64, 3)
			for i := range 30 {
				if i == 0 || rng.Float64() >= hold {
					for j := range row {
						row[j] = float64(rng.IntN(2))
					}
				}
				x.Times, x.Values = append(x.Times, float64(i)), append(x.Values, row...)
			}
			of.count(x.Values, 3)
			p.Series = append(p.Series, x)
		}
		m := &Model{Kind: SRNN, Options: Options{Hidden: 8, Updates: 30}}
		if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 60, Length: 30, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		var drawn repeats
		for _, s := range g.Series {
			drawn.count(s.Values, 3)
		}
		if d := drawn.share() - of.share(); d < -0.05 || d > 0.05 {
			t.Errorf("%.2f of the rows are those before, of the data %.2f", drawn.share(), of.share())
		}
	}
}
