package mixer

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// probs are the probabilities of the quantiles, middle is the place of the
// median.
var probs = []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99}

const middle = 7

const (
	blocks  = 2 // of an encoder
	detail  = 4 // numbers that the decoder has of a step
	reduced = 2 // numbers a step in place of the covariates
	mixed   = 4 // numbers of a channel that others are told
)

// A network holds the places of a member's weights.
type network struct {
	*config
	skip                    nn.Param // context to horizon
	covariates, first       nn.Linear
	blocks                  [blocks][2]nn.Linear
	mix                     [4]nn.Linear // of several channels
	decoder, ofStep, inStep nn.Linear
	head                    nn.Linear
	sums                    []float64 // of the head, that are the quantiles
}

// newNetwork adds the weights of member i to s.
func newNetwork(s *nn.Params, c *config, i int, rng *rand.Rand) *network {
	h, q, name := c.Options.Hidden, len(probs), fmt.Sprintf("member.%d.", i)
	layer := func(part string, in, out int, gain float64) nn.Linear {
		return nn.NewLinear(s, name+part, in, out, gain, rng)
	}
	n := &network{config: c, skip: s.Add(name+"skip", c.Options.Context, c.Horizon), sums: make([]float64, q*q)}
	in := c.inputWidth()
	if k := len(c.Known); k > 0 {
		n.covariates = layer("covariates", k, reduced, 1)
		in += (c.Options.Context + c.Horizon) * reduced
	}
	n.first = layer("first", in, h, 1)
	for k := range n.blocks {
		n.blocks[k] = [2]nn.Linear{layer(fmt.Sprint("block.", k, ".0"), h, h, 1.4), layer(fmt.Sprint("block.", k, ".1"), h, h, 0.3)}
	}
	if k := len(c.Channels); k > 1 {
		n.mix = [4]nn.Linear{layer("mix.0", h, mixed, 1), layer("mix.1", k*mixed, h, 1), layer("mix.2", h, k*mixed, 1), layer("mix.3", mixed, h, 0.1)}
	}
	n.decoder = layer("decoder", h, c.Horizon*detail, 1)
	n.inStep, n.ofStep = layer("step.detail", detail, h/2+1, 1), layer("step.known", c.knownWidth(), h/2+1, 0.5)
	n.head = layer("head", h/2+1, q, 0.2)
	// To begin with the law is a Gaussian about as wide as seasonal differences.
	for k, start := 0, n.head.B.In(s.Values); k < q; k++ {
		next := k + 1
		if k > middle {
			next = k - 1
		}
		if k != middle {
			apart := math.Abs(normalQuantile(probs[k]) - normalQuantile(probs[next]))
			start[k] = math.Log(math.Expm1(1.2 * apart))
		}
		for to := range q {
			switch {
			case k == middle || k > middle && to >= k:
				n.sums[k*q+to] = 1
			case k < middle && to <= k:
				n.sums[k*q+to] = -1
			}
		}
	}
	return n
}

func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

func relu(p *nn.Pass, l nn.Linear, x *ad.Node) *ad.Node {
	return p.LinearReLU(x, p.Param(l.W), p.Param(l.B))
}

// quantiles returns those of all steps to forecast of the rows of b, from their
// base in their unit: rows·horizon×len(probs).
func (n *network) quantiles(p *nn.Pass, b *batch) *ad.Node {
	o, q, channels := n.Options, len(probs), len(n.Channels)
	x := p.Const(b.rows, n.inputWidth(), b.input)
	if k := len(n.Known); k > 0 {
		steps := o.Context + n.Horizon
		x = p.Concat(x, p.Reshape(n.covariates.Apply(p, p.Const(b.rows*steps, k, b.covariates)), steps*reduced))
	}
	h := relu(p, n.first, x)
	for _, l := range n.blocks {
		h = p.Add(h, l[1].Apply(p, b.thin(p, relu(p, l[0], h))))
	}
	if channels > 1 {
		z := relu(p, n.mix[1], p.Reshape(n.mix[0].Apply(p, h), channels*mixed))
		h = p.Add(h, n.mix[3].Apply(p, p.Reshape(n.mix[2].Apply(p, z), mixed)))
	}
	d := p.Reshape(n.decoder.Apply(p, b.thin(p, h)), detail)
	d = p.LinearReLU(d, p.Param(n.inStep.W), n.ofStep.Apply(p, p.Const(d.Rows, n.knownWidth(), b.known)))
	y := n.head.Apply(p, d)
	median := p.Add(p.Columns(y, middle, middle+1), p.Reshape(p.MatMul(p.Const(b.rows, o.Context, b.context), p.Param(n.skip)), 1))
	y = p.Concat(p.Softplus(p.Columns(y, 0, middle)), p.Concat(median, p.Softplus(p.Columns(y, middle+1, q))))
	return p.MatMul(y, p.Const(q, q, n.sums))
}
