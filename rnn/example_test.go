package rnn_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"tsgen/forecast"
	"tsgen/rnn"
	"tsgen/series"
)

// A VRNN is fitted to twelve years of months and continues them.
func Example() {
	// Twelve years of months with a season that grows.
	s := &series.Series{}
	for i := range 144 {
		month := float64(i)
		s.Times = append(s.Times, month)
		s.Values = append(s.Values, math.Exp(5+0.01*month+0.2*math.Sin(2*math.Pi*month/12)))
	}
	panel := &series.Panel{Channels: []string{"sales"}, TimeColumn: "month", Step: series.Step{Width: 1}, Series: []*series.Series{s}}

	m := &rnn.Model{Kind: rnn.VRNN, Options: rnn.Options{Updates: 300}}
	ctx := context.Background()
	if err := m.Fit(ctx, panel, forecast.FitOptions{Horizon: 12, Season: 12, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	f, err := m.Forecast(ctx, panel, forecast.Options{At: [][]float64{panel.Future(s, 12)}, Samples: 200})
	if err != nil {
		log.Fatal(err)
	}
	median := f.Series[0].Quantile(nil, 0.5)
	worst := 0.0
	for i, x := range median {
		month := 144 + float64(i)
		truth := math.Exp(5 + 0.01*month + 0.2*math.Sin(2*math.Pi*month/12))
		worst = max(worst, math.Abs(x/truth-1))
	}
	fmt.Println("a year ahead within 10 %:", worst < 0.1)
	// Output: a year ahead within 10 %: true
}
