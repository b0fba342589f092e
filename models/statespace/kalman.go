package statespace

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/internal/kernel"
)

// A course is a channel as a structure sees it: times in usual steps, rising, and
// values, NaN where there is none.
type course struct{ t, y []float64 }

// observed returns the number of values that are there.
func (c course) observed() float64 {
	n := 0.0
	for _, y := range c.y {
		if !math.IsNaN(y) {
			n++
		}
	}
	return n
}

// A pass is a filter over a course and the smoother back over it, with their
// memory.
type pass struct {
	structure
	course
	v [variances]float64

	rough float64 // what the variance of the noise is thought to be beforehand

	turns  []*turn   // to each time from the one before, the first nil
	parts  []float64 // times×n, what observations have of the state, in the turning frame
	mean   []float64 // predicted, of every time, times×n; nil unless states are asked for
	cov    []float64 // times×n×n
	gain   []float64 // times×n, Pc/F
	error  []float64 // innovations
	square []float64 // their variances; 0 where nothing was observed
	logL   float64

	forgets bool // the above but last, lastCov and logL

	last, lastCov []float64 // the state at the last time, given all

	weights []float64 // of the states that smooth visits, nil for the whole signal
}

func newPass(s structure, c course) *pass {
	const enough = 30 // values
	if n := c.observed(); n < enough {
		s.few = math.Max(n, 1) / enough
	}
	n, steps := s.dim(), len(c.t)
	p := lastPass(s, c)
	p.forgets, p.rough = false, roughness(c)
	p.parts, p.gain = make([]float64, steps*n), make([]float64, steps*n)
	p.error, p.square = make([]float64, steps), make([]float64, steps)
	p.turns = make([]*turn, steps)
	for i := range steps {
		s.signal(p.parts[i*n:(i+1)*n], c.t[i]-c.t[0])
	}
	for i := 1; i < steps; i++ {
		var before *turn
		if i > 1 {
			before = p.turns[i-1]
		}
		p.turns[i] = p.turnTo(i, before)
	}
	return p
}

// lastPass returns the pass that remembers nothing but the state at the last time.
func lastPass(s structure, c course) *pass {
	n := s.dim()
	return &pass{structure: s, course: c, forgets: true, last: make([]float64, n), lastCov: make([]float64, n*n)}
}

// turnTo returns the turn to time t, which may be that before.
func (p *pass) turnTo(t int, before *turn) *turn {
	d := p.t[t] - p.t[t-1]
	if before != nil && before.d == d {
		return before
	}
	return p.turn(d)
}

// filter goes over the course with the given variances (Kalman 1960).
func (p *pass) filter(v [variances]float64) {
	n := p.dim()
	p.v, p.logL = v, 0
	z, c, b, k, part := p.last, p.lastCov, make([]float64, n), make([]float64, n), make([]float64, n)
	left, right := make([]float64, 2*n), make([]float64, 2*n)
	var move *turn
	clear(z)
	clear(c)
	for i, sd := range p.prior() {
		c[i*n+i] = sd * sd
	}
	for t := range p.t {
		if t > 0 {
			if p.forgets {
				move = p.turnTo(t, move)
			} else {
				move = p.turns[t]
			}
			move.advance(z)
			move.spread(c, n)
			move.disturb(c, n, &v)
		}
		if p.mean != nil {
			copy(p.mean[t*n:], z)
			copy(p.cov[t*n*n:], c)
		}
		if !p.forgets {
			p.square[t] = 0
			k = p.gain[t*n : (t+1)*n]
		}
		if math.IsNaN(p.y[t]) {
			continue
		}
		if p.forgets {
			p.signal(part, p.t[t]-p.t[0])
		} else {
			part = p.parts[t*n : (t+1)*n]
		}
		kernel.MulNN(b, part, c, 1, n, n, false)
		f := floats.Dot(b, part) + v[ofNoise]
		e := p.y[t] - floats.Dot(z, part)
		if !p.forgets {
			p.error[t], p.square[t] = e, f
		}
		p.logL -= 0.5 * (math.Log(2*math.Pi*f) + e*e/f)
		for i := range k {
			k[i] = b[i] / f
			z[i] += k[i] * e
		}
		// P - K bᵀ - b Kᵀ + F K Kᵀ, whose error is quadratic in that of K, as in
		// Joseph's form.
		for j, kj := range k {
			left[j], left[n+j] = kj, -b[j]
			right[j], right[n+j] = f*kj-b[j], kj
		}
		kernel.MulTN(c, left, right, n, 2, n, true)
	}
	if len(p.t) > 0 {
		d := p.t[len(p.t)-1] - p.t[0]
		p.still(z, 1, d)
		p.still(c, n, d)
		transpose(c, n)
		p.still(c, n, d)
	}
}

