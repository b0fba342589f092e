package baseline

import (
	"math"

	"tsgen/internal/freedom"
)

// A thetaLine is the model of the theta method for a series without a season
// (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016, International
// Journal of Forecasting 32:4):
//
//	mu_t = l_(t-1) + w ((1-alpha)^(t-1) A + (1-(1-alpha)^t)/alpha B)
//	l_t = alpha y_t + (1-alpha) l_(t-1)
//
// with w = 1 - 1/theta and the regression line A + B t of the whole series, or
// of the values before t. Where y_t is missing, mu_t stands in.
//
// For a given alpha, mu_t is linear in l_0 and w, which are found by least
// squares; that leaves a search over alpha alone.
type thetaLine struct {
	y        []float64
	lines    []line // the line that holds at each step, and at the one after the last
	fixed    *line  // that of the whole series, if the model is static
	sums     lineSums
	share    float64 // w if it is given, NaN if it is to be estimated
	alpha    float64
	level, w float64 // initial level, and w
	variance float64
	degrees  float64 // of freedom of the variance
}

// A line is A + B t for t = 1, 2 ...
type line struct{ a, b float64 }

// lineSums are the moments of a regression on time.
type lineSums struct{ n, t, tt, y, ty float64 }

func (s *lineSums) add(t, y float64) {
	s.n++
	s.t += t
	s.tt += t * t
	s.y += y
	s.ty += t * y
}

// line returns the regression line, level for a single value.
func (s *lineSums) line() line {
	if s.n < 2 {
		return line{s.y / math.Max(s.n, 1), 0}
	}
	b := (s.n*s.ty - s.t*s.y) / (s.n*s.tt - s.t*s.t)
	return line{(s.y - b*s.t) / s.n, b}
}

// Bounds of the smoothing constant, and the fineness of the search for it.
const (
	minAlpha   = 1e-3
	maxAlpha   = 0.999
	alphaCells = 24
	alphaTol   = 1e-6
)

// newThetaLine fits the model to y, from which a seasonal adjustment has taken
// as many degrees of freedom as taken.
func newThetaLine(y []float64, m Theta, taken int) *thetaLine {
	z := newStandard(y)
	if z.scale == 0 {
		z.scale = 1
		z.y = scaled(y, z.center, z.scale)
	}
	l := &thetaLine{y: z.y, share: math.NaN(), lines: make([]line, len(y)+1)}
	if m.Theta > 0 {
		l.share = 1 - 1/m.Theta
	}
	for t, v := range z.y {
		l.lines[t] = l.sums.line()
		if isObserved(v) {
			l.sums.add(float64(t+1), v)
		}
	}
	l.lines[len(y)] = l.sums.line()
	if !m.Dynamic {
		l.fixed = &l.lines[len(y)]
	}
	l.alpha = searchMinimum(minAlpha, maxAlpha, alphaCells, alphaTol, func(alpha float64) float64 {
		_, _, sse := l.solve(alpha)
		return sse
	})
	var sse float64
	l.level, l.w, sse = l.solve(l.alpha)
	unknowns := 3 + taken // smoothing constant, level and slope
	if math.IsNaN(l.share) {
		unknowns++
	}
	l.degrees = float64(max(z.n-unknowns, 1))
	l.variance = sse / l.degrees

	// Back to the unit of the data: a constant added to y adds itself to the
	// lines and its share 1-w to the initial level.
	l.level = z.center*(1-l.w) + z.scale*l.level
	l.variance *= z.scale * z.scale
	if l.fixed != nil {
		l.fixed = &line{z.center + z.scale*l.fixed.a, z.scale * l.fixed.b}
	}
	return l.over(y)
}

// over returns the model of y, whose first values are those that it was fitted to.
func (l *thetaLine) over(y []float64) *thetaLine {
	o := *l
	o.y, o.sums, o.lines = y, lineSums{}, nil
	for t, v := range y {
		if o.fixed == nil {
			o.lines = append(o.lines, o.sums.line())
		}
		if isObserved(v) {
			o.sums.add(float64(t+1), v)
		}
	}
	if o.fixed == nil {
		o.lines = append(o.lines, o.sums.line())
	}
	return &o
}

// at returns the line for step t (from 0).
func (l *thetaLine) at(t int) line {
	if l.fixed != nil {
		return *l.fixed
	}
	return l.lines[t]
}

// drift returns the term of w at step t (from 0), decay being (1-alpha)^t.
func drift(k line, alpha, decay float64) float64 {
	return decay*k.a + (1-decay*(1-alpha))/alpha*k.b
}

