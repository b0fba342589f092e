package forecast_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"tsgen/forecast"
	"tsgen/series"
)

// The 95 % interval of Gaussian marginals.
func ExampleDistribution_Interval() {
	d := &forecast.Distribution{
		Times: []float64{1, 2},
		Mean:  []float64{10, 10},
		SD:    []float64{1, 2},
	}
	lo, hi := d.Interval(nil, nil, 95)
	for i, t := range d.Times {
		fmt.Printf("%v: %.2f to %.2f\n", t, lo[i], hi[i])
	}
	// Output:
	// 1: 8.04 to 11.96
	// 2: 6.08 to 13.92
}

// Sample paths become a table of medians and bounds.
func ExampleWriteCSV() {
	history := &series.Panel{
		Channels:   []string{"sales"},
		TimeColumn: "week",
		Step:       series.Step{Width: 1},
		Series:     []*series.Series{{Times: []float64{1, 2, 3}, Values: []float64{10, 12, 11}}},
	}
	f := &forecast.Forecast{
		Model:    "draws",
		Channels: history.Channels,
		Series: []*forecast.Distribution{{
			Times: []float64{4, 5},
			Paths: [][]float64{{11, 12}, {10, 13}, {12, 11}, {13, 15}, {9, 14}},
		}},
	}
	if err := forecast.WriteCSV(os.Stdout, history, f, []float64{80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// week,draws,draws-lo-80,draws-hi-80
	// 4,11,9.4,12.6
	// 5,13,11.4,14.6
}

// A Gaussian forecast is scored by the value that came.
func ExampleScore() {
	history := &series.Panel{
		Channels: []string{"sales"},
		Step:     series.Step{Width: 1},
		Series:   []*series.Series{{Times: []float64{1, 2, 3}, Values: []float64{10, 12, 11}}},
	}
	actual := history.With([]*series.Series{{Times: []float64{4}, Values: []float64{14}}})
	f := &forecast.Forecast{
		Model:    "last value",
		Channels: history.Channels,
		Series:   []*forecast.Distribution{{Times: []float64{4}, Mean: []float64{11}, SD: []float64{1.5}}},
	}
	s, err := forecast.Score(history, actual, f, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("MASE %.2f, CRPS %.2f, within the 95 %% interval: %v\n", s.MASE, s.CRPS, s.Coverage95 == 1)
	// Output:
	// MASE 2.00, CRPS 2.18, within the 95 % interval: false
}

// A model in closed form is examined from three moments of the past.
func ExampleBacktest() {
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{{}}}
	for t := range 40 {
		p.Series[0].Times = append(p.Series[0].Times, float64(t))
		p.Series[0].Values = append(p.Series[0].Values, float64(t))
	}
	candidates := []forecast.Candidate{{Name: "last", New: func() forecast.Model { return &last{} }}}
	r, err := forecast.Backtest(context.Background(), p, candidates, forecast.BacktestOptions{
		Horizon: 2, Windows: 3, Refit: true, Season: 1,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range r.Origins {
		fmt.Println("from", o.History.Series[0].Times[o.History.Series[0].Len()-1], "forecast", o.Actual.Series[0].Times)
	}
	fmt.Printf("MAE %.0f and %.0f\n", r.Models[0].Steps[0].MAE, r.Models[0].Steps[1].MAE)
	// Output:
	// from 33 forecast [34 35]
	// from 35 forecast [36 37]
	// from 37 forecast [38 39]
	// MAE 1 and 2
}
