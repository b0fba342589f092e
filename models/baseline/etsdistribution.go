package baseline

import (
	"cmp"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// growth returns the standard deviations of the values 1 to n steps after the
// last, in the unit of fit; at least one. They are those of an error times the
// square root of
//
//	1 + sum over j < h of (alpha + beta phi_j + gamma [j a multiple of the period])^2
//
// phi_j being phi + ... + phi^j (Hyndman et al. 2008, chapter 6, with their beta
// for the slope). For a form that is not linear they are relative to the level
// and hold as far as the errors are small, without the part of the effects.
func (m *etsModel) growth(n int) []float64 {
	sd := make([]float64, max(n, 1))
	sigma := math.Sqrt(m.variance)
	sum := 0.0
	for j, c := range m.responses(len(sd)) {
		sum += c * c
		sd[j] = sigma * math.Sqrt(sum)
	}
	return sd
}

// responses returns what an error of size 1 does 0, 1 ... n-1 steps later, in as far as the
// form is linear.
func (m *etsModel) responses(n int) []float64 {
	p := &m.params
	c := make([]float64, n)
	phi, power := 0.0, 1.0
	for j := range c {
		if j == 0 {
			c[j] = 1
			continue
		}
		power *= p.phi
		phi += power
		c[j] = p.alpha + p.beta*phi
		if m.form.season == additive && j%m.form.period == 0 {
			c[j] += p.gamma
		}
	}
	return c
}

// degrees returns those of freedom with which the variance was estimated from y.
func (m *etsModel) degrees(y []float64) float64 {
	return math.Max(1, float64(observed(y)-m.form.unknowns()))
}

// distribution returns the means and the standard deviations of the values 0 to n steps
// after the last, which is known. The form must be linear.
func (m *etsModel) distribution(last float64, n int) table {
	p := &m.params
	mean, sd := make([]float64, n+1), make([]float64, n+1)
	mean[0] = last
	copy(sd[1:], m.growth(n))
	floats.Scale(cmp.Or(m.widening, 1), sd)
	phi, power := 0.0, 1.0
	for h := 1; h <= n; h++ {
		power *= p.phi
		phi += power
		v := p.level + phi*p.slope
		if m.form.season == additive {
			v += p.season[(h-1)%m.form.period]
		}
		mean[h] = m.center + m.scale*v
		sd[h] *= m.scale
	}
	return table{mean, sd}
}

// draw fills path with a draw of the values 0, 1 ... steps after the last,
// which is known. Relative errors are no less than -1, so that a positive
// series does not become negative. season is room for the effects.
func (m *etsModel) draw(rng *rand.Rand, last float64, path, season []float64) {
	p := m.params
	copy(season, p.season)
	sigma := math.Sqrt(m.variance) * cmp.Or(m.widening, 1)
	path[0] = last
	for h := 1; h < len(path); h++ {
		place := (h - 1) % m.form.period
		q, s := p.level+p.phi*p.slope, 0.0
		f := q
		switch m.form.season {
		case additive:
			s = season[place]
			f = q + s
		case multiplicative:
			s = season[place]
			f = q * s
		}
		rest := sigma * rng.NormFloat64()
		if m.form.err == multiplicative {
			rest = math.Max(rest, -1) * f
		}
		d := rest
		switch m.form.season {
		case additive:
			season[place] = s + p.gamma*rest
		case multiplicative:
			d = rest / s
			season[place] = s + p.gamma*rest/q
		}
		p.level, p.slope = q+p.alpha*d, p.phi*p.slope+p.beta*d
		path[h] = m.center + m.scale*(f+rest)
	}
}
