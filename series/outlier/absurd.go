package outlier

import (
	"cmp"
	"math"
	"slices"

	"tsgen/series/internal/robust"
)

const (
	leastValues = 6  // of a channel, to tell anything
	widest      = 25 // values that a level is the median of, or two seasons if those are more

	// mostAbsurd is the part of the values that may be absurd.
	mostAbsurd = 0.1

	// A value is absurd if it is apart from the level by apart times as much as any
	// value that is not, and apartLog times as much in the logarithm of positive
	// values, by which heavy tails are judged; of few values by more, twice as much if
	// there are few of them.
	apart, apartLog, few = 7, 2.5, 15

	// Values of a few occasions are so from a factor of apartTogether on, if the tail of the others has as many as far out
	// with a probability of less than tailChance.
	apartTogether, tailChance = 3, 1e-6

	// Spikes that return by habit, and values of a season that was seen but once, are absurd
	// only if they are so by these factors: of what the others are apart by, and of
	// the level.
	farApart, farLevel = 15, 8

	// Two spikes are alike if neither is more than likeness times the other, and apart
	// in time if they are more than near values apart.
	likeness, near = 2.5, 3

	// leastRun is how many values at the end must be alike to be a new level.
	leastRun = 4

	// Values are near to zero where they are less than a part of what is usual, one in mostFall.
	mostFall = 4

	// wonder is the number of zeros to be expected of counts from which on one is none.
	wonder = 0.005

	// mostReturning is the part of the values that zeros on several occasions may be.
	mostReturning = 0.05

	// leastSeasons is how many seasons tell what is usual at each of their steps.
	leastSeasons = 4
)

// A channel holds the values of one channel of one series that are there.
type channel struct {
	season    int
	drifting  bool // the season is not of whole steps, and comes at others in the end
	irregular bool // times are
	rows      []int
	values    []float64
	steps     []int     // of the rows
	level     []float64 // a running median
	beside    []float64 // what the season adds to the level, nil for nothing
	usual     []float64 // the level at the step of the season
	product   bool      // which multiplies the level

	dates    []float64                 // of the rows in seconds, nil if times are no dates
	unusual  func() func(row int) bool // whether a covariate announces something there, nil if there is none
	meansAll bool                      // whatever returns is meant
}

// absurd returns the places of absurd values, in order.
func (x *channel) absurd() []int {
	x.level = robust.RunningMedian(x.values, x.width())
	x.usual = x.seasonal()
	all := slices.Concat(x.farthest(), x.zeros())
	slices.Sort(all)
	all = slices.Compact(all)
	x.usualBeside(all)
	return all
}

// usualBeside sets what is usual where the given values stand, whose long runs the level follows, to
// that of the others near them, at the same step of the season.
func (x *channel) usualBeside(absurd []int) {
	if len(absurd) == 0 {
		return
	}
	others := &channel{season: x.season, drifting: x.drifting, steps: x.steps}
	for i, row := range x.rows {
		if _, is := slices.BinarySearch(absurd, i); !is {
			others.rows, others.values = append(others.rows, row), append(others.values, x.values[i])
		}
	}
	others.level = robust.RunningMedian(others.values, others.width())
	others.usual = others.seasonal()
	x.usual = slices.Clone(x.usual) // which may be the level
	for _, i := range absurd {
		x.usual[i] = others.usualNear(x.rows[i])
	}
}

// usualNear returns what is usual at the nearest row with the same step of the season, or at the nearest one if the
// level knows no season.
func (x *channel) usualNear(row int) float64 {
	after, _ := slices.BinarySearch(x.rows, row)
	for off := 0; off < len(x.rows); off++ {
		for _, k := range []int{after + off, after - 1 - off} {
			if k >= 0 && k < len(x.rows) && (x.beside == nil || (x.steps[x.rows[k]]-x.steps[row])%x.season == 0) {
				return x.usual[k]
			}
		}
	}
	return x.level[min(after, len(x.rows)-1)]
}

