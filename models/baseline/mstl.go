package baseline

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tsgen/internal/fits"
)

const (
	// inTurn is how often the seasonal parts are estimated in turn.
	inTurn = 2

	// fewCycles is the number of cycles below which a season that is no multiple of a
	// shorter one is a sum of harmonics, and mostDrift the share of a season by which whole
	// steps may get out of phase within the seasons that are smoothed over, before it is one.
	fewCycles, mostDrift = 6, 0.1

	// mostHarmonics is the most harmonics of such a season, and mostBends of the trend beside it.
	mostHarmonics, mostBends = 16, 24
)

// A part is how a season is estimated: by local regression, or by harmonics.
type part struct {
	period    float64
	harmonics bool
	opt       DecomposeOptions
}

// parts returns those of the seasons that n steps have two cycles of, or one and a half if
// they are sums of harmonics.
func (m STL) parts(periods []float64, n int) []part {
	var all []part
	for _, period := range periods {
		p := part{period: period, opt: DecomposeOptions{Period: whole(period), Periodic: m.Window < 0, Seasonal: 7 + 4*(len(all)+1)}}
		if m.Window > 0 {
			p.opt.Seasonal = m.Window
		}
		if m.Robust {
			p.opt.Outer = robustLoops
		}
		p.opt = p.opt.complete(n)
		cycles := float64(n) / period
		drift := math.Abs(period-math.Round(period)) * math.Min(cycles, float64(p.opt.Seasonal)) / period
		multiple := period != periods[0] && math.Mod(period, periods[0]) == 0
		p.harmonics = drift > mostDrift || !multiple && period > longestETS && cycles < fewCycles
		if p.harmonics && cycles >= 1.5 || !p.harmonics && cycles >= 2 {
			all = append(all, p)
		}
	}
	return all
}

// newSeveral estimates the decomposition into several seasons, or one that is not
// whole. A season that is a multiple of shorter ones has their shape in itself: the forecast
// is the mean of those with it and without it, or the better one, if the other would have
// forecast the last part of y much worse.
func (m STL) newSeveral(y []float64, periods []float64, lead int) *severalCore {
	longest := periods[len(periods)-1]
	late := recent(y, whole(math.Min(longest, float64(len(y)))))
	c := &severalCore{from: len(y) - len(late)}
	y = late
	all := m.parts(periods, observed(y))
	if len(all) == 0 {
		c.weights = []float64{1}
		c.parts = []*partsCore{{rest: m.newRest(y, longestPlain, lead)}}
		c.short = whole(periods[0])
		return c
	}
	choices := [][]part{all}
	if long, short := nested(all); len(long) < len(all) {
		choices = [][]part{long, short}
	}
	held := max(1, min(lead, len(y)/4))
	losses := make([]float64, len(choices))
	for o := len(y) - held; len(choices) > 1 && o >= len(y)-heldTimes*held; o -= held {
		if past, skipped := trim(y[:o]); len(past) >= 2*whole(longest) {
			for i, parts := range choices {
				losses[i] += m.distance(past, y[o:o+held], skipped, parts)
			}
		}
	}
	for i, parts := range choices {
		if w := weight(losses[i], slices.Min(losses)); w > 0 {
			c.weights = append(c.weights, w)
			c.parts = append(c.parts, m.newParts(y, parts, lead, func(z []float64, order int) *rest { return m.newRest(z, order, lead) }))
		}
	}
	return c
}

// A severalCore is the weighted mean of some decompositions of values without those before
// a step. If they are too short for any, short is the season that they are too short to tell.
type severalCore struct {
	from, short int
	weights     []float64
	parts       []*partsCore
}

func (c *severalCore) continued(y []float64, lead int) (prospect, remark, bool) {
	if y = rests(y, c.from); y == nil {
		return prospect{}, "", false
	}
	if c.short > 0 {
		p, why, ok := c.parts[0].rest.continued(y, lead)
		if why == "" {
			why = remark(fmt.Sprintf("are too short to tell a season of %d steps", c.short))
		}
		return p, why, ok
	}
	l := newMixture(lead)
	var why remark
	var depends dependence
	heaviest := 0.0
	for i, parts := range c.parts {
		p, said, ok := parts.continued(y, lead)
		if !ok {
			return prospect{}, "", false
		}
		l.add(c.weights[i], p.marginals)
		if c.weights[i] > heaviest {
			heaviest, depends = c.weights[i], p.dependence
		}
		why = cmp.Or(why, said)
	}
	return prospect{marginals: l.mean(), dependence: depends}, why, true
}

func (c *severalCore) write(w *fits.Writer) {
	if c.short > 0 && c.parts[0].rest.isNone() {
		return
	}
	w.Int(c.from)
	w.Int(c.short)
	w.Floats(c.weights)
	for _, p := range c.parts {
		p.write(w)
	}
}

