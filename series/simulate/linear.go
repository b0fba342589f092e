package simulate

import (
	"math"
	"slices"
)

// linear is a Gaussian process in state space form: a sum of processes that forget
// (Ornstein-Uhlenbeck), smooth ones (Matérn of order 3/2), and oscillations whose phase
// and size wander, each stepped by its exact transition, seen through noise (Särkkä and Solin
// 2019, chapter 12).
type linear struct {
	parts []linearPart
	noise float64
	shock innovation
}

// linearPart is two values x that go to A·x + L·(two standard normal numbers), of which
// the first is seen.
type linearPart struct {
	x         [2]float64
	a         [2][2]float64
	l11, l21  float64
	l22       float64
	harmonic  float64 // how much of the second harmonic of the phase is seen as well
	rectified bool
	sd        float64 // stationary, of what is seen
}

func newLinear(s source, set Setting) process {
	n := float64(max(set.Length, 10))
	x := &linear{shock: newInnovation(s)}
	x.noise = s.maybe(0.8, func() float64 { return s.scale(0.02, 1) })
	for range 1 + s.IntN(3) {
		sd := s.scale(0.2, 3)
		switch s.weighted([]float64{0.4, 0.25, 0.35}) {
		case 0:
			x.parts = append(x.parts, forgetting(sd, s.scale(1, n)))
		case 1:
			x.parts = append(x.parts, smooth(sd, s.scale(2, n/2)))
		default:
			period := s.scale(3, n/1.5)
			if set.Season >= 2 && s.chance(0.4) {
				period = set.Season * s.scale(0.9, 1.1)
			}
			p := oscillation(sd, period, period*s.scale(0.7, 30))
			p.harmonic = s.maybe(0.3, func() float64 { return s.between(-0.5, 0.5) })
			p.rectified = s.chance(0.15)
			x.parts = append(x.parts, p)
		}
	}
	if set.Season >= 2 && s.chance(0.8) {
		sd := s.scale(0.2, 5)
		for k := range 1 + s.IntN(4) {
			p := oscillation(sd/float64(k+1), set.Season/float64(k+1), set.Season*s.scale(3, 300))
			x.parts = append(x.parts, p)
		}
	}
	for i := range x.parts {
		x.parts[i].start(s)
	}
	return x
}

// forgetting is an Ornstein-Uhlenbeck process.
func forgetting(sd, tau float64) linearPart {
	a := math.Exp(-1 / tau)
	return linearPart{a: [2][2]float64{{a, 0}, {0, 0}}, l11: sd * math.Sqrt(1-a*a), sd: sd}
}

// smooth is a Matérn process of order 3/2 with its derivative.
func smooth(sd, length float64) linearPart {
	k := math.Sqrt(3) / length
	e := math.Exp(-k)
	a := [2][2]float64{{e * (1 + k), e}, {-e * k * k, e * (1 - k)}}
	// The noise is what keeps the stationary covariance diag(sd², k²sd²).
	v, w := sd*sd, k*k*sd*sd
	q11 := v - (a[0][0]*a[0][0]*v + a[0][1]*a[0][1]*w)
	q12 := -(a[0][0]*a[1][0]*v + a[0][1]*a[1][1]*w)
	q22 := w - (a[1][0]*a[1][0]*v + a[1][1]*a[1][1]*w)
	p := linearPart{a: a, sd: sd}
	p.l11 = math.Sqrt(math.Max(q11, 0))
	if p.l11 > 0 {
		p.l21 = q12 / p.l11
	}
	p.l22 = math.Sqrt(math.Max(q22-p.l21*p.l21, 0))
	return p
}

// oscillation turns by 2π in a period and forgets its size and phase over tau steps.
func oscillation(sd, period, tau float64) linearPart {
	r := math.Exp(-1 / tau)
	sin, cos := math.Sincos(2 * math.Pi / period)
	q := sd * math.Sqrt(1-r*r)
	return linearPart{a: [2][2]float64{{r * cos, -r * sin}, {r * sin, r * cos}}, l11: q, l22: q, sd: sd}
}

// start draws the state from the stationary distribution.
func (p *linearPart) start(s source) {
	p.x[0] = p.sd * s.NormFloat64()
	second := p.sd
	if p.l21 != 0 { // the derivative of a Matérn process
		second *= math.Sqrt(-p.a[1][0] / p.a[0][1])
	}
	p.x[1] = second * s.NormFloat64()
}

func (x *linear) clone() process {
	c := *x
	c.parts = slices.Clone(x.parts)
	return &c
}

func (x *linear) step(s source) float64 {
	y := 0.0
	for i := range x.parts {
		p := &x.parts[i]
		g := s.NormFloat64()
		a, b := p.a[0][0]*p.x[0]+p.a[0][1]*p.x[1]+p.l11*g, p.a[1][0]*p.x[0]+p.a[1][1]*p.x[1]
		if p.l22 > 0 {
			b += p.l21*g + p.l22*s.NormFloat64()
		}
		p.x = [2]float64{a, b}
		v := a
		if p.harmonic != 0 {
			v += p.harmonic * (a*a - b*b) / p.sd
		}
		if p.rectified {
			v = math.Hypot(a, 0.3*p.sd)
		}
		y += v
	}
	return y + x.noise*x.shock.draw(s)
}
