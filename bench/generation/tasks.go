package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"tsgen/series"
)

// steps is the length of a window, by default as TimeGAN's.
var steps = 24

// sineWindows is the number of windows of sines.
var sineWindows = 4000

// every is the number of steps between windows of a series, 0 for that of the data set.
var every int

// blocked says that halves are of every other of blocksOfTime blocks of a series, and not at random.
var blocked bool

const blocksOfTime = 20

// A task is windows of a data set.
type task struct {
	name    string
	windows [][]float64
	rows    [][]float64 // that they are windows of; nil if there are none
	width   int
	step    int // between windows
}

// tasks returns the windows of the named data sets below dir: all channels brought to
// 0..1 over the whole series, as TimeGAN does.
func tasks(dir string, names []string) ([]task, error) {
	var all []task
	for _, name := range names {
		t := task{name: name, step: 1}
		var rows [][]float64
		var err error
		switch name {
		case "stock":
			rows, err = read(filepath.Join(dir, "google_stock.csv"), 0, 6, 1<<30)
		case "etth1":
			t.step = 4
			rows, err = read(filepath.Join(dir, "ETTh1.csv"), 1, 8, 14_400)
		case "energy":
			t.step = 4
			rows, err = read(filepath.Join(dir, "vic_elec_2014.csv"), 1, 3, 1<<30)
		case "sines":
			t.windows, t.width = sines(sineWindows, 5), 5
		default:
			err = fmt.Errorf("no data set %q, want stock, sines, etth1 or energy", name)
		}
		if err != nil {
			return nil, err
		}
		if rows != nil {
			t.width, t.rows, t.step = len(rows[0]), rows, cmp.Or(every, t.step)
			unit(rows)
			for i := 0; i+steps < len(rows); i += t.step {
				var w []float64
				for _, r := range rows[i : i+steps] {
					w = append(w, r...)
				}
				t.windows = append(t.windows, w)
			}
		}
		all = append(all, t)
	}
	return all, nil
}

// read returns the columns from to to (exclusive) of a CSV file, of so many rows at most.
func read(path string, from, to, most int) ([][]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rows [][]float64
	for _, r := range records[1:min(len(records), most+1)] {
		row := make([]float64, 0, to-from)
		for _, cell := range r[from:to] {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			row = append(row, v)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// unit brings every column to 0..1.
func unit(rows [][]float64) {
	for j := range rows[0] {
		low, high := math.Inf(1), math.Inf(-1)
		for _, r := range rows {
			low, high = min(low, r[j]), max(high, r[j])
		}
		for _, r := range rows {
			r[j] = (r[j] - low) / (high - low + 1e-7)
		}
	}
}

// sines returns windows of sines of random frequencies and phases, those of TimeGAN.
func sines(n, width int) [][]float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	all := make([][]float64, n)
	for i := range all {
		w := make([]float64, steps*width)
		for j := range width {
			f, p := 0.1*rng.Float64(), 0.1*rng.Float64()
			for t := range steps {
				w[t*width+j] = (math.Sin(f*float64(t)+p) + 1) / 2
			}
		}
		all[i] = w
	}
	return all
}

// halves returns two halves of the windows, one to learn from and one to judge by, at random or, of a
// series, of every other block of time; windows across the border of two blocks are left out.
func (t task) halves() (train, test [][]float64) {
	if blocked && t.rows != nil {
		for i, w := range t.windows {
			first := i * t.step
			switch block := first * blocksOfTime / len(t.rows); {
			case (first+steps-1)*blocksOfTime/len(t.rows) != block:
			case block%2 == 0:
				train = append(train, w)
			default:
				test = append(test, w)
			}
		}
		return train, test
	}
	order := rand.New(rand.NewPCG(1, 3)).Perm(len(t.windows))
	for k, i := range order {
		if k < len(order)/2 {
			train = append(train, t.windows[i])
		} else {
			test = append(test, t.windows[i])
		}
	}
	return train, test
}

// whole returns the rows as the one series of a panel.
func (t task) whole() *series.Panel {
	p := panel(nil, t.width)
	s := &series.Series{ID: t.name}
	for i, r := range t.rows {
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, r...)
	}
	p.Series = append(p.Series, s)
	return p
}

// panel returns windows as the series of a panel.
func panel(windows [][]float64, width int) *series.Panel {
	p := &series.Panel{IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for j := range width {
		p.Channels = append(p.Channels, fmt.Sprintf("c%d", j))
	}
	times := make([]float64, steps)
	for i := range times {
		times[i] = float64(i)
	}
	for i, w := range windows {
		p.Series = append(p.Series, &series.Series{ID: fmt.Sprintf("w%d", i), Times: times, Values: w})
	}
	return p
}
