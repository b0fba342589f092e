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

// vrnn is the core of the model of Chung et al. 2015. Its state is the memory of
// its recurrence.
type vrnn struct {
	hidden, latent int
	phi            nn.Linear // φ of z
	residual       bool
	fromFeatures   nn.Linear // the posterior's first layer: share of [φ(x), u]
	fromState      nn.Param  // and of h
	posteriorHead  nn.Linear
	priorNet       net // of h and u
	inputX         nn.Linear
	inputZ         nn.Param
	recurrence     recurrence
}

func newVRNN(s *nn.Params, o Options, known int, phi nn.Linear, rng *rand.Rand) *vrnn {
	h, gates := o.Hidden, o.Cell.gates()*o.Hidden
	return &vrnn{
		hidden: h, latent: o.Latent, residual: o.Residual, phi: phi,
		fromFeatures:  nn.NewLinear(s, "posterior.x", h+known, h, 1, rng),
		fromState:     s.AddUniform("posterior.h", h, h, bound(2*h), rng),
		posteriorHead: nn.NewLinear(s, "posterior.head", h, 2*o.Latent, 0.5, rng),
		priorNet:      newNet(s, "prior", []int{h, known}, h, o.Latent, rng),
		inputX:        nn.NewLinear(s, "recurrence.x", h, gates, 1, rng),
		inputZ:        s.AddUniform("recurrence.z", h, gates, bound(2*h), rng),
		recurrence:    newRecurrence(s, o.Cell, "recurrence", "h", "bias", h, rng),
	}
}

func (c *vrnn) width() int { return c.recurrence.width() }

func (c *vrnn) advance(_ *nn.Pass, state, _, _ *ad.Node) *ad.Node { return state }

func (c *vrnn) prior(p *nn.Pass, state, u *ad.Node) (mean, sd *ad.Node) {
	return c.priorNet.gaussian(p, 0, c.recurrence.split(p, state).h, c.priorNet.share(p, 1, u))
}

func (c *vrnn) guides(p *nn.Pass, _ *batch, features, known *ad.Node) *ad.Node {
	w := c.fromFeatures.W
	share := p.Linear(known, p.Param(part(w, c.hidden, w.Rows)), p.Param(c.fromFeatures.B))
	return p.Linear(features, p.Param(part(w, 0, c.hidden)), share)
}

func (c *vrnn) posterior(p *nn.Pass, state, _, guide, prior *ad.Node) (mean, sd *ad.Node) {
	return c.posteriorFrom(p, c.recurrence.split(p, state).h, guide, prior)
}

// posteriorFrom is posterior for the h of a state.
func (c *vrnn) posteriorFrom(p *nn.Pass, h, guide, prior *ad.Node) (mean, sd *ad.Node) {
	mean, sd = gaussian(p, c.posteriorHead.Apply(p, p.LinearTanh(h, p.Param(c.fromState), guide)))
	if c.residual {
		mean = p.Add(mean, prior)
	}
	return mean, sd
}

func (c *vrnn) deterministic(p *nn.Pass, state *ad.Node) *ad.Node {
	return c.recurrence.split(p, state).h
}

func (c *vrnn) next(p *nn.Pass, state, _, latent, features *ad.Node) *ad.Node {
	return c.step(p, c.recurrence.split(p, state), latent, c.inputX.Apply(p, features)).join(p)
}

func (c *vrnn) step(p *nn.Pass, m memory, latent, gates *ad.Node) memory {
	return c.recurrence.step(p, m, gates, ad.Input{X: latent, W: p.Param(c.inputZ)})
}

func (c *vrnn) infer(p *nn.Pass, b *batch, features func(from, to int) *ad.Node, explain func(s segment, what func(*nn.Pass) inferred)) {
	m := c.recurrence.start(p, b.active[0])
	for _, s := range b.segments {
		known := b.knownOf(p, s)
		f := features(s.from, s.to)
		guides, gates := c.guides(p, b, f, known), c.inputX.Apply(p, f)
		var share, priorMean, priorSD *ad.Node
		if c.residual {
			share = c.priorNet.share(p, 1, known)
		}
		b.clearSteps()
		for t := s.first; t < s.last; t++ {
			n := b.active[t]
			from := b.start[t] - s.from
			m = m.first(p, n)
			var relative *ad.Node
			if c.residual {
				relative, priorSD = c.priorNet.gaussian(p, 0, m.h, p.RowRange(share, from, from+n))
				b.priorMean, b.priorSD = append(b.priorMean, relative), append(b.priorSD, priorSD)
			}
			mean, sd := c.posteriorFrom(p, m.h, p.RowRange(guides, from, from+n), relative)
			latent := tanhLayer(p, c.phi, b.sample(p, mean, sd, b.start[t]))
			b.states, b.latents = append(b.states, m.h), append(b.latents, latent)
			b.mean, b.sd = append(b.mean, mean), append(b.sd, sd)
			m = c.step(p, m, latent, p.RowRange(gates, from, from+n))
		}
		explain(s, func(p *nn.Pass) inferred {
			all := p.Stack(b.states)
			if c.residual {
				priorMean, priorSD = p.Stack(b.priorMean), p.Stack(b.priorSD)
			} else {
				priorMean, priorSD = c.priorNet.gaussian(p, 0, all, c.priorNet.share(p, 1, b.knownOf(p, s)))
			}
			return inferred{
				latent:        p.Stack(b.latents),
				deterministic: all,
				divergence:    p.KLGaussian(p.Stack(b.mean), p.Stack(b.sd), priorMean, priorSD),
			}
		})
	}
}
