package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"tsgen/internal/nn"
	"tsgen/models/zeroshot/internal/network"
	"tsgen/series"
)

// A task is a set of real series that tells whether what is learned from simulated ones
// is of use. Nothing is learned from it.
type task struct {
	name, file      string
	season, second  int
	horizon         int
	cut             int // steps left out at the end: those that the protocol forecasts
	origins, stride int
}

// tasks are those of bench/forecast at origins before its own.
func tasks() []task {
	return []task{
		{"m3-18", "m3_monthly_train.csv", 12, 0, 18, 0, 1, 0},
		{"m3-36", "m3_monthly_train.csv", 12, 0, 18, 18, 1, 0},
		{"nn5", "nn5_daily_train.csv", 7, 0, 56, 0, 3, 56},
		{"hourly", "m4_hourly_train.csv", 24, 168, 48, 0, 3, 48},
		{"etth1", "ETTh1.csv", 24, 168, 24, 17420 - 14400 + 2880, 10, 288},
		{"exchange", "exchange_rate.csv", 5, 0, 30, 150 + 30, 20, 60},
		{"air", "airpassengers.csv", 12, 0, 24, 48, 3, 12},
		{"sunspots", "sunspots_monthly.csv", 12, 0, 120, 720, 10, 60},
		{"co2", "co2_weekly.csv", 52, 0, 104, 312, 5, 52},
		{"nile", "nile.csv", 1, 0, 10, 20, 4, 10},
	}
}

// develop prints the scaled quantile losses of the tasks whose files are in the folder, the part of
// values in the 80 % intervals, and the geometric mean of the losses.
func develop(w io.Writer, dir string, net *network.Network, values []float64) error {
	product, n := 0.0, 0
	for _, t := range tasks() {
		text, err := os.Open(filepath.Join(dir, t.file))
		if err != nil {
			return err
		}
		p, _, err := series.ReadCSV(text, series.ReadOptions{Name: t.file})
		text.Close()
		if err != nil {
			return err
		}
		loss, naive, inside, err := t.score(p, net, values)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s %.4f (naive %.3f, inside %.2f), ", t.name, loss, naive, inside)
		product, n = product+math.Log(loss), n+1
	}
	fmt.Fprintf(w, "mean %.4f\n", math.Exp(product/float64(n)))
	return nil
}

// score returns the mean scaled quantile loss, that of the seasonal naive median, and the
// part of the values within the central 80 %.
func (t task) score(p *series.Panel, net *network.Network, values []float64) (loss, naive, inside float64, err error) {
	pass := &nn.Pass{Values: values}
	var count, values80 float64
	for _, s := range p.Series {
		grid, _, err := p.Grid(s)
		if err != nil {
			return 0, 0, 0, err
		}
		for c := range p.Width() {
			for o := range t.origins {
				end := len(grid)/p.Width() - t.cut - t.horizon - o*t.stride
				if end < 2*t.season+3 {
					continue
				}
				var y, truth []float64
				for i := range end {
					y = append(y, grid[i*p.Width()+c])
				}
				for i := end; i < end+t.horizon; i++ {
					truth = append(truth, grid[i*p.Width()+c])
				}
				l, b, in, n := t.one(net, pass, y, truth)
				if math.IsNaN(l) {
					continue
				}
				loss, naive, count = loss+l, naive+b, count+1
				inside, values80 = inside+in, values80+n
			}
		}
	}
	return loss / count, naive / count, inside / values80, nil
}

// one scores the forecast of one history.
func (t task) one(net *network.Network, p *nn.Pass, y, truth []float64) (loss, naive, inside, n float64) {
	scale, pairs := 0.0, 0.0
	for i := t.season; i < len(y); i++ {
		if d := math.Abs(y[i] - y[i-t.season]); !math.IsNaN(d) {
			scale, pairs = scale+d, pairs+1
		}
	}
	scale /= pairs
	after := 0
	for math.IsNaN(y[len(y)-1]) {
		y = y[:len(y)-1]
		after++
	}
	var leads []int
	for h := range truth {
		leads = append(leads, after+h+1)
	}
	v := network.NewView(y, t.season, t.second)
	q := net.Forecast(p, [][]float64{y}, t.season, t.second, [][]int{leads})[0]
	k := net.Output.Outputs()
	for h, x := range truth {
		if math.IsNaN(x) {
			continue
		}
		row := q[h*k:][:k]
		for i, tau := range []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9} {
			d := x - row[3+i]
			loss += 2. / 9 * math.Max(tau*d, (tau-1)*d) / scale
		}
		naive += math.Abs(x-v.Base(leads[h])) / scale
		if x >= row[3] && x <= row[11] {
			inside++
		}
		n++
	}
	return loss / n, naive / n, inside, n
}

// shortNames are the names of the tasks in one line.
func shortNames() string {
	var names []string
	for _, t := range tasks() {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}
