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
type vrnn[T ad.Float] struct {
	hidden, latent int
	phi            nn.Linear // φ of z
	residual       bool
	fromFeatures   nn.Linear // the posterior's first layer: share of [φ(x), u]
	fromState      nn.Param  // and of h
	posteriorHead  nn.Linear
	priorNet       net[T] // of h and u
	inputX         nn.Linear
	inputZ         nn.Param
	recurrence     recurrence[T]
}

func newVRNN[T ad.Float](s *nn.Params, o Options, known int, phi nn.Linear, rng *rand.Rand) *vrnn[T] {
	h, gates := o.Hidden, o.Cell.gates()*o.Hidden
	return &vrnn[T]{
		hidden: h, latent: o.Latent, residual: o.Residual, phi: phi,
		fromFeatures:  nn.NewLinear(s, "posterior.x", h+known, h, 1, rng),
		fromState:     s.AddUniform("posterior.h", h, h, bound(2*h), rng),
		posteriorHead: nn.NewLinear(s, "posterior.head", h, 2*o.Latent, 0.5, rng),
		priorNet:      newNet[T](s, "prior", []int{h, known}, h, o.Latent, rng),
		inputX:        nn.NewLinear(s, "recurrence.x", h, gates, 1, rng),
		inputZ:        s.AddUniform("recurrence.z", h, gates, bound(2*h), rng),
		recurrence:    newRecurrence[T](s, o.Cell, "recurrence", "h", "bias", h, rng),
	}
}

func (c *vrnn[T]) start(p *nn.PassOf[T], n int) state[T] {
	return state[T]{memory: c.recurrence.start(p, n)}
}

func (c *vrnn[T]) advance(_ *nn.PassOf[T], s state[T], _, _ *ad.NodeOf[T]) state[T] { return s }

func (c *vrnn[T]) prior(p *nn.PassOf[T], s state[T], u *ad.NodeOf[T]) *ad.NodeOf[T] {
	return c.priorNet.of(p, 0, s.h, c.priorNet.share(p, 1, u))
}

func (c *vrnn[T]) guides(p *nn.PassOf[T], _ *batch, features, known *ad.NodeOf[T]) *ad.NodeOf[T] {
	w := c.fromFeatures.W
	share := p.Linear(known, p.Param(part(w, c.hidden, w.Rows)), p.Param(c.fromFeatures.B))
	return p.Linear(features, p.Param(part(w, 0, c.hidden)), share)
}

func (c *vrnn[T]) posterior(p *nn.PassOf[T], s state[T], guide, prior *ad.NodeOf[T]) (mean, sd *ad.NodeOf[T]) {
	return c.posteriorFrom(p, s.h, guide, prior)
}

// posteriorFrom is posterior for the h of a state.
func (c *vrnn[T]) posteriorFrom(p *nn.PassOf[T], h, guide, prior *ad.NodeOf[T]) (mean, sd *ad.NodeOf[T]) {
	mean, sd = gaussian(p, p.Affine(c.posteriorHead, p.LinearTanh(h, p.Param(c.fromState), guide)))
	if c.residual {
		mean = p.Add(mean, prior)
	}
	return mean, sd
}

func (c *vrnn[T]) next(p *nn.PassOf[T], s state[T], _, latent, features *ad.NodeOf[T]) state[T] {
	return state[T]{memory: c.step(p, s.memory, latent, p.Affine(c.inputX, features))}
}

func (c *vrnn[T]) step(p *nn.PassOf[T], m memory[T], latent, gates *ad.NodeOf[T]) memory[T] {
	return c.recurrence.step(p, m, gates, ad.InputOf[T]{X: latent, W: p.Param(c.inputZ)})
}

func (c *vrnn[T]) infer(p *nn.PassOf[T], b *batch, r *trail[T], features func(from, to int) *ad.NodeOf[T], explain func(s segment, what func(*nn.PassOf[T]) inferred[T])) {
	m := c.recurrence.start(p, b.active[0])
	for _, s := range b.segments {
		known := knownOf(p, b, s)
		f := features(s.from, s.to)
		guides, gates := c.guides(p, b, f, known), p.Affine(c.inputX, f)
		var share, priorMean, priorSD *ad.NodeOf[T]
		if c.residual {
			share = c.priorNet.share(p, 1, known)
		}
		r.clearSteps()
		for t := s.first; t < s.last; t++ {
			n := b.active[t]
			from := b.start[t] - s.from
			m = m.first(p, n)
			var relative *ad.NodeOf[T]
			if c.residual {
				relative, priorSD = c.priorNet.gaussian(p, 0, m.h, p.RowRange(share, from, from+n))
				r.priorMean, r.priorSD = append(r.priorMean, relative), append(r.priorSD, priorSD)
			}
			mean, sd := c.posteriorFrom(p, m.h, p.RowRange(guides, from, from+n), relative)
			latent := tanhLayer(p, c.phi, sample(p, &b.noise, mean, sd, b.start[t]))
			r.states, r.latents = append(r.states, m.h), append(r.latents, latent)
			r.mean, r.sd = append(r.mean, mean), append(r.sd, sd)
			m = c.step(p, m, latent, p.RowRange(gates, from, from+n))
		}
		explain(s, func(p *nn.PassOf[T]) inferred[T] {
			all := p.Stack(r.states)
			if c.residual {
				priorMean, priorSD = p.Stack(r.priorMean), p.Stack(r.priorSD)
			} else {
				priorMean, priorSD = c.priorNet.gaussian(p, 0, all, c.priorNet.share(p, 1, knownOf(p, b, s)))
			}
			return inferred[T]{
				latent:        p.Stack(r.latents),
				deterministic: all,
				divergence:    p.KLGaussian(p.Stack(r.mean), p.Stack(r.sd), priorMean, priorSD),
			}
		})
	}
}
