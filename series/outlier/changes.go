package outlier

import (
	"math"
	"slices"

	"tsgen/series/internal/robust"
)

const (
	// leastLevel is the number of values that the level of what changes is the mean of, or
	// a season if that is more.
	leastLevel = 7

	// mostMissing is the part of the values that may be missing where changes are looked for.
	mostMissing = 0.2

	// cut is how many times the median size of what level and season leave counts at most.
	cut = 6

	// A season changes if its profiles before and after differ by seasonEffect deviations of
	// what is left, and by seasonPart of the larger one, with an F statistic of seasonCertain.
	// The last and the first seasons on either side tell seasonSharp of it.
	seasonEffect, seasonPart, seasonCertain, seasonSharp = 1.5, 0.6, 10, 0.75

	// A spread changes if it does so by spreadFactor at least, spreadCertain standard errors
	// from nothing; if within spreadSide values of the place it does so by spreadSharp of
	// that in its logarithm, and on neither side by more than spreadElsewhere, spreadSure standard
	// errors from nothing.
	spreadFactor, spreadCertain, spreadSide, spreadSharp, spreadElsewhere, spreadSure = 2, 6, 20, 0.5, 0.6, 3

	// Nor is it one if a stretch as long as the shorter side has had that much of it before, so many
	// standard errors from nothing: the weeks before Christmas come each year.
	spreadReturns = 4
)

// changes returns the changes of a series in which some things were
// found. There are none beside a season that is drifting, of which the spread is as good as the steps
// happen to fit it.
func (x *channel) changes(found []Finding) []Finding {
	length := 0
	if len(x.steps) > 0 {
		length = x.steps[len(x.steps)-1] + 1
	}
	if n := float64(len(x.values)); x.drifting || n < 2*spreadSide || n < (1-mostMissing)*float64(length) {
		return nil
	}
	y := make([]float64, length)
	for t := range y {
		y[t] = math.NaN()
	}
	for i, v := range x.values {
		y[x.steps[x.rows[i]]] = v
	}
	for _, f := range found {
		switch at := x.steps[f.Row]; {
		case !f.Break:
			y[at] = math.NaN()
		case f.Product:
			for t := range at {
				y[t] *= f.Value / f.Usual
			}
		default:
			for t := range at {
				y[t] += f.Value - f.Usual
			}
		}
	}
	if x.irregular && !rough(slices.DeleteFunc(slices.Clone(y), math.IsNaN), nil) {
		return nil
	}
	all := changes(y, x.season)
	for i, f := range all { // from steps to rows
		row, _ := slices.BinarySearch(x.steps, f.Row)
		delta := make([]float64, row)
		for k := range delta {
			delta[k] = f.delta[x.steps[k]]
		}
		all[i].Row, all[i].delta = row, delta
	}
	return all
}

// changes returns the change of the season and that of the spread of y, the values of a
// channel by their steps without its breaks of the level, NaN for those missing. Rows of the
// findings are steps, too.
func changes(y []float64, season int) []Finding {
	z, product, ok := filled(y, season)
	if !ok {
		return nil
	}
	level := levelOf(z, season)
	rest := less(z, level)
	back := func(t int, before, after float64) float64 { // the change of a value
		if math.IsNaN(y[t]) {
			return 0
		}
		if product {
			return y[t] * math.Expm1(after-before)
		}
		return after - before
	}
	unit := 1.0 // of what is said of the logarithms
	if product {
		unit = math.Exp(robust.Median(level))
	}
	var found []Finding
	if at, before, after, ok := seasonChange(rest, season); ok {
		f := Finding{Row: at, Break: true, Of: Season, Usual: unit * swing(before), Value: unit * swing(after), Product: product, delta: make([]float64, at)}
		for t := range at {
			k := t % season
			f.delta[t] = back(t, before[k], after[k])
			rest[t] += after[k] - before[k]
			z[t] += after[k] - before[k]
		}
		found = append(found, f)
	}
	if len(z) < leastSeasons*season { // whose profile would be of what breaks, too: a level of few values follows them
		season = 1
		rest = less(z, levelOf(z, season))
	}
	if at, before, after, ok := spreadChange(rest, season); ok && spread(z[:at]) > 0 && spread(z[at:]) > 0 { // what rests has none
		f := Finding{Row: at, Break: true, Of: Spread, Usual: unit * before, Value: unit * after, Product: product, delta: make([]float64, at)}
		for t := range at {
			f.delta[t] = back(t, rest[t], rest[t]*after/before)
		}
		found = append(found, f)
	}
	return found
}

