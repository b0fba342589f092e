package rnn

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/kernel"
	"tsgen/internal/nn"
)

// sampling returns the share of the inputs of update k that are to be the model's
// own draws. It rises in a straight line over the first half of the
// updates.
func (o *objective) sampling(k int) float64 {
	return o.config.Options.Sampling * min(1, 2*float64(k)/float64(o.config.Options.Updates))
}

// drawInputs replaces the inputs of b at a share of the steps of its windows by
// draws of the model given the inputs before, its latent variables being drawn
// from the prior (scheduled sampling; Bengio et al. 2015). Missing values stay
// missing. The draws are constants to the gradient. params are the parameters in float64.
// What b.setInput sets is to be set anew.
func (n *network[T]) drawInputs(p *nn.PassOf[T], params []float64, b *batch, share float64, rng *rand.Rand) {
	c, rows := len(n.config.Channels), b.active[0]
	p.Reset()
	var k kept[T]
	k.put(n.core.start(p, rows), zeros(p, rows, n.config.Options.Hidden), 0, rows, rows)
	y, of := make([]float64, c), make([]float64, n.likelihood.Outputs())
	for t, m := range b.active {
		p.Reset()
		b.known, b.past = b.known[:0], b.past[:0]
		for i := range m {
			b.appendPast(t, i, func(int) float64 { return 0 })
		}
		u := p.Data(m, n.config.knownWidth(), b.known)
		s, features := k.rows(p, 0, m)
		at := n.core.advance(p, s, features, u)
		noise := p.Buffer(m * n.config.Options.Latent)
		for i := range noise {
			noise[i] = T(rng.NormFloat64())
		}
		z := draw(p, n.core.prior(p, at, u), noise)
		latent := n.phiLatent(p, z)
		head := n.decode(p, latent, at.h, u, p.Data(m, len(b.past)/m, b.past))
		b.input = b.input[:0]
		for i := range m {
			input := b.inputs[(b.start[t]+i)*c:][:c]
			if rng.Float64() < share {
				kernel.Widen(of, head.Val[i*head.Cols:(i+1)*head.Cols])
				n.likelihood.Sample(params, y, of, rng)
				for j, x := range y {
					if !math.IsNaN(input[j]) {
						input[j] = x
					}
				}
			}
			b.input = b.seen(b.input, input)
		}
		features = n.phi(p, p.Data(m, 2*c, b.input))
		k.put(n.core.next(p, at, z, latent, features), features, 0, m, rows)
	}
}
