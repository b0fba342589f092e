package outlier

import (
	"cmp"
	"math"
	"slices"

	"tsgen/series/internal/robust"
)

const (
	// A slump or a surge is what passes: at least leastPassing values in a row, fewer than a level and a season are told by, on
	// one side of what is usual, by offNoise deviations.
	leastPassing, offNoise = 2, 4

	// On average it is clearPassing times as far off as as many values in a row are anywhere else, and shortPassing over its
	// steps more, for chance makes short ones; and sharp of it comes within two values.
	clearPassing, shortPassing = 2, 2

	// The level is the same after it as before, but for the trend and levelAgain of how far off it was, and no value of as many
	// after it, leastRun at least, is half as far off.
	levelAgain = 0.25

	// nearlyYear is the length in seconds from which on a season is that of the year.
	nearlyYear = 0.8 * year

	// soon is the part of what was seen for which forecasts may be asked.
	soon = 0.25

	// mostPassing pass by themselves; more are a habit.
	mostPassing = 2
)

// passing returns slumps and surges that have passed, of which there is nothing alike elsewhere, with some values left out.
func (x *channel) passing(absurd []Finding) []Finding {
	n, side := len(x.values)-len(absurd), max(leastSide, x.season)
	if x.irregular || x.drifting || x.meansAll || n < 3*side || n < leastStretches*leastSide {
		return nil
	}
	y := x.without(absurd)
	off, straight := y.offUsual(side)
	noise := offNoise * robust.Deviation(off)
	if !(noise > 0) {
		return nil // what mostly rests
	}
	runs := runsOff(off, noise)
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(sumOff(off, b), sumOff(off, a)) })
	for k := min(mostPassing, len(runs)); k > 0; k-- {
		if some := runs[:k]; y.pass(off, straight, some, side) {
			var found []Finding
			for _, r := range some {
				f := Finding{Row: y.rows[r.from], Last: y.rows[r.to-1], Passing: true}
				at := r.from
				for i := r.from; i < r.to; i++ {
					if math.Abs(off[i]) > math.Abs(off[at]) {
						at = i
					}
				}
				f.Value, f.Usual = y.values[at], y.usual[at]
				found = append(found, f)
			}
			return found
		}
	}
	return nil
}

// offUsual returns how far values are off what is usual, in the logarithm where the season multiplies the level, and in the same
// unit the values without their season. Near the ends, where the level is that of values farther in, the trend is taken off.
func (x *channel) offUsual(side int) (off, straight []float64) {
	n := len(x.values)
	off, straight = make([]float64, n), slices.Clone(x.values)
	for i, v := range x.values {
		if x.product {
			off[i], straight[i] = math.Log(v/x.usual[i]), math.Log(v*(x.usual[i]-x.beside[i])/x.usual[i])
			continue
		}
		off[i] = v - x.usual[i]
		if x.beside != nil {
			straight[i] -= x.beside[i]
		}
	}
	slope, half := trend(straight, side, side)/float64(side), min(x.width(), n)/2
	for k := range half {
		away := slope * float64(half-k)
		off[k], off[n-1-k] = off[k]+away, off[n-1-k]-away
	}
	return off, straight
}

// without returns the channel without some values, in order, and with what is usual of the others.
func (x *channel) without(absurd []Finding) *channel {
	if len(absurd) == 0 {
		return x
	}
	y := *x
	y.rows, y.values, y.product = nil, nil, false
	for i, row := range x.rows {
		if len(absurd) > 0 && absurd[0].Row == row {
			absurd = absurd[1:]
			continue
		}
		y.rows, y.values = append(y.rows, row), append(y.values, x.values[i])
	}
	y.level = robust.RunningMedian(y.values, y.width())
	y.usual = y.seasonal()
	return &y
}

func sizes(x []float64) []float64 {
	all := make([]float64, len(x))
	for i, v := range x {
		all[i] = math.Abs(v)
	}
	return all
}

