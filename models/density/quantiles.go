package density

import (
	"math"
	"slices"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// Quantiles is the distribution of a real value by some of its quantiles, which
// are lines apart in the standard normal quantile, as in forecast.Distribution. Its
// head holds the median and the logarithms of the distances between neighbouring
// quantiles, before they are made positive, so that quantiles never cross (as
// those of Park et al. 2022 do not). It is learned by the loss of the quantiles and
// not by a density.
type Quantiles struct {
	probs  []float64
	normal []float64 // standard normal quantiles of probs
	middle int       // place of the median
	sums   []float64 // what the quantiles are the sums of
}

// NewQuantiles returns the distribution by 15 quantiles, from 1 % to 99 %.
func NewQuantiles() *Quantiles {
	d := &Quantiles{probs: []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99}}
	n := len(d.probs)
	d.middle, d.sums = n/2, make([]float64, n*n)
	for i, p := range d.probs {
		d.normal = append(d.normal, math.Sqrt2*math.Erfinv(2*p-1))
		for j := range d.probs {
			switch {
			case i == d.middle || i > d.middle && j >= i:
				d.sums[i*n+j] = 1
			case i < d.middle && j <= i:
				d.sums[i*n+j] = -1
			}
		}
	}
	return d
}

// Outputs returns the width of the head, which is the number of the quantiles.
func (d *Quantiles) Outputs() int { return len(d.probs) }

// Probs returns the probabilities of the quantiles.
func (d *Quantiles) Probs() []float64 { return slices.Clone(d.probs) }

// Normal returns the standard normal quantiles of Probs.
func (d *Quantiles) Normal() []float64 { return d.normal }

// Start sets head to those of the Gaussian with mean 0 and the given deviation.
func (d *Quantiles) Start(head []float64, sd float64) {
	for i := range head {
		switch {
		case i < d.middle:
			head[i] = InverseSoftplus(sd * (d.normal[i+1] - d.normal[i]))
		case i > d.middle:
			head[i] = InverseSoftplus(sd * (d.normal[i] - d.normal[i-1]))
		default:
			head[i] = 0
		}
	}
}

// Of returns the quantiles of head, m×Outputs, moved by shift, m×1.
func (d *Quantiles) Of(p *nn.Pass, head, shift *ad.Node) *ad.Node {
	n, m := len(d.probs), d.middle
	median := p.Add(p.Columns(head, m, m+1), shift)
	apart := p.Concat(p.Softplus(p.Columns(head, 0, m)), p.Concat(median, p.Softplus(p.Columns(head, m+1, n))))
	return p.MatMul(apart, p.Const(n, n, d.sums))
}

// Loss returns the loss of the quantiles q for each value of x, len(x)×1; see
// ad.Tape.QuantileLoss.
func (d *Quantiles) Loss(p *nn.Pass, x []float64, q *ad.Node) *ad.Node {
	return p.QuantileLoss(x, q, d.probs)
}

// MeanLoss returns the mean of the loss of the quantiles, rows of q, for each value of x that
// is not NaN, as Loss has it.
func (d *Quantiles) MeanLoss(x, q []float64) float64 {
	n, sum, seen := len(d.probs), 0.0, 0.0
	for i, v := range x {
		if math.IsNaN(v) {
			continue
		}
		seen++
		for j, p := range d.probs {
			u := v - q[i*n+j]
			sum += 2 / float64(n) * math.Max(p*u, (p-1)*u)
		}
	}
	return sum / seen
}

// Value returns the value whose normal score is z in the distribution with the
// quantiles q; Score is its inverse. Beyond the outermost quantiles the lines go
// on.
func (d *Quantiles) Value(q []float64, z float64) float64 { return onLines(d.normal, q, z) }

// Score returns the standard normal quantile of the probability of values less
// than x in the distribution with the quantiles q.
func (d *Quantiles) Score(q []float64, x float64) float64 { return onLines(q, d.normal, x) }

// onLines returns the value at x of the line through the points (xs, ys).
func onLines(xs, ys []float64, x float64) float64 {
	i := 1
	for i < len(xs)-1 && xs[i] < x {
		i++
	}
	if xs[i] == xs[i-1] {
		return ys[i]
	}
	return ys[i] + (x-xs[i])*(ys[i]-ys[i-1])/(xs[i]-xs[i-1])
}
