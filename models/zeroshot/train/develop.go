package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

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

// A score is how a task went.
type score struct {
	loss, naive float64   // mean scaled quantile loss, and that of the seasonal naive median
	below       []float64 // shares of the values below each quantile
}

// develop prints a table of the scores of the tasks whose files are in the folder, with the
// shares of values below some quantiles, and the geometric mean of the losses.
func develop(w io.Writer, dir string, net *network.Forecaster) error {
	probs := net.Output().Probs()
	shown := []int{1, 3, 5, 7, 9, 11, 13} // of the quantiles
	fmt.Fprint(w, "| task | SQL | seasonal naive |")
	for _, j := range shown {
		fmt.Fprintf(w, " %g %% |", 100*probs[j])
	}
	fmt.Fprintf(w, "\n|%s\n", strings.Repeat("---|", 3+len(shown)))
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
		s, err := t.score(p, net)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %.4f | %.3f |", t.name, s.loss, s.naive)
		for _, j := range shown {
			fmt.Fprintf(w, " %.1f |", 100*s.below[j])
		}
		fmt.Fprintln(w)
		product, n = product+math.Log(s.loss), n+1
	}
	fmt.Fprintf(w, "| geometric mean | %.4f |\n", math.Exp(product/float64(n)))
	return nil
}

// score returns the score of the forecasts of a panel.
func (t task) score(p *series.Panel, net *network.Forecaster) (*score, error) {
	total := &score{below: make([]float64, net.Output().Outputs())}
	histories, values := 0.0, 0.0
	for _, s := range p.Series {
		grid, _, err := p.Grid(s)
		if err != nil {
			return nil, err
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
				one, n := t.one(net, y, truth)
				if n == 0 || math.IsNaN(one.loss) {
					continue
				}
				histories, values = histories+1, values+n
				total.loss, total.naive = total.loss+one.loss, total.naive+one.naive
				for j, k := range one.below {
					total.below[j] += k
				}
			}
		}
	}
	total.loss, total.naive = total.loss/histories, total.naive/histories
	for j := range total.below {
		total.below[j] /= values
	}
	return total, nil
}

// one scores the forecast of one history, and returns the number of values that came; below
// holds numbers of them.
func (t task) one(net *network.Forecaster, y, truth []float64) (s score, n float64) {
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
	q := net.Forecast([][]float64{y}, t.season, t.second, [][]int{leads})[0]
	k := net.Output().Outputs()
	s.below = make([]float64, k)
	for h, x := range truth {
		if math.IsNaN(x) {
			continue
		}
		n++
		row := q[h*k:][:k]
		for i, tau := range []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9} {
			d := x - row[3+i]
			s.loss += 2. / 9 * math.Max(tau*d, (tau-1)*d) / scale
		}
		s.naive += math.Abs(x-v.Base(leads[h])) / scale
		for j, u := range row {
			if x < u {
				s.below[j]++
			}
		}
	}
	s.loss, s.naive = s.loss/n, s.naive/n
	return s, n
}

// shortNames are the names of the tasks in one line.
func shortNames() string {
	var names []string
	for _, t := range tasks() {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}
