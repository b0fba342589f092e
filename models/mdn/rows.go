package mdn

import (
	"math"

	"tsgen/internal/ad"
)

// A rowNode is the log density of rows of which a part repeats the row before as a whole,
// whatever the channels would do each by itself:
//
//	log (σ(logit) [row repeats] + (1 - σ(logit)) exp own)
type rowNode struct {
	targets [][]target
	whole   []bool // rows that may repeat
	logits  *ad.Node
	own     *ad.Node
	grad    []float64 // of each row: derivatives with respect to the logit and to own
}

// logDensity records the log density on a tape, given the logits and the sum of the
// channels' own log densities.
func (m *rowNode) logDensity(p *ad.Tape, logits, own *ad.Node) *ad.Node {
	m.logits, m.own = logits, own
	val := p.Buffer(len(m.whole))
	m.grad = p.Buffer(2 * len(m.whole))
	for i, whole := range m.whole {
		if val[i] = own.Val[i]; !whole {
			m.grad[2*i], m.grad[2*i+1] = 0, 1
			continue
		}
		a := logits.Val[i]
		share := sigmoid(a)
		other := -softplus(a) + own.Val[i]
		if !m.repeats(i) {
			val[i], m.grad[2*i], m.grad[2*i+1] = other, -share, 1
			continue
		}
		same := -softplus(-a)
		val[i] = logSumExp([]float64{same, other})
		post := math.Exp(same - val[i])
		m.grad[2*i], m.grad[2*i+1] = post-share, 1-post
	}
	return p.External(m, len(m.whole), 1, val, logits, own)
}

// repeats says whether all channels of row i do.
func (m *rowNode) repeats(i int) bool {
	for _, t := range m.targets {
		if !t[i].repeats {
			return false
		}
	}
	return true
}

// Backward implements ad.External.
func (m *rowNode) Backward(grad []float64) {
	for i, g := range grad {
		m.logits.Grad[i] += g * m.grad[2*i]
		m.own.Grad[i] += g * m.grad[2*i+1]
	}
}
