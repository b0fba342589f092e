package baseline

import (
	"cmp"
	"math"
	"slices"

	"tsgen/internal/freedom"
)

// An etsModel is a form with its numbers.
type etsModel struct {
	form   etsForm
	params etsParams // the state is that at the end, in the unit of fit
	begin  etsParams // the same with the state at the beginning
	steps  int       // between the two

	// y = center + scale times the values in the unit of fit.
	center, scale float64

	variance float64 // of an error, relative to its forecast if multiplicative
	widening float64 // of the forecasts for what was estimated, zero for none
	logLik   float64 // Gaussian, at its maximum in the variance
	aicc     float64
	n        int       // values that it was estimated from
	free     []float64 // variables of the search that found it
}

// perValue returns the AICc for each value.
func (m *etsModel) perValue() float64 { return m.aicc / float64(m.n) }

// Bounds of the parameters, as in R's package forecast.
const (
	leastSmoothing = 1e-4
	mostSmoothing  = 1 - 1e-4
	leastDamping   = 0.8
	mostDamping    = 0.98
)

// mostRelative is the most that the standard deviation of a multiplicative
// error may be, and mostAhead that of the relative error at the end of the
// forecast, so that values stay positive for three and two of them. What goes
// further is no longer a matter of a Gaussian relative error.
const (
	mostRelative = 1.0 / 3
	mostAhead    = 1.0 / 2
)

// spare is how many observations a model must have beyond its unknowns.
const spare = 4

// chooseETS returns the model of y with the least AICc among the forms given
// that y is long enough for and, if they are multiplicative, whose errors are
// small enough as far as lead steps ahead; nil if there is none. The effects of
// a season need two seasons of data.
func chooseETS(y []float64, forms []etsForm, lead int) *etsModel {
	positive := multiplicable(y)
	n := observed(y)
	// Errors and seasons are those that do best without a trend, or nearly so; the
	// trends are tried with these alone.
	var rough []*etsModel
	least := math.Inf(1)
	try := func(f etsForm) {
		if f.err == multiplicative && !positive ||
			f.season != none && len(y) < 2*f.period || n <= f.unknowns()+spare {
			return
		}
		if m := roughETS(y, f); m != nil {
			rough = append(rough, m)
			least = math.Min(least, m.aicc)
		}
	}
	for _, f := range forms {
		if f.trend == none {
			try(f)
		}
	}
	level, plain := least, rough
	for _, f := range forms {
		near := slices.ContainsFunc(plain, func(m *etsModel) bool {
			return m.form.err == f.err && m.form.season == f.season && m.aicc <= level+farBehind
		})
		if f.trend != none && near {
			try(f)
		}
	}
	slices.SortStableFunc(rough, func(a, b *etsModel) int { return cmp.Compare(a.aicc, b.aicc) })
	var best *etsModel
	for _, r := range rough {
		if best != nil && r.aicc >= best.aicc+clearlyBehind {
			break
		}
		if m := r.refined(y); m != nil && (best == nil || m.aicc < best.aicc) && m.reaches(lead) {
			best = m
		}
	}
	return best
}

// A form without a trend is farBehind the best if its AICc exceeds that of the best by so
// much, and a rough estimate is clearlyBehind if it does so.
const (
	farBehind     = 15
	clearlyBehind = 0.05
)

// reaches reports whether a form with an error that is multiplicative is of use for so many
// steps ahead.
func (m *etsModel) reaches(lead int) bool {
	if m.form.err == additive {
		return true
	}
	sd := m.growth(lead)
	return sd[0] <= mostRelative && sd[len(sd)-1] <= mostAhead
}

// etsForms returns the forms for a season of the given period: those without
// the combinations of additive errors and multiplicative effects, which are
// unstable, and without multiplicative trends (the default of R's forecast).
func etsForms(period int) []etsForm {
	var forms []etsForm
	for _, err := range []component{additive, multiplicative} {
		for _, trend := range []component{none, additive, damped} {
			forms = append(forms, etsForm{err, trend, none, 1})
			if period > 1 {
				forms = append(forms, etsForm{err, trend, additive, period})
				if err == multiplicative {
					forms = append(forms, etsForm{err, trend, multiplicative, period})
				}
			}
		}
	}
	return forms
}

// shortDescent is the number of steps from a start that tell how far it leads, mostDescent
// that of the descent from the best of them.
const shortDescent, mostDescent = 10, 200

// The tolerances of estimates.
const (
	roughly = 1e-6
	exactly = 1e-9
)