// smooth goes back over the course after filter (de Jong 1989). It returns how the
// variances change in an iteration of expectation maximisation, and calls visit, if
// it is not nil, with mean and variance of the signal at each time given all that
// was observed.
func (p *pass) smooth(visit func(t int, mean, variance float64)) [variances]float64 {
	n := p.dim()
	if visit != nil && p.mean == nil {
		p.mean, p.cov = make([]float64, len(p.t)*n), make([]float64, len(p.t)*n*n)
		p.filter(p.v)
	}
	r, m := make([]float64, n), make([]float64, n*n)
	km, b := make([]float64, n), make([]float64, n)
	left, right := make([]float64, 2*n), make([]float64, 2*n)
	var sums [variances]float64
	spent, count := 0.0, 0.0
	for t := len(p.t) - 1; t >= 0; t-- {
		part := p.parts[t*n : (t+1)*n]
		if f := p.square[t]; f > 0 {
			k := p.gain[t*n : (t+1)*n]
			kernel.MulNN(km, k, m, 1, n, n, false)
			u := p.error[t]/f - floats.Dot(k, r)
			kmk := floats.Dot(k, km)
			sums[ofNoise] += u*u - 1/f - kmk
			count++
			// r ← c u + r, N ← (I - cKᵀ) N (I - Kcᵀ) + ccᵀ/F.
			for i, ci := range part {
				r[i] += ci * u
				left[i], left[n+i] = ci, -km[i]
				right[i], right[n+i] = ci*(kmk+1/f)-km[i], ci
			}
			kernel.MulTN(m, left, right, n, 2, n, true)
		}
		if visit != nil {
			if p.weights != nil {
				part = p.weighted(part)
			}
			kernel.MulNN(b, part, p.cov[t*n*n:(t+1)*n*n], 1, n, n, false)
			mean, variance := floats.Dot(p.mean[t*n:(t+1)*n], part), floats.Dot(b, part)
			for i := range n {
				mean += b[i] * r[i]
				for j := range n {
					variance -= b[i] * m[i*n+j] * b[j]
				}
			}
			visit(t, mean, math.Max(0, variance))
		}
		if t > 0 {
			p.turns[t].gains(&sums, r, m)
			spent++
			p.turns[t].advanceT(r)
			p.turns[t].spreadT(m, n)
		}
	}
	next := p.v
	for k, size := range [variances]float64{ofSlope: 2 * spent, ofLevel: spent, ofSeason: 2 * float64(p.points()) * spent, ofNoise: count} {
		if size > 0 {
			mean := p.v[k] + p.v[k]*p.v[k]*sums[k]/size
			if k == ofNoise {
				mean = (size*mean + priorValues*p.rough) / (size + priorValues)
			}
			next[k] = math.Max(leastVariance, mean)
		}
	}
	return next
}

// weighted returns what observations have of the states that have a weight, in the turning
// frame.
func (p *pass) weighted(part []float64) []float64 {
	some := slices.Clone(part)
	for i := range some {
		weight := p.weights[i]
		if i > atSeason && (i-atSeason)%2 == 1 {
			weight = p.weights[i-1]
		}
		some[i] *= weight
	}
	return some
}

