package latentode

import (
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/nn"
)

// A residualCorrection is what the residuals of the context say about the future:
// deterministic dynamics miss part of a series' level and of the shape of its
// season, and what they missed before the origin does not vanish behind it. For
// each channel
//
//	r_s  = Σ_i w_i (x_i - μ_i) / Σ_i w_i,  w_i = exp(-λ age_i)
//	μ'_h = μ_h + g exp(-κ lead_h) r_s(h)
//
// where i runs over the observed values of the context in slot s. There is one
// slot, with the age in gaps, for the level; and in regular panels with a season
// another one with a slot for each place in the season, s(h) being that of the
// future value, with the age in seasons. lead is in horizons; λ, g and κ are
// learned. With the noise this remains a density of the window, context before
// future, so that the bound stays one.
type residualCorrection struct {
	forget, gain, fade nn.Param
	slots              int
}

// newResidualCorrection adds one of the given number of slots to s.
func newResidualCorrection(s *nn.Params, name string, channels, slots int) residualCorrection {
	c := residualCorrection{
		forget: s.Add(name+".forget", 1, channels),
		gain:   s.Add(name+".gain", 1, channels),
		fade:   s.Add(name+".fade", 1, channels),
		slots:  slots,
	}
	for j := range channels {
		c.forget.In(s.Values)[j] = -1 // λ of about 0.3: the last few observations or seasons
	}
	return c
}

// apply returns the means of the batch's observations with what is carried over
// added to those of the future; residuals are the targets less the means that
// the dynamics gave. op is memory that nobody else uses until the way back.
func (c residualCorrection) apply(p *nn.Pass, op *correctionNode, b *batch, mean, dynamics *ad.Node) *ad.Node {
	*op = correctionNode{
		batch: b, mean: mean, dynamics: dynamics,
		forget: p.Softplus(p.Param(c.forget)),
		gain:   p.Sigmoid(p.Param(c.gain)),
		fade:   p.Softplus(p.Param(c.fade)),
		slots:  grow(&op.slots, c.slots),
		weight: grow(&op.weight, len(mean.Val)),
	}
	op.weigh()
	out := p.Buffer(len(mean.Val))
	copy(out, mean.Val)
	op.each(func(j, from, origin, end int) {
		op.observe(j, from, origin)
		for row := origin; row < end; row++ {
			out[row*mean.Cols+j] += op.gain.Val[j] * op.weight[row*mean.Cols+j] * op.slot(row).mean
		}
	})
	return p.External(op, mean.Rows, mean.Cols, out, mean, dynamics, op.forget, op.gain, op.fade)
}

type correctionNode struct {
	*batch
	mean, dynamics, forget, gain, fade *ad.Node
	slots                              []residual

	// weight holds w of the context and exp(-κ lead) of the
	// future, rows×channels.
	weight []float64
}

// A residual is the weighted mean of a slot's residuals, the sum of their
// weights, the derivative of the mean with respect to λ, and, on the way back,
// that of the result with respect to the mean.
type residual struct{ mean, weights, slope, grad float64 }

// each calls f for every window and channel with the rows where the context,
// the future and the next window begin.
func (c *correctionNode) each(f func(j, from, origin, end int)) {
	c.eachTrajectory(c.mean.Cols, f)
}

func (c *correctionNode) slot(row int) *residual {
	if len(c.slots) == 1 {
		return &c.slots[0]
	}
	return &c.slots[c.place[row]%len(c.slots)]
}

// since returns the age of a row of the context.
func (c *correctionNode) since(row int) float64 { return c.age[row] / float64(len(c.slots)) }

// weigh sets the weights.
func (c *correctionNode) weigh() {
	for row, lead := range c.lead {
		rate, time := c.forget, c.since(row)
		if lead > 0 {
			rate, time = c.fade, lead
		}
		for j, v := range rate.Val {
			c.weight[row*c.mean.Cols+j] = -v * time
		}
	}
	kernel.Exp(c.weight, c.weight)
}

// observe sets the slots' means and weights for channel j of the context from to
// origin.
func (c *correctionNode) observe(j, from, origin int) {
	clear(c.slots)
	for row := from; row < origin; row++ {
		i := row*c.mean.Cols + j
		if math.IsNaN(c.target[i]) {
			continue
		}
		w := c.weight[i]
		s := c.slot(row)
		s.weights += w
		s.mean += w * (c.target[i] - c.dynamics.Val[i])
	}
	for i := range c.slots {
		if s := &c.slots[i]; s.weights > 0 {
			s.mean /= s.weights
		}
	}
}

// differentiate sets the slots' slopes after observe.
func (c *correctionNode) differentiate(j, from, origin int) {
	for row := from; row < origin; row++ {
		i := row*c.mean.Cols + j
		if math.IsNaN(c.target[i]) {
			continue
		}
		s := c.slot(row)
		s.slope -= c.since(row) * c.weight[i] / s.weights * (c.target[i] - c.dynamics.Val[i] - s.mean)
	}
}

// Backward implements ad.External.
func (c *correctionNode) Backward(grad []float64) {
	cols := c.mean.Cols
	for i, g := range grad {
		c.mean.Grad[i] += g
	}
	c.each(func(j, from, origin, end int) {
		c.observe(j, from, origin)
		c.differentiate(j, from, origin)
		for row := origin; row < end; row++ {
			s, g, e := c.slot(row), grad[row*cols+j], c.weight[row*cols+j]
			s.grad += g * c.gain.Val[j] * e
			c.gain.Grad[j] += g * e * s.mean
			c.fade.Grad[j] -= g * e * s.mean * c.gain.Val[j] * c.lead[row]
		}
		for i := range c.slots {
			c.forget.Grad[j] += c.slots[i].grad * c.slots[i].slope
		}
		for row := from; row < origin; row++ {
			if i := row*cols + j; !math.IsNaN(c.target[i]) {
				s := c.slot(row)
				c.dynamics.Grad[i] -= s.grad * c.weight[i] / s.weights
			}
		}
	})
}
