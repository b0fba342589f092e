package simulate

import "math"

// dynamics is a nonlinear stochastic differential equation, stepped by the semi-implicit
// method of Euler and Maruyama, seen through noise.
type dynamics struct {
	field func(x, y float64) (dx, dy float64)
	see   func(x, y float64) float64
	x, y  float64
	dt    float64
	inner int
	q     float64 // of the equation's noise, in y
	noise float64 // of an observation

	across float64 // of the noise, that in x
}

func newDynamics(s source, set Setting) process {
	d := &dynamics{inner: 6, noise: s.scale(0.01, 0.4), q: s.scale(0.005, 0.4)}
	d.see = func(x, _ float64) float64 { return x }
	period := s.scale(5, math.Max(8, float64(set.Length)/2))
	if set.Season >= 2 && s.chance(0.5) {
		period = set.Season * s.scale(0.95, 1.05)
	}
	turn := 2 * math.Pi / period // of a step, for what turns once in 2π
	switch s.IntN(5) {
	case 0: // van der Pol (1926)
		mu := s.scale(0.1, 4)
		d.field = func(x, y float64) (float64, float64) { return y, mu*(1-x*x)*y - x }
		d.dt = turn * (1 + mu*mu/16)
	case 1: // predator and prey, in logarithms
		a := s.between(0.5, 2)
		d.field = func(x, y float64) (float64, float64) { return 1 - math.Exp(y), a * (math.Exp(x) - 1) }
		d.dt = turn / math.Sqrt(a)
		d.see = func(x, _ float64) float64 { return math.Exp(x) }
		d.q *= 0.3
	case 2: // two wells
		d.field = func(x, y float64) (float64, float64) { return 2 * (x - x*x*x), -y }
		d.dt, d.q, d.across = s.scale(0.02, 0.5), s.between(0.4, 1), 1
	case 3: // a pendulum that friction slows and noise drives
		f := s.scale(0.005, 0.3)
		d.field = func(x, y float64) (float64, float64) { return y, -math.Sin(x) - f*y }
		d.dt = turn
	default: // growth that ends (Verhulst), around which it wanders
		k := s.scale(0.5, 2)
		d.field = func(x, y float64) (float64, float64) { return x * (1 - x/k), -0.2 * y }
		d.dt, d.q = s.scale(2, 12)/float64(max(set.Length, 10)), d.q*0.3
		d.see = func(x, y float64) float64 { return x + y }
		d.x = s.scale(0.01, 0.5)
		return d
	}
	d.x, d.y = 1.5*s.NormFloat64(), 1.5*s.NormFloat64()
	return d
}

func (d *dynamics) clone() process { c := *d; return &c }

func (d *dynamics) step(s source) float64 {
	h := d.dt / float64(d.inner)
	root := d.q * math.Sqrt(h)
	for range d.inner {
		dx, _ := d.field(d.x, d.y)
		d.x = max(-4, min(4, d.x+h*dx+d.across*root*s.NormFloat64()))
		_, dy := d.field(d.x, d.y) // of the new x, which keeps oscillations from growing
		d.y = max(-8, min(8, d.y+h*dy+root*s.NormFloat64()))
	}
	return d.see(d.x, d.y) + d.noise*s.NormFloat64()
}