// runsOff returns the stretches of values that are farther off than noise, all on one side.
func runsOff(off []float64, noise float64) (all []run) {
	for i := 0; i < len(off); {
		k := i
		for k < len(off) && off[k]*off[i] > 0 && math.Abs(off[k]) > noise {
			k++
		}
		if k-i >= leastPassing {
			all = append(all, run{from: i, to: k})
		}
		i = max(k, i+1)
	}
	return all
}

func sumOff(off []float64, r run) float64 {
	sum := 0.0
	for _, v := range off[r.from:r.to] {
		sum += math.Abs(v)
	}
	return sum
}

// pass reports whether each of some runs has passed and nothing else is like it, given how far values are off, and without their
// season.
func (x *channel) pass(off, straight []float64, some []run, side int) bool {
	n := len(off)
	within := func(from, to int) bool { // whether a stretch shares values with a run
		return slices.ContainsFunc(some, func(r run) bool { return from < r.to && r.from < to })
	}
	beside := func(of []float64, from, to int) float64 { // the median of what is in no run
		var all []float64
		for i := max(0, from); i < min(n, to); i++ {
			if !within(i, i+1) {
				all = append(all, of[i])
			}
		}
		return robust.Median(all)
	}
	values := 0
	for _, r := range some {
		long := r.to - r.from
		values += long
		mean := sumOff(off, r) / float64(long)
		again := max(leastRun, long)
		if long >= side || r.from < side || r.to+again > n || within(r.to, r.to+again) || !sharpRun(off, r) || x.againSoon(r) || x.said(r) {
			return false
		}
		if math.Abs(beside(off, r.from-side, r.from)) > levelAgain*mean || math.Abs(beside(off, r.to, r.to+side)) > levelAgain*mean {
			return false
		}
		moved := beside(straight, r.to, r.to+side) - beside(straight, r.from-side, r.from) - trend(straight, side, side+long)
		if !(math.Abs(moved) <= levelAgain*mean) {
			return false
		}
		if slices.Max(sizes(off[r.to:r.to+again])) > mean/2 {
			return false
		}
		times := clearPassing + shortPassing/float64(long-1)
		for from, sum := range windowSums(off, long) {
			if times*math.Abs(sum) > mean*float64(long) && !within(from-1, from+long+1) {
				return false
			}
		}
	}
	return float64(values) <= mostAbsurd*float64(n)
}

// trend returns by how much levels of side values mostly differ that so many values lie between.
func trend(y []float64, side, apart int) float64 {
	levels := sideMedians(y, side)
	if len(levels) <= apart {
		return 0
	}
	return robust.Median(less(levels[apart:], levels[:len(levels)-apart]))
}

// sharpRun reports whether most of how far off a run is comes within two values.
func sharpRun(off []float64, r run) bool {
	all := sizes(off[r.from:r.to])
	return slices.Max(all[:2]) >= sharp*slices.Max(all)
}

// againSoon reports whether a run may come again soon, beside a season that is shorter than a year: whether a year has not passed
// since, nor had before it, and soon will have.
func (x *channel) againSoon(r run) bool {
	if x.dates == nil {
		return false
	}
	at := func(i int) float64 { return x.dates[x.rows[i]] }
	last := len(x.rows) - 1
	if float64(x.season)*(at(last)-at(0))/float64(last) > nearlyYear {
		return false
	}
	next := at(r.from) + year - at(last)
	return at(r.from)-at(0) < year && next > 0 && next < soon*(at(last)-at(0))
}

// said reports whether a covariate is unusual in most of a run.
func (x *channel) said(r run) bool {
	if x.unusual == nil {
		return false
	}
	at, said := x.unusual(), 0
	for i := r.from; i < r.to; i++ {
		if at(x.rows[i]) {
			said++
		}
	}
	return 2*said > r.to-r.from
}
