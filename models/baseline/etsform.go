package baseline

import (
	"fmt"
	"math"
)

// A component says how a part of an exponential smoothing model enters it.
type component byte

// The components: those of the trend are none, additive and damped, those of
// the season none, additive and multiplicative, those of the error additive and
// multiplicative.
const (
	none           component = 'N'
	additive       component = 'A'
	multiplicative component = 'M'
	damped         component = 'D'
)

// An etsForm is an exponential smoothing state space model without its numbers
// (Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing,
// 2008, tables 2.2 and 2.3).
type etsForm struct {
	err, trend, season component
	period             int // steps in a season, 1 without one
}

// String returns the name of the form in the usual notation: "ETS(M,Ad,M)".
func (f etsForm) String() string {
	trend := string(f.trend)
	if f.trend == damped {
		trend = "Ad"
	}
	return fmt.Sprintf("ETS(%c,%s,%c)", f.err, trend, f.season)
}

// unknowns returns the number of smoothing parameters and initial states.
func (f etsForm) unknowns() int {
	n := 2 // alpha, level
	if f.trend != none {
		n += 2 // beta, slope
	}
	if f.trend == damped {
		n++
	}
	if f.season != none {
		n += f.period // gamma, and all effects but the last, which the others fix
	}
	return n
}

// linear reports whether forecasts are linear in the errors and the variance
// of these constant, so that forecasts are Gaussian.
func (f etsForm) linear() bool { return f.err == additive && f.season != multiplicative }

// etsParams are the smoothing parameters, phi being 1 for a trend that is not
// damped and what a form has not being 0, and a state. In season the first
// effect is that of the next step.
type etsParams struct {
	alpha, beta, gamma, phi float64
	level, slope            float64
	season                  []float64
}

// An etsRun runs a form over a series and remembers each step, for the
// gradient.
type etsRun struct {
	form etsForm
	y    []float64
	n    int // values of y that are observed

	// By step: the level expected, the slope before, the effect, the forecast
	// and the error in the unit of y, which is NaN where y is missing.
	base, slope, effect, fc, rest []float64

	season []float64 // the effects, by place; those of step t at t mod period

	level, last float64 // level and slope after the last step
}

func newETSRun(form etsForm, y []float64) *etsRun {
	n := len(y)
	all := make([]float64, 5*n)
	return &etsRun{
		form: form, y: y, n: observed(y),
		base: all[:n], slope: all[n : 2*n], effect: all[2*n : 3*n], fc: all[3*n : 4*n], rest: all[4*n:],
		season: make([]float64, form.period),
	}
}

// leastProduct, and one over it, are far from the ends of the range of float64.
const leastProduct = 1e-100

// leastError is what a squared error counts for at the least, in data scaled to
// 1, so that a perfect fit has a likelihood.
const leastError = 1e-20

// forward runs the recursions from the initial state of p (Hyndman et al. 2008,
// tables 2.2 and 2.3, in which the multiplicative error of a forecast f is the
// additive one over f) and returns
//
//	n log(sum of squared errors) + 2 (sum of log f, for multiplicative errors)
//
// which is -2 log-likelihood up to a constant, the sum of squared (relative)
// errors. end returns the state that it ends in. The value is +Inf where the model is not
// defined: a forecast, a level or an effect that is not positive though it must
// be.
func (r *etsRun) forward(p *etsParams) (value, sse float64) {
	level, slope := p.level, p.slope
	copy(r.season, p.season)
	positive := r.form.err == multiplicative || r.form.season == multiplicative
	logs, product := 0.0, 1.0 // of the forecasts, whose logarithm is taken now and then
	sse = leastError * float64(r.n)
	place := 0
	for t, y := range r.y {
		q := level + p.phi*slope
		f, s := q, 0.0
		switch r.form.season {
		case additive:
			s = r.season[place]
			f = q + s
		case multiplicative:
			s = r.season[place]
			f = q * s
			if !(s > 0 && q > 0) {
				return math.Inf(1), 0
			}
		}
		if positive && !(f > 0) {
			return math.Inf(1), 0
		}
		rest := y - f
		r.base[t], r.slope[t], r.effect[t], r.fc[t], r.rest[t] = q, slope, s, f, rest
		level, slope = q, p.phi*slope
		if isObserved(rest) {
			d := rest
			switch r.form.season {
			case additive:
				r.season[place] = s + p.gamma*rest
			case multiplicative:
				d = rest / s
				r.season[place] = s + p.gamma*rest/q
			}
			level += p.alpha * d
			slope += p.beta * d
			if r.form.err == multiplicative {
				rest /= f
				if product *= f; product < leastProduct || product > 1/leastProduct {
					logs += math.Log(product)
					product = 1
				}
			}
			sse += rest * rest
		}
		if place++; place == r.form.period {
			place = 0
		}
	}
	logs += math.Log(product)
	r.level, r.last = level, slope
	return float64(r.n)*math.Log(sse) + 2*logs, sse
}

// end returns p with the state after the last step of the last forward run, which was made
// with p.
func (r *etsRun) end(p *etsParams) etsParams {
	end := *p
	end.level, end.slope = r.level, r.last
	if r.form.season != none {
		end.season = make([]float64, r.form.period)
		for i := range end.season {
			end.season[i] = r.season[(len(r.y)+i)%r.form.period]
		}
	}
	return end
}

// backward fills g with the derivatives of the value of the last forward run,
// which was made with p and gave sse.
func (r *etsRun) backward(p *etsParams, sse float64, g *etsParams) {
	*g = etsParams{season: g.season}
	clear(g.season)
	weight := 2 * float64(r.n) / sse
	place := (len(r.y) - 1) % r.form.period
	for t := len(r.y) - 1; t >= 0; t-- {
		q, slope, s, f, rest := r.base[t], r.slope[t], r.effect[t], r.fc[t], r.rest[t]
		dq := g.level     // derivative in the expected level
		dslope := g.slope // in the expected slope, phi times the one before
		if isObserved(rest) {
			var drest, ds float64 // in the error that moves the state, and in the effect
			dd := p.alpha*g.level + p.beta*g.slope
			d := rest
			df := 0.0
			switch r.form.season {
			case none:
				drest = dd
			case additive:
				ds = g.season[place]
				drest = dd + p.gamma*ds
				g.gamma += rest * ds
			case multiplicative:
				next := g.season[place]
				d = rest / s
				drest = dd/s + p.gamma*next/q
				ds = next - dd*rest/(s*s)
				dq -= p.gamma * next * rest / (q * q)
				g.gamma += next * rest / q
			}
			g.alpha += d * g.level
			g.beta += d * g.slope
			if r.form.err == additive {
				df = -weight * rest
			} else {
				df = (2 - weight*rest/f*(rest+f)/f) / f
			}
			df -= drest
			switch r.form.season {
			case none:
				dq += df
			case additive:
				dq += df
				ds += df
			case multiplicative:
				dq += df * s
				ds += df * q
			}
			if r.form.season != none {
				g.season[place] = ds
			}
		}
		g.phi += slope * (dq + dslope)
		g.level, g.slope = dq, p.phi*(dq+dslope)
		if place--; place < 0 {
			place = r.form.period - 1
		}
	}
}
