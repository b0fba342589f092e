package rnn

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// SRNN is the name of the stochastic recurrent network.
const SRNN = "srnn"

// srnn is the core of the model of Fraccaro et al. 2016. Its state is [d, z].
type srnn struct {
	hidden, latent   int
	filter           bool
	phi              nn.Linear // φ of z
	input            nn.Linear // of [φ(x), u] to the gates of d
	weights, gruBias nn.Param
	back             nn.GRU // over [d, φ(x)]
	priorNet         net    // of z and d
	posteriorNet     net    // of z and a
}

func newSRNN(s *nn.Params, o Options, known int, phi nn.Linear, rng *rand.Rand) *srnn {
	h := o.Hidden
	return &srnn{
		hidden: h, latent: o.Latent, filter: o.Filter, phi: phi,
		input:        nn.NewLinear(s, "recurrence.x", h+known, 3*h, 1, rng),
		weights:      s.AddUniform("recurrence.h", h, 3*h, 1/math.Sqrt(float64(h)), rng),
		gruBias:      s.Add("recurrence.bias", 1, 3*h),
		back:         nn.NewGRU(s, "smoother", 2*h, h, rng),
		priorNet:     newNet(s, "prior", []int{o.Latent, h}, h, o.Latent, rng),
		posteriorNet: newNet(s, "posterior", []int{o.Latent, h}, h, o.Latent, rng),
	}
}

func (c *srnn) width() int { return c.hidden + c.latent }

func (c *srnn) parts(p *nn.Pass, state *ad.Node) (d, z *ad.Node) {
	return p.Columns(state, 0, c.hidden), p.Columns(state, c.hidden, c.hidden+c.latent)
}

func (c *srnn) advance(p *nn.Pass, state, prev, u *ad.Node) *ad.Node {
	d, z := c.parts(p, state)
	d = p.GRUStep(d, c.input.Apply(p, p.Concat(prev, u)), p.Param(c.weights), p.Param(c.gruBias))
	return p.Concat(d, z)
}

func (c *srnn) prior(p *nn.Pass, state, _ *ad.Node) (mean, sd *ad.Node) {
	d, z := c.parts(p, state)
	return c.priorNet.law(p, 0, z, c.priorNet.share(p, 1, d))
}

// forward returns d at all rows of a batch.
func (c *srnn) forward(p *nn.Pass, b *batch, features, known *ad.Node) *ad.Node {
	prev := p.Stack([]*ad.Node{zeros(p, b.active[0], c.hidden), p.Rows(features, b.previous)})
	return p.GRU(c.input.Apply(p, p.Concat(prev, known)), p.Param(c.weights), p.Param(c.gruBias), b.active)
}

// smooth returns a at all rows of a batch. To filter, the recurrence makes a
// single step at each row.
func (c *srnn) smooth(p *nn.Pass, b *batch, d, features *ad.Node) *ad.Node {
	if c.filter {
		return c.back.Apply(p, p.Concat(d, features), []int{d.Rows})
	}
	return p.Rows(c.back.Apply(p, p.Rows(p.Concat(d, features), b.reverse), b.active), b.reverse)
}

func (c *srnn) guides(p *nn.Pass, b *batch, features, known *ad.Node) *ad.Node {
	return c.smooth(p, b, c.forward(p, b, features, known), features)
}

func (c *srnn) posterior(p *nn.Pass, state, _, guide, prior *ad.Node) (mean, sd *ad.Node) {
	_, z := c.parts(p, state)
	mean, sd = c.posteriorNet.law(p, 0, z, c.posteriorNet.share(p, 1, guide))
	return p.Add(mean, prior), sd
}

func (c *srnn) deterministic(p *nn.Pass, state, u *ad.Node) *ad.Node {
	d, _ := c.parts(p, state)
	return p.Concat(d, u)
}

func (c *srnn) next(p *nn.Pass, state, z, _, _ *ad.Node) *ad.Node {
	d, _ := c.parts(p, state)
	return p.Concat(d, z)
}

func (c *srnn) infer(p *nn.Pass, b *batch, features, known *ad.Node, rng *rand.Rand) inferred {
	d := c.forward(p, b, features, known)
	fromPast, fromAll := c.priorNet.share(p, 1, d), c.posteriorNet.share(p, 1, c.smooth(p, b, d, features))
	var zs, mean, sd, priorMean, priorSD []*ad.Node
	z := zeros(p, b.active[0], c.latent)
	for t, n := range b.active {
		from, to := b.start[t], b.start[t]+n
		if z.Rows > n {
			z = p.RowRange(z, 0, n)
		}
		pm, ps := c.priorNet.law(p, 0, z, p.RowRange(fromPast, from, to))
		m, s := c.posteriorNet.law(p, 0, z, p.RowRange(fromAll, from, to))
		m = p.Add(m, pm)
		z = draw(p, m, s, rng)
		zs, mean, sd = append(zs, z), append(mean, m), append(sd, s)
		priorMean, priorSD = append(priorMean, pm), append(priorSD, ps)
	}
	return inferred{
		latent:        tanhLayer(p, c.phi, p.Stack(zs)),
		deterministic: p.Concat(d, known),
		divergence:    p.KLGaussian(p.Stack(mean), p.Stack(sd), p.Stack(priorMean), p.Stack(priorSD)),
	}
}