// filled returns the values, or their logarithms if all are positive and spread in proportion to
// their level, with those missing filled. It is not ok if too few are there, or
// some are zero, as of demand, or all are alike.
func filled(y []float64, season int) (z []float64, product, ok bool) {
	z = make([]float64, len(y))
	missing, least, most := 0, math.Inf(1), math.Inf(-1)
	for _, v := range y {
		if v == 0 {
			return nil, false, false
		}
		if math.IsNaN(v) {
			missing++
			continue
		}
		least, most = min(least, v), max(most, v)
	}
	if least == most || len(y)-missing < 2*spreadSide || float64(missing) > mostMissing*float64(len(y)) {
		return nil, false, false
	}
	copy(z, y)
	fill(z, season)
	if product = least > 0 && grows(z, season); product {
		for t, v := range z {
			z[t] = math.Log(v)
		}
	}
	return z, product, true
}

// grows reports whether what the level leaves of the values is wider where that is higher, nearer to
// in proportion than not at all.
func grows(z []float64, season int) bool {
	level := levelOf(z, season)
	middle := robust.Median(level)
	var rest, height, n [2]float64
	for t, v := range z {
		half := 0
		if level[t] > middle {
			half = 1
		}
		rest[half] += math.Sqrt(math.Abs(v - level[t]))
		height[half] += level[t]
		n[half]++
	}
	ratio := math.Log(height[1] / n[1] / (height[0] / n[0]))
	return 4*math.Log(rest[1]/n[1]/(rest[0]/n[0])) > ratio
}

// fill puts what lies a season before or after, or the neighbours, where a value is missing.
func fill(z []float64, season int) {
	for _, lag := range []int{season, -season, 1, -1} {
		for k := range z {
			t := k
			if lag < 0 {
				t = len(z) - 1 - k
			}
			if from := t - lag; math.IsNaN(z[t]) && from >= 0 && from < len(z) {
				z[t] = z[from]
			}
		}
	}
}

// profile returns the means of the rests at each step of a season between two places.
func profile(rest []float64, season, from, to int) []float64 {
	sum, n := make([]float64, season), make([]float64, season)
	for t := from; t < to; t++ {
		sum[t%season] += rest[t]
		n[t%season]++
	}
	for k := range sum {
		sum[k] /= max(n[k], 1)
	}
	return sum
}

// clipped returns the rests with the far ones nearer.
func clipped(rest []float64, season int) []float64 {
	size := make([]float64, len(rest))
	for t, v := range rest {
		size[t] = math.Abs(v)
	}
	most := cut * robust.Median(size)
	out := make([]float64, len(rest))
	for t, v := range rest {
		out[t] = max(-most, min(v, most))
	}
	return out
}

// swing returns how far the steps of a season go apart.
func swing(profile []float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range profile {
		lo, hi = min(lo, v), max(hi, v)
	}
	return hi - lo
}

