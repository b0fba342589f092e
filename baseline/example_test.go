package baseline_test

import (
	"context"
	"fmt"
	"os"

	"tsgen/baseline"
	"tsgen/forecast"
	"tsgen/series"
)

func Example() {
	p, _, err := series.ReadFile("../testdata/airpassengers.csv", series.ReadOptions{})
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
	// ar              0.909   6.24  18.9  0.719  0.0454   7.53   0.542   0.667
	// seasonal-naive  2.494  17.01  51.2  1.965  0.1242  13.46   0.167   0.625
}

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
