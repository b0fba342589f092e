package baseline

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"tsgen/internal/kernel"
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

// projectSeveral continues y by the decomposition into several seasons, or one that is not
// whole. A season that is a multiple of shorter ones has their shape in itself: the forecast
// is the mean of those with it and without it, or the better one, if the other would have
// forecast the last part of y much worse.
func (m STL) projectSeveral(y []float64, periods []float64, lead int) (prospect, remark) {
	longest := periods[len(periods)-1]
	y = recent(y, whole(math.Min(longest, float64(len(y)))))
	all := m.parts(periods, observed(y))
	if len(all) == 0 {
		p, why := m.rest(y, longestPlain, lead)
		if why == "" {
			why = remark(fmt.Sprintf("are too short to tell a season of %d steps", whole(periods[0])))
		}
		return p, why
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
	l := newMixture(lead)
	var why remark
	var depends dependence
	heaviest := 0.0
	for i, parts := range choices {
		if w := weight(losses[i], slices.Min(losses)); w > 0 {
			p, said := m.projectParts(y, parts, lead, func(z []float64, order int) (prospect, remark) { return m.rest(z, order, lead) })
			l.add(w, p.marginals)
			if w > heaviest {
				heaviest, depends = w, p.dependence
			}
			why = cmp.Or(why, said)
		}
	}
	return prospect{marginals: l.mean(), dependence: depends}, why
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
	p, _ := m.projectParts(past, parts, skipped+len(future), func(z []float64, _ int) (prospect, remark) {
		q, err := Estimate(z, 3, len(future))
		if err != nil {
			return prospect{marginals: lastValue(z)}, ""
		}
		mean, sd := q.Predict(z, skipped+len(future))
		return prospect{marginals: table{mean, sd}}, ""
	})
	sum := 0.0
	for h, v := range future {
		if mean, _ := p.marginals.At(float64(skipped + h + 1)); isObserved(v) {
			sum += math.Abs(mean - v)
		}
	}
	return sum
}

// projectParts continues y by its seasonal parts and by what continues the rest.
func (m STL) projectParts(y []float64, parts []part, lead int, rest func(adjusted []float64, order int) (prospect, remark)) (prospect, remark) {
	order := max(whole(parts[0].period)-1, longestPlain)
	n := float64(observed(y))
	var effects [][]float64 // of each part, in the past and ahead
	for {
		effects = decomposeSeveral(y, parts, lead)
		adjusted := slices.Clone(y)
		for _, s := range effects {
			floats.Sub(adjusted, s[:len(y)])
		}
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
			return rest(y, order)
		}
	}
	adjusted, taken := slices.Clone(y), 0.0
	l := table{make([]float64, lead+1), make([]float64, lead+1)}
	var changes [][]float64
	for i, s := range effects {
		floats.Sub(adjusted, s[:len(y)])
		floats.Add(l.mean[1:], s[len(y):])
		taken += parts[i].freedom(len(y))
		if parts[i].harmonics {
			continue
		}
		length := parts[i].opt.Period
		change, _ := lagVariance(s[:len(y)], length)
		changes = append(changes, seasonalShocks(math.Sqrt(change), length, lead))
		for h := 1; h <= lead; h++ {
			l.sd[h] += change * float64((h+length-1)/length)
		}
	}
	slope := driftOf(adjusted, whole(parts[0].period), lead)
	for t := range adjusted {
		adjusted[t] -= slope * float64(t)
	}
	p, why := rest(adjusted, order)
	inflation := n / math.Max(n-taken, n/2)
	l.mean[0] = y[len(y)-1]
	for h := 1; h <= lead; h++ {
		mean, sd := p.marginals.At(float64(h))
		l.mean[h] += mean + slope*float64(len(y)-1+h)
		l.sd[h] = math.Sqrt(sd*sd*inflation + l.sd[h])
	}
	depends := p.dependence.times(math.Sqrt(inflation)).and(changes...)
	return prospect{marginals: l, dependence: depends}, why
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
func changesLeft(adjusted, effect []float64) float64 {
	rest, both, last := 0.0, 0.0, -1
	for t, v := range adjusted {
		if !isObserved(v) {
			continue
		}
		if last >= 0 {
			d := v - adjusted[last]
			e := d + effect[t] - effect[last]
			rest, both = rest+d*d, both+e*e
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
func leftOver(adjusted, effect []float64, period float64) float64 {
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
			both += (r + effect[t]) * (r + effect[t])
		}
	}
	if both == 0 {
		return 1
	}
	return rest / both
}

// freedom returns the degrees of freedom of the part of a series of n values.
func (p part) freedom(n int) float64 {
	if p.harmonics {
		return 2 * float64(harmonicsOf(p.period))
	}
	return p.opt.freedom(n)
}

// harmonicsOf returns the most harmonics of a period that is a sum of them.
func harmonicsOf(period float64) int { return max(1, min(mostHarmonics, int((period-0.5)/2))) }

// decomposeSeveral returns the seasonal part of y of each season, lead steps ahead included:
// in turn, the shortest first, each is estimated from what the others leave (Bandara,
// Hyndman and Bergmeir 2021, MSTL: arXiv:2107.13462).
func decomposeSeveral(y []float64, parts []part, lead int) [][]float64 {
	effects := make([][]float64, len(parts))
	left := slices.Clone(y)
	turns := inTurn
	if len(parts) == 1 {
		turns = 1
	}
	for turn := range turns {
		for i, p := range parts {
			if turn > 0 {
				floats.Add(left, effects[i][:len(y)])
			}
			effects[i] = p.effect(left, lead)
			floats.Sub(left, effects[i][:len(y)])
		}
	}
	return effects
}

// effect returns the seasonal part of y, lead steps ahead included.
func (p part) effect(y []float64, lead int) []float64 {
	if p.harmonics {
		return harmonicEffect(y, p.period, lead)
	}
	s := decompose(y, p.opt).Seasonal
	for range lead {
		s = append(s, s[len(s)-p.opt.Period])
	}
	return s
}

// harmonicEffect returns the harmonics of a period in y, lead steps ahead included, beside a
// trend of waves longer than one and a half periods. A harmonic is held the more the higher
// it is: the variance of its coefficients is a share of that of y that falls with the square of its number.
func harmonicEffect(y []float64, period float64, lead int) []float64 {
	n := len(y)
	z := newStandard(y)
	harmonics := harmonicsOf(period)
	bends := min(int(2*float64(n)/(1.5*period)), mostBends)
	k := 2 + bends + 2*harmonics
	row := func(dst []float64, t int) {
		dst[0], dst[1] = 1, 2*float64(t)/float64(n)-1
		for b := 1; b <= bends; b++ {
			dst[1+b] = math.Cos(math.Pi * float64(b) * (float64(t) + 0.5) / float64(n))
		}
		for h := 1; h <= harmonics; h++ {
			x := float64(h) * float64(t) / period
			sin, cos := math.Sincos(2 * math.Pi * (x - math.Floor(x)))
			dst[2+bends+2*h-2], dst[2+bends+2*h-1] = cos, sin
		}
	}
	gram, cross := make([]float64, k*k), make([]float64, k)
	rows, targets := make([]float64, chunk*k), make([]float64, 0, chunk)
	for t, v := range z.y {
		if isObserved(v) {
			row(rows[len(targets)*k:(len(targets)+1)*k], t)
			targets = append(targets, v)
		}
		if len(targets) == chunk || t == n-1 {
			kernel.MulTN(gram, rows[:len(targets)*k], rows[:len(targets)*k], k, len(targets), k, true)
			kernel.MulTN(cross, rows[:len(targets)*k], targets, k, len(targets), 1, true)
			targets = targets[:0]
		}
	}
	a := mat.NewSymDense(k, gram)
	for i := range k {
		held := 1e-3
		if h := (i - bends) / 2; i >= 2+bends {
			held = float64(h * h)
		}
		a.SetSym(i, i, a.At(i, i)+held)
	}
	effect := make([]float64, n+lead)
	var c mat.Cholesky
	b := mat.NewVecDense(k, nil)
	if z.scale == 0 || !c.Factorize(a) || c.SolveVecTo(b, mat.NewVecDense(k, cross)) != nil {
		return effect
	}
	one := make([]float64, k)
	for t := range effect {
		row(one, t)
		effect[t] = z.scale * dot(one[2+bends:], b.RawVector().Data[2+bends:])
	}
	return effect
}
