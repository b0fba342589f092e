package outlier

import (
	"cmp"
	"math"
	"slices"
)

const (
	// leastStuck equal values in a row, or more, are stuck if they are clear times as many as there are elsewhere, and as
	// many by chance are expected in less than stuckChance series like it, by how often its other values are as the ones
	// before them.
	leastStuck, stuckChance = 6, 1e-6

	// mostStuck runs of a series are stuck, of at most mostOfStuck of its values. What rests more often does so by habit.
	mostStuck, mostOfStuck = 5, 0.5

	// A value at which a series rests elsewhere, too, for so many values in a row is one of its own.
	leastRest = 3
)

// A run is a stretch of equal values.
type run struct{ from, to int }

// stuck returns the runs in which a series that otherwise varies shows the same value to all digits, as a sensor does that
// hangs, in order. Zeros are what is not there, the least and the greatest value are bounds, values that return are rests, what never falls or never
// rises counts something, and what goes from rest to rest from its first value on, as the prices of a list, has not
// begun to vary: none of them is stuck.
func (x *channel) stuck() []run {
	var all []run
	rested, begun := 0, 0          // runs of leastStuck that it begins with, and where they end
	rests := make(map[float64]int) // runs of leastRest at a value
	falls, rises := false, false
	for from := 0; from < len(x.values); {
		to := from + 1
		for to < len(x.values) && x.values[to] == x.values[from] {
			to++
		}
		if to < len(x.values) {
			falls, rises = falls || x.values[to] < x.values[from], rises || x.values[to] > x.values[from]
		}
		if to-from >= leastRest {
			rests[x.values[from]]++
		}
		if from == begun && to-from >= leastStuck {
			rested, begun = rested+1, to
		}
		all = append(all, run{from, to})
		from = to
	}
	if !falls || !rises {
		return nil
	}
	least, most := slices.Min(x.values), slices.Max(x.values)
	bound := func(v float64) bool { return v == 0 || v == least || v == most }
	all = slices.DeleteFunc(all, func(r run) bool { // they tell nothing of what lies between bounds
		v := x.values[r.from]
		return bound(v) && rests[v] > 1
	})
	ties, others := 0, 0 // values as those before them, and all
	for _, r := range all {
		ties, others = ties+r.to-r.from-1, others+r.to-r.from
	}
	slices.SortStableFunc(all, func(a, b run) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	n, values := 0, 0
	for k, r := range all {
		long := r.to - r.from
		values += long
		if k == mostStuck || long < leastStuck || float64(values) > mostOfStuck*float64(len(x.values)) {
			break
		}
		ties, others = ties-(long-1), others-long
		if (k+1 == len(all) || long >= clear*(all[k+1].to-all[k+1].from)) && BeyondChance(long, ties, others, len(x.values)) {
			n = k + 1
		}
	}
	all = slices.DeleteFunc(all[:n], func(r run) bool {
		v := x.values[r.from]
		return bound(v) || rests[v] > 1 || rested > 1 && r.to <= begun
	})
	slices.SortFunc(all, func(a, b run) int { return cmp.Compare(a.from, b.from) })
	return all
}

// BeyondChance reports whether run equal values in a row are more than chance makes of n values, of whose others there are
// ties as the ones before them.
func BeyondChance(run, ties, others, n int) bool {
	chance := float64(ties+1) / float64(others+2) // that a value is as the one before it
	return float64(n)*math.Pow(chance, float64(run-1)) < stuckChance
}