// seasonChange returns the first place of another season, and the profiles before and after it,
// if there is one beyond doubt: the place at which two profiles leave least (Chow 1960).
func seasonChange(rest []float64, season int) (at int, before, after []float64, ok bool) {
	n := len(rest)
	late := n - max((3*season+1)/2, season+8)
	if season < 2 || late <= 2*season {
		return 0, nil, nil, false
	}
	r := clipped(rest, season)
	var total float64
	sum, num := make([]float64, season), make([]float64, season) // after the place
	low, count := make([]float64, season), make([]float64, season)
	for t, v := range r {
		sum[t%season] += v
		num[t%season]++
		total += v * v
	}
	gain, explained := 0.0, 0.0 // by two profiles, and by one
	for k := range sum {
		explained += sum[k] * sum[k] / num[k]
	}
	by := func(k int) float64 { return sum[k]*sum[k]/num[k] + low[k]*low[k]/count[k] } // step k
	two := 0.0
	for t := range late {
		k := t % season
		if t >= 2*season {
			two -= by(k)
		}
		sum[k], num[k] = sum[k]-r[t], num[k]-1
		low[k], count[k] = low[k]+r[t], count[k]+1
		switch {
		case t+1 < 2*season:
			continue
		case t+1 == 2*season:
			for k := range sum {
				two += by(k)
			}
		default:
			two += by(k)
		}
		if g := two - explained; g > gain {
			gain, at = g, t+1
		}
	}
	if at == 0 {
		return 0, nil, nil, false
	}
	before, after = profile(r, season, 0, at), profile(r, season, at, n)
	variance := (total - explained - gain) / float64(n-2*season)
	own := 0.0 // what comes after may be noisier
	for t := at; t < n; t++ {
		d := r[t] - after[t%season]
		own += d * d / float64(n-at-season)
	}
	variance = max(variance, own)
	difference, p0, p1 := 0.0, 0.0, 0.0
	for k := range before {
		d := after[k] - before[k]
		difference += d * d / float64(season)
		p0, p1 = p0+before[k]*before[k]/float64(season), p1+after[k]*after[k]/float64(season)
	}
	difference -= variance * float64(season) * (1/float64(at) + 1/float64(n-at)) // what chance makes
	ok = difference > 0 && gain > seasonCertain*float64(season)*variance &&
		difference >= seasonEffect*seasonEffect*variance && difference >= seasonPart*seasonPart*max(p0, p1) &&
		sharpSeason(r, season, at, before, after)
	return at, before, after, ok
}

// sharpSeason reports whether the seasons next to a change tell as much of it as all do.
func sharpSeason(r []float64, season, at int, before, after []float64) bool {
	const seasons = 2
	near0 := profile(r, season, max(0, at-seasons*season), at)
	near1 := profile(r, season, at, min(len(r), at+seasons*season))
	shared, whole := 0.0, 0.0
	for k := range before {
		d := after[k] - before[k]
		shared, whole = shared+(near1[k]-near0[k])*d, whole+d*d
	}
	return shared >= seasonSharp*whole
}

// spreadChange returns the first place of another spread, and what the spread is before and
// after it, if there is one beyond doubt. Spreads are the squares of the mean roots of the
// sizes, which far values move little. The profile of the season is taken off rest: that of both
// sides by their precision.
func spreadChange(rest []float64, season int) (at int, before, after float64, ok bool) {
	n := len(rest)
	roots := make([]float64, n)
	var ratio, certain float64
	weight := 1.0 // of what comes before the place
	for range 2 {
		if season > 1 {
			r := clipped(rest, season)
			early, late := profile(r, season, 0, at), profile(r, season, at, n)
			for t := range rest {
				k := t % season
				w0, w1 := weight*float64((at-k+season-1)/season), float64((n-k+season-1)/season-(at-k+season-1)/season)
				rest[t] -= (w0*early[k] + w1*late[k]) / (w0 + w1)
				own := 1.0
				if t < at {
					own = weight
				}
				left := max(1-own/(w0+w1), leastLeft) // of the variance of what the profile follows
				roots[t] = math.Sqrt(math.Abs(rest[t]) / math.Sqrt(left))
			}
		} else {
			for t, v := range rest {
				roots[t] = math.Sqrt(math.Abs(v))
			}
		}
		if at, ratio, certain = splitSpread(roots); at == 0 {
			return 0, 0, 0, false
		}
		weight = math.Exp(2 * ratio)
	}
	if at == 0 || certain < spreadCertain || math.Abs(ratio) < math.Log(spreadFactor) {
		return 0, 0, 0, false
	}
	near0, _ := meanVariance(roots[at-spreadSide : at])
	near1, _ := meanVariance(roots[at : at+spreadSide])
	if !(2*math.Log(near1/near0)/ratio >= spreadSharp) {
		return 0, 0, 0, false
	}
	if !stepRatherThanLine(roots, at) || returns(roots, at, ratio) {
		return 0, 0, 0, false
	}
	for _, side := range [][]float64{roots[:at], roots[at:]} {
		if _, elsewhere, sure := splitSpread(side); sure > spreadSure && math.Abs(elsewhere) > spreadElsewhere*math.Abs(ratio) {
			return 0, 0, 0, false
		}
	}
	const ofGaussian = 0.676 // squared mean root of the size, for a deviation of one
	before, _ = meanVariance(roots[:at])
	after, _ = meanVariance(roots[at:])
	return at, before * before / ofGaussian, after * after / ofGaussian, true
}

