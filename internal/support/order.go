package support

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"tsgen/series"
)

const (
	mostOrdered = 64 // channels between which orders are looked for
	evidence    = 16 // rows that would break an order if it were chance
)

// Of returns the support of each channel of a panel, and which are never below which others.
func Of(p *series.Panel) []Channel {
	var values []float64
	for _, s := range p.Series {
		values = append(values, s.Values...)
	}
	all := Learn(values, p.Width())
	if len(all) > mostOrdered {
		return all
	}
	for j := range all {
		for i := range all {
			if i != j && ordered(p, values, i, j) {
				all[j].Over = append(all[j].Over, i)
			}
		}
	}
	for k := range all { // what is over a channel is over what this one is over
		for j := range all {
			if slices.Contains(all[j].Over, k) {
				all[j].Over = slices.Compact(slices.Sorted(slices.Values(append(all[j].Over, all[k].Over...))))
			}
		}
	}
	if learnWhole(all, values); len(all) > 0 && all[0].Whole == nil {
		learnTotals(all, values)
		learnTies(all, values)
	}
	return all
}

// ordered reports whether channel j is in no row below channel i, and not by chance: a difference that moved
// as freely down as up would have changed its sign wherever it more than doubled, and channels that knew
// nothing of each other would be in another order where one comes half of all rows later.
func ordered(p *series.Panel, values []float64, i, j int) bool {
	c := len(p.Channels)
	n := len(values) / c
	doubled, turned := 0, 0
	for r := range n {
		low, high := values[r*c+i], values[r*c+j]
		if low > high {
			return false
		}
		if low > values[(r+n/2)%n*c+j] {
			turned++
		}
	}
	if turned < evidence {
		return false
	}
	for _, s := range p.Series {
		last := math.NaN()
		for k := 0; k < len(s.Values); k += c {
			if d := s.Values[k+j] - s.Values[k+i]; !math.IsNaN(d) {
				if d > 2*last {
					doubled++
				}
				last = d
			}
		}
	}
	return doubled >= evidence
}

// Ordered reports whether x may be the value of channel j of a row whose channels before it are given.
func Ordered(all []Channel, j int, x float64, before func(i int) float64) bool {
	for i := range min(j, len(all)) {
		if slices.Contains(all[j].Over, i) && before(i) > x || slices.Contains(all[i].Over, j) && before(i) < x {
			return false
		}
	}
	return true
}

// keepOrder brings every row of values that breaks an order to the nearest that does not, by its greatest
// move, and what the supports of its channels leave broken to greater values.
func keepOrder(all []Channel, values []float64) {
	c := len(all)
	if !slices.ContainsFunc(all, func(c Channel) bool { return len(c.Over) > 0 }) {
		return
	}
	upwards := make([]int, c) // lower ones have fewer below them
	for j := range upwards {
		upwards[j] = j
	}
	slices.SortStableFunc(upwards, func(a, b int) int { return cmp.Compare(len(all[a].Over), len(all[b].Over)) })
	up, down := make([]float64, c), make([]float64, c)
	for ; len(values) >= c; values = values[c:] {
		row := values[:c]
		copy(up, row)
		copy(down, row)
		for j := range all {
			for _, i := range all[j].Over {
				if row[i] > row[j] {
					up[j], down[i] = max(up[j], row[i]), min(down[i], row[j])
				}
			}
		}
		for j := range row {
			if up[j] != down[j] {
				row[j] = all[j].Nearest(up[j]/2 + down[j]/2)
			}
		}
		for _, j := range upwards {
			for _, i := range all[j].Over {
				if row[i] > row[j] {
					row[j] = all[j].atLeast(row[i])
				}
			}
		}
	}
}

// atLeast returns the least value of the list or the grid that is not below x, or x.
func (c Channel) atLeast(x float64) float64 {
	if i, _ := slices.BinarySearch(c.Values, x); i < len(c.Values) {
		return c.Values[i]
	}
	if y := multiple(x, c.Grid); c.Grid > 0 && y < x {
		return multiple(x+c.Grid, c.Grid)
	} else if c.Grid > 0 {
		return y
	}
	return x
}

// Orders says in words which of the named channels are never below which others, "" if none is.
func Orders(all []Channel, names []string) string {
	var said []string
	for j, c := range all {
		var over []string
		for _, i := range c.Over {
			over = append(over, names[i])
		}
		if over != nil {
			said = append(said, names[j]+" is never below "+strings.Join(over, ", "))
		}
	}
	return strings.Join(said, "; ")
}
