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
// of the recurrence d and, in the last columns, z.
type srnn struct {
	hidden, latent int
	filter         bool
	phi            nn.Linear // φ of z
	input          nn.Linear // of [φ(x), u] to the gates of d
	recurrence     recurrence
	backInput      nn.Linear // of [d, φ(x)] to the gates of a
	back           recurrence
	priorNet       net // of z and d
	posteriorNet   net // of z and a
}

func newSRNN(s *nn.Params, o Options, known int, phi nn.Linear, rng *rand.Rand) *srnn {
	h, gates := o.Hidden, o.Cell.gates()*o.Hidden
	return &srnn{
		hidden: h, latent: o.Latent, filter: o.Filter, phi: phi,
		input:      nn.NewLinear(s, "recurrence.x", h+known, gates, 1, rng),
		recurrence: newRecurrence(s, o.Cell, "recurrence", "h", "bias", h, rng),
		backInput: nn.Linear{
			W: s.AddUniform("smoother.input.weight", 2*h, gates, 1/math.Sqrt(float64(h)), rng),
			B: s.Add("smoother.input.bias", 1, gates),
		},
		back:         newRecurrence(s, o.Cell, "smoother.hidden", "weight", "bias", h, rng),
		priorNet:     newNet(s, "prior", []int{o.Latent, h}, h, o.Latent, rng),
		posteriorNet: newNet(s, "posterior", []int{o.Latent, h}, h, o.Latent, rng),
	}
}

func (c *srnn) width() int { return c.recurrence.width() + c.latent }

func (c *srnn) parts(p *nn.Pass, state *ad.Node) (d memory, z *ad.Node) {
	return c.recurrence.split(p, state), p.Columns(state, c.width()-c.latent, c.width())
}

func (c *srnn) advance(p *nn.Pass, state, prev, u *ad.Node) *ad.Node {
	d, z := c.parts(p, state)
	d = c.recurrence.step(p, d, p.Param(c.input.B), c.inputs(p, prev, u)...)
	return p.Concat(d.join(p), z)
}

func (c *srnn) prior(p *nn.Pass, state, _ *ad.Node) (mean, sd *ad.Node) {
	d, z := c.parts(p, state)
	return c.priorNet.gaussian(p, 0, z, c.priorNet.share(p, 1, d.h))
}

// inputs returns the shares of φ(x) of the step before and of u in the gates of d.
func (c *srnn) inputs(p *nn.Pass, prev, u *ad.Node) []ad.Input {
	w := c.input.W
	return []ad.Input{{X: prev, W: p.Param(part(w, 0, c.hidden))}, {X: u, W: p.Param(part(w, c.hidden, w.Rows))}}
}

// forward returns d at all rows of a batch.
func (c *srnn) forward(p *nn.Pass, b *batch, features, known *ad.Node) *ad.Node {
	prev := p.Stack([]*ad.Node{zeros(p, b.active[0], c.hidden), p.Rows(features, b.previous)})
	return c.recurrence.run(p, p.Param(c.input.B), b.active, c.inputs(p, prev, known)...)
}

// smooth returns a at all rows of a batch. To filter, the recurrence makes a
// single step at each row.
func (c *srnn) smooth(p *nn.Pass, b *batch, d, features *ad.Node) *ad.Node {
	w, bias := c.backInput.W, p.Param(c.backInput.B)
	wd, wx := p.Param(part(w, 0, c.hidden)), p.Param(part(w, c.hidden, w.Rows))
	if c.filter {
		return c.back.run(p, bias, []int{d.Rows}, ad.Input{X: d, W: wd}, ad.Input{X: features, W: wx})
	}
	d, features = p.Rows(d, b.reverse), p.Rows(features, b.reverse)
	return p.Rows(c.back.run(p, bias, b.active, ad.Input{X: d, W: wd}, ad.Input{X: features, W: wx}), b.reverse)
}

func (c *srnn) guides(p *nn.Pass, b *batch, features, known *ad.Node) *ad.Node {
	return c.smooth(p, b, c.forward(p, b, features, known), features)
}

func (c *srnn) posterior(p *nn.Pass, state, _, guide, prior *ad.Node) (mean, sd *ad.Node) {
	_, z := c.parts(p, state)
	mean, sd = c.posteriorNet.gaussian(p, 0, z, c.posteriorNet.share(p, 1, guide))
	return p.Add(mean, prior), sd
}

func (c *srnn) deterministic(p *nn.Pass, state *ad.Node) *ad.Node {
	d, _ := c.parts(p, state)
	return d.h
}

func (c *srnn) next(p *nn.Pass, state, z, _, _ *ad.Node) *ad.Node {
	d, _ := c.parts(p, state)
	return p.Concat(d.join(p), z)
}

func (c *srnn) infer(p *nn.Pass, b *batch, features func(from, to int) *ad.Node, explain func(s segment, what func(*nn.Pass) inferred)) {
	end := b.segments[len(b.segments)-1].to
	f := features(0, end)
	d := c.forward(p, b, f, b.knownOf(p, segment{to: end}))
	a := c.smooth(p, b, d, f)
	z := zeros(p, b.active[0], c.latent)
	for _, s := range b.segments {
		d := p.RowRange(d, s.from, s.to)
		fromPast, fromAll := c.priorNet.share(p, 1, d), c.posteriorNet.share(p, 1, p.RowRange(a, s.from, s.to))
		b.clearSteps()
		for t := s.first; t < s.last; t++ {
			n := b.active[t]
			from := b.start[t] - s.from
			if z.Rows > n {
				z = p.RowRange(z, 0, n)
			}
			priorMean, priorSD := c.priorNet.gaussian(p, 0, z, p.RowRange(fromPast, from, from+n))
			mean, sd := c.posteriorNet.gaussian(p, 0, z, p.RowRange(fromAll, from, from+n))
			mean = p.Add(mean, priorMean)
			z = b.sample(p, mean, sd, b.start[t])
			b.latents, b.mean, b.sd = append(b.latents, z), append(b.mean, mean), append(b.sd, sd)
			b.priorMean, b.priorSD = append(b.priorMean, priorMean), append(b.priorSD, priorSD)
		}
		explain(s, func(p *nn.Pass) inferred {
			return inferred{
				latent:        tanhLayer(p, c.phi, p.Stack(b.latents)),
				deterministic: d,
				divergence:    p.KLGaussian(p.Stack(b.mean), p.Stack(b.sd), p.Stack(b.priorMean), p.Stack(b.priorSD)),
			}
		})
	}
}