// returns reports whether what makes the shorter side of a change of the spread other than the longer one, whose
// logarithms have that ratio, has been in the longer one too for as long.
func returns(roots []float64, at int, ratio float64) bool {
	n := len(roots)
	long, width := roots[:at], n-at
	if at < n-at {
		long, width, ratio = roots[at:], at, -ratio
	}
	mean, variance := meanVariance(long)
	uncertain := math.Sqrt(max(variance/(mean*mean), ofRoots) / float64(width))
	sum := 0.0
	for t, v := range long {
		if sum += v; t < width {
			continue
		}
		sum -= long[t-width]
		if beside := at < n-at && t < 2*width || at >= n-at && t >= len(long)-width; beside {
			continue
		}
		had := math.Log(sum / float64(width) / mean)
		if had*ratio > 0 && math.Abs(had) > spreadReturns*uncertain && 2*math.Abs(had) > spreadElsewhere*math.Abs(ratio) {
			return true
		}
	}
	return false
}

// leastLeft bounds the correction for what profiles of few seasons follow.
const leastLeft = 0.2

// ofRoots is the variance of the roots of Gaussian sizes as a part of their squared mean.
const ofRoots = 0.18

// splitSpread returns the place at which the logarithms of the means of roots differ most, in standard errors, the
// logarithm of the ratio of the spreads there, and the standard errors; zeros of too few.
func splitSpread(roots []float64) (at int, ratio, certain float64) {
	n := len(roots)
	var sum, square float64
	for _, v := range roots {
		sum, square = sum+v, square+v*v
	}
	low, lowSquare := 0.0, 0.0
	for t := 1; t <= n-spreadSide; t++ {
		v := roots[t-1]
		low, lowSquare = low+v, lowSquare+v*v
		if t < spreadSide {
			continue
		}
		n0, n1 := float64(t), float64(n-t)
		m0, m1 := low/n0, (sum-low)/n1
		if !(m0 > 0 && m1 > 0) {
			continue
		}
		v0 := max(lowSquare/n0/(m0*m0)-1, ofRoots) // of the logarithms of the means, by value
		v1 := max((square-lowSquare)/n1/(m1*m1)-1, ofRoots)
		if c := math.Log(m1/m0) / math.Sqrt(v0/n0+v1/n1); math.Abs(c) > certain {
			at, ratio, certain = t, 2*math.Log(m1/m0), math.Abs(c)
		}
	}
	return at, ratio, certain
}

// stepRatherThanLine reports whether two means, before and after a place, explain more of the roots
// than a line does.
func stepRatherThanLine(roots []float64, at int) bool {
	n := float64(len(roots))
	mean, _ := meanVariance(roots)
	low, cross := 0.0, 0.0
	for t, v := range roots {
		if t < at {
			low += v - mean
		}
		cross += (float64(t) - (n-1)/2) * (v - mean)
	}
	step := low * low * n / (float64(at) * (n - float64(at)))
	line := cross * cross * 12 / (n * (n*n - 1))
	return step > 1.2*line
}

func meanVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}