// fitETS estimates a form from y by maximum likelihood, the initial state among
// the parameters, from the best of several starts. It returns nil if the likelihood is not
// defined at any.
func fitETS(y []float64, form etsForm) *etsModel {
	m := roughETS(y, form)
	if m == nil {
		return nil
	}
	return m.refined(y)
}

// roughETS is fitETS with a search that ends early.
func roughETS(y []float64, form etsForm) *etsModel {
	m := &etsModel{form: form}
	s := m.search(y)
	d := descent{value: s.value, inverse: s.inverseCurvature, iterations: shortDescent, tolerance: roughly}
	best := math.Inf(1)
	var at []float64
	for _, x := range s.likeliest(s.starts(startETS(s.run.y, form))) {
		if v := d.descend(x); v < best {
			best, at = v, x
		}
	}
	if at == nil {
		return nil
	}
	d.iterations = mostDescent
	m.take(s, at, d.descend(at))
	return m
}

// likeliest returns the variables with the least value of each row of starts, in as far as
// that is not muchBehind the least of all.
func (s *etsSearch) likeliest(rows [][][]float64) [][]float64 {
	var some [][]float64
	var values []float64
	for _, row := range rows {
		best := math.Inf(1)
		var at []float64
		for _, x := range row {
			s.set(x)
			if v, _ := s.run.forward(&s.p); v < best {
				best, at = v, x
			}
		}
		if at != nil {
			some, values = append(some, at), append(values, best)
		}
	}
	if len(some) == 0 {
		return nil
	}
	least := slices.Min(values)
	i := -1
	return slices.DeleteFunc(some, func([]float64) bool { i++; return values[i] > least+muchBehind })
}

// muchBehind is by how much the value of a start exceeds that of one which is hardly ever
// worse in the end.
const muchBehind = 100

// refined returns the model with a search that goes on from it to the end.
func (m *etsModel) refined(y []float64) *etsModel {
	n := &etsModel{form: m.form}
	s := n.search(y)
	d := descent{value: s.value, inverse: s.inverseCurvature, iterations: mostDescent, tolerance: exactly}
	x := slices.Clone(m.free)
	n.take(s, x, d.descend(x))
	return n
}

// search sets the unit of m to that of y and returns the search for its numbers.
func (m *etsModel) search(y []float64) *etsSearch {
	z := newStandard(y)
	m.n, m.center, m.scale = z.n, z.center, z.scale
	if m.form.err == multiplicative {
		m.center, m.scale = 0, z.center
	}
	if m.scale == 0 {
		m.scale = 1
	}
	return &etsSearch{
		run: newETSRun(m.form, scaled(y, m.center, m.scale)),
		p:   etsParams{season: make([]float64, m.form.period)}, g: etsParams{season: make([]float64, m.form.period)},
	}
}

// take sets the numbers to those of the free variables of a search, which have a value.
func (m *etsModel) take(s *etsSearch, at []float64, value float64) {
	s.set(at)
	_, sse := s.run.forward(&s.p)
	m.free = at
	m.begin, m.params, m.steps = s.p, s.run.end(&s.p), len(s.run.y)
	m.begin.season = slices.Clone(s.p.season)
	n, k := float64(m.n), float64(m.form.unknowns())
	m.variance = sse / (n - k)
	m.widening = freedom.Widening(n, k)
	// value is n log sse + 2 sum log f in scaled data.
	m.logLik = -0.5*(value+n*(math.Log(2*math.Pi/n)+1)) - n*math.Log(m.scale)
	k++ // the variance
	m.aicc = -2*m.logLik + 2*k + 2*k*(k+1)/(n-k-1)
}

// startETS returns an initial state for the search: effects from a classical
// decomposition, level and slope from a line through the first seasonally
// adjusted values.
func startETS(y []float64, form etsForm) etsParams {
	var p etsParams
	p.season = make([]float64, form.period)
	head := min(len(y), max(10, 2*form.period))
	adjusted := slices.Clone(y[:head])
	if form.season != none {
		p.season = seasonalIndices(y, form.period, form.season == multiplicative)
		for t := range adjusted {
			if form.season == multiplicative {
				p.season[t%form.period] = math.Max(p.season[t%form.period], 0.01)
				adjusted[t] /= p.season[t%form.period]
			} else {
				adjusted[t] -= p.season[t%form.period]
			}
		}
	}
	var sums lineSums
	for t, v := range adjusted {
		if isObserved(v) {
			sums.add(float64(t+1), v)
		}
	}
	l := sums.line()
	p.level, p.slope = l.a, l.b
	if form.trend == none || form.err == multiplicative && l.a <= 0 {
		p.level, p.slope = sums.y/sums.n, 0
	}
	return p
}

