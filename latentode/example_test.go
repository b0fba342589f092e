package latentode_test

import (
	"context"
	"fmt"
	"log"

	"tsgen/forecast"
	"tsgen/latentode"
	"tsgen/series"
)

// Fit a model to the passengers of twelve years and forecast the thirteenth.
func Example() {
	panel, _, err := series.ReadFile("../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	m := &latentode.Model{Options: latentode.Options{Updates: 200}}
	if err := m.Fit(ctx, panel, forecast.FitOptions{Horizon: 12, Seed: 1}); err != nil {
		log.Fatal(err)
	}
	at := panel.Future(panel.Series[0], 12)
	f, err := m.Forecast(ctx, panel, forecast.Options{At: [][]float64{at}, Samples: 500, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	low, high := make([]float64, len(at)), make([]float64, len(at))
	f.Series[0].Interval(low, high, 80)
	fmt.Println("from", panel.Axis.Stamp(at[0]), "to", panel.Axis.Stamp(at[11]))
	fmt.Println("passengers in July between 400 and 900 thousand:", 400 < low[6] && high[6] < 900)
	// Output:
	// from 1961-01-01 to 1961-12-01
	// passengers in July between 400 and 900 thousand: true
}
