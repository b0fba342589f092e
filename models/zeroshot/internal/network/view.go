package network

import (
	"math"

	"tsgen/internal/kernel"
)

// Sizes of what the network sees.
const (
	recentDiffs = 48 // seasonal differences of the last steps
	recentSteps = 24 // differences of neighbours
	nearBlocks  = 16 // seasons before the last, one by one
	farBlocks   = 4  // and several together
	backSeasons = 5  // values at the place in the season before the last
	mostSeasons = 12 // that are averaged for it
	farDiffs    = 8  // differences of values a longer season apart
	anchorLimit = 30
)

// A View is a history as the network sees it. Differences are in units of Scale, the mean
// absolute difference of values a season apart, or of neighbours where few are a season
// apart.
type View struct {
	Scale float64

	room          *room
	y             []float64 // up to the last observation
	season, block int
	second        int       // steps of a longer season, or of a cycle that was found; 0 for none
	found         float64   // autocorrelation of the cycle, 0 if the season was given
	level         float64   // mean of the last block
	last          float64   // observation
	meanDiff      float64   // of values a season apart
	newDiff       float64   // the same over the last season
	shortDiff     float64   // over its last quarter
	threeDiff     float64   // over the last three steps
	farDiff       float64   // of values a longer season apart, over the last season
	growth        float64   // of the level over a season as a factor, NaN unless all is positive
	sum           []float64 // sums of the values before each step, and their numbers
	count         []float64
	simple        *simple
}

// NewView returns the view of y, in which NaN stands for what is missing and the last
// value is observed, with a season of so many steps, at least 1, and a longer one, 0 if
// there is none. It keeps y.
func NewView(y []float64, season, second int) *View { return newView(nil, y, season, second) }

// newView is NewView in a room.
func newView(r *room, y []float64, season, second int) *View {
	if most := max(mostSeasons*season, 3*second, 600); len(y) > most {
		y = y[len(y)-most:]
	}
	v := &View{room: r, y: y, season: season, block: season, last: y[len(y)-1]}
	if season < 4 {
		v.block = season * ((3 + season) / season)
	}
	if second > season && second < len(y) {
		v.second = second
	}
	v.sum, v.count = r.take(len(y)+1), r.take(len(y)+1)
	for i, x := range y {
		v.sum[i+1], v.count[i+1] = v.sum[i], v.count[i]
		if !math.IsNaN(x) {
			v.sum[i+1], v.count[i+1] = v.sum[i]+(x-v.last), v.count[i]+1
		}
	}
	v.level, _ = v.mean(len(y)-v.block, len(y))
	v.measure()
	if v.second == 0 {
		v.second, v.found = v.cycle()
	}
	if v.second > 0 {
		v.farDiff = v.meanApart(len(v.y)-v.season, v.second)
	}
	v.growth = v.factor()
	v.simple = newSimple(v)
	return v
}

// mean returns the mean of the values observed from step i to j (exclusive), and their
// number; the last value if there are none.
func (v *View) mean(i, j int) (mean float64, n int) {
	i, j = max(i, 0), min(max(j, 0), len(v.y))
	if i >= j {
		return v.last, 0
	}
	if n = int(v.count[j] - v.count[i]); n == 0 {
		return v.last, 0
	}
	return v.last + (v.sum[j]-v.sum[i])/float64(n), n
}

// measure finds the scale and the mean differences.
func (v *View) measure() {
	apart, pairs := v.meanAbs(v.season)
	near, _ := v.meanAbs(1)
	v.Scale = apart
	if pairs < v.season/2+1 {
		v.Scale = math.Max(apart, near)
	}
	if !(v.Scale > 1e-9*math.Abs(v.level)) {
		v.Scale = math.Max(near, 1e-6*math.Abs(v.level)+1e-150)
	}
	n := len(v.y)
	v.meanDiff = v.meanDiffFrom(0)
	v.newDiff = v.meanDiffFrom(n - v.season)
	v.shortDiff = v.meanDiffFrom(n - max(1, (v.season+3)/4))
	v.threeDiff = v.meanDiffFrom(n - 3)
}