// solve returns the least squares level and share for alpha, and the sum of
// the squared errors.
//
// The level is p + q l_0 + r w, and so is the forecast.
func (l *thetaLine) solve(alpha float64) (level, w, sse float64) {
	p, q, r := 0.0, 1.0, 0.0
	decay := 1.0
	var qq, qr, rr, qe, re, ee float64 // moments of the coefficients and of e = y - p
	for t, v := range l.y {
		d := drift(l.at(t), alpha, decay)
		mr := r + d
		if isObserved(v) {
			e := v - p
			qq += q * q
			qr += q * mr
			rr += mr * mr
			qe += q * e
			re += mr * e
			ee += e * e
			p, q, r = alpha*v+(1-alpha)*p, (1-alpha)*q, (1-alpha)*r
		} else {
			r += alpha * d
		}
		decay *= 1 - alpha
	}
	w = l.share
	if math.IsNaN(w) {
		w = 0
		if det := qq*rr - qr*qr; det > 1e-12*qq*rr {
			w = min(max((qq*re-qr*qe)/det, 0), 1)
		}
	}
	level = (qe - qr*w) / qq
	sse = ee - 2*level*qe - 2*w*re + level*level*qq + 2*level*w*qr + w*w*rr
	return level, w, math.Max(sse, 0)
}

// distribution returns the forecast 0 to n steps ahead; that of step 0 is for the
// caller to set. The variance of step h is the sum of the squared responses of
// the forecasts 0 to h-1 steps later to an error of the first. A fixed line
// does not respond. Instead its slope is uncertain: the level is a random walk,
// whose regression on time has a slope of the variance 6/5 of a step's over the
// number of steps (Durlauf and Phillips 1988); as far as it is not, level and slope have
// the variances of a regression. All is widened for a variance from few values.
func (l *thetaLine) distribution(n int) (table, dependence) {
	mean, sd, responses := make([]float64, n+1), make([]float64, n+1), make([]float64, n)
	level, decay := l.level, 1.0
	for t, v := range l.y {
		if !isObserved(v) {
			v = level + l.w*drift(l.at(t), l.alpha, decay)
		}
		level = l.alpha*v + (1-l.alpha)*level
		decay *= 1 - l.alpha
	}
	plain := l.ahead(level, decay, 0, n)
	sigma := math.Sqrt(l.variance)
	shocked := l.ahead(level, decay, sigma, n)
	sum, slope := 0.0, 0.0
	if l.fixed != nil {
		s := l.w * l.alpha * sigma
		slope = 1.2 * s * s / l.sums.n
	}
	few := freedom.Student(l.degrees) * math.Sqrt(1+2/l.sums.n) // the latter for smoothing constant and share
	for h := 1; h <= n; h++ {
		response := sigma
		if h > 1 {
			response = shocked[h-1] - plain[h-1]
		}
		sum += response * response
		responses[h-1] = response
		mean[h], sd[h] = plain[h-1], few*math.Sqrt(sum+slope*float64(h)*float64(h)+l.lineVariance(h))
	}
	depends := shocks(responses)
	depends.common = func(lead float64) float64 { return math.Sqrt(slope*lead*lead + l.lineVariance(int(lead))) }
	return table{mean, sd}, depends
}

// lineVariance returns the variance that a fixed line has h steps ahead as a regression
// on independent errors, weighed by what the level is not a random walk.
func (l *thetaLine) lineVariance(h int) float64 {
	if l.fixed == nil {
		return 0
	}
	n, share := l.sums.n, l.w*(1-l.alpha)
	from := (n-1)/2 + float64(h)
	return share * share * l.variance * (1/n + 12*from*from/(n*(n*n-1)))
}

// ahead returns the forecasts of n steps from the level at the end, if the
// first value comes out higher than forecast by an error and the others as
// forecast.
func (l *thetaLine) ahead(level, decay, err float64, n int) []float64 {
	mu := make([]float64, n)
	sums := l.sums
	for h := range mu {
		k := l.at(len(l.y))
		if l.fixed == nil {
			k = sums.line()
		}
		mu[h] = level + l.w*drift(k, l.alpha, decay)
		v := mu[h]
		if h == 0 {
			v += err
		}
		sums.add(float64(len(l.y)+h+1), v)
		level = l.alpha*v + (1-l.alpha)*level
		decay *= 1 - l.alpha
	}
	return mu
}

// searchMinimum returns where f is least between lo and hi: the best of a grid
// of as many cells, refined by golden section to the tolerance.
func searchMinimum(lo, hi float64, cells int, tol float64, f func(x float64) float64) float64 {
	width := (hi - lo) / float64(cells)
	best, least := lo, f(lo)
	for i := 1; i <= cells; i++ {
		if x := lo + float64(i)*width; f(x) < least {
			best, least = x, f(x)
		}
	}
	a, b := math.Max(lo, best-width), math.Min(hi, best+width)
	const golden = 0.6180339887498949
	x, y := b-golden*(b-a), a+golden*(b-a)
	fx, fy := f(x), f(y)
	for b-a > tol {
		if fx <= fy {
			b, y, fy = y, x, fx
			x = b - golden*(b-a)
			fx = f(x)
		} else {
			a, x, fx = x, y, fy
			y = a + golden*(b-a)
			fy = f(y)
		}
	}
	if x = (a + b) / 2; f(x) < least {
		return x
	}
	return best
}
