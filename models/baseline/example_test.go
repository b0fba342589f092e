package baseline_test

import (
	"context"
	"fmt"
	"os"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// Two references are examined by the last two years of a series.
func Example() {
	p, _, err := series.ReadFile("../../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	train, test, err := p.SplitLast(24)
	if err != nil {
		fmt.Println(err)
		return
	}
	models := []forecast.Model{baseline.SeasonalNaive{}, baseline.AR{}}
	results, err := forecast.Examine(context.Background(), train, test, models, forecast.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := forecast.WriteTable(os.Stdout, results); err != nil {
		fmt.Println(err)
	}
	// Output:
	// model            MASE  sMAPE  CRPS    SQL     WQL   MSIS  cov 80  cov 95
	// ar              0.909   6.24  18.5  0.704  0.0445   5.77   0.542   0.750
	// seasonal-naive  2.494  17.01  51.2  1.964  0.1241  13.50   0.167   0.625
}

// An autoregression of a short series has a lower order than the one asked for, and says
// why.
func ExampleEstimate() {
	y := []float64{3, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8, 10}
	q, err := baseline.Estimate(y, 13, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, _ := q.Predict(y, 4)
	fmt.Printf("order %d of %d (%v): %.2f\n", len(q.Coef), q.Asked, q.Reason, mean[1:])
	// Output:
	// order 3 of 13 (too few observations): [9.00 11.00 10.00 12.00]
}

// The next three months with an interval of 80 %.
func ExampleETS() {
	p, _, err := series.ReadFile("../../testdata/airpassengers.csv", series.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	at := [][]float64{p.Future(p.Series[0], 3)}
	f, err := baseline.ETS{}.Forecast(context.Background(), p, forecast.Options{At: at, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := f.Series[0]
	q := d.Quantiles(0.1, 0.5, 0.9)
	for k, t := range d.Times {
		fmt.Printf("%s  %.0f (%.0f to %.0f)\n", p.Axis.Stamp(t), q[1][k], q[0][k], q[2][k])
	}
	// Output:
	// 1961-01-01  443 (421 to 466)
	// 1961-02-01  437 (407 to 464)
	// 1961-03-01  499 (463 to 537)
}

// A line with a season of four comes apart.
func ExampleDecompose() {
	var y []float64
	for t := range 32 {
		y = append(y, 10+0.5*float64(t)+[]float64{4, 1, -2, -3}[t%4])
	}
	d, err := baseline.Decompose(y, baseline.DecomposeOptions{Period: 4, Periodic: true, Inner: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("trend %.2f\nseason %.2f\n", d.Trend[28:], d.Seasonal[28:])
	// Output:
	// trend [24.00 24.50 25.00 25.50]
	// season [4.00 1.00 -2.00 -3.00]
}
