package network

import (
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// furthest is how far values may go, in units of the scale: beyond, nothing in the history
// tells of it.
const furthest = 60

// A Batch is what the network learns from: steps of some views, and values that came.
type Batch struct {
	Targets []float64 // values, from the bases in units of the scales, or NaN
	View    []int     // of each target

	series, steps sight
	anchors       []float64
	of            []int // view of each step
	row           []int // step of each target
	views         int
	room          room
}

// Reset empties the batch.
func (b *Batch) Reset() {
	b.series.empty()
	b.steps.empty()
	*b = Batch{Targets: b.Targets[:0], View: b.View[:0], series: b.series, steps: b.steps, anchors: b.anchors[:0], of: b.of[:0], row: b.row[:0], room: b.room}
}

// Add adds the steps of a view at some leads, with the values there of each of some
// futures, which begin at lead 1. It adds nothing, and returns false, if these go too far.
func (b *Batch) Add(v *View, leads []int, futures ...[]float64) bool {
	for _, l := range leads {
		for _, f := range futures {
			if math.Abs(f[l-1]-v.Base(l)) > furthest*v.Scale {
				return false
			}
		}
	}
	v.see(&b.series)
	for _, l := range leads {
		b.anchors = v.seeStep(&b.steps, b.anchors, l)
		for _, f := range futures {
			b.row = append(b.row, len(b.of))
			b.View = append(b.View, b.views)
			b.Targets = append(b.Targets, (f[l-1]-v.Base(l))/v.Scale)
		}
		b.of = append(b.of, b.views)
	}
	b.views++
	return true
}

// AddWindow adds the steps at some leads of a history as it is forecast, with the values of a
// future: by its logarithms if these count for more than u in its forecast. It returns false if it
// adds nothing.
func (b *Batch) AddWindow(y, future []float64, season, second int, leads []int, u float64) bool {
	defer b.room.empty()
	v := viewOf(&b.room, y, season, second)
	if l, ok := v.logarithms(); ok {
		if logs := l.view(v); l.weight(v, logs) > u {
			v = logs
			log := make([]float64, len(future))
			for i, x := range future {
				log[i] = math.NaN()
				if x > 0 {
					log[i] = l.log(x)
				}
			}
			future = log
		}
	}
	return b.Add(v, leads, future)
}

// Loss returns the loss of the quantiles for each target of the batch.
func (n *Network) Loss(p *nn.Pass, b *Batch) *ad.Node {
	return n.loss(p, b, heads(n, p, b.series.whole(), b.steps.whole(), b.of))
}

func (n *Network) loss(p *nn.Pass, b *Batch, out *ad.Node) *ad.Node {
	return n.Output.Loss(p, b.Targets, p.Rows(n.quantiles(p, out, b.anchors), b.row))
}

// Single is the memory of losses whose layers are computed in float32.
type Single struct {
	single nn.PassOf[float32]
	double nn.Pass
}

// Loss returns a summand of the loss, 1×1: factor times the sum of [Network.Loss]. It goes
// back through it at once; see [nn.Single].
func (s *Single) Loss(p *nn.Pass, n *Network, b *Batch, factor float64) *ad.Node {
	s.double.Values = p.Values
	return nn.Single(p, &s.single, func() *ad.NodeOf[float32] {
		return nn.Double(&s.single, &s.double, heads(n, &s.single, b.series.whole(), b.steps.whole(), b.of), func(p *nn.Pass, out *ad.Node) *ad.Node {
			return p.Scale(factor, p.Sum(n.loss(p, b, out)))
		})
	})
}
