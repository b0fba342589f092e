package baseline

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"tsgen/internal/fits"
	"tsgen/internal/kernel"
)

// A lagSet says what an autoregression of several seasons regresses on: values some
// steps before, and if it has waves, harmonics of seasons too long for lags.
type lagSet struct {
	lags  []int
	waves []float64 // periods of the waves
	slope bool
}

const (
	// denseLags is the longest season of which an autoregression of several seasons
	// takes all lags up to twice the season; a longer one has as many as fewLags and
	// those around the season.
	denseLags, fewLags = 64, 32

	// around is how many lags there are on either side of a season.
	around = 2

	// mostWaves is the number of harmonics of a period, if it has as many.
	mostWaves = 8

	// lagRidge is the penalty on the squared coefficients of lags in standardised data,
	// as a multiple of the number of equations.
	lagRidge = 1e-5

	// heldOut is the share of a series that candidates are compared on, and
	// heldOrigins the number of origins there at most.
	heldOut, heldOrigins = 4, 12

	// worse is by how much the loss of a candidate may exceed the least, to have a part in
	// the forecast.
	worse = 1.1
)

// lagSets returns the candidates for a series of n steps: the lags of the shortest season
// alone, and with each longer season as a cluster of lags, as waves, or not at all.
func lagSets(periods []float64, n int) []lagSet {
	m := whole(periods[0])
	var dense []int
	most := 2*m + 1
	if m > denseLags {
		most = fewLags
	}
	for l := 1; l <= most; l++ {
		dense = append(dense, l)
	}
	if m > denseLags {
		dense = cluster(dense, m)
	}
	sets := []lagSet{{lags: dense}}
	if (periods[0] != float64(m) || m > denseLags) && 3*periods[0] <= 2*float64(n) {
		sets = append(sets, lagSet{lags: dense[:min(len(dense), fewLags)], waves: periods[:1]})
	}
	for _, period := range periods[1:] {
		var more []lagSet
		for _, s := range sets {
			if 3*whole(period) <= n {
				more = append(more, lagSet{lags: cluster(s.lags, whole(period)), waves: s.waves})
			}
			if smooth := math.Mod(period, periods[0]) != 0 || 3*whole(period) > n; smooth && 3*period <= 2*float64(n) {
				more = append(more, lagSet{lags: s.lags, waves: append(slices.Clone(s.waves), period)})
			}
		}
		sets = append(sets, more...)
	}
	for _, s := range sets {
		if len(s.waves) > 0 {
			s.slope = true
			sets = append(sets, s)
		}
	}
	return sets
}