// zeros returns the places of the zeros and of what is far below zero among values that are never near to zero, if they are few, do not
// return by habit and do not go on at the end, and are no counts that come out as zero at times.
func (x *channel) zeros() []int {
	var all []int
	for i, v := range x.values {
		switch {
		case v == 0 || v < -x.usual[i]/2:
			all = append(all, i)
		case v < x.usual[i]/mostFall:
			return nil
		}
	}
	n, k := len(x.values), len(all)
	if k == 0 || n < few || float64(k) > mostAbsurd*float64(n) || k >= leastRun && all[k-leastRun] == n-leastRun || x.zeroCounts() > wonder {
		return nil
	}
	if all[k-1]-all[0] >= k && (float64(k) > mostReturning*float64(n) || x.byHabit(all)) {
		return nil
	}
	return all
}

// zeroCounts returns how many zeros there are to be expected of counts about what is usual, which spread as the others
// do: of a Poisson distribution, or of a negative binomial one where they spread more. Of what is not counted there are none.
func (x *channel) zeroCounts() float64 {
	spread, n := 0.0, 0.0
	for i, v := range x.values {
		switch u := x.usual[i]; {
		case v != math.Trunc(v):
			return 0
		case v > 0 && u > 0:
			spread, n = spread+(v-u)*(v-u)/u, n+1
		}
	}
	rate := 1.0 // of what is usual, the logarithm of the probability
	if more := spread/n - 1; more > 0 {
		rate = math.Log1p(more) / more
	}
	expected := 0.0
	for _, u := range x.usual {
		expected += math.Exp(-rate * math.Max(u, 0))
	}
	return expected
}

// farthest returns the places of the values that stand far from all others, in order.
func (x *channel) farthest() []int {
	n := len(x.values)
	off := make([]float64, n)
	for i, v := range x.values {
		off[i] = x.off(v, x.usual[i])
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(off[b], off[a]) })
	// The most values that stand apart from all others.
	k, bulk := 0, 0.0
	more := 1 + few/float64(n)
	for j := max(1, int(mostAbsurd*float64(n))); j > 0; j-- {
		b := off[order[j]]
		if b == 0 {
			b = x.size(order[j]) / apart * farLevel // all others are alike
		}
		if b == 0 || off[order[j-1]] < apartTogether*more*b {
			continue
		}
		if (off[order[j-1]] >= apart*more*b || x.togetherApart(off, order, j)) && x.apartInLogarithm(order[:j], order[j:], apartLog*more) {
			k, bulk = j, b
			break
		}
	}
	candidates := slices.Clone(order[:k])
	slices.Sort(candidates)
	if x.newLevel(candidates) {
		return nil
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, i := range order[k:] {
		lo, hi = min(lo, x.values[i]), max(hi, x.values[i])
	}
	seasons, again := n > 2*x.season || x.season == 1, x.returning(candidates)
	var all []int
	for k, i := range candidates {
		if x.values[i] >= lo && x.values[i] <= hi {
			continue // others were as high
		}
		if seasons && !again[k] || off[i] >= farApart*bulk && off[i] >= farLevel*x.size(i) {
			all = append(all, i)
		}
	}
	return all
}

// off returns how far a value is from what is usual: as a part of that where the season multiplies the level, of a lower
// value by its logarithm, which has no bound at zero either.
func (x *channel) off(v, usual float64) float64 {
	switch {
	case !x.product:
		return math.Abs(v - usual)
	case v < usual:
		return math.Log(usual / v)
	}
	return v/usual - 1
}

// size returns what is as far off as the level at i is high.
func (x *channel) size(i int) float64 {
	if x.product {
		return 1
	}
	return math.Abs(x.level[i])
}

// seasonal returns the level with the median of what it leaves at each step of the season, or the level alone if the
// seasons are few. That level is the running median of the values without the season.
func (x *channel) seasonal() []float64 {
	var product bool
	if x.beside, product = x.profile(x.values, x.level, x.rows); x.beside == nil {
		return x.level
	}
	usual := robust.RunningMedian(less(x.values, x.beside), x.width())
	for i, b := range x.beside {
		usual[i] += b
	}
	x.product = product && slices.Min(usual) > 0
	return usual
}

