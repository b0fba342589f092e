package vae

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
	"tsgen/models/density"
)

// A network is an encoder and a decoder with two hidden layers each, and a distribution
// of the values of a step.
type network struct {
	config           *config
	encoder, decoder nn.MLP
	likelihood       density.Likelihood
}

// newNetwork adds the weights of the network of c to s.
func newNetwork(s *nn.Params, c *config, rng *rand.Rand) (*network, error) {
	o := c.Options
	l, err := density.NewLikelihood(s, "likelihood", o.Likelihood, len(c.Channels), density.LikelihoodOptions{
		Floor: sdFloor, Components: o.Components,
	})
	if err != nil {
		return nil, err
	}
	in := c.width()
	if c.Masked {
		in *= 2
	}
	return &network{
		config:     c,
		encoder:    nn.NewMLP(s, "encoder", []int{in, o.Hidden, o.Hidden, 2 * o.Latent}, 0.5, rng),
		decoder:    nn.NewMLP(s, "decoder", []int{o.Latent, o.Hidden, o.Hidden, o.Length * l.Outputs()}, 0.5, rng),
		likelihood: l,
	}, nil
}

// sdFloor is the least deviation of the distributions of real values, in units of a
// window's scale.
const sdFloor = 0.01

// start sets the biases of the decoder to the distribution of all values, windows in
// rows.
func (n *network) start(params *nn.Params, windows []float64) {
	head := make([]float64, n.likelihood.Outputs())
	n.likelihood.Start(params.Values, head, windows)
	bias := n.decoder.Layers[len(n.decoder.Layers)-1].B.In(params.Values)
	for i := range bias {
		bias[i] = head[i%len(head)]
	}
}

// encode returns the posterior of each window of x, m×width with NaN where
// missing.
func (n *network) encode(p *nn.Pass, x *ad.Node) variational.Posterior {
	d := n.config.width()
	in := n.encoder.Layers[0].W.Rows
	input := p.Buffer(x.Rows * in)
	for i := range x.Rows {
		row := input[i*in : (i+1)*in]
		for j, v := range x.Val[i*d : (i+1)*d] {
			if math.IsNaN(v) {
				continue
			}
			row[j] = v
			if n.config.Masked {
				row[d+j] = 1
			}
		}
	}
	return variational.NewPosterior(p, apply(p, n.encoder, p.Const(x.Rows, in, input)))
}

// apply is m.Apply with rectifiers in place of the hyperbolic tangents.
func apply(p *nn.Pass, m nn.MLP, x *ad.Node) *ad.Node {
	last := len(m.Layers) - 1
	for _, l := range m.Layers[:last] {
		x = p.LinearReLU(x, p.Param(l.W), p.Param(l.B))
	}
	return m.Layers[last].Apply(p, x)
}

// decode returns the heads of the steps of every window that z, m×latent,
// stands for: m·length × outputs.
func (n *network) decode(p *nn.Pass, z *ad.Node) *ad.Node {
	return p.Reshape(apply(p, n.decoder, z), n.likelihood.Outputs())
}

// logDensity returns the logarithm of the density of every window of x, m×width,
// given the heads of its steps: m×1.
func (n *network) logDensity(p *nn.Pass, x, heads *ad.Node) *ad.Node {
	steps := n.likelihood.LogDensity(p, p.Const(heads.Rows, len(n.config.Channels), x.Val), heads)
	if n.config.Options.Length == 1 {
		return steps
	}
	return p.MatMul(p.Reshape(steps, n.config.Options.Length), n.ones(p))
}

// ones returns a column of as many ones as a window has steps.
func (n *network) ones(p *nn.Pass) *ad.Node {
	v := p.Buffer(n.config.Options.Length)
	for i := range v {
		v[i] = 1
	}
	return p.Const(len(v), 1, v)
}

// logWeights returns k draws from the posterior of every window of x, m×width,
// what the decoder makes of them, and the logarithms of their importance weights
// p(x|z) p(z) / q(z|x), m·k × 1.
func (n *network) logWeights(p *nn.Pass, x *ad.Node, k int, rng *rand.Rand) (z, heads, weights *ad.Node) {
	z, ratio := n.encode(p, x).SampleRatio(p, rng.NormFloat64, k)
	heads = n.decode(p, z)
	return z, heads, p.Add(n.logDensity(p, repeated(p, x, k), heads), ratio)
}

// repeated returns each row of the constant x k times, one after another.
func repeated(p *nn.Pass, x *ad.Node, k int) *ad.Node {
	if k == 1 {
		return x
	}
	v := p.Buffer(len(x.Val) * k)
	for i := range x.Rows * k {
		copy(v[i*x.Cols:(i+1)*x.Cols], x.Val[i/k*x.Cols:])
	}
	return p.Const(x.Rows*k, x.Cols, v)
}
