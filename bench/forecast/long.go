package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// A longTask is the usual one of long horizons: the rows are cut into three
// parts, every origin of the last one is forecast, and errors are in units of
// the deviation of the first part.
type longTask struct {
	train, valid, test int // rows
	horizons           []int
}

// etth1Long has twelve, four and four months of 30 days (Zhou et al. 2021).
func etth1Long() longTask {
	const month = 30 * 24
	return longTask{12 * month, 4 * month, 4 * month, []int{96, 192, 336, 720}}
}

// run has the linear map learn from the first two parts of the panel, for each
// horizon anew, and writes its mean squared and mean absolute errors on the third
// to w and the progress to log.
func (t longTask) run(w, log io.Writer, p *series.Panel, name string) error {
	s := p.Series[0]
	if len(p.Series) != 1 || s.Len() < t.train+t.valid+t.test {
		return fmt.Errorf("%s: want one series of at least %d rows", name, t.train+t.valid+t.test)
	}
	mean, sd := deviations(s, t.train, p.Width())
	known := t.train + t.valid
	fmt.Fprintf(log, "%s, linear map, every origin of the last %d rows\n", name, t.test)
	fmt.Fprint(w, "| horizon | origins | MSE | MAE |\n|---|---|---|---|\n")
	for _, h := range t.horizons {
		started := time.Now()
		m := &baseline.LinearMap{}
		if err := m.Fit(context.Background(), p.With([]*series.Series{s.Slice(0, known)}), forecast.FitOptions{Horizon: h}); err != nil {
			return err
		}
		origins := t.test - h + 1
		squares, absolutes := make([]float64, origins), make([]float64, origins)
		err := forecast.EachSeries(context.Background(), origins, func(o int) (err error) {
			squares[o], absolutes[o], err = t.origin(m, p, known+o, h, mean, sd)
			return err
		})
		if err != nil {
			return err
		}
		var mse, mae float64
		for o := range origins {
			mse += squares[o] / float64(origins)
			mae += absolutes[o] / float64(origins)
		}
		fmt.Fprintf(w, "| %d | %d | %.3f | %.3f |\n", h, origins, mse, mae)
		fmt.Fprintf(log, "horizon %d in %.1f s\n", h, time.Since(started).Seconds())
	}
	return nil
}

// origin returns the mean squared and the mean absolute error of the forecast of h
// rows from row n on.
func (t longTask) origin(m forecast.Model, p *series.Panel, n, h int, mean, sd []float64) (square, absolute float64, err error) {
	s := p.Series[0]
	history := p.With([]*series.Series{s.Slice(0, n)})
	f, err := m.Forecast(context.Background(), history, forecast.Options{At: [][]float64{s.Times[n : n+h]}})
	if err != nil {
		return 0, 0, err
	}
	width := p.Width()
	actual := s.Slice(n, n+h).Values
	for k, x := range f.Series[0].Mean {
		e := (x - actual[k]) / sd[k%width]
		square += e * e / float64(len(actual))
		absolute += math.Abs(e) / float64(len(actual))
	}
	return square, absolute, nil
}

// deviations returns mean and deviation of each channel in the first n rows.
func deviations(s *series.Series, n, width int) (mean, sd []float64) {
	mean, sd = make([]float64, width), make([]float64, width)
	for i := range n {
		for j, x := range s.Row(i) {
			mean[j] += x / float64(n)
		}
	}
	for i := range n {
		for j, x := range s.Row(i) {
			sd[j] += (x - mean[j]) * (x - mean[j]) / float64(n)
		}
	}
	for j, v := range sd {
		sd[j] = math.Sqrt(v)
	}
	return mean, sd
}
