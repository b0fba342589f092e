package nn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/ad"
)

// sequences is what the benchmarks' models of sequences have in common:
// features of x by two layers and of z by one, a decoder of two hidden layers
// of the features of z and of a state, all of hidden units with tanh, and a
// Gaussian or Bernoulli likelihood.
type sequences struct {
	steps, rows, x, hidden, z int
	binary                    bool

	features    [2]Linear
	latent      Linear
	decoder     [2]Linear
	decoderHead Linear
	shards      []*sequenceShard
}

// sequenceShard is the data of one shard and the memory for its steps.
type sequenceShard struct {
	x, noise, zero []float64 // a step of zeros comes first in x
	source         *rand.PCG
	losses         []*ad.Node // of the segments
	inner          Pass
}

// segment is the number of steps whose prior, decoder and loss are computed
// together.
const segment = 5

type sequenceSize struct {
	name                      string
	steps, rows, x, hidden, z int
	binary                    bool
}

var sequenceSizes = []sequenceSize{
	{"series", 100, 32, 1, 64, 16, false},
	{"chorales", 60, 32, 88, 200, 50, true},
}

func newSequences(s *Params, c sequenceSize, shards int, rng *rand.Rand) sequences {
	h, outputs := c.hidden, 2*c.x
	if c.binary {
		outputs = c.x
	}
	linear := func(name string, in, out int) Linear { return NewLinear(s, name, in, out, 1, rng) }
	m := sequences{
		steps: c.steps, rows: c.rows / shards, x: c.x, hidden: h, z: c.z, binary: c.binary,
		features:    [2]Linear{linear("features.0", c.x, h), linear("features.1", h, h)},
		latent:      linear("latent", c.z, h),
		decoder:     [2]Linear{linear("decoder.0", 2*h, h), linear("decoder.1", h, h)},
		decoderHead: linear("decoder.head", h, outputs),
	}
	for i := range shards {
		n := m.steps * m.rows
		d := &sequenceShard{
			x: make([]float64, (n+m.rows)*c.x), noise: make([]float64, n*c.z), zero: make([]float64, m.rows*h),
			source: rand.NewPCG(3, uint64(i)),
		}
		r := rand.New(d.source)
		for i := m.rows * c.x; i < len(d.x); i++ {
			d.x[i] = r.NormFloat64()
			if c.binary {
				d.x[i] = float64(r.IntN(2))
			}
		}
		m.shards = append(m.shards, d)
	}
	return m
}

// newWeights adds a matrix without a bias.
func newWeights(s *Params, name string, in, out int, rng *rand.Rand) Param {
	return s.AddUniform(name, in, out, 1/math.Sqrt(float64(in)), rng)
}

func tanhLayer(p *Pass, l Linear, x *ad.Node) *ad.Node {
	return p.LinearTanh(x, p.Param(l.W), p.Param(l.B))
}

// gaussian returns mean and deviation from a layer's output of both.
func gaussian(p *Pass, head *ad.Node) (mean, sd *ad.Node) {
	n := head.Cols / 2
	return p.Columns(head, 0, n), p.SoftplusAbove(1e-4, p.Columns(head, n, 2*n))
}

// begin returns a shard with new noise for update k.
func (m *sequences) begin(p *Pass, k, shard int) *sequenceShard {
	d := m.shards[shard]
	d.inner.Values, d.inner.Grad = p.Values, p.Grad
	d.losses = d.losses[:0]
	d.source.Seed(uint64(k), uint64(shard))
	rng := rand.New(d.source)
	for i := range d.noise {
		d.noise[i] = rng.NormFloat64()
	}
	return d
}

// encode returns the features of the steps from to to (exclusive), of which
// step -1 is all zero.
func (m *sequences) encode(p *Pass, d *sequenceShard, from, to int) *ad.Node {
	return tanhLayer(p, m.features[1], tanhLayer(p, m.features[0], m.data(p, d, from, to)))
}

func (m *sequences) data(p *Pass, d *sequenceShard, from, to int) *ad.Node {
	step := m.rows * m.x
	return p.Const((to-from)*m.rows, m.x, d.x[(from+1)*step:(to+1)*step])
}

// draw returns z of step t.
func (m *sequences) draw(p *Pass, d *sequenceShard, t int, mean, sd *ad.Node) *ad.Node {
	step := m.rows * m.z
	return p.Reparameterise(mean, sd, p.Const(m.rows, m.z, d.noise[t*step:(t+1)*step]))
}

// add adds to the loss the negative bound of the steps from to to (exclusive),
// of which explain returns the features of z, the states and the divergences.
func (m *sequences) add(p *Pass, d *sequenceShard, from, to int, explain func(p *Pass) (features, states, divergence *ad.Node)) {
	weight := 1 / float64(m.steps*m.rows*len(m.shards))
	d.losses = append(d.losses, p.Eager(&d.inner.TapeOf, weight, func() *ad.Node {
		p := &d.inner
		features, states, divergence := explain(p)
		y := m.decoderHead.Apply(p, tanhLayer(p, m.decoder[1], tanhLayer(p, m.decoder[0], p.Concat(features, states))))
		x := m.data(p, d, from, to)
		if m.binary {
			return p.Sub(p.Sum(divergence), p.Sum(p.BernoulliLogDensity(x, y)))
		}
		mean, sd := gaussian(p, y)
		return p.Sub(p.Sum(divergence), p.Sum(p.GaussianLogDensity(x, mean, sd)))
	}))
}

// end returns the loss, per sequence and step.
func (d *sequenceShard) end(p *Pass) *ad.Node { return p.Sum(p.Stack(d.losses)) }

// Validate implements Objective.
func (m *sequences) Validate(context.Context, []float64) (float64, error) { return 0, nil }

// flops returns the floating-point operations of an update's products with
// matrices of more than one row.
func (m *sequences) flops(s *Params) float64 {
	weights := 0
	s.Each(func(_ string, rows, cols int, _ []float64) {
		if rows > 1 {
			weights += rows * cols
		}
	})
	return 3 * 2 * float64(weights) * float64(m.steps*m.rows*len(m.shards))
}

// benchmarkSequences trains: an update is the loss of all shards with its
// gradient, the bound on the gradient's norm and a step of Adam.
func benchmarkSequences(b *testing.B, model func(c sequenceSize, shards int) (o Objective, m *sequences, s *Params)) {
	for _, c := range sequenceSizes {
		for _, shards := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/shards=%d", c.name, shards), func(b *testing.B) {
				o, m, s := model(c, shards)
				t := Training{Schedule: Schedule{Rate: 1e-3, Updates: b.N}, Shards: shards, Clip: 1}
				start := NewCheckpoint(s.Values)
				b.ReportAllocs()
				b.ResetTimer()
				if err := t.Run(context.Background(), start, o); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(m.flops(s)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
