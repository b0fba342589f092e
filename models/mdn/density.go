package mdn

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
)

// leastScale is the least scale of a component, in deviations of the increments.
const leastScale = 2e-3

// A target is a value of one channel as its distribution sees it: the increment over
// what it increases, in deviations of increments, or the interval that it stands for.
// There is none if seen is false, and nothing to repeat if begun is.
type target struct {
	seen, begun   bool
	repeats, zero bool
	y, low, high  float64
	season        float64 // the increment a season before, 0 if there is none
	unit          float64 // of the increment, in the panel's scale
}

// A mixture is the distribution of a channel given its head: the logarithmic weights of the
// components, of repeating and of zero, where there are such, then the components' locations
// and their scales before these are made positive. The locations move with the increment of
// a season before, by a weight of the channel's own.
type mixture struct {
	components             int
	discrete, repeat, zero bool
}

// atoms returns the number of values that have a probability of their own.
func (m mixture) atoms() (n int) {
	if m.repeat {
		n++
	}
	if m.zero {
		n++
	}
	return n
}

// outputs returns the width of the head.
func (m mixture) outputs() int { return 3*m.components + m.atoms() }

// A mixtureNode is the log density of a column of targets given the heads of their
// distributions, a row each. It is computed in float64.
type mixtureNode[T ad.Float] struct {
	mixture
	targets      []target
	head, season *ad.NodeOf[T]
	grad         []T // of the head, a row's derivatives of its log density
	weight       []T // those of the weight of the season

	row, slopes   []float64 // of a row: its head, and derivatives
	logs, weights []float64
	slope         [][2]float64
}

// logDensity records the log density on a tape.
func (m *mixtureNode[T]) logDensity(p *ad.TapeOf[T], head, season *ad.NodeOf[T]) *ad.NodeOf[T] {
	m.head, m.season = head, season
	rows, width := len(m.targets), m.outputs()
	n := m.components + m.atoms()
	m.row, m.slopes = make([]float64, width), make([]float64, width)
	m.logs, m.weights, m.slope = make([]float64, n), make([]float64, n), make([][2]float64, m.components)
	val := p.Buffer(rows)
	m.grad, m.weight = p.Buffer(rows*width), p.Buffer(rows)
	for i := range m.targets {
		t := &m.targets[i]
		if !t.seen {
			continue
		}
		from, to := i*width, (i+1)*width
		for c, v := range head.Val[from:to] {
			m.row[c] = float64(v)
		}
		l, weight := m.at(t, float64(season.Val[0]))
		val[i], m.weight[i] = T(l), T(weight)
		for c, v := range m.slopes {
			m.grad[from+c] = T(v)
		}
	}
	return p.External(m, rows, 1, val, head, season)
}

// at returns the log density of t given m.row and the weight of the season, and its derivative
// with respect to this weight, and sets m.slopes to those with respect to the row.
func (m *mixtureNode[T]) at(t *target, season float64) (density, weight float64) {
	k := m.components
	n := k + m.atoms()
	m.logWeights(m.weights, m.row, t.begun)
	locations, scales := m.row[n:n+k], m.row[n+k:]
	shift := season * t.season
	exact := !m.discrete && (m.repeat && t.repeats || m.zero && t.zero)
	for c := range k {
		if exact {
			m.logs[c], m.slope[c] = math.Inf(-1), [2]float64{} // it has no density beside its probability
			continue
		}
		wide, rate := softplus(scales[c])
		s := leastScale + wide
		var l float64
		if m.discrete {
			l, m.slope[c] = logInterval((t.low-shift-locations[c])/s, (t.high-shift-locations[c])/s, s)
		} else {
			l, m.slope[c] = logLogistic((t.y-shift-locations[c])/s, s)
		}
		m.slope[c][1] *= rate
		m.logs[c] = m.weights[c] + l
	}
	at := k
	for _, a := range [2]struct{ there, it bool }{{m.repeat, t.repeats}, {m.zero, t.zero}} {
		if a.there {
			if m.logs[at] = math.Inf(-1); a.it {
				m.logs[at] = m.weights[at]
			}
			at++
		}
	}
	density = softmax(m.logs) - softmax(m.weights)
	for c := range n {
		post := m.logs[c]
		m.slopes[c] = post - m.weights[c]
		if c < k {
			m.slopes[n+c], m.slopes[n+k+c] = 0, 0
			if post > 0 {
				m.slopes[n+c], m.slopes[n+k+c] = post*m.slope[c][0], post*m.slope[c][1]
				weight += post * m.slope[c][0] * t.season
			}
		}
	}
	return density, weight
}

