package nn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/ad"
)

// vrnn is a variational recurrent network (Chung et al. 2015) with its loss,
// for measurement: features of x by two layers and of z by one, posterior and
// decoder of two hidden layers, a prior of one, all of hidden units with tanh,
// a GRU, and a Gaussian or Bernoulli likelihood. What does not depend on the
// recurrence is computed for all steps at once.
type vrnn struct {
	steps, rows, x, hidden, z int
	binary                    bool

	features                [2]Linear
	posteriorX              Linear // share of the features of x in the posterior's first layer
	posteriorH              Param  // share of the state
	posterior               Linear
	posteriorHead, latent   Linear
	prior, priorHead        Linear
	decoder                 [2]Linear
	decoderHead             Linear
	inputX                  Linear // share of the features of x in the gates
	inputZ                  Param  // share of the features of z
	stateWeights, stateBias Param
	shards                  []*vrnnShard
}

// vrnnShard is the data of one shard and the memory for its steps.
type vrnnShard struct {
	x, noise, zero             []float64
	source                     *rand.PCG
	states, features, mean, sd []*ad.Node
}

type vrnnSize struct {
	name                      string
	steps, rows, x, hidden, z int
	binary                    bool
}

var vrnnSizes = []vrnnSize{
	{"series", 100, 32, 1, 64, 16, false},
	{"chorales", 60, 32, 88, 200, 50, true},
}

func newVRNN(c vrnnSize, shards int) (*vrnn, *Params) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := new(Params)
	linear := func(name string, in, out int) Linear { return NewLinear(s, name, in, out, 1, rng) }
	weights := func(name string, in, out int) Param {
		return s.AddUniform(name, in, out, 1/math.Sqrt(float64(in)), rng)
	}
	h := c.hidden
	outputs := 2 * c.x
	if c.binary {
		outputs = c.x
	}
	m := &vrnn{
		steps: c.steps, rows: c.rows / shards, x: c.x, hidden: h, z: c.z, binary: c.binary,
		features:      [2]Linear{linear("features.0", c.x, h), linear("features.1", h, h)},
		posteriorX:    linear("posterior.x", h, h),
		posteriorH:    weights("posterior.h", h, h),
		posterior:     linear("posterior", h, h),
		posteriorHead: linear("posterior.head", h, 2*c.z),
		latent:        linear("latent", c.z, h),
		prior:         linear("prior", h, h),
		priorHead:     linear("prior.head", h, 2*c.z),
		decoder:       [2]Linear{linear("decoder.0", 2*h, h), linear("decoder.1", h, h)},
		decoderHead:   linear("decoder.head", h, outputs),
		inputX:        linear("gru.x", h, 3*h),
		inputZ:        weights("gru.z", h, 3*h),
		stateWeights:  weights("gru.h", h, 3*h),
		stateBias:     s.Add("gru.h.bias", 1, 3*h),
	}
	for i := range shards {
		n := m.steps * m.rows
		d := &vrnnShard{
			x: make([]float64, n*c.x), noise: make([]float64, n*c.z), zero: make([]float64, m.rows*h),
			source: rand.NewPCG(3, uint64(i)),
			states: make([]*ad.Node, m.steps), features: make([]*ad.Node, m.steps),
			mean: make([]*ad.Node, m.steps), sd: make([]*ad.Node, m.steps),
		}
		r := rand.New(d.source)
		for i := range d.x {
			d.x[i] = r.NormFloat64()
			if c.binary {
				d.x[i] = float64(r.IntN(2))
			}
		}
		m.shards = append(m.shards, d)
	}
	return m, s
}

func tanhLayer(p *Pass, l Linear, x *ad.Node) *ad.Node {
	return p.LinearTanh(x, p.Param(l.W), p.Param(l.B))
}

// gaussian returns mean and deviation from a layer's output of both.
func gaussian(p *Pass, head *ad.Node) (mean, sd *ad.Node) {
	n := head.Cols / 2
	return p.Columns(head, 0, n), p.SoftplusAbove(1e-4, p.Columns(head, n, 2*n))
}

// Loss implements Objective: the negative evidence lower bound per sequence and
// step.
func (m *vrnn) Loss(_ context.Context, p *Pass, k, shard int) (*ad.Node, error) {
	d := m.shards[shard]
	d.source.Seed(uint64(k), uint64(shard))
	rng := rand.New(d.source)
	for i := range d.noise {
		d.noise[i] = rng.NormFloat64()
	}
	n := m.steps * m.rows
	x, noise := p.Const(n, m.x, d.x), p.Const(n, m.z, d.noise)
	f := tanhLayer(p, m.features[1], tanhLayer(p, m.features[0], x))
	fromX, gates := m.posteriorX.Apply(p, f), m.inputX.Apply(p, f)
	posteriorH, inputZ := p.Param(m.posteriorH), p.Param(m.inputZ)
	wh, bh := p.Param(m.stateWeights), p.Param(m.stateBias)
	h := p.Const(m.rows, m.hidden, d.zero)
	for t := range m.steps {
		from, to := t*m.rows, (t+1)*m.rows
		d.states[t] = h
		e := p.LinearTanh(h, posteriorH, p.RowRange(fromX, from, to))
		d.mean[t], d.sd[t] = gaussian(p, m.posteriorHead.Apply(p, tanhLayer(p, m.posterior, e)))
		z := p.Reparameterise(d.mean[t], d.sd[t], p.RowRange(noise, from, to))
		d.features[t] = tanhLayer(p, m.latent, z)
		h = p.GRUStep(h, p.Linear(d.features[t], inputZ, p.RowRange(gates, from, to)), wh, bh)
	}
	states := p.Stack(d.states)
	priorMean, priorSD := gaussian(p, m.priorHead.Apply(p, tanhLayer(p, m.prior, states)))
	kl := p.Sum(p.KLGaussian(p.Stack(d.mean), p.Stack(d.sd), priorMean, priorSD))
	y := m.decoderHead.Apply(p, tanhLayer(p, m.decoder[1], tanhLayer(p, m.decoder[0], p.Concat(p.Stack(d.features), states))))
	var likelihood *ad.Node
	if m.binary {
		likelihood = p.BernoulliLogDensity(x, y)
	} else {
		mean, sd := gaussian(p, y)
		likelihood = p.GaussianLogDensity(x, mean, sd)
	}
	return p.Scale(1/float64(n*len(m.shards)), p.Sub(kl, p.Sum(likelihood))), nil
}

// Validate implements Objective.
func (m *vrnn) Validate(context.Context, []float64) (float64, error) { return 0, nil }

// flops returns the floating-point operations of an update's products with
// matrices of more than one row.
func (m *vrnn) flops(s *Params) float64 {
	weights := 0
	s.Each(func(_ string, rows, cols int, _ []float64) {
		if rows > 1 {
			weights += rows * cols
		}
	})
	return 3 * 2 * float64(weights) * float64(m.steps*m.rows*len(m.shards))
}

// BenchmarkVRNN trains: an update is the loss of all shards with its gradient,
// the bound on the gradient's norm and a step of Adam.
func BenchmarkVRNN(b *testing.B) {
	for _, c := range vrnnSizes {
		for _, shards := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/shards=%d", c.name, shards), func(b *testing.B) {
				m, s := newVRNN(c, shards)
				t := Training{Schedule: Schedule{Rate: 1e-3, Updates: b.N}, Shards: shards, Clip: 1}
				start := NewCheckpoint(s.Values)
				b.ReportAllocs()
				b.ResetTimer()
				if err := t.Run(context.Background(), start, m); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(m.flops(s)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
