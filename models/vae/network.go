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

// encode returns the posterior of each window of x, width values with NaN where
// missing.
func encode[T ad.Float](n *network, p *nn.PassOf[T], x []float64) variational.PosteriorOf[T] {
	d := n.config.width()
	in, rows := n.encoder.Layers[0].W.Rows, len(x)/d
	input := p.Buffer(rows * in)
	for i := range rows {
		row := input[i*in : (i+1)*in]
		for j, v := range x[i*d : (i+1)*d] {
			if math.IsNaN(v) {
				continue
			}
			row[j] = T(v)
			if n.config.Masked {
				row[d+j] = 1
			}
		}
	}
	return variational.NewPosterior(p, apply(p, n.encoder, p.Const(rows, in, input)))
}

// apply is m.Apply with rectifiers in place of the hyperbolic tangents.
func apply[T ad.Float](p *nn.PassOf[T], m nn.MLP, x *ad.NodeOf[T]) *ad.NodeOf[T] {
	last := len(m.Layers) - 1
	for _, l := range m.Layers[:last] {
		x = p.AffineReLU(l, x)
	}
	return p.Affine(m.Layers[last], x)
}

// decode returns the heads of the steps of every window that z, m×latent,
// stands for: m·length × outputs.
func decode[T ad.Float](n *network, p *nn.PassOf[T], z *ad.NodeOf[T]) *ad.NodeOf[T] {
	return p.Reshape(apply(p, n.decoder, z), n.likelihood.Outputs())
}

// logDensity returns the logarithm of the density of every window of x, width values each,
// given the heads of the steps of each of k draws for it: m·k × 1. double is where it is
// computed if T is float32.
func logDensity[T ad.Float](n *network, p *nn.PassOf[T], double *nn.Pass, x []float64, k int, heads *ad.NodeOf[T]) *ad.NodeOf[T] {
	return nn.Double(p, double, heads, func(p *nn.Pass, heads *ad.Node) *ad.Node {
		steps := n.likelihood.LogDensity(p, p.Const(heads.Rows, len(n.config.Channels), repeated(p, x, n.config.width(), k)), heads)
		if n.config.Options.Length == 1 {
			return steps
		}
		return p.MatMul(p.Reshape(steps, n.config.Options.Length), n.ones(p))
	})
}

// ones returns a column of as many ones as a window has steps.
func (n *network) ones(p *nn.Pass) *ad.Node {
	v := p.Buffer(n.config.Options.Length)
	for i := range v {
		v[i] = 1
	}
	return p.Const(len(v), 1, v)
}

// logWeights returns k draws from the posterior of every window of x, width values each,
// and the logarithms of their importance weights p(x|z) p(z) / q(z|x), m·k × 1.
func (n *network) logWeights(p *nn.Pass, x []float64, k int, rng *rand.Rand) (z, weights *ad.Node) {
	z, ratio := encode(n, p, x).SampleRatio(p, rng.NormFloat64, k)
	return z, p.Add(logDensity(n, p, p, x, k, decode(n, p, z)), ratio)
}

// repeated returns each row of x, of so many columns, k times, one after another.
func repeated(p *nn.Pass, x []float64, cols, k int) []float64 {
	if k == 1 {
		return x
	}
	v := p.Buffer(len(x) * k)
	for i := range len(x) / cols * k {
		copy(v[i*cols:(i+1)*cols], x[i/k*cols:])
	}
	return v
}
