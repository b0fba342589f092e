package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A task is a panel to learn from, another to continue, and the truth.
type task struct {
	train, test *series.Panel
	times       [][]float64 // of the truth, a slice for each series of test
	truth       [][]float64 // len(times)×channels
	cut         float64     // where the observations end
	horizon     int         // observations ahead to train for
	samples     int         // paths to draw
	measure     measure
	outliers    forecast.Outliers
	beyond      bool // all times of the truth lie beyond the observations: observations are forecast, with their noise
	before      bool // all lie before them, likewise
}

// forecast returns what m says of the truth: of noisy tasks the distribution of
// observations, of others that of what is observed.
func (t *task) forecast(ctx context.Context, m forecast.Model, seed uint64) (*forecast.Forecast, error) {
	opt := forecast.Options{At: t.times, Samples: t.samples, Seed: seed, Signal: !t.beyond && !t.before}
	if t.beyond {
		return forecast.Continue(ctx, m, t.test, opt)
	}
	imputer, ok := m.(forecast.Imputer)
	if !ok {
		return nil, fmt.Errorf("%s does not impute", m.Name())
	}
	return imputer.Impute(ctx, t.test, opt)
}

// A measure is what a forecast of a task is judged by: the names of some
// numbers, and the numbers.
type measure struct {
	names []string
	of    func(t *task, f *forecast.Forecast) []float64
}

// A row is a row of a CSV file: the series, the time and the values.
type row struct {
	series string
	cells  []string
}

// loadTask reads the task of the given name. Of spirals, the observations whose
// rank is less than observations are seen.
func loadTask(name, folder string, observations int) (*task, error) {
	t := &task{samples: 200, measure: againstTruth}
	var channels []string
	seen := func(row) bool { return true }
	switch name {
	case "spirals":
		channels = []string{"x", "y"}
		t.cut, t.horizon = 3.75, observations*3/10
		seen = func(r row) bool { rank, err := strconv.Atoi(r.cells[3]); return err == nil && rank < observations }
	case "osc":
		channels = []string{"c0", "c1", "c2"}
		t.cut, t.horizon = 10, 20
	case "physionet", "physionet-beyond":
		return physionet(filepath.Join(folder, "physionet2012"), name == "physionet-beyond")
	case "periodic":
		return periodic(), nil
	default:
		return panelTask(name, folder)
	}
	split, err := read(filepath.Join(folder, name+"_meta.csv"))
	if err != nil {
		return nil, err
	}
	part := map[string]string{}
	for _, r := range split {
		part[r.series] = r.cells[0]
	}
	data, err := read(filepath.Join(folder, name+".csv"))
	if err != nil {
		return nil, err
	}
	truth, err := read(filepath.Join(folder, name+"_truth.csv"))
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		panel **series.Panel
		part  string
	}{{&t.train, "train"}, {&t.test, "test"}} {
		panel := &series.Panel{Channels: channels, IDColumn: "series", TimeColumn: "time"}
		for _, r := range data {
			if part[r.series] != p.part || !seen(r) {
				continue
			}
			n := len(panel.Series)
			if n == 0 || panel.Series[n-1].ID != r.series {
				panel.Series = append(panel.Series, &series.Series{ID: r.series})
				n++
			}
			s := panel.Series[n-1]
			values, err := numbers(r.cells[:1+len(channels)])
			if err != nil {
				return nil, err
			}
			s.Times, s.Values = append(s.Times, values[0]), append(s.Values, values[1:]...)
		}
		if err := panel.Validate(); err != nil {
			return nil, err
		}
		*p.panel = panel
	}
	t.times, t.truth = make([][]float64, len(t.test.Series)), make([][]float64, len(t.test.Series))
	for i, s := range t.test.Series {
		for _, r := range truth {
			if r.series != s.ID {
				continue
			}
			values, err := numbers(r.cells)
			if err != nil {
				return nil, err
			}
			if values[0] < s.Times[0] {
				continue
			}
			t.times[i], t.truth[i] = append(t.times[i], values[0]), append(t.truth[i], values[1:]...)
		}
	}
	return t, nil
}

func read(path string) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rows []row
	for _, r := range records[1:] {
		rows = append(rows, row{r[0], r[1:]})
	}
	return rows, nil
}

func numbers(cells []string) ([]float64, error) {
	x := make([]float64, len(cells))
	for i, c := range cells {
		x[i] = math.NaN()
		if c != "" {
			var err error
			if x[i], err = strconv.ParseFloat(c, 64); err != nil {
				return nil, err
			}
		}
	}
	return x, nil
}

// againstTruth is the root mean square error of the mean, inside the
// observations and beyond them: over all values, of the median series and of
// the worst one; and the coverage of the central intervals.
var againstTruth = measure{
	names: []string{"inside RMSE", "median series", "worst", "cov 80", "cov 95", "beyond RMSE", "median series", "worst", "cov 80", "cov 95"},
	of: func(t *task, f *forecast.Forecast) []float64 {
		inside, beyond := t.score(f)
		covered := t.coverage(f)
		return []float64{
			inside.rmse, inside.median, inside.worst, covered[0][0], covered[0][1],
			beyond.rmse, beyond.median, beyond.worst, covered[1][0], covered[1][1],
		}
	},
}

// coverage returns the parts of the true values within the central intervals of
// 80 and 95 %, up to the end of the observations and beyond.
func (t *task) coverage(f *forecast.Forecast) [2][2]float64 {
	var inside [2][2]moments.Moments
	for i, d := range f.Series {
		q := d.Quantiles(0.025, 0.1, 0.9, 0.975)
		c := len(q[0]) / len(d.Times)
		for k, x := range t.truth[i] {
			if math.IsNaN(x) {
				continue
			}
			part := 0
			if d.Times[k/c] >= t.cut {
				part = 1
			}
			inside[part][0].Add(within(x, q[1][k], q[2][k]))
			inside[part][1].Add(within(x, q[0][k], q[3][k]))
		}
	}
	var parts [2][2]float64
	for part, levels := range inside {
		for l, m := range levels {
			parts[part][l] = m.Mean
		}
	}
	return parts
}

// An accuracy is the root mean square error against the truth: over all values,
// of the median series and of the worst one.
type accuracy struct{ rmse, median, worst float64 }

// score returns the accuracy of the mean up to the end of the observations and
// beyond.
func (t *task) score(f *forecast.Forecast) (inside, beyond accuracy) {
	var sums, counts [2][]float64
	for i, d := range f.Series {
		mean := d.MeanTo(nil)
		c := len(mean) / len(d.Times)
		var sum, count [2]float64
		for k, at := range d.Times {
			part := 0
			if at >= t.cut {
				part = 1
			}
			for j := range c {
				if e := mean[k*c+j] - t.truth[i][k*c+j]; !math.IsNaN(e) {
					sum[part] += e * e
					count[part]++
				}
			}
		}
		for part := range 2 {
			sums[part], counts[part] = append(sums[part], sum[part]), append(counts[part], count[part])
		}
	}
	return accuracyOf(sums[0], counts[0]), accuracyOf(sums[1], counts[1])
}

func accuracyOf(sums, counts []float64) accuracy {
	var total, n float64
	var each []float64
	for i, s := range sums {
		if counts[i] == 0 {
			continue
		}
		total += s
		n += counts[i]
		each = append(each, math.Sqrt(s/counts[i]))
	}
	if len(each) == 0 {
		return accuracy{math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(each)
	return accuracy{math.Sqrt(total / n), each[len(each)/2], each[len(each)-1]}
}