// logWeights sets dst to the logarithmic weights that head says, of nothing but those
// that can be.
func (m mixture) logWeights(dst, head []float64, begun bool) {
	copy(dst, head[:len(dst)])
	if m.repeat && !begun {
		dst[m.components] = math.Inf(-1)
	}
}

// Backward implements ad.ExternalOf.
func (m *mixtureNode[T]) Backward(grad []T) {
	width := m.outputs()
	for i, g := range grad {
		if !m.targets[i].seen {
			continue
		}
		for c := range width {
			m.head.Grad[i*width+c] += g * m.grad[i*width+c]
		}
		m.season.Grad[0] += g * m.weight[i]
	}
}

// logLogistic returns the logarithm of the logistic density of the scale s at u scales
// from its location, and its derivatives with respect to location and scale.
func logLogistic(u, s float64) (float64, [2]float64) {
	above, below := softplus(-u)
	t := 1 - 2*below
	return -u - 2*above - math.Log(s), [2]float64{t / s, (u*t - 1) / s}
}

// logInterval returns the logarithm of the logistic probability of the interval from a to
// b scales from the location,
//
//	σ(b) - σ(a) = σ(b) σ(-a) (1 - e^(a-b)),
//
// and its derivatives with respect to location and scale.
func logInterval(a, b, s float64) (l float64, d [2]float64) {
	var da, db float64
	if width := b - a; !math.IsInf(width, 1) {
		part := -math.Expm1(-width)
		l = math.Log(part)
		q := (1 - part) / part
		da, db = -q, q
	}
	if !math.IsInf(b, 1) {
		above, slope := softplus(-b)
		l -= above
		db += slope
		d[0] -= db / s
		d[1] -= db * b / s
	}
	if !math.IsInf(a, -1) {
		above, slope := softplus(a)
		l -= above
		da -= slope
		d[0] -= da / s
		d[1] -= da * a / s
	}
	return l, d
}

// draw returns a draw: an increment, or whether the value repeats or is zero.
func (m mixture) draw(head []float64, begun bool, season, weight float64, rng *rand.Rand) (y float64, repeats, zero bool) {
	k := m.components
	n := k + m.atoms()
	u := rng.Float64()
	weights := make([]float64, n)
	m.logWeights(weights, head, begun)
	softmax(weights)
	c := 0
	for ; c < n-1; c++ {
		if u -= weights[c]; u < 0 {
			break
		}
	}
	if c >= k {
		repeats = m.repeat && c == k
		return 0, repeats, !repeats
	}
	wide, _ := softplus(head[n+k+c])
	return weight*season + head[n+c] + (leastScale+wide)*logistic(rng), false, false
}

// logistic returns a draw from the logistic distribution of scale 1.
func logistic(rng *rand.Rand) float64 {
	v := min(max(rng.Float64(), 1e-12), 1-1e-12)
	return math.Log(v / (1 - v))
}

// softplus returns log(1 + e^x) and its derivative, the logistic function of x.
func softplus(x float64) (y, slope float64) {
	e := math.Exp(-math.Abs(x))
	if y, slope = math.Log1p(e), 1/(1+e); x < 0 {
		return y, e * slope
	}
	return x + y, slope
}

// softmax returns the logarithm of the sum of e^x and sets x to its parts of that sum. Of
// -∞ alone these are zero.
func softmax(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = math.Max(top, v)
	}
	if math.IsInf(top, -1) {
		clear(x)
		return top
	}
	sum := 0.0
	for i, v := range x {
		x[i] = math.Exp(v - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
	return top + math.Log(sum)
}