// width returns the number of values that a level is the median of.
func (x *channel) width() int { return max(widest, 2*x.season+1) | 1 }

// less returns the differences of a and b.
func less(a, b []float64) []float64 {
	rest := slices.Clone(a)
	for i, v := range b {
		rest[i] -= v
	}
	return rest
}

// profile returns for each of some values in rows what is usual at its step of the season beside the level, nil if the seasons
// are few: the median of the differences there, or, of positive values that this leaves less of, of the ratios.
func (x *channel) profile(values, level []float64, rows []int) (profile []float64, product bool) {
	if x.season < 2 || x.drifting || len(values) < leastSeasons*x.season {
		return nil, false
	}
	sums := x.bySteps(rows, func(i int) float64 { return values[i] - level[i] })
	if slices.Min(values) <= 0 {
		return sums, false
	}
	products := x.bySteps(rows, func(i int) float64 { return values[i] / level[i] })
	left := 0.0 // by the products, as by the sums
	for i, r := range products {
		products[i] = level[i] * (r - 1)
		left += math.Abs(values[i]-level[i]-products[i]) - math.Abs(values[i]-level[i]-sums[i])
	}
	if left < 0 {
		return products, true
	}
	return sums, false
}

// bySteps returns for each row the median of what is told of the rows at its step of the season.
func (x *channel) bySteps(rows []int, of func(i int) float64) []float64 {
	each := make([][]float64, x.season)
	for i, row := range rows {
		k := x.steps[row] % x.season
		if each[k] == nil {
			each[k] = make([]float64, 0, len(rows)/x.season+1)
		}
		each[k] = append(each[k], of(i))
	}
	medians := make([]float64, x.season)
	for k, own := range each {
		if n := len(own); n > 0 {
			slices.Sort(own)
			medians[k] = own[(n-1)/2]/2 + own[n/2]/2
		}
	}
	all := make([]float64, len(rows))
	for i, row := range rows {
		all[i] = medians[x.steps[row]%x.season]
	}
	return all
}

func alike(a, b float64) bool {
	return a*b > 0 && math.Abs(a) <= likeness*math.Abs(b) && math.Abs(b) <= likeness*math.Abs(a)
}

// apartInLogarithm reports whether some values stand apart by a factor in their
// logarithms too from the others on the same side of the level, or in those of the
// values and a usual one where some are zero. Values of both signs have none.
func (x *channel) apartInLogarithm(some, others []int, factor float64) bool {
	var positive []float64
	zeros := false
	for _, i := range others {
		if x.values[i] < 0 {
			return true
		}
		if x.values[i] > 0 {
			positive = append(positive, x.values[i])
		} else {
			zeros = true
		}
	}
	if len(positive) == 0 {
		return false
	}
	more := 0.0
	if zeros {
		slices.Sort(positive)
		more = positive[len(positive)/2]
	}
	about := x.level
	if slices.Min(x.usual) > 0 && len(occasions(slices.Sorted(slices.Values(some)))) > 1 {
		about = x.usual // beside a season one by itself may be meant
	}
	of := func(i int) float64 {
		if x.values[i]+more <= 0 {
			return math.Inf(-1)
		}
		return math.Log((x.values[i] + more) / (about[i] + more))
	}
	var up, down float64
	for _, i := range others {
		up, down = max(up, of(i)), min(down, of(i))
	}
	for _, i := range some {
		if l := of(i); l > 0 && l < factor*up || l <= 0 && l > factor*down {
			return false
		}
	}
	return true
}

// newLevel reports whether the candidates are the last values and go on at a level of
// their own, in order, with a spread that is no wider than what they are apart by would
// let one expect.
func (x *channel) newLevel(candidates []int) bool {
	n, k := len(x.values), len(candidates)
	if k < leastRun || candidates[0] != n-k {
		return false
	}
	last := slices.Clone(x.values[n-k:])
	slices.Sort(last)
	spread := last[k-1] - last[0]
	return spread > 0 && spread < math.Abs(last[k/2]-x.level[n-k])/2
}