// factor returns the factor by which the level grows over a season, NaN unless all values
// are positive and there are two blocks.
func (v *View) factor() float64 {
	n := len(v.y)
	for _, x := range v.y {
		if x <= 0 {
			return math.NaN()
		}
	}
	before, seen := v.mean(n-2*v.block, n-v.block)
	if seen == 0 {
		return math.NaN()
	}
	return max(0.5, min(2, math.Pow(v.level/before, float64(v.season)/float64(v.block))))
}

// meanAbs returns the mean absolute difference of values lag steps apart, and the number
// of pairs.
func (v *View) meanAbs(lag int) (mean float64, pairs int) {
	sum := 0.0
	for i := lag; i < len(v.y); i++ {
		if d := math.Abs(v.y[i] - v.y[i-lag]); !math.IsNaN(d) {
			sum += d
			pairs++
		}
	}
	return sum / float64(max(pairs, 1)), pairs
}

// meanDiffFrom returns the mean difference of values a season apart from step i on.
func (v *View) meanDiffFrom(i int) float64 { return v.meanApart(i, v.season) }

// meanApart returns the mean difference of values lag steps apart from step i on.
func (v *View) meanApart(i, lag int) float64 {
	sum, pairs := 0.0, 0
	for i = max(i, lag); i < len(v.y); i++ {
		if d := v.y[i] - v.y[i-lag]; !math.IsNaN(d) {
			sum += d
			pairs++
		}
	}
	return sum / float64(max(pairs, 1))
}

// at returns the value of step i, NaN where there is none.
func (v *View) at(i int) float64 {
	if i < 0 || i >= len(v.y) {
		return math.NaN()
	}
	return v.y[i]
}

// apart returns the difference of step i from that a season before.
func (v *View) apart(i int) float64 { return v.at(i) - v.at(i-v.season) }

// see appends what is seen of the whole history: SeriesWidth numbers.
func (v *View) see(s *sight) {
	n := len(v.y)
	for i := 1; i <= recentDiffs; i++ {
		s.masked(v.apart(n-i), v.Scale)
	}
	for i := 1; i <= recentSteps; i++ {
		s.difference(v.at(n-i)-v.at(n-i-1), v.Scale)
	}
	end := n - v.block
	for k := range nearBlocks + farBlocks {
		width := v.block
		if k >= nearBlocks {
			width = v.block * 8 << (k - nearBlocks)
		}
		if k == nearBlocks+farBlocks-1 {
			width = n
		}
		d := math.NaN()
		if m, seen := v.mean(end-width, end); seen > 0 {
			d = m - v.level
		}
		s.masked(d, v.Scale)
		end -= width
	}
	for i := 1; i <= farDiffs; i++ {
		d := math.NaN()
		if v.second > 0 {
			d = v.at(n-i) - v.at(n-i-v.second)
		}
		s.masked(d, v.Scale)
	}
	v.seeStatistics(s)
	v.simple.see(s)
}

// seeStatistics appends numbers that say of what nature the series is.
func (v *View) seeStatistics(s *sight) {
	n, m := len(v.y), float64(v.season)
	least, most := v.last, v.last
	zeros, ties, seen, whole := 0.0, 0.0, 0.0, 1.0
	for i, x := range v.y {
		if math.IsNaN(x) {
			continue
		}
		seen++
		least, most = math.Min(least, x), math.Max(most, x)
		if x == 0 {
			zeros++
		}
		if i > 0 && x == v.y[i-1] {
			ties++
		}
		if x != math.Trunc(x) {
			whole = 0
		}
	}
	near, _ := v.meanAbs(1)
	s.squash(v.level/v.Scale, 1./3)
	s.squash(near/v.Scale, 1)
	s.log(float64(n)/m, 1./3)
	s.log(m, 1./3)
	s.log(float64(n), 1./5)
	s.add(zeros/seen, ties/seen, 1-seen/float64(n), whole)
	for _, d := range []float64{least - v.level, most - v.level, v.last - v.level, v.meanDiff, v.newDiff, v.shortDiff, v.threeDiff, least} {
		s.difference(d, v.Scale)
	}
	k := v.season
	s.rows = v.correlations(s.rows, k, []int{1, 2, 3, max(1, k/2), k, k + 1, 2 * k})
	s.rows = v.correlations(s.rows, 1, []int{1, 2, max(1, k-1), k, k + 1})
	v.seeSpreads(s)
	if v.second == 0 {
		s.add(0, 0, 0)
		return
	}
	far, _ := v.meanAbs(v.second)
	s.add(1 - v.found)
	s.squash(far/v.Scale, 1)
	s.log(float64(v.second)/m, 1./3)
}