// An etsSearch is the likelihood of a form as a function of free variables:
// the logits of the smoothing parameters within their bounds, the initial level
// and slope, and the initial effects but for the last.
type etsSearch struct {
	run     *etsRun
	p, g    etsParams
	tangent *etsTangent // nil until it is needed
}

// starts returns the variables of an initial state, a row for each way: with a slow and a fast
// level and slow effects, and with fast effects.
func (s *etsSearch) starts(state etsParams) [][][]float64 {
	row := func(shares []float64, alphas ...float64) (row [][]float64) {
		for _, alpha := range alphas {
			for _, gamma := range shares {
				row = append(row, s.start(alpha, gamma, state))
			}
		}
		return row
	}
	slow := []float64{0.05}
	if s.run.form.season == none {
		return [][][]float64{row(slow, 0.02, 0.1), row(slow, 0.3, 0.6, 0.95)}
	}
	slow = []float64{0.01, 0.1}
	return [][][]float64{row(slow, 0.02, 0.1), row(slow, 0.3, 0.6, 0.95), row([]float64{0.7}, 0.02, 0.1, 0.3, 0.6)}
}

// start returns the variables of an initial state, with a smoothing parameter
// of the level and the share of the rest that is that of the season.
func (s *etsSearch) start(alpha, gamma float64, state etsParams) []float64 {
	form := s.run.form
	x := []float64{logit(alpha)}
	if form.trend != none {
		x = append(x, logit(0.1))
	}
	if form.season != none {
		x = append(x, logit(gamma))
	}
	if form.trend == damped {
		x = append(x, logit(0.9))
	}
	x = append(x, state.level)
	if form.trend != none {
		x = append(x, state.slope)
	}
	if form.season != none {
		x = append(x, state.season[:form.period-1]...)
	}
	return x
}

// set sets the parameters to those of the variables. beta is a share of alpha,
// and gamma of 1 - alpha: the usual region of Hyndman et al. 2008.
func (s *etsSearch) set(x []float64) {
	form, p := s.run.form, &s.p
	next := func() float64 {
		v := x[0]
		x = x[1:]
		return v
	}
	p.alpha = smoothing(next())
	p.beta, p.gamma, p.phi, p.slope = 0, 0, 1, 0
	if form.trend != none {
		p.beta = p.alpha * smoothing(next())
	}
	if form.season != none {
		p.gamma = (1 - p.alpha) * smoothing(next())
	}
	if form.trend == damped {
		p.phi = leastDamping + (mostDamping-leastDamping)*logistic(next())
	}
	p.level = next()
	if form.trend != none {
		p.slope = next()
	}
	if form.season != none {
		last := 0.0
		if form.season == multiplicative {
			last = float64(form.period)
		}
		for i, v := range x {
			p.season[i] = v
			last -= v
		}
		p.season[form.period-1] = last
	}
}

// value returns what etsRun.forward returns, and fills the gradient.
func (s *etsSearch) value(x, gradient []float64) float64 {
	s.set(x)
	v, sse := s.run.forward(&s.p)
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return math.Inf(1)
	}
	s.run.backward(&s.p, sse, &s.g)
	form, p, g := s.run.form, &s.p, &s.g
	i := 1
	dalpha := g.alpha
	if form.trend != none {
		share := smoothing(x[i])
		dalpha += g.beta * share
		gradient[i] = g.beta * p.alpha * smoothingSlope(x[i])
		i++
	}
	if form.season != none {
		share := smoothing(x[i])
		dalpha -= g.gamma * share
		gradient[i] = g.gamma * (1 - p.alpha) * smoothingSlope(x[i])
		i++
	}
	if form.trend == damped {
		w := logistic(x[i])
		gradient[i] = g.phi * (mostDamping - leastDamping) * w * (1 - w)
		i++
	}
	gradient[0] = dalpha * smoothingSlope(x[0])
	gradient[i] = g.level
	i++
	if form.trend != none {
		gradient[i] = g.slope
		i++
	}
	for k := range gradient[i:] {
		gradient[i+k] = g.season[k] - g.season[form.period-1]
	}
	return v
}

// smoothing maps the real line to the bounds of a smoothing parameter.
func smoothing(x float64) float64 {
	return leastSmoothing + (mostSmoothing-leastSmoothing)*logistic(x)
}

// smoothingSlope returns the derivative of smoothing.
func smoothingSlope(x float64) float64 {
	w := logistic(x)
	return (mostSmoothing - leastSmoothing) * w * (1 - w)
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func logit(p float64) float64 { return math.Log(p / (1 - p)) }
