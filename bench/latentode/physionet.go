package main

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/series"
)

const (
	stayChannels = 41
	stayHours    = 48
	stayGrid     = 10 // times an hour to which times are rounded
)

// physionet reads the task of the PhysioNet challenge of 2012 as Rubanova et
// al. 2019 set it: 8000 stays of 48 hours, every variable brought to 0 to 1 by
// its least and greatest value, a fifth of the stays for the test. All values of
// a stay are seen and are to be found again or, if beyond, those of the first 24
// hours are seen and the others to be forecast.
func physionet(folder string, beyond bool) (*task, error) {
	t := &task{cut: math.Inf(1), horizon: 10, samples: 3, measure: published, outliers: forecast.KeepOutliers}
	if beyond {
		t.horizon = 30
	}
	var stays []*series.Series
	low, high := fill(math.Inf(1)), fill(math.Inf(-1))
	for _, name := range []string{"p12_a.csv.gz", "p12_b.csv.gz"} {
		s, err := readStays(filepath.Join(folder, name), low, high)
		if err != nil {
			return nil, err
		}
		stays = append(stays, s...)
	}
	panel := series.Panel{IDColumn: "record", TimeColumn: "hours"}
	for j := range stayChannels {
		panel.Channels = append(panel.Channels, "v"+strconv.Itoa(j))
	}
	train, test := panel, panel
	for i, s := range stays {
		for k, x := range s.Values {
			j := k % stayChannels
			if high[j] > low[j] {
				x = (x - low[j]) / (high[j] - low[j])
			}
			s.Values[k] = x
		}
		if i%5 != 4 {
			train.Series = append(train.Series, s)
			continue
		}
		from, seen := 0, s.Len()
		if beyond {
			seen, _ = slices.BinarySearch(s.Times, stayHours/2)
			if seen == 0 {
				continue
			}
			from = seen
		}
		test.Series = append(test.Series, s.Slice(0, seen))
		t.times, t.truth = append(t.times, s.Times[from:]), append(t.truth, s.Values[from*stayChannels:])
	}
	t.train, t.test = &train, &test
	return t, nil
}

// published is a thousand times the mean square error of single draws, as the
// paper has it and as one would have it, and that of the mean over the draws: the paper's code takes the mean of every
// channel of a stay, a channel without a value having none, and the mean of
// those.
var published = measure{
	names: []string{"MSE x 1000, published protocol", "MSE x 1000 of a value", "of the mean, published protocol", "of a value"},
	of: func(t *task, f *forecast.Forecast) []float64 {
		single, mean := make([][][]float64, len(f.Series)), make([][][]float64, len(f.Series))
		for i, d := range f.Series {
			single[i], mean[i] = draws(d), [][]float64{d.MeanTo(nil)}
		}
		return slices.Concat(t.squares(single, len(f.Channels)), t.squares(mean, len(f.Channels)))
	},
}

// squares returns a thousand times the mean square error of values for each series, times by channels, by the published
// protocol and of a value.
func (t *task) squares(of [][][]float64, channels int) []float64 {
	var byChannel, sum, values float64
	for i, all := range of {
		for j := range channels {
			var s, n float64
			for _, path := range all {
				for k := j; k < len(path); k += channels {
					if e := path[k] - t.truth[i][k]; !math.IsNaN(e) {
						s += e * e
						n++
					}
				}
			}
			if n > 0 {
				byChannel += s / n
			}
			sum, values = sum+s, values+n
		}
	}
	return []float64{1000 * byChannel / float64(len(of)*channels), 1000 * sum / values}
}

// draws returns values that stand for single draws of d: its paths, or, where it has quantiles, those of
// probabilities that are evenly spread, for the measure asks nothing of two values at once.
func draws(d *forecast.Distribution) [][]float64 {
	if len(d.Paths) > 0 || len(d.Times) == 0 {
		return d.Paths
	}
	const n = 64
	probs := make([]float64, n)
	for i := range probs {
		probs[i] = (float64(i) + 0.5) / n
	}
	return d.Quantiles(probs...)
}

func fill(x float64) []float64 {
	s := make([]float64, stayChannels)
	for i := range s {
		s[i] = x
	}
	return s
}

// readStays reads the rows record, minute, var, value of a file, and lowers low
// and raises high to the values of each variable.
func readStays(path string, low, high []float64) ([]*series.Series, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := csv.NewReader(z)
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var stays []*series.Series
	rows := map[string]map[float64][]float64{}
	var order []string
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		x, err := numbers(cells[1:4])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		at, j, value := math.Round(x[0]/60*stayGrid)/stayGrid, int(x[1]), x[2]
		if at > stayHours || j < 0 || j >= stayChannels {
			continue
		}
		id := cells[0]
		if rows[id] == nil {
			rows[id] = map[float64][]float64{}
			order = append(order, string([]byte(id)))
		}
		if rows[id][at] == nil {
			rows[id][at] = fill(math.NaN())
		}
		rows[id][at][j] = value
		low[j], high[j] = min(low[j], value), max(high[j], value)
	}
	for _, id := range order {
		s := &series.Series{ID: id}
		for at := range rows[id] {
			s.Times = append(s.Times, at)
		}
		slices.Sort(s.Times)
		for _, at := range s.Times {
			s.Values = append(s.Values, rows[id][at]...)
		}
		stays = append(stays, s)
	}
	return stays, nil
}
