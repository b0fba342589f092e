package rnn

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// SRNN is the name of the stochastic recurrent network.
const SRNN = "srnn"

// srnn is the core of the model of Fraccaro et al. 2016. Its state is the memory
// of the recurrence d, the same for all particles that have seen the same values, and z.
type srnn[T ad.Float] struct {
	hidden, latent int
	filter         bool
	phi            nn.Linear // φ of z
	input          nn.Linear // of [φ(x), u] to the gates of d
	recurrence     recurrence[T]
	backInput      nn.Linear // of [d, φ(x)] to the gates of a
	back           recurrence[T]
	priorNet       net[T] // of z and d
	posteriorNet   net[T] // of z and a
}

func newSRNN[T ad.Float](s *nn.Params, o Options, known int, phi nn.Linear, rng *rand.Rand) *srnn[T] {
	h, gates := o.Hidden, o.Cell.gates()*o.Hidden
	return &srnn[T]{
		hidden: h, latent: o.Latent, filter: o.Filter, phi: phi,
		input:      nn.NewLinear(s, "recurrence.x", h+known, gates, 1, rng),
		recurrence: newRecurrence[T](s, o.Cell, "recurrence", "h", "bias", h, rng),
		backInput: nn.Linear{
			W: s.AddUniform("smoother.input.weight", 2*h, gates, 1/math.Sqrt(float64(h)), rng),
			B: s.Add("smoother.input.bias", 1, gates),
		},
		back:         newRecurrence[T](s, o.Cell, "smoother.hidden", "weight", "bias", h, rng),
		priorNet:     newNet[T](s, "prior", []int{o.Latent, h}, h, o.Latent, rng),
		posteriorNet: newNet[T](s, "posterior", []int{o.Latent, h}, h, o.Latent, rng),
	}
}

func (c *srnn[T]) start(p *nn.PassOf[T], n int) state[T] {
	return state[T]{c.recurrence.start(p, 1), zeros(p, n, c.latent)}
}

func (c *srnn[T]) advance(p *nn.PassOf[T], s state[T], prev, u *ad.NodeOf[T]) state[T] {
	s.memory = c.recurrence.step(p, s.spread(p, prev.Rows), p.Param(c.input.B), c.inputs(p, prev, u)...)
	return s
}

func (c *srnn[T]) prior(p *nn.PassOf[T], s state[T], _ *ad.NodeOf[T]) *ad.NodeOf[T] {
	return c.priorNet.of(p, 0, s.z, c.priorNet.share(p, 1, s.h))
}

// inputs returns the shares of φ(x) of the step before and of u in the gates of d.
func (c *srnn[T]) inputs(p *nn.PassOf[T], prev, u *ad.NodeOf[T]) []ad.InputOf[T] {
	w := c.input.W
	return []ad.InputOf[T]{{X: prev, W: p.Param(part(w, 0, c.hidden))}, {X: u, W: p.Param(part(w, c.hidden, w.Rows))}}
}

// forward returns d at all rows of a batch.
func (c *srnn[T]) forward(p *nn.PassOf[T], b *batch, features, known *ad.NodeOf[T]) *ad.NodeOf[T] {
	prev := p.Stack([]*ad.NodeOf[T]{zeros(p, b.active[0], c.hidden), p.Rows(features, b.previous)})
	return c.recurrence.run(p, p.Param(c.input.B), b.active, c.inputs(p, prev, known)...)
}

// smooth returns a at all rows of a batch. To filter, the recurrence makes a
// single step at each row.
func (c *srnn[T]) smooth(p *nn.PassOf[T], b *batch, d, features *ad.NodeOf[T]) *ad.NodeOf[T] {
	w, bias := c.backInput.W, p.Param(c.backInput.B)
	wd, wx := p.Param(part(w, 0, c.hidden)), p.Param(part(w, c.hidden, w.Rows))
	if c.filter {
		return c.back.run(p, bias, []int{d.Rows}, ad.InputOf[T]{X: d, W: wd}, ad.InputOf[T]{X: features, W: wx})
	}
	d, features = p.Rows(d, b.reverse), p.Rows(features, b.reverse)
	return p.Rows(c.back.run(p, bias, b.active, ad.InputOf[T]{X: d, W: wd}, ad.InputOf[T]{X: features, W: wx}), b.reverse)
}

func (c *srnn[T]) guides(p *nn.PassOf[T], b *batch, features, known *ad.NodeOf[T]) *ad.NodeOf[T] {
	return c.smooth(p, b, c.forward(p, b, features, known), features)
}

func (c *srnn[T]) posterior(p *nn.PassOf[T], s state[T], guide, prior *ad.NodeOf[T]) (mean, sd *ad.NodeOf[T]) {
	mean, sd = c.posteriorNet.gaussian(p, 0, s.z, c.posteriorNet.share(p, 1, guide))
	return p.Add(mean, prior), sd
}

func (c *srnn[T]) next(_ *nn.PassOf[T], s state[T], z, _, _ *ad.NodeOf[T]) state[T] {
	s.z = z
	return s
}

func (c *srnn[T]) infer(p *nn.PassOf[T], b *batch, r *trail[T], features func(from, to int) *ad.NodeOf[T], explain func(s segment, what func(*nn.PassOf[T]) inferred[T])) {
	end := b.segments[len(b.segments)-1].to
	f := features(0, end)
	d := c.forward(p, b, f, knownOf(p, b, segment{to: end}))
	a := c.smooth(p, b, d, f)
	z := zeros(p, b.active[0], c.latent)
	for _, s := range b.segments {
		d := p.RowRange(d, s.from, s.to)
		fromPast, fromAll := c.priorNet.share(p, 1, d), c.posteriorNet.share(p, 1, p.RowRange(a, s.from, s.to))
		r.clearSteps()
		for t := s.first; t < s.last; t++ {
			n := b.active[t]
			from := b.start[t] - s.from
			if z.Rows > n {
				z = p.RowRange(z, 0, n)
			}
			priorMean, priorSD := c.priorNet.gaussian(p, 0, z, p.RowRange(fromPast, from, from+n))
			mean, sd := c.posteriorNet.gaussian(p, 0, z, p.RowRange(fromAll, from, from+n))
			mean = p.Add(mean, priorMean)
			z = sample(p, &b.noise, mean, sd, b.start[t])
			r.latents, r.mean, r.sd = append(r.latents, z), append(r.mean, mean), append(r.sd, sd)
			r.priorMean, r.priorSD = append(r.priorMean, priorMean), append(r.priorSD, priorSD)
		}
		explain(s, func(p *nn.PassOf[T]) inferred[T] {
			return inferred[T]{
				latent:        tanhLayer(p, c.phi, p.Stack(r.latents)),
				deterministic: d,
				divergence:    p.KLGaussian(p.Stack(r.mean), p.Stack(r.sd), p.Stack(r.priorMean), p.Stack(r.priorSD)),
			}
		})
	}
}
