package rnn

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// VRNN is the name of the variational recurrent network.
const VRNN = "vrnn"

func bound(in int) float64 { return math.Sqrt(3 / float64(in)) }

// vrnn is the core of the model of Chung et al. 2015. Its state is h.
type vrnn struct {
	hidden, latent   int
	phi              nn.Linear // φ of z
	residual         bool
	fromFeatures     nn.Linear // the posterior's first layer: share of [φ(x), u]
	fromState        nn.Param  // and of h
	posteriorHead    nn.Linear
	priorNet         net // of h and u
	inputX           nn.Linear
	inputZ           nn.Param
	weights, gruBias nn.Param
}

func newVRNN(s *nn.Params, o Options, known int, phi nn.Linear, rng *rand.Rand) *vrnn {
	h := o.Hidden
	return &vrnn{
		hidden: h, latent: o.Latent, residual: o.Residual, phi: phi,
		fromFeatures:  nn.NewLinear(s, "posterior.x", h+known, h, 1, rng),
		fromState:     s.AddUniform("posterior.h", h, h, bound(2*h), rng),
		posteriorHead: nn.NewLinear(s, "posterior.head", h, 2*o.Latent, 0.5, rng),
		priorNet:      newNet(s, "prior", []int{h, known}, h, o.Latent, rng),
		inputX:        nn.NewLinear(s, "recurrence.x", h, 3*h, 1, rng),
		inputZ:        s.AddUniform("recurrence.z", h, 3*h, bound(2*h), rng),
		weights:       s.AddUniform("recurrence.h", h, 3*h, 1/math.Sqrt(float64(h)), rng),
		gruBias:       s.Add("recurrence.bias", 1, 3*h),
	}
}

func (c *vrnn) width() int { return c.hidden }

func (c *vrnn) advance(_ *nn.Pass, state, _, _ *ad.Node) *ad.Node { return state }

func (c *vrnn) prior(p *nn.Pass, state, u *ad.Node) (mean, sd *ad.Node) {
	return c.priorNet.law(p, 0, state, c.priorNet.share(p, 1, u))
}

func (c *vrnn) guides(p *nn.Pass, _ *batch, features, known *ad.Node) *ad.Node {
	return c.fromFeatures.Apply(p, p.Concat(features, known))
}

func (c *vrnn) posterior(p *nn.Pass, state, _, guide, prior *ad.Node) (mean, sd *ad.Node) {
	mean, sd = gaussian(p, c.posteriorHead.Apply(p, p.LinearTanh(state, p.Param(c.fromState), guide)))
	if c.residual {
		mean = p.Add(mean, prior)
	}
	return mean, sd
}

func (c *vrnn) deterministic(p *nn.Pass, state, u *ad.Node) *ad.Node { return p.Concat(state, u) }

func (c *vrnn) next(p *nn.Pass, state, _, latent, features *ad.Node) *ad.Node {
	return c.step(p, state, latent, c.inputX.Apply(p, features))
}

func (c *vrnn) step(p *nn.Pass, state, latent, gates *ad.Node) *ad.Node {
	return p.GRUStep(state, p.Linear(latent, p.Param(c.inputZ), gates), p.Param(c.weights), p.Param(c.gruBias))
}

func (c *vrnn) infer(p *nn.Pass, b *batch, features, known *ad.Node, rng *rand.Rand) inferred {
	guides, gates := c.guides(p, b, features, known), c.inputX.Apply(p, features)
	share := c.priorNet.share(p, 1, known)
	var states, latents, mean, sd, priorMean, priorSD []*ad.Node
	h := zeros(p, b.active[0], c.hidden)
	for t, n := range b.active {
		from, to := b.start[t], b.start[t]+n
		if h.Rows > n {
			h = p.RowRange(h, 0, n)
		}
		states = append(states, h)
		var relative *ad.Node
		if c.residual {
			m, s := c.priorNet.law(p, 0, h, p.RowRange(share, from, to))
			relative, priorMean, priorSD = m, append(priorMean, m), append(priorSD, s)
		}
		m, s := c.posterior(p, h, nil, p.RowRange(guides, from, to), relative)
		latent := tanhLayer(p, c.phi, draw(p, m, s, rng))
		mean, sd, latents = append(mean, m), append(sd, s), append(latents, latent)
		h = c.step(p, h, latent, p.RowRange(gates, from, to))
	}
	all := p.Stack(states)
	var pm, ps *ad.Node
	if c.residual {
		pm, ps = p.Stack(priorMean), p.Stack(priorSD)
	} else {
		pm, ps = c.priorNet.law(p, 0, all, share)
	}
	return inferred{
		latent:        p.Stack(latents),
		deterministic: c.deterministic(p, all, known),
		divergence:    p.KLGaussian(p.Stack(mean), p.Stack(sd), pm, ps),
	}
}
