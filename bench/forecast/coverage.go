package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"tsgen/bench/internal/chosen"
)

// Shares that the intervals of 80 and of 95 % are to cover.
const (
	least80, most80 = 0.75, 0.85
	least95, most95 = 0.92, 0.98

	mostWorse = 1.02 // WQL with calibration for that without
)

// runCoverage writes what the intervals of each model cover on each task as they are and
// calibrated, and how the weighted quantile loss changes, and last how many pairs are on
// target. Tasks that refuse a model are left out.
func (r runner) runCoverage(w, log io.Writer, taskNames, modelNames []string) error {
	raw, calibrated := r, r
	raw.calibrate, calibrated.calibrate = false, true
	todo, err := chooseTasks(taskNames, r.others)
	if err != nil {
		return err
	}
	entrants, err := chooseModels(modelNames, chosen.Model{TimeLimit: r.limit, Work: r.work})
	if err != nil {
		return err
	}
	fmt.Fprint(w, "| task |")
	for _, e := range entrants {
		fmt.Fprintf(w, " %s |", e.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(entrants)))
	var before, after counts
	for _, t := range todo {
		plain, err := raw.examine(t, entrants, log)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		corrected, err := calibrated.examine(t, entrants, log)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		fmt.Fprintf(w, "| %s |", t.title)
		for _, e := range entrants {
			of := func(all []timed) int { return slices.IndexFunc(all, func(x timed) bool { return x.Model == e.name }) }
			i, k := of(plain), of(corrected)
			if i < 0 || k < 0 {
				fmt.Fprint(w, " - |")
				continue
			}
			a, b := plain[i].Scores, corrected[k].Scores
			change := b.WQL / a.WQL
			fmt.Fprintf(w, " %.2f → %.2f, %.2f → %.2f, %+.1f %% |", a.Coverage80, b.Coverage80, a.Coverage95, b.Coverage95, 100*(change-1))
			before.add(a.Coverage80, a.Coverage95, 1)
			after.add(b.Coverage80, b.Coverage95, change)
		}
		fmt.Fprintln(w)
	}
	_, err = fmt.Fprintf(w, "\nOf %d pairs %d are on target at 80 %% as they are and %d calibrated, %d and %d at 95 %%. WQL changes by %+.1f %% in the mean, and by more than 2 %% for the worse in %d.\n",
		after.pairs, before.on80, after.on80, before.on95, after.on95, 100*math.Expm1(after.logWQL/float64(max(after.pairs, 1))), after.worse)
	return err
}

// counts are of pairs of task and model.
type counts struct {
	pairs, on80, on95, worse int
	logWQL                   float64
}

func (c *counts) add(coverage80, coverage95, change float64) {
	c.pairs++
	c.logWQL += math.Log(change)
	if coverage80 >= least80 && coverage80 <= most80 {
		c.on80++
	}
	if coverage95 >= least95 && coverage95 <= most95 {
		c.on95++
	}
	if change > mostWorse {
		c.worse++
	}
}
