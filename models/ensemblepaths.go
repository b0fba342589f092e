package models

import (
	"cmp"
	"context"
	"math"

	"tsgen/forecast"
	"tsgen/series"
)

// ForecastPaths implements forecast.PathForecaster: each path has the ranks that a path of one
// of the members has among its own, and the values that these are in the ensemble. Members
// take turns, as often as they weigh.
func (e *Ensemble) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt.Samples = cmp.Or(opt.Samples, forecast.DefaultPaths)
	f, err := e.Forecast(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	var members []*forecast.Forecast
	var weights []float64
	for i, m := range e.Members {
		if e.Refused(i) != nil || e.Weights != nil && e.Weights[i] == 0 {
			continue
		}
		paths := func() (*forecast.Forecast, error) { return forecast.Paths(ctx, m, history, opt) }
		if p, ok := m.(forecast.PathForecaster); ok { // forecast.Paths corrects those of the ensemble
			paths = func() (*forecast.Forecast, error) { return p.ForecastPaths(ctx, history, opt) }
		}
		own, err := paths()
		if err != nil && refuses(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		weight := 1.0
		if e.Weights != nil {
			weight = e.Weights[i]
		}
		members, weights = append(members, own), append(weights, weight)
	}
	return f, forecast.EachSeries(ctx, len(f.Series), func(i int) error {
		if len(f.Series[i].Times) == 0 {
			return nil
		}
		scores := make([][]float64, opt.Samples)
		own := make([][][]float64, len(members))
		for m, f := range members {
			own[m] = f.Series[i].Scores()
		}
		for n := range scores {
			scores[n] = own[turn(weights, n)][n]
		}
		f.Series[i] = forecast.Join(f.Series[i], scores)
		return f.Series[i].Validate()
	})
}

// turn returns whose turn it is of some with weights, so that any number of turns in a row
// are shared about as they weigh: the multiples of the golden section are spread evenly.
func turn(weights []float64, n int) int {
	const golden = 0.6180339887498949
	total := 0.0
	for _, w := range weights {
		total += w
	}
	_, at := math.Modf(float64(n+1) * golden)
	at *= total
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