// correlations appends the autocorrelations of the differences of values step steps apart,
// about 0, at the lags.
func (v *View) correlations(dst []float64, step int, lags []int) []float64 {
	n := len(v.y)
	d := v.room.take(n)
	square := 0.0
	for i := range d {
		if d[i] = v.at(i) - v.at(i-step); math.IsNaN(d[i]) {
			d[i] = 0
		}
		d[i] = max(-20, min(20, d[i]/v.Scale))
		square += d[i] * d[i]
	}
	for _, lag := range lags {
		sum := 0.0
		if lag < n {
			sum = kernel.Dot(d[lag:], d[:n-lag])
		}
		dst = append(dst, sum/(square+1e-9))
	}
	return dst
}

// seeSpreads appends how the seasonal differences spread: over the last season and its last
// quarter against all, their standard deviation, and their size's correlation with the
// values.
func (v *View) seeSpreads(s *sight) {
	n := len(v.y)
	abs := func(from int) float64 {
		sum, pairs := 0.0, 0
		for i := max(from, v.season); i < n; i++ {
			if d := math.Abs(v.apart(i)); !math.IsNaN(d) {
				sum += d
				pairs++
			}
		}
		if pairs == 0 {
			return 1
		}
		return sum / float64(pairs) / v.Scale
	}
	var sd, sa, sy, saa, syy, say, pairs float64
	for i := v.season; i < n; i++ {
		d := v.apart(i) / v.Scale
		if math.IsNaN(d) {
			continue
		}
		a, y := min(math.Abs(d), 20), max(-1e4, min(1e4, (v.y[i]-v.level)/v.Scale))
		pairs++
		sd += a * a
		sa, sy, saa, syy, say = sa+a, sy+y, saa+a*a, syy+y*y, say+a*y
	}
	s.squash(abs(n-v.season), 1)
	s.squash(abs(n-(v.season+3)/4), 1)
	if pairs == 0 {
		s.add(0, 0)
		return
	}
	va, vy := saa-sa*sa/pairs, syy-sy*sy/pairs
	r := (say - sa*sy/pairs) / (math.Sqrt(max(va, 0)*max(vy, 0)) + 1e-9)
	s.log(math.Sqrt(sd/pairs)+0.01, 1)
	s.add(r)
}

// base returns the step of the last observation at the place in the season of a lead, -1
// if there is none, and how many seasons before the lead it lies.
func (v *View) base(lead int) (at, seasons int) {
	n := len(v.y)
	seasons = (lead + v.season - 1) / v.season
	for i := n - 1 + lead - seasons*v.season; i >= 0; i -= v.season {
		if !math.IsNaN(v.y[i]) {
			return i, seasons
		}
		seasons++
	}
	return -1, seasons
}

// Base returns the value from which quantiles at a lead are measured: the seasonal naive
// forecast.
func (v *View) Base(lead int) float64 {
	if i, _ := v.base(lead); i >= 0 {
		return v.y[i]
	}
	return v.level
}