// readSeveral reads what severalCore.write wrote.
func readSeveral(r *fits.Reader, periods []float64) *severalCore {
	c := &severalCore{from: span(r), short: r.Int(0, maxLead), weights: r.Floats()}
	for _, w := range c.weights {
		if !(w > 0 && w <= 1) {
			r.Failf("a weight of %v", w)
		}
		c.parts = append(c.parts, readParts(r, periods))
	}
	if c.parts == nil {
		r.Failf("no decomposition")
	}
	return c
}

// heldTimes is how often the steps to forecast are held back.
const heldTimes = 2

// nested returns the parts without those of which a later one is a multiple, and without the
// multiples.
func nested(all []part) (long, short []part) {
	for i, p := range all {
		contains := func(p, q part) bool {
			return !p.harmonics && !q.harmonics && p.period < q.period && math.Mod(q.period, p.period) == 0
		}
		if !slices.ContainsFunc(all[i+1:], func(q part) bool { return contains(p, q) }) {
			long = append(long, p)
		}
		if !slices.ContainsFunc(all[:i], func(q part) bool { return contains(q, p) }) {
			short = append(short, p)
		}
	}
	return long, short
}

// distance returns the sum of the absolute errors of forecasts of the future, from the past
// so many steps before it, by the parts and a short autoregression.
func (m STL) distance(past, future []float64, skipped int, parts []part) float64 {
	ahead := skipped + len(future)
	p, _, _ := m.newParts(past, parts, ahead, func(z []float64, _ int) *rest {
		q, err := Estimate(z, 3, len(future))
		if err != nil {
			return &rest{}
		}
		return &rest{process: q, ahead: ahead}
	}).continued(past, ahead)
	sum := 0.0
	for h, v := range future {
		if mean, _ := p.marginals.At(float64(skipped + h + 1)); isObserved(v) {
			sum += math.Abs(mean - v)
		}
	}
	return sum
}

// newParts estimates the seasonal parts of y and what continues the rest.
func (m STL) newParts(y []float64, parts []part, lead int, newRest func(adjusted []float64, order int) *rest) *partsCore {
	order := max(whole(parts[0].period)-1, longestPlain)
	n := float64(observed(y))
	var effects []*effect
	for {
		effects = decomposeSeveral(y, parts)
		adjusted := without(y, effects)
		// A part that is not worth its degrees of freedom goes, and the others are
		// estimated without it.
		drop, least := -1, 1.0
		for i, p := range parts {
			left := changesLeft(adjusted, effects[i])
			if p.harmonics {
				left = leftOver(adjusted, effects[i], p.period)
			}
			if worth := left / math.Exp(-2*p.freedom(len(y))/n); worth > least {
				drop, least = i, worth
			}
		}
		if drop < 0 {
			break
		}
		if parts = slices.Delete(slices.Clone(parts), drop, drop+1); len(parts) == 0 {
			return &partsCore{rest: newRest(y, order)}
		}
	}
	c := &partsCore{effects: effects}
	taken := 0.0
	for i, e := range effects {
		taken += parts[i].freedom(len(y))
		if !parts[i].harmonics {
			e.change, _ = lagVariance(e.values, e.length)
		}
	}
	adjusted := without(y, effects)
	c.slope = driftOf(adjusted, whole(parts[0].period), lead)
	for t := range adjusted {
		adjusted[t] -= c.slope * float64(t)
	}
	c.rest = newRest(adjusted, order)
	c.inflation = n / math.Max(n-taken, n/2)
	return c
}

// without returns y without some effects.
func without(y []float64, effects []*effect) []float64 {
	adjusted := slices.Clone(y)
	for _, e := range effects {
		for t := range adjusted {
			adjusted[t] -= e.at(t)
		}
	}
	return adjusted
}

// A partsCore is a decomposition into seasonal parts, if there are any, a slope and a rest.
type partsCore struct {
	effects   []*effect
	slope     float64
	inflation float64 // of the variance of the rest
	rest      *rest
}