// priorValues is how many values say beforehand that the noise has the variance that
// neighbours seem to have, lest as many states as values leave none.
const priorValues = 4

// posterior returns the logarithm of the likelihood and of what is thought of the noise
// beforehand, up to a constant: an inverse gamma distribution.
func (p *pass) posterior() float64 {
	v := p.v[ofNoise]
	return p.logL - 0.5*priorValues*(math.Log(v)+p.rough/v)
}

// roughness returns the variance that independent noise would have whose second
// differences are those of the course, at most mostRough.
func roughness(c course) float64 {
	const mostRough = 0.2
	var seen []float64
	for _, y := range c.y {
		if !math.IsNaN(y) {
			seen = append(seen, y)
		}
	}
	if len(seen) < 3 {
		return mostRough
	}
	sum := 0.0
	for i := 2; i < len(seen); i++ {
		d := seen[i] - 2*seen[i-1] + seen[i-2]
		sum += d * d / 6
	}
	return math.Min(mostRough, sum/float64(len(seen)-2))
}

// leastVariance is the least that a variance is taken to be, in units of that of
// the channel.
const leastVariance = 1e-10

const (
	mostCycles = 40   // of two iterations and an extrapolation
	leastGain  = 1e-2 // nats a cycle, below which estimation ends
)

// estimate sets the variances to those of expectation maximisation, and returns
// posterior after each cycle, which never falls.
func (p *pass) estimate() (trace []float64) {
	v := [variances]float64{ofSlope: 1e-5, ofLevel: 0.05, ofSeason: 1e-3, ofNoise: 0.1}
	iterate := func(v [variances]float64) ([variances]float64, float64) {
		p.filter(v)
		l := p.posterior()
		return p.smooth(nil), l
	}
	v1, l := iterate(v)
	trace = append(trace, l)
	for range mostCycles {
		v2, l1 := iterate(v1)
		jump := extrapolate(v, v1, v2)
		next, lj := iterate(jump)
		at, best := jump, lj
		if !(lj >= l1) { // the extrapolation went astray
			at = v2
			next, best = iterate(v2)
		}
		trace = append(trace, best)
		if best-trace[len(trace)-2] < leastGain {
			v = at
			break
		}
		v, v1 = at, next
	}
	p.filter(v)
	return trace
}

// extrapolate takes the logarithms of three iterates on to where they seem to go
// (Varadhan & Roland 2008, scheme S3).
func extrapolate(a, b, c [variances]float64) [variances]float64 {
	var first, second [variances]float64
	rr, vv := 0.0, 0.0
	for k := range a {
		first[k] = math.Log(b[k] / a[k])
		second[k] = math.Log(c[k]/b[k]) - first[k]
		rr, vv = rr+first[k]*first[k], vv+second[k]*second[k]
	}
	if vv == 0 {
		return c
	}
	step := math.Max(1, math.Sqrt(rr/vv))
	out := a
	for k := range out {
		out[k] *= math.Exp(2*step*first[k] + step*step*second[k])
		out[k] = math.Min(math.Max(out[k], leastVariance), 1e3)
	}
	return out
}

// ahead returns mean and variance of the signal at rising times after the last of
// the course.
func (p *pass) ahead(times []float64) (mean, variance []float64) {
	n := p.dim()
	z, c, b := slices.Clone(p.last), slices.Clone(p.lastCov), make([]float64, n)
	now := p.t[len(p.t)-1]
	for _, t := range times {
		step := p.turn(t - now)
		step.apply(z, 1)
		step.congruent(c, n)
		step.disturb(c, n, &p.v)
		now = t
		p.column(b, c)
		mean, variance = append(mean, p.measure(z)), append(variance, math.Max(0, p.measure(b)))
	}
	return mean, variance
}
