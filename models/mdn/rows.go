package mdn

import (
	"math"

	"tsgen/internal/ad"
)

// A rowNode is the log density of rows of which a part repeats the row before as a whole,
// whatever the channels would do each by itself:
//
//	log (σ(logit) [row repeats] + (1 - σ(logit)) exp own)
type rowNode[T ad.Float] struct {
	targets [][]target
	whole   []bool // rows that may repeat
	logits  *ad.NodeOf[T]
	own     *ad.NodeOf[T]
	grad    []T // of each row: derivatives with respect to the logit and to own
}

// logDensity records the log density on a tape, given the logits and the sum of the
// channels' own log densities.
func (m *rowNode[T]) logDensity(p *ad.TapeOf[T], logits, own *ad.NodeOf[T]) *ad.NodeOf[T] {
	m.logits, m.own = logits, own
	val := p.Buffer(len(m.whole))
	m.grad = p.Buffer(2 * len(m.whole))
	for i, whole := range m.whole {
		if val[i] = own.Val[i]; !whole {
			m.grad[2*i], m.grad[2*i+1] = 0, 1
			continue
		}
		up, share := softplus(float64(logits.Val[i]))
		parts := [2]float64{math.Inf(-1), float64(own.Val[i]) - up}
		if m.repeats(i) {
			parts[0] = float64(logits.Val[i]) - up
		}
		val[i] = T(softmax(parts[:]))
		m.grad[2*i], m.grad[2*i+1] = T(parts[0]-share), T(parts[1])
	}
	return p.External(m, len(m.whole), 1, val, logits, own)
}

// repeats says whether all channels of row i do.
func (m *rowNode[T]) repeats(i int) bool {
	for _, t := range m.targets {
		if !t[i].repeats {
			return false
		}
	}
	return true
}

// Backward implements ad.External.
func (m *rowNode[T]) Backward(grad []T) {
	for i, g := range grad {
		m.logits.Grad[i] += g * m.grad[2*i]
		m.own.Grad[i] += g * m.grad[2*i+1]
	}
}
