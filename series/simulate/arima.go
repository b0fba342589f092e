package simulate

import (
	"math"
	"slices"
)

// arima is a seasonal ARIMA process (Box and Jenkins 1976) whose characteristic roots
// were drawn in the stable region, so that it never explodes.
type arima struct {
	ar, ma                   []float64
	seasonalAR, seasonalMA   float64
	drift                    float64
	differences, seasonDiffs int
	w, u, inner, e, v        ring // values of the ARMA process, of its seasonal part, its shocks, and the series
	level, rise              float64
	shock                    innovation
}

// ring holds the last values of a sequence.
type ring struct {
	values []float64
	next   int
}

func newRing(n int) ring { return ring{values: make([]float64, max(n, 1))} }

// back returns the value i places ago, 1 the last one.
func (r *ring) back(i int) float64 {
	k := r.next - i
	if k < 0 {
		k += len(r.values)
	}
	return r.values[k]
}

func (r *ring) push(v float64) {
	r.values[r.next] = v
	if r.next++; r.next == len(r.values) {
		r.next = 0
	}
}

func (r ring) clone() ring { return ring{slices.Clone(r.values), r.next} }

// innovation is a distribution of shocks: Gaussian, with heavy tails, or with a spread
// that depends on the last shocks (Bollerslev 1986).
type innovation struct {
	heavyRate, heavy float64
	alpha, beta      float64
	variance         float64
}

func newInnovation(s source) innovation {
	l := innovation{heavyRate: s.maybe(0.3, func() float64 { return s.scale(0.01, 0.15) }), heavy: s.between(2, 6), variance: 1}
	if s.chance(0.2) {
		l.alpha = s.between(0.02, 0.25)
		l.beta = s.between(0.5, 0.99) * (0.995 - l.alpha)
	}
	return l
}

func (l *innovation) draw(s source) float64 {
	e := s.NormFloat64()
	if l.heavyRate > 0 && s.Float64() < l.heavyRate {
		e *= l.heavy
	}
	if l.alpha > 0 {
		e *= math.Sqrt(l.variance)
		l.variance = 1 - l.alpha - l.beta + l.alpha*min(e*e, 50) + l.beta*l.variance
	}
	return e
}

// stable returns the coefficients of an autoregression of at most the given order whose
// characteristic roots lie within the circle of the given radius.
func stable(s source, order int, radius float64) []float64 {
	poly := []float64{1} // in powers of the lag
	for order > 0 {
		if order > 1 && s.chance(0.4) {
			mod, angle := radius*math.Sqrt(s.Float64()), math.Pi*s.Float64()
			if s.chance(0.5) {
				angle = 2 * math.Pi / s.scale(2.5, 60)
			}
			poly = product(poly, []float64{1, -2 * mod * math.Cos(angle), mod * mod})
			order -= 2
			continue
		}
		root := radius * math.Sqrt(s.Float64())
		if s.chance(0.25) {
			root = -root
		}
		poly = product(poly, []float64{1, -root})
		order--
	}
	coef := poly[1:]
	for i := range coef {
		coef[i] = -coef[i]
	}
	return coef
}

func product(a, b []float64) []float64 {
	c := make([]float64, len(a)+len(b)-1)
	for i, x := range a {
		for j, y := range b {
			c[i+j] += x * y
		}
	}
	return c
}

func newARIMA(s source, set Setting) process {
	a := &arima{shock: newInnovation(s)}
	a.ar = stable(s, s.IntN(4), 0.97)
	a.ma = stable(s, s.IntN(3), 0.9)
	for i := range a.ma {
		a.ma[i] = -a.ma[i]
	}
	a.differences = s.weighted([]float64{0.35, 0.57, 0.08})
	m := int(math.Round(set.Season))
	if m < 2 {
		m = 1
	} else {
		a.seasonDiffs = s.weighted([]float64{0.4, 0.6})
		if s.chance(0.6) {
			a.seasonalAR = s.between(-0.3, 0.95)
		}
		if s.chance(0.7) {
			a.seasonalMA = -s.between(-0.2, 0.95)
		}
		if a.seasonDiffs == 1 {
			a.seasonalAR *= 0.5
			a.differences = min(a.differences, 1)
		}
	}
	if a.differences == 2 {
		a.ma = []float64{-s.between(0.5, 0.98)}
	}
	a.drift = s.maybe(0.35, func() float64 { return s.NormFloat64() * s.scale(0.01, 0.3) })
	if a.seasonDiffs > 0 {
		a.drift *= 0.5 // of a season, not of a step
	}
	a.w, a.inner = newRing(len(a.ar)), newRing(len(a.ma))
	a.u, a.e, a.v = newRing(m), newRing(m), newRing(m)
	if a.seasonDiffs == 1 {
		a.v.values = newProfile(s, float64(m), s.scale(0.3, 12)).values
	}
	spread := 1 / math.Sqrt(1-a.seasonalAR*a.seasonalAR)
	if m > 1 {
		for i := range a.u.values {
			a.u.values[i] = spread * s.NormFloat64()
			a.e.values[i] = s.NormFloat64()
		}
	}
	for range 30 {
		a.stationary(s)
	}
	return a
}

// stationary returns the next value of the ARMA process.
func (a *arima) stationary(s source) float64 {
	e := a.shock.draw(s)
	u := e
	if a.seasonalAR != 0 || a.seasonalMA != 0 {
		m := len(a.u.values)
		u += a.seasonalAR*a.u.back(m) + a.seasonalMA*a.e.back(m)
	}
	a.e.push(e)
	a.u.push(u)
	w := u
	for i, c := range a.ma {
		w += c * a.inner.back(i+1)
	}
	for i, c := range a.ar {
		w += c * a.w.back(i+1)
	}
	a.inner.push(u)
	a.w.push(w)
	return w
}

func (a *arima) clone() process {
	c := *a
	c.w, c.u, c.inner, c.e, c.v = a.w.clone(), a.u.clone(), a.inner.clone(), a.e.clone(), a.v.clone()
	return &c
}

func (a *arima) step(s source) float64 {
	w := a.stationary(s) + a.drift
	switch a.differences {
	case 1:
		a.level += w
		w = a.level
	case 2:
		a.rise += w
		a.level += a.rise
		w = a.level
	}
	if a.seasonDiffs == 1 {
		w += a.v.back(len(a.v.values))
		a.v.push(w)
	}
	return w
}
