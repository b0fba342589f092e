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

// A mixtureNode is the log density of a column of targets given the heads of their
// distributions: in each row the logarithmic weights of the components, of repeating
// and of zero, where there are such, then the components' locations and their scales
// before these are made positive. The locations move with the increment of a season
// before, by a weight of the channel's own.
type mixtureNode struct {
	components             int
	discrete, repeat, zero bool
	targets                []target
	head, season           *ad.Node
	grad                   []float64 // of the head, a row's derivatives of its log density
	weight                 []float64 // those of the weight of the season
}

// atoms returns the number of values that have a probability of their own.
func atoms(repeat, zero bool) (n int) {
	if repeat {
		n++
	}
	if zero {
		n++
	}
	return n
}

// outputs returns the width of the head.
func (m *mixtureNode) outputs() int { return 3*m.components + atoms(m.repeat, m.zero) }

// logDensity records the log density on a tape.
func (m *mixtureNode) logDensity(p *ad.Tape, head, season *ad.Node) *ad.Node {
	m.head, m.season = head, season
	rows, width := len(m.targets), m.outputs()
	val := p.Buffer(rows)
	m.grad, m.weight = p.Buffer(rows*width), p.Buffer(rows)
	logs, weights := make([]float64, m.components+2), make([]float64, m.components+2)
	slope := make([][2]float64, m.components)
	for i := range m.targets {
		val[i] = m.row(i, head.Val[i*width:(i+1)*width], m.grad[i*width:(i+1)*width], logs, weights, slope)
	}
	return p.External(m, rows, 1, val, head, season)
}

// row returns the log density of target i and sets its derivatives.
func (m *mixtureNode) row(i int, head, grad, logs, weights []float64, slope [][2]float64) float64 {
	t := &m.targets[i]
	if !t.seen {
		return 0
	}
	k := m.components
	n := k + atoms(m.repeat, m.zero)
	m.logWeights(weights[:n], head, t.begun)
	norm := logSumExp(weights[:n])
	locations, scales := head[n:n+k], head[n+k:]
	shift := m.season.Val[0] * t.season
	for c := range k {
		s := leastScale + softplus(scales[c])
		var l float64
		if m.discrete {
			l, slope[c] = logInterval((t.low-shift-locations[c])/s, (t.high-shift-locations[c])/s, s)
		} else {
			l, slope[c] = logLogistic((t.y-shift-locations[c])/s, s)
		}
		logs[c] = weights[c] + l
		if !m.discrete && (m.repeat && t.repeats || m.zero && t.zero) {
			logs[c] = math.Inf(-1) // an exact value has no density beside its probability
		}
	}
	at := k
	for _, a := range [2]struct{ there, it bool }{{m.repeat, t.repeats}, {m.zero, t.zero}} {
		if a.there {
			if logs[at] = math.Inf(-1); a.it {
				logs[at] = weights[at]
			}
			at++
		}
	}
	total := logSumExp(logs[:n])
	for c := range n {
		post := math.Exp(logs[c] - total)
		grad[c] = post - math.Exp(weights[c]-norm)
		if c < k && post > 0 {
			grad[n+c] = post * slope[c][0]
			grad[n+k+c] = post * slope[c][1] * sigmoid(scales[c])
			m.weight[i] += post * slope[c][0] * t.season
		}
	}
	return total - norm
}

// logWeights sets dst to the logarithmic weights that head says, of nothing but those
// that can be.
func (m *mixtureNode) logWeights(dst, head []float64, begun bool) {
	copy(dst, head[:len(dst)])
	if m.repeat && !begun {
		dst[m.components] = math.Inf(-1)
	}
}

// Backward implements ad.External.
func (m *mixtureNode) Backward(grad []float64) {
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
	t := 2*sigmoid(u) - 1
	return -u - 2*softplus(-u) - math.Log(s), [2]float64{t / s, (u*t - 1) / s}
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
		l = math.Log(-math.Expm1(-width))
		q := 1 / math.Expm1(width)
		da, db = -q, q
	}
	if !math.IsInf(b, 1) {
		l -= softplus(-b)
		db += sigmoid(-b)
		d[0] -= db / s
		d[1] -= db * b / s
	}
	if !math.IsInf(a, -1) {
		l -= softplus(a)
		da -= sigmoid(a)
		d[0] -= da / s
		d[1] -= da * a / s
	}
	return l, d
}

// draw returns a draw: an increment, or whether the value repeats or is zero.
func (m *mixtureNode) draw(head []float64, begun bool, season, weight float64, rng *rand.Rand) (y float64, repeats, zero bool) {
	k := m.components
	n := k + atoms(m.repeat, m.zero)
	u := rng.Float64()
	weights := make([]float64, n)
	m.logWeights(weights, head, begun)
	norm, c := logSumExp(weights), 0
	for ; c < n-1; c++ {
		if u -= math.Exp(weights[c] - norm); u < 0 {
			break
		}
	}
	if c >= k {
		repeats = m.repeat && c == k
		return 0, repeats, !repeats
	}
	v := min(max(rng.Float64(), 1e-12), 1-1e-12)
	return weight*season + head[n+c] + (leastScale+softplus(head[n+k+c]))*math.Log(v/(1-v)), false, false
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func logSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = math.Max(top, v)
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}