// seeStep appends what is seen of the step at a lead, StepWidth numbers, to s, and
// differences from the base that forecasts may be made of, AnchorWidth numbers, to anchors,
// which it returns.
func (v *View) seeStep(s *sight, anchors []float64, lead int) []float64 {
	n, m := len(v.y), v.season
	p, seasons := v.base(lead)
	base := v.Base(lead)
	if p < 0 {
		p = -n - mostSeasons*m // where nothing is seen
	}
	for k := 1; k <= backSeasons; k++ {
		s.masked(v.at(p-k*m)-base, v.Scale)
	}
	for _, j := range []int{-3, -2, -1, 1, 2, 3} {
		s.masked(v.at(p+j)-base, v.Scale)
	}
	for j := -2; j <= 2; j++ {
		s.difference(v.apart(p+j), v.Scale)
	}
	index, ratio, spread, found := v.index(p)
	classical := math.NaN()
	if found > 0 {
		classical = v.level + index - base
	}
	s.difference(base-v.level, v.Scale)
	s.difference(base-v.last, v.Scale)
	s.masked(classical, v.Scale)
	s.squash(spread/v.Scale, 1)
	f := v.farther(lead, p)
	for _, x := range []float64{f.last, f.before, f.level, f.now, f.change, f.previous, f.next} {
		s.masked(x-base, v.Scale)
	}
	k := float64(seasons)
	grown, times := base*v.grown(seasons), v.level*ratio
	s.masked(grown-base, v.Scale)
	s.masked(times-base, v.Scale)
	h := float64(lead)
	s.add(h / float64(m) / 4)
	s.log(h, 1./3)
	s.add(k/4, 1/h, math.Min(h/float64(m), 1))
	s.log(1+h/float64(m), 1)
	s.log(1+h/float64(n), 1)
	s.add(float64(found) / mostSeasons)
	for _, d := range []float64{v.at(p-m) - base, classical, k * v.meanDiff, k * v.newDiff, v.last - base, v.level - base,
		f.last - base, f.level - base, v.threeDiff, v.apart(n - 1), v.shortDiff, f.now - base, f.change - base, grown - base, times - base} {
		if math.IsNaN(d) {
			d = 0
		}
		anchors = append(anchors, max(-anchorLimit, min(anchorLimit, d/v.Scale)))
	}
	return v.simple.seeStep(s, anchors, lead, base)
}

// grown returns the factor by which the level grows over some seasons.
func (v *View) grown(seasons int) float64 {
	x := 1.0
	for range seasons {
		x *= v.growth
	}
	return x
}

// index returns by how much values at the place of step p in the season are above the
// season around them on average, as a ratio too, which is NaN unless all is positive, how
// much that spreads, and of how many values it is known.
func (v *View) index(p int) (mean, ratio, spread float64, found int) {
	var sum, square, ratios float64
	for k := range mostSeasons {
		x := v.at(p - k*v.season)
		if math.IsNaN(x) {
			continue
		}
		i := p - k*v.season - v.block/2
		i = min(max(i, 0), max(0, len(v.y)-v.block))
		around, seen := v.mean(i, i+v.block)
		if seen == 0 {
			continue
		}
		d := x - around
		sum, square, ratios = sum+d, square+d*d, ratios+x/around
		found++
	}
	if found == 0 {
		return 0, math.NaN(), 0, 0
	}
	mean, ratio = sum/float64(found), math.NaN()
	if !math.IsNaN(v.growth) {
		ratio = ratios / float64(found)
	}
	return mean, ratio, math.Sqrt(math.Max(0, square/float64(found)-mean*mean)), found
}

// longer holds forecasts of a step by values a longer season before; NaN where there are
// none.
type longer struct {
	last, before   float64 // the value itself, and that of one more season before
	previous, next float64 // neighbours of last
	level          float64 // last, moved as the last season was
	now            float64 // last, moved as the last value was
	change         float64 // the base, moved as between the same places then
}

// farther returns what the longer season says of the step at a lead whose base is step p.
func (v *View) farther(lead, p int) longer {
	if v.second == 0 {
		nan := math.NaN()
		return longer{nan, nan, nan, nan, nan, nan, nan}
	}
	n := len(v.y)
	i := n - 1 + lead - (lead+v.second-1)/v.second*v.second
	last := v.at(i)
	return longer{
		last: last, before: v.at(i - v.second), previous: v.at(i - 1), next: v.at(i + 1),
		level: last + v.farDiff, now: last + v.at(n-1) - v.at(n-1-v.second), change: last + v.at(p) - v.at(p-v.second),
	}
}
