package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// lastVisits reads a panel of short irregular records, leaves out those of fewer
// than least times, and holds out the last times of the others.
func lastVisits(path string, least, last int) (*task, error) {
	panel, _, err := series.ReadFile(path, series.ReadOptions{})
	if err != nil {
		return nil, err
	}
	panel = panel.With(slices.DeleteFunc(panel.Series, func(s *series.Series) bool { return s.Len() < least }))
	head, tail, err := panel.SplitLast(last)
	if err != nil {
		return nil, err
	}
	return continued(head, tail), nil
}

// continued returns the task to forecast tail from head.
func continued(head, tail *series.Panel) *task {
	t := &task{train: head, test: head, cut: math.Inf(1), samples: 1000, measure: byQuantiles, beyond: true}
	for _, s := range tail.Series {
		t.times, t.truth = append(t.times, s.Times), append(t.truth, s.Values)
	}
	return t
}

// Of the stays in intensive care the first are taken, and the variables that are
// measured most often in them; the last quarter of each stay is to be forecast.
const (
	intensiveStays    = 300
	intensiveChannels = 12
	intensiveCut      = 36 // hours
)

// intensive reads the task of the stays in intensive care.
func intensive(folder string) (*task, error) {
	stays, err := readStays(filepath.Join(folder, "p12_a.csv.gz"), fill(math.Inf(1)), fill(math.Inf(-1)))
	if err != nil {
		return nil, err
	}
	stays = stays[:min(len(stays), intensiveStays)]
	often, first, vary := make([]int, stayChannels), fill(math.NaN()), make([]bool, stayChannels)
	for _, s := range stays {
		for k, x := range s.Values {
			if j := k % stayChannels; !math.IsNaN(x) && j >= firstMeasured {
				often[j]++
				vary[j] = vary[j] || x != first[j] && !math.IsNaN(first[j])
				first[j] = x
			}
		}
	}
	for j := range often {
		if !vary[j] {
			often[j] = 0 // as of mechanical ventilation, which is 1 where it is
		}
	}
	chosen := make([]int, stayChannels)
	for j := range chosen {
		chosen[j] = j
	}
	slices.SortStableFunc(chosen, func(a, b int) int { return often[b] - often[a] })
	chosen = chosen[:intensiveChannels]
	slices.Sort(chosen)
	head := &series.Panel{IDColumn: "record", TimeColumn: "hours"}
	for _, j := range chosen {
		head.Channels = append(head.Channels, "v"+strconv.Itoa(j))
	}
	tail := head.With(nil)
	for _, s := range stays {
		parts := [2]series.Series{{ID: s.ID}, {ID: s.ID}}
		for i, t := range s.Times {
			row := make([]float64, 0, intensiveChannels)
			seen := false
			for _, j := range chosen {
				row = append(row, s.Row(i)[j])
				seen = seen || !math.IsNaN(s.Row(i)[j])
			}
			p := &parts[0]
			if t >= intensiveCut {
				p = &parts[1]
			}
			if seen {
				p.Times, p.Values = append(p.Times, t), append(p.Values, row...)
			}
		}
		if parts[0].Len() > 0 && parts[1].Len() > 0 {
			head.Series, tail.Series = append(head.Series, &parts[0]), append(tail.Series, &parts[1])
		}
	}
	return continued(head, tail), nil
}

// firstMeasured is the first variable of a stay that is measured more than once.
const firstMeasured = 5

// byQuantiles is the mean quantile loss of the deciles in units of the channels' deviations, beside that
// of the last value of each series for all deciles, or of the first for those before, and the coverage of the central intervals.
var byQuantiles = measure{
	names: []string{"quantile loss / sd", "of the last value", "cov 80", "cov 95"},
	of: func(t *task, f *forecast.Forecast) []float64 {
		c := len(f.Channels)
		scales := t.deviations()
		var loss, last, inner, outer moments.Moments
		deciles := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
		for i, d := range f.Series {
			s := t.test.Series[i]
			before := make([]float64, c)
			for j := range before {
				before[j] = math.NaN()
			}
			for k := range s.Times {
				if t.before {
					k = s.Len() - 1 - k
				}
				for j, x := range s.Row(k) {
					if !math.IsNaN(x) {
						before[j] = x
					}
				}
			}
			q, tails := d.Quantiles(deciles...), d.Quantiles(0.025, 0.975)
			for k, x := range t.truth[i] {
				if j := k % c; !math.IsNaN(x) && !math.IsNaN(before[j]) {
					for n, p := range deciles {
						loss.Add(pinball(x, q[n][k], p) / scales[j])
						last.Add(pinball(x, before[j], p) / scales[j])
					}
					inner.Add(within(x, q[0][k], q[8][k]))
					outer.Add(within(x, tails[0][k], tails[1][k]))
				}
			}
		}
		return []float64{loss.Mean, last.Mean, inner.Mean, outer.Mean}
	},
}

// pinball is the quantile loss: of the median half the absolute error.
func pinball(x, q, p float64) float64 { return math.Max(p*(x-q), (p-1)*(x-q)) }

func within(x, low, high float64) float64 {
	if low <= x && x <= high {
		return 1
	}
	return 0
}

// deviations returns the standard deviation of every channel of what is learned from.
func (t *task) deviations() []float64 {
	all := make([]moments.Moments, t.train.Width())
	for _, s := range t.train.Series {
		for k, x := range s.Values {
			if !math.IsNaN(x) {
				all[k%len(all)].Add(x)
			}
		}
	}
	sd := make([]float64, len(all))
	for j, m := range all {
		sd[j] = math.Sqrt(m.Variance())
	}
	return sd
}

// panelTask returns one of the tasks of short irregular records.
func panelTask(name, folder string) (*task, error) {
	switch name {
	case "pbc":
		return lastVisits(filepath.Join(folder, "forecast", "pbc_irregular.csv"), 5, 2)
	case "theoph":
		return lastVisits(filepath.Join(folder, "forecast", "theoph_irregular.csv"), 5, 3)
	case "icu":
		return intensive(filepath.Join(folder, "physionet2012"))
	}
	return nil, fmt.Errorf("-task is %q, want spirals, osc, periodic, pbc, theoph, icu, physionet, physionet-beyond, sde, ou, well, volterra, before, ou-before, well-before, volterra-before, kinetics, one-compartment, two-compartments, stiff, two-scales, robertson, relaxation, oscillators, spread, resonant, three-modes, four-modes or bursts", name)
}
