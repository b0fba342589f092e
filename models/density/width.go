package density

import (
	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// SumLogDensity returns the sum over rows of [Likelihood.LogDensity] of x, of a value a channel
// in each row of head, 1×1. Where T is float32 it is computed in float64 on double, which has
// the parameters (see [nn.Double]), but for independent bits: what is summed of them is as
// right in float32, only the sums are float64.
func SumLogDensity[T ad.Float](l Likelihood, p *nn.PassOf[T], double *nn.Pass, x []float64, head *ad.NodeOf[T]) *ad.NodeOf[T] {
	c := len(x) / head.Rows
	if _, ok := l.(*bernoulli); ok {
		return p.Sum(p.BernoulliLogDensity(p.Data(head.Rows, c, x), head))
	}
	return nn.Double(p, double, head, func(p *nn.Pass, head *ad.Node) *ad.Node {
		return p.Sum(l.LogDensity(p, p.Const(head.Rows, c, x), head))
	})
}
