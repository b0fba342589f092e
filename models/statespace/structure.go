package statespace

import (
	"cmp"
	"math"
)

// A structure is the sum of processes that the forecaster describes a channel by,
// in units of its own scale and of a usual step. Its state is
//
//	trend, its slope, level, and for each harmonic a point in the plane
//
// of which an observation is trend + level + Σ the first coordinate of the points.
type structure struct {
	season    float64 // in usual steps
	harmonics int

	// waves are the harmonics of several seasons, in place of those of one. Their
	// disturbances have in a cycle of their season the same variance as those of the
	// first season in a cycle of it.
	waves []wave

	// decay holds how fast the slope and the level go back to zero, for a usual
	// step: a Wiener process becomes one of Ornstein and Uhlenbeck.
	slopeDecay, levelDecay float64

	// few, unless it is zero, is the part of the slope's deviation that few values leave:
	// they tell none.
	few float64
}

// The variances of a structure, of the Wiener processes for a usual step.
const (
	ofSlope = iota
	ofLevel
	ofSeason
	ofNoise
	variances
)

// Places in the state.
const (
	atTrend = iota
	atSlope
	atLevel
	atSeason
)

// dim returns the number of state variables.
func (s structure) dim() int { return atSeason + 2*s.points() }

// points returns the number of points in the plane.
func (s structure) points() int {
	if s.waves != nil {
		return len(s.waves)
	}
	return s.harmonics
}

// prior returns the standard deviations of the first state, which has mean zero.
// The trend may be anywhere; a level apart from it is there to move, not to begin.
func (s structure) prior() []float64 {
	sd := make([]float64, s.dim())
	sd[atTrend], sd[atSlope], sd[atLevel] = 10, cmp.Or(s.few, 1), 1e-3
	for i := atSeason; i < len(sd); i++ {
		sd[i] = 1 / math.Sqrt(float64(s.points()))
	}
	return sd
}

// measure returns the mean of an observation's signal in the state z.
func (s structure) measure(z []float64) float64 {
	x := z[atTrend] + z[atLevel]
	for i := atSeason; i < len(z); i += 2 {
		x += z[i]
	}
	return x
}

// column sets dst to P c, the covariances of the state with an observation's
// signal.
func (s structure) column(dst, p []float64) {
	n := len(dst)
	for i := range dst {
		dst[i] = s.measure(p[i*n : (i+1)*n])
	}
}

// A turn is how states move over a stretch of time, and the covariances of what
// happens to them meanwhile, for variances of 1 a usual step.
type turn struct {
	d            float64
	slope, drift float64   // what is left of the slope, and what it adds to the trend
	level        float64   // what is left of the level
	cos, sin     []float64 // by harmonic
	pace         []float64 // variance of a harmonic's disturbances; nil if they have d

	trendTrend, trendSlope, slopeSlope, levelLevel float64
}

func (s structure) turn(d float64) *turn {
	t := &turn{d: d, slope: 1, drift: d, level: 1, trendTrend: d * d * d / 3, trendSlope: d * d / 2, slopeSlope: d, levelLevel: d}
	if k := s.slopeDecay; k > 0 {
		e := -math.Expm1(-k * d) // 1 - exp(-kd)
		t.slope, t.drift = 1-e, e/k
		t.slopeSlope = e * (2 - e) / (2 * k)
		t.trendSlope = e * e / (2 * k * k)
		t.trendTrend = (d - 2*e/k + t.slopeSlope) / (k * k)
	}
	if k := s.levelDecay; k > 0 {
		t.level, t.levelLevel = math.Exp(-k*d), -math.Expm1(-2*k*d)/(2*k)
	}
	for h := 1; h <= s.harmonics && s.waves == nil; h++ {
		x := float64(h) * d / s.season
		sin, cos := math.Sincos(2 * math.Pi * (x - math.Floor(x)))
		t.cos, t.sin = append(t.cos, cos), append(t.sin, sin)
	}
	for _, w := range s.waves {
		x := w.frequency() * d
		sin, cos := math.Sincos(2 * math.Pi * (x - math.Floor(x)))
		t.cos, t.sin, t.pace = append(t.cos, cos), append(t.sin, sin), append(t.pace, d*s.season/w.period)
	}
	return t
}

// apply moves the state z, or width states at once whose variables are the rows of
// z.
func (t *turn) apply(z []float64, width int) {
	row := func(i int) []float64 { return z[i*width : (i+1)*width] }
	trend, slope, level := row(atTrend), row(atSlope), row(atLevel)
	for k := range trend {
		trend[k] += t.drift * slope[k]
		slope[k] *= t.slope
		level[k] *= t.level
	}
	for h, c := range t.cos {
		rotate(row(atSeason+2*h), row(atSeason+2*h+1), c, t.sin[h])
	}
}

func rotate(a, b []float64, cos, sin float64) {
	b = b[:len(a)]
	for k, x := range a {
		y := b[k]
		a[k], b[k] = cos*x+sin*y, cos*y-sin*x
	}
}

// congruent replaces p by T P Tᵀ. P is symmetric, so that what the rows of T P are, are the
// columns of its transpose.
func (t *turn) congruent(p []float64, n int) {
	t.apply(p, n)
	transpose(p, n)
	t.apply(p, n)
}

func transpose(p []float64, n int) {
	for i := range n {
		for j := range i {
			p[i*n+j], p[j*n+i] = p[j*n+i], p[i*n+j]
		}
	}
}

// disturb adds the covariance of what a stretch of time does to a state of n
// variables.
func (t *turn) disturb(p []float64, n int, v *[variances]float64) {
	q := v[ofSlope]
	p[atTrend*n+atTrend] += q * t.trendTrend
	p[atTrend*n+atSlope] += q * t.trendSlope
	p[atSlope*n+atTrend] += q * t.trendSlope
	p[atSlope*n+atSlope] += q * t.slopeSlope
	p[atLevel*n+atLevel] += v[ofLevel] * t.levelLevel
	for i := atSeason; i < n; i++ {
		p[i*n+i] += v[ofSeason] * t.seasonal(i)
	}
}

// seasonal returns the variance that a state of the season is disturbed by, for a variance
// of 1.
func (t *turn) seasonal(i int) float64 {
	if t.pace == nil {
		return t.d
	}
	return t.pace[(i-atSeason)/2]
}

// gains adds to sum, for each Wiener process, r'Gr - tr(G N): G is what disturb
// adds for a variance of 1. Half of it is the derivative of the log-likelihood with
// respect to that variance (Koopman & Shephard 1992).
func (t *turn) gains(sum *[variances]float64, r, m []float64) {
	n := len(r)
	moment := func(i, j int) float64 { return r[i]*r[j] - m[i*n+j] }
	sum[ofSlope] += t.trendTrend*moment(atTrend, atTrend) + 2*t.trendSlope*moment(atTrend, atSlope) + t.slopeSlope*moment(atSlope, atSlope)
	sum[ofLevel] += t.levelLevel * moment(atLevel, atLevel)
	for i := atSeason; i < n; i++ {
		sum[ofSeason] += t.seasonal(i) * moment(i, i)
	}
}