// cluster returns the lags and those around a season, in order.
func cluster(lags []int, season int) []int {
	all := slices.Clone(lags)
	for l := season - around; l <= season+around; l++ {
		all = append(all, l)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// columns returns how many regressors the set has, the constant among them.
func (s lagSet) columns() int {
	k := 1 + len(s.lags)
	if s.slope {
		k++
	}
	for _, p := range s.waves {
		k += 2 * waves(p)
	}
	return k
}

// waves returns the number of harmonics of a period.
func waves(period float64) int { return max(1, min(mostWaves, int((period-0.5)/2))) }

// fixed appends the regressors of step t that are no lags, of n steps.
func (s lagSet) fixed(row []float64, t, n int) []float64 {
	row = append(row, 1)
	if s.slope {
		row = append(row, 2*float64(t)/float64(n)-1)
	}
	for _, p := range s.waves {
		for h := 1; h <= waves(p); h++ {
			x := float64(h) * float64(t) / p
			sin, cos := math.Sincos(2 * math.Pi * (x - math.Floor(x)))
			row = append(row, cos, sin)
		}
	}
	return row
}

// penalties returns those on the squared coefficients, in the order of the regressors, of
// n equations. A harmonic is held the more the higher it is.
func (s lagSet) penalties(n int) []float64 {
	p := []float64{1e-9 * float64(n)}
	if s.slope {
		p = append(p, 1)
	}
	for _, period := range s.waves {
		for h := 1; h <= waves(period); h++ {
			p = append(p, float64(h*h), float64(h*h))
		}
	}
	for range s.lags {
		p = append(p, lagRidge*float64(n))
	}
	return p
}

// A lagProcess is an autoregression on the regressors of a lagSet.
type lagProcess struct {
	lagSet
	n        int       // steps that the slope is in units of
	fixedOf  []float64 // coefficients of what are no lags
	lagged   []float64 // those of the lags
	variance float64
}

// regress fits the set to y, which has no gaps, by the steps from first to end that were seen.
func (s lagSet) regress(y []float64, seen []bool, first, end int) *lagProcess {
	first = max(first, s.lags[len(s.lags)-1])
	k := s.columns()
	// The steps next to the end, as many as are worth their cost.
	first = max(first, end-maxEntries/k)
	gram, cross, square, n := make([]float64, k*k), make([]float64, k), 0.0, 0
	rows, targets := make([]float64, 0, chunk*k), make([]float64, 0, chunk)
	for t := first; t < end; t++ {
		if seen[t] {
			rows = s.fixed(rows, t, len(y))
			for _, l := range s.lags {
				rows = append(rows, y[t-l])
			}
			targets = append(targets, y[t])
			square += y[t] * y[t]
			n++
		}
		if len(targets) == chunk || t == end-1 {
			kernel.MulTN(gram, rows, rows, k, len(targets), k, true)
			kernel.MulTN(cross, rows, targets, k, len(targets), 1, true)
			rows, targets = rows[:0], targets[:0]
		}
	}
	if n < rowsPerCoef*k {
		return nil
	}
	a := mat.NewSymDense(k, nil)
	for i, p := range s.penalties(n) {
		for j := range i + 1 {
			a.SetSym(i, j, gram[i*k+j])
		}
		a.SetSym(i, i, gram[i*k+i]+p)
	}
	var c mat.Cholesky
	b := mat.NewVecDense(k, nil)
	if !c.Factorize(a) || c.SolveVecTo(b, mat.NewVecDense(k, cross)) != nil {
		return nil
	}
	coef := b.RawVector().Data
	for i, u := range coef {
		square -= u * cross[i]
	}
	split := k - len(s.lags)
	return &lagProcess{lagSet: s, n: len(y), fixedOf: coef[:split], lagged: coef[split:], variance: math.Max(square, 0) / float64(n-k)}
}

// ahead appends to y, which has no gaps, the means of the next values.
func (q *lagProcess) ahead(y []float64, lead int) []float64 {
	var row []float64
	for range lead {
		row = q.fixed(row[:0], len(y), q.n)
		y = append(y, q.next(y, dot(q.fixedOf, row)))
	}
	return y
}

// next returns the mean of what follows y, which is level without the lags.
func (q *lagProcess) next(y []float64, level float64) float64 {
	for j, l := range q.lags {
		level += q.lagged[j] * y[len(y)-l]
	}
	return level
}

// responses returns what an error of size 1 does 0, 1 ... lead-1 steps later.
func (q *lagProcess) responses(lead int) []float64 {
	psi := make([]float64, lead)
	for h := range psi {
		if h == 0 {
			psi[h] = 1
		}
		for j, l := range q.lags {
			if l > h {
				break
			}
			psi[h] += q.lagged[j] * psi[h-l]
		}
	}
	return psi
}

// spread returns the standard deviations of the values 1, 2 ... steps ahead.
func (q *lagProcess) spread(lead int) []float64 {
	psi, sd := q.responses(lead), make([]float64, lead)
	sum := 0.0
	for h := range psi {
		sum += psi[h] * psi[h]
		sd[h] = math.Sqrt(q.variance * sum)
	}
	return sd
}

// bounded reports whether the process that continues y stays within reach of the range
// from lo to hi for as many steps as asked.
func (q *lagProcess) bounded(y []float64, lo, hi float64, ahead int) bool {
	far := reach * (hi - lo)
	for _, m := range q.ahead(slices.Clone(y), ahead)[len(y):] {
		if !(math.Abs(m-(lo+hi)/2) <= far) {
			return false
		}
	}
	sd := q.spread(ahead)
	return len(sd) == 0 || sd[len(sd)-1] <= far
}

// loss returns the mean absolute error of forecasts of up to lead steps from origins
// within y, whose steps from first on were not learned from.
func (q *lagProcess) loss(y []float64, seen []bool, first, lead int) float64 {
	lead = min(lead, len(y)-first)
	every := max(1, (len(y)-lead-first)/(heldOrigins-1))
	sum, n := 0.0, 0
	path := make([]float64, 0, len(y))
	for o := len(y) - lead; o >= first; o -= every {
		path = q.ahead(append(path[:0], y[:o]...), lead)
		for t := o; t < o+lead; t++ {
			if seen[t] {
				sum += math.Abs(path[t] - y[t])
				n++
			}
		}
	}
	return sum / float64(n)
}

// estimateLags estimates autoregressions on the lags and waves of several seasons, for the
// mean of those that forecast a held-back part of y about as well as the best; nil if there
// is none.
func estimateLags(y []float64, periods []float64, lead int) *lagEstimate {
	z := newStandard(y)
	if z.scale == 0 {
		return nil
	}
	seen := make([]bool, len(y))
	for t, v := range y {
		seen[t] = isObserved(v)
	}
	past := fill(z.y, whole(periods[0]))
	held := len(y) - min(len(y)/heldOut, max(4*lead, 2*whole(periods[0])))
	lo, hi := (z.lo-z.center)/z.scale, (z.hi-z.center)/z.scale
	type candidate struct {
		lagSet
		loss float64
	}
	var candidates []candidate
	for _, s := range lagSets(periods, len(y)) {
		q := s.regress(past, seen, 0, held)
		if q == nil {
			continue
		}
		if loss := q.loss(past, seen, held, lead); loss < math.Inf(1) {
			candidates = append(candidates, candidate{s, loss})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		switch {
		case a.loss < b.loss:
			return -1
		case a.loss > b.loss:
			return 1
		}
		return 0
	})
	e := &lagEstimate{season: whole(periods[0]), center: z.center, scale: z.scale, ahead: max(lead, len(y)/2)}
	least := 0.0
	for _, c := range candidates {
		if least > 0 && weight(c.loss, least) == 0 {
			break
		}
		q := c.regress(past, seen, 0, len(past))
		if q == nil || !q.bounded(past, lo, hi, e.ahead) {
			continue
		}
		if least == 0 {
			least = c.loss
		}
		e.processes, e.weights = append(e.processes, q), append(e.weights, weight(c.loss, least))
	}
	if e.processes == nil {
		return nil
	}
	return e
}

// A lagEstimate is the weighted mean of some autoregressions of values in units of a scale
// about a center.
type lagEstimate struct {
	season        int // by which gaps are filled
	center, scale float64
	processes     []*lagProcess
	weights       []float64
	ahead         int // steps for which they stay within reach of the data
}

func (e *lagEstimate) continued(y []float64, lead int) (prospect, remark, bool) {
	past := fill(scaled(y, e.center, e.scale), e.season)
	if e.steps() > len(past) || lead > e.ahead && !e.within(y, past, lead) {
		return prospect{}, "", false
	}
	mix := newMixture(lead)
	for i, q := range e.processes {
		mean, sd := q.ahead(slices.Clone(past), lead)[len(past)-1:], append([]float64{0}, q.spread(lead)...)
		mix.add(e.weights[i], table{mean, sd})
	}
	l := mix.mean()
	for h := range l.mean {
		l.mean[h] = e.center + e.scale*l.mean[h]
		l.sd[h] *= e.scale
	}
	l.mean[0] = y[len(y)-1]
	// Of all that are mixed the best, the first, says how values depend on each other.
	return prospect{marginals: l, dependence: shocks(e.processes[0].responses(lead))}, "", true
}

// steps returns how many values the longest lag needs.
func (e *lagEstimate) steps() int {
	most := 0
	for _, q := range e.processes {
		most = max(most, slices.Max(q.lags))
	}
	return most
}

// within reports whether all processes that continue y stay within its reach.
func (e *lagEstimate) within(y, past []float64, lead int) bool {
	z := newStandard(y)
	lo, hi := (z.lo-e.center)/e.scale, (z.hi-e.center)/e.scale
	return !slices.ContainsFunc(e.processes, func(q *lagProcess) bool { return !q.bounded(past, lo, hi, lead) })
}

func (e *lagEstimate) write(w *fits.Writer) {
	w.Int(e.season)
	w.Float(e.center)
	w.Float(e.scale)
	w.Int(e.ahead)
	w.Int(len(e.processes))
	for i, q := range e.processes {
		w.Float(e.weights[i])
		w.Ints(q.lags)
		w.Floats(q.waves)
		w.Bool(q.slope)
		w.Int(q.n)
		w.Floats(q.fixedOf)
		w.Floats(q.lagged)
		w.Float(q.variance)
	}
}

// readLags reads what lagEstimate.write wrote.
func readLags(r *fits.Reader) *lagEstimate {
	e := &lagEstimate{season: r.Int(1, maxLead), center: r.Any(), scale: r.Positive(), ahead: r.Int(0, maxSteps)}
	for range r.Int(1, maxSets) {
		e.weights = append(e.weights, r.Float(0, 1))
		q := &lagProcess{lagSet: lagSet{lags: r.Ints(1, maxSteps), waves: r.Floats(), slope: r.Bool()}}
		q.n, q.fixedOf, q.lagged, q.variance = r.Int(1, maxSteps), r.Floats(), r.Floats(), r.Positive()
		for _, p := range q.waves {
			if !(p >= 1) {
				r.Failf("a wave with a period of %v steps", p)
			}
		}
		if len(q.lags) == 0 || len(q.lags) != len(q.lagged) || !slices.IsSorted(q.lags) || r.Err() == nil && q.columns() != len(q.lagged)+len(q.fixedOf) {
			r.Failf("%d lags and %d coefficients of them", len(q.lags), len(q.lagged))
		}
		e.processes = append(e.processes, q)
	}
	if e.weights == nil || !(e.scale > 0) || e.weights[0] == 0 {
		r.Failf("no autoregression")
	}
	return e
}

// maxSets is more candidates than there can be.
const maxSets = 1 << 16

// A mixture is the weighted mean of some distributions: of their means and of their deviations,
// which is that of their quantiles.
type mixture struct {
	table
	total float64
}

func newMixture(lead int) *mixture {
	return &mixture{table: table{make([]float64, lead+1), make([]float64, lead+1)}}
}

func (m *mixture) add(weight float64, l marginals) {
	m.total += weight
	for h := range m.table.mean {
		mean, sd := l.At(float64(h))
		m.table.mean[h] += weight * mean
		m.table.sd[h] += weight * sd
	}
}

// mean returns the mean.
func (m *mixture) mean() table {
	floats.Scale(1/m.total, m.table.mean)
	floats.Scale(1/m.total, m.table.sd)
	return m.table
}

// weight returns that of a model by its loss in the past and the least of all: none if it is
// much worse.
func weight(loss, least float64) float64 {
	switch {
	case loss <= least:
		return 1
	case loss > worse*least:
		return 0
	}
	return math.Pow(least/loss, 4)
}