func (c *partsCore) continued(y []float64, lead int) (prospect, remark, bool) {
	if c.effects == nil {
		return c.rest.continued(y, lead)
	}
	l := table{make([]float64, lead+1), make([]float64, lead+1)}
	var changes [][]float64
	for _, e := range c.effects {
		if e.values != nil {
			changes = append(changes, seasonalShocks(math.Sqrt(e.change), e.length, lead))
		}
		if len(e.values) > len(y) {
			return prospect{}, "", false
		}
		for h := 1; h <= lead; h++ {
			l.mean[h] += e.at(len(y) - 1 + h)
			if e.values != nil {
				l.sd[h] += e.change * float64((h+e.length-1)/e.length)
			}
		}
	}
	adjusted := without(y, c.effects)
	for t := range adjusted {
		adjusted[t] -= c.slope * float64(t)
	}
	p, why, ok := c.rest.continued(adjusted, lead)
	if !ok {
		return p, why, false
	}
	l.mean[0] = y[len(y)-1]
	for h := 1; h <= lead; h++ {
		mean, sd := p.marginals.At(float64(h))
		l.mean[h] += mean + c.slope*float64(len(y)-1+h)
		l.sd[h] = math.Sqrt(sd*sd*c.inflation + l.sd[h])
	}
	depends := p.dependence.times(math.Sqrt(c.inflation)).and(changes...)
	return prospect{marginals: l, dependence: depends}, why, true
}

func (c *partsCore) write(w *fits.Writer) {
	w.Int(len(c.effects))
	for _, e := range c.effects {
		w.Float(e.period)
		w.Int(e.length)
		w.Float(e.scale)
		w.Float(e.change)
		w.Floats(e.values)
		w.Floats(e.coefficients)
	}
	w.Float(c.slope)
	w.Float(c.inflation)
	c.rest.write(w)
}

// readParts reads what partsCore.write wrote.
func readParts(r *fits.Reader, periods []float64) *partsCore {
	c := &partsCore{}
	for range r.Int(0, len(periods)) {
		e := &effect{period: r.Float(1, maxLead), length: r.Int(1, maxLead), scale: r.Positive(), change: r.Positive()}
		e.values, e.coefficients = r.Floats(), r.Floats()
		if n := len(e.values); n == 0 {
			e.values = nil
		} else if n < e.length {
			r.Failf("a seasonal part of %d steps with a season of %d", n, e.length)
		}
		if n := len(e.coefficients); n%2 != 0 || n > 2*mostHarmonics {
			r.Failf("%d coefficients of harmonics", n)
		}
		c.effects = append(c.effects, e)
	}
	c.slope, c.inflation, c.rest = r.Any(), r.Positive(), readRest(r)
	return c
}

// driftOf returns the slope of the line through y, or half of it, or zero, whichever would
// have led best from the mean of the last season before some origins in the past to the
// values of so many steps after them.
func driftOf(y []float64, season, lead int) float64 {
	const origins = 8
	lead = min(lead, len(y)/4)
	var sums lineSums
	var loss [3]float64 // of no slope, half of it, all of it
	every := max(1, (len(y)-lead-len(y)/2)/origins)
	for t, v := range y {
		if o := t - len(y)/2; o >= 0 && o%every == 0 && t+lead <= len(y) && sums.n > 1 {
			slope := sums.line().b
			level, n := 0.0, 0.0
			for _, x := range y[max(0, t-season):t] {
				if isObserved(x) {
					level, n = level+x, n+1
				}
			}
			for h, x := range y[t : t+lead] {
				for i := range loss {
					if e := math.Abs(x - level/n - float64(i)/2*slope*(float64(h)+float64(season)/2)); isObserved(e) {
						loss[i] += e
					}
				}
			}
		}
		if isObserved(v) {
			sums.add(float64(t), v)
		}
	}
	best := 0
	for i, l := range loss {
		if l < clearly*loss[best] {
			best = i
		}
	}
	return float64(best) / 2 * sums.line().b
}

// clearly is the part of another loss that one must be less than, for its model to be taken
// though it has more in it.
const clearly = 0.97

// changesLeft returns the sum of squares of the changes of a series without its seasonal
// parts, as a share of that with one of them: a rest that wanders is judged by its steps.
func changesLeft(adjusted []float64, e *effect) float64 {
	rest, both, last := 0.0, 0.0, -1
	for t, v := range adjusted {
		if !isObserved(v) {
			continue
		}
		if last >= 0 {
			d := v - adjusted[last]
			with := d + e.at(t) - e.at(last)
			rest, both = rest+d*d, both+with*with
		}
		last = t
	}
	if both == 0 {
		return 1
	}
	return rest / both
}

// leftOver returns the sum of squares of what a trend leaves of a series without its seasonal
// parts, as a share of that with one of them.
func leftOver(adjusted []float64, e *effect, period float64) float64 {
	trend, weight := make([]float64, len(adjusted)), make([]float64, len(adjusted))
	for t, v := range adjusted {
		if isObserved(v) {
			weight[t] = 1
		}
	}
	loess(trend, filled(adjusted), 0, odd(1.5*period), 1, weight)
	rest, both := 0.0, 0.0
	for t, v := range adjusted {
		if isObserved(v) {
			r := v - trend[t]
			rest += r * r
			both += (r + e.at(t)) * (r + e.at(t))
		}
	}
	if both == 0 {
		return 1
	}
	return rest / both
}
