package latentode

import (
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A carry is what the residuals of the context's last observations say about
// the future: deterministic dynamics miss part of the level, and what they
// missed at the origin does not vanish behind it. For each channel
//
//	r = Σ_i w_i (x_i - μ_i) / Σ_i w_i,  w_i = exp(-λ age_i)
//	μ'_h = μ_h + g exp(-κ lead_h) r
//
// where i runs over the observed values of the context, age counts gaps back
// from the origin and lead horizons ahead of it. With the noise this remains a
// density of the window, context before future, so that the bound stays one.
// λ, g and κ are learned.
type carry struct{ forget, gain, fade nn.Param }

func newCarry(s *nn.Params, name string, channels int) carry {
	c := carry{
		forget: s.Add(name+".forget", 1, channels),
		gain:   s.Add(name+".gain", 1, channels),
		fade:   s.Add(name+".fade", 1, channels),
	}
	for j := range channels {
		c.forget.In(s.Values)[j] = -1 // λ of about 0.3: the last few observations
	}
	return c
}

// apply returns the means of the batch's observations with what is carried over
// added to those of the future.
func (c carry) apply(p *nn.Pass, b *batch, mean *ad.Node) *ad.Node {
	op := &carryOver{
		batch: b, mean: mean,
		forget: p.Softplus(p.Param(c.forget)),
		gain:   p.Sigmoid(p.Param(c.gain)),
		fade:   p.Softplus(p.Param(c.fade)),
	}
	out := p.Buffer(len(mean.Val))
	copy(out, mean.Val)
	at := 0
	for _, t := range b.times {
		for j := range mean.Cols {
			r := op.residual(at, at+len(t), j)
			for i := at; i < at+len(t); i++ {
				if b.lead[i] > 0 {
					out[i*mean.Cols+j] += op.gain.Val[j] * math.Exp(-op.fade.Val[j]*b.lead[i]) * r.mean
				}
			}
		}
		at += len(t)
	}
	return p.External(op, mean.Rows, mean.Cols, out, mean, op.forget, op.gain, op.fade)
}

type carryOver struct {
	*batch
	mean, forget, gain, fade *ad.Node
}

// A residual is the weighted mean of a window's residuals, the sum of the
// weights, and the derivative of the mean with respect to λ.
type residual struct{ mean, weights, slope float64 }

// residual returns that of channel j in the window with the observations from
// to to (exclusive).
func (c *carryOver) residual(from, to, j int) residual {
	var r residual
	ages := 0.0 // Σ w age
	c.context(from, to, j, func(i int, w float64) {
		e := c.target[i] - c.mean.Val[i]
		age := c.age[i/c.mean.Cols]
		r.weights += w
		r.mean += w * e
		r.slope -= w * age * e
		ages += w * age
	})
	if r.weights > 0 {
		r.mean /= r.weights
		r.slope = (r.slope + ages*r.mean) / r.weights
	}
	return r
}

// context calls f with the place and the weight of every observed value of
// channel j before the origin.
func (c *carryOver) context(from, to, j int, f func(i int, w float64)) {
	for row := from; row < to && c.lead[row] == 0; row++ {
		if i := row*c.mean.Cols + j; !math.IsNaN(c.target[i]) {
			f(i, math.Exp(-c.forget.Val[j]*c.age[row]))
		}
	}
}

// Backward implements ad.External.
func (c *carryOver) Backward(grad []float64) {
	cols := c.mean.Cols
	if c.mean.Grad != nil {
		for i, g := range grad {
			c.mean.Grad[i] += g
		}
	}
	at := 0
	for _, t := range c.times {
		for j := range cols {
			r := c.residual(at, at+len(t), j)
			gain, d := c.gain.Val[j], 0.0 // d: with respect to r
			for row := at; row < at+len(t); row++ {
				if c.lead[row] == 0 {
					continue
				}
				g, e := grad[row*cols+j], math.Exp(-c.fade.Val[j]*c.lead[row])
				d += g * gain * e
				if c.gain.Grad != nil {
					c.gain.Grad[j] += g * e * r.mean
					c.fade.Grad[j] -= g * e * r.mean * gain * c.lead[row]
				}
			}
			if c.forget.Grad != nil {
				c.forget.Grad[j] += d * r.slope
			}
			if c.mean.Grad != nil && r.weights > 0 {
				c.context(at, at+len(t), j, func(i int, w float64) { c.mean.Grad[i] -= d * w / r.weights })
			}
		}
		at += len(t)
	}
}
