package rnn

import (
	"math/rand/v2"
	"sync"

	"tsgen/internal/ad"
	"tsgen/internal/kernel"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

const (
	posteriorFloor = 1e-4 // least deviation of prior and posterior
	noiseFloor     = 0.01 // least deviation of the noise, in units of a window's scale
)

// A network holds the places of a model's weights.
type network[T ad.Float] struct {
	config     *config
	features   [2]nn.Linear // φ of a step's values
	latent     nn.Linear    // φ of z
	decoder    [2]nn.Linear
	head       nn.Linear
	skip       *nn.Param // past values and covariates to locations; nil without lags
	likelihood density.Likelihood
	core       core[T]
	tapes      sync.Pool // of *nn.PassOf[T], for passes of particles
}

// A state is that of a core: the memory of its recurrence and, of the SRNN, z. The states of
// a batch of windows, or of particles, are rows, or a single one where they are the same.
type state[T ad.Float] struct {
	memory[T]
	z *ad.NodeOf[T]
}

// A core is what the two models differ in.
//
// A step of a particle begins with advance, which takes the state left by the
// step before to that in which prior and posterior are asked for, and ends with
// next, once z and x are known. What is known of a step beforehand, and what was observed, is
// in a row a particle or in a single one for all.
type core[T ad.Float] interface {
	// start returns the states of n particles that have seen nothing.
	start(p *nn.PassOf[T], n int) state[T]

	// advance returns the state at a step of which u is known, prev being what
	// φ makes of the step before, all zero at the first.
	advance(p *nn.PassOf[T], s state[T], prev, u *ad.NodeOf[T]) state[T]

	// prior returns the head of the distribution of z, see gaussian.
	prior(p *nn.PassOf[T], s state[T], u *ad.NodeOf[T]) (head *ad.NodeOf[T])

	// guides returns for every row of a batch what the posterior sees of the
	// observations, features being what φ makes of them.
	guides(p *nn.PassOf[T], b *batch, features, known *ad.NodeOf[T]) *ad.NodeOf[T]

	// posterior returns the distribution of z given the observations, guide being a row
	// of guides and mean the prior's.
	posterior(p *nn.PassOf[T], s state[T], guide, mean *ad.NodeOf[T]) (qMean, qSD *ad.NodeOf[T])

	// next returns the state after a step, given what φ makes of z and x.
	next(p *nn.PassOf[T], s state[T], z, latent, features *ad.NodeOf[T]) state[T]

	// infer draws z from the posterior at all rows of a batch, features giving what
	// φ makes of the values of some. It is the same as to go step by step, but
	// faster. For each segment in turn it calls explain with a function that
	// records what was inferred there on any pass. It works in the memory of r.
	infer(p *nn.PassOf[T], b *batch, r *trail[T], features func(from, to int) *ad.NodeOf[T], explain func(s segment, what func(*nn.PassOf[T]) inferred[T]))
}

// An inferred is the result of drawing the latent variables of a segment, rows
// of which are those of the segment.
type inferred[T ad.Float] struct {
	latent        *ad.NodeOf[T] // φ of z
	deterministic *ad.NodeOf[T] // what the decoder sees of the state
	divergence    *ad.NodeOf[T] // KL(q ‖ prior), rows × latent variables
}

// newNetwork adds the weights of the network that cfg asks for to s.
func newNetwork[T ad.Float](s *nn.Params, cfg *config, rng *rand.Rand) (*network[T], error) {
	o := cfg.Options
	c, h, u := len(cfg.Channels), o.Hidden, cfg.knownWidth()
	likelihood, err := density.NewLikelihood(s, "likelihood", o.Likelihood, c, density.LikelihoodOptions{Floor: noiseFloor})
	if err != nil {
		return nil, err
	}
	n := &network[T]{
		config:     cfg,
		features:   [2]nn.Linear{nn.NewLinear(s, "features.0", 2*c, h, 1, rng), nn.NewLinear(s, "features.1", h, h, 1, rng)},
		latent:     nn.NewLinear(s, "latent", o.Latent, h, 1, rng),
		likelihood: likelihood,
	}
	if cfg.Kind == VRNN {
		n.core = newVRNN[T](s, o, u, n.latent, rng)
	} else {
		n.core = newSRNN[T](s, o, u, n.latent, rng)
	}
	n.decoder = [2]nn.Linear{nn.NewLinear(s, "decoder.0", 2*h+u, h, 1, rng), nn.NewLinear(s, "decoder.1", h, h, 1, rng)}
	n.head = nn.NewLinear(s, "decoder.head", h, likelihood.Outputs(), 0.1, rng)
	if l := len(cfg.lags()); l > 0 {
		skip := s.Add("decoder.skip", l*c+cfg.covariateWidth(), c)
		n.skip = &skip
		for j := range c {
			// To begin with half of the last value's distance from that of a
			// season before goes on, or of the last value itself.
			w := skip.In(s.Values)
			w[j*c+j] = 0.5
			if l >= 3 {
				w[(c+j)*c+j], w[(2*c+j)*c+j] = 0.9, -0.45
			}
		}
	}
	return n, nil
}

func tanhLayer[T ad.Float](p *nn.PassOf[T], l nn.Linear, x *ad.NodeOf[T]) *ad.NodeOf[T] {
	return p.LinearTanh(x, p.Param(l.W), p.Param(l.B))
}

// phi returns what the recurrences see of a step's values, input.
func (n *network[T]) phi(p *nn.PassOf[T], input *ad.NodeOf[T]) *ad.NodeOf[T] {
	return tanhLayer(p, n.features[1], tanhLayer(p, n.features[0], input))
}

// phiLatent returns what recurrence and decoder see of z.
func (n *network[T]) phiLatent(p *nn.PassOf[T], z *ad.NodeOf[T]) *ad.NodeOf[T] {
	return tanhLayer(p, n.latent, z)
}

// decode returns the head of the observations' distribution for every row of latent; known,
// past and, with known, deterministic may have a single row for all.
func (n *network[T]) decode(p *nn.PassOf[T], latent, deterministic, known, past *ad.NodeOf[T]) *ad.NodeOf[T] {
	first, h := n.decoder[0], n.config.Options.Hidden
	share := p.Linear(known, p.Param(part(first.W, 2*h, first.W.Rows)), p.Param(first.B))
	share = p.Linear(deterministic, p.Param(part(first.W, h, 2*h)), share)
	x := tanhLayer(p, n.decoder[1], p.LinearTanh(latent, p.Param(part(first.W, 0, h)), share))
	head := p.Affine(n.head, x)
	if n.skip == nil {
		return head
	}
	return p.AddColumns(head, spread(p, p.MatMul(past, p.Param(*n.skip)), head.Rows))
}

// gaussian returns mean and deviation from a layer's output of both.
func gaussian[T ad.Float](p *nn.PassOf[T], head *ad.NodeOf[T]) (mean, sd *ad.NodeOf[T]) {
	n := head.Cols / 2
	return p.Columns(head, 0, n), p.SoftplusAbove(posteriorFloor, p.Columns(head, n, 2*n))
}

// draw returns a draw from the Gaussian of each row of head, made of standard normal noise: what
// [ad.TapeOf.Reparameterise] makes of them, without a way back.
func draw[T ad.Float](p *nn.PassOf[T], head *ad.NodeOf[T], noise []T) *ad.NodeOf[T] {
	n := head.Cols / 2
	z, sd := p.Buffer(len(noise)), p.Buffer(len(noise))
	for i := range head.Rows {
		copy(sd[i*n:(i+1)*n], head.Val[i*head.Cols+n:])
	}
	kernel.Softplus(sd, sd)
	for i := range head.Rows {
		row := z[i*n : (i+1)*n]
		for j, mean := range head.Val[i*head.Cols : i*head.Cols+n] {
			row[j] = mean + (sd[i*n+j]+posteriorFloor)*noise[i*n+j]
		}
	}
	return p.Const(head.Rows, n, z)
}

// part returns the place of the rows from to to (exclusive) of w: the weights of
// some of a layer's inputs.
func part(w nn.Param, from, to int) nn.Param {
	return nn.Param{Offset: w.Offset + from*w.Cols, Rows: to - from, Cols: w.Cols}
}

// zeros returns a constant matrix of zeros.
func zeros[T ad.Float](p *nn.PassOf[T], rows, cols int) *ad.NodeOf[T] {
	return p.Const(rows, cols, p.Buffer(rows*cols))
}

// spread returns n rows like x, if x has one.
func spread[T ad.Float](p *nn.PassOf[T], x *ad.NodeOf[T], n int) *ad.NodeOf[T] {
	if x.Rows == n {
		return x
	}
	return p.Rows(x, make([]int, n))
}

// A net is a layer with tanh and a linear one that gives a Gaussian: the distribution of
// z given some matrices, whose weights in the first layer are separate so that
// what does not depend on the recurrence is computed for all steps at once.
type net[T ad.Float] struct {
	in   []nn.Param
	bias nn.Param
	head nn.Linear
}

func newNet[T ad.Float](s *nn.Params, name string, inputs []int, hidden, latent int, rng *rand.Rand) net[T] {
	width := 0
	for _, k := range inputs {
		width += k
	}
	n := net[T]{bias: s.Add(name+".bias", 1, hidden)}
	for i, k := range inputs {
		n.in = append(n.in, s.AddUniform(name+"."+string(rune('a'+i)), k, hidden, bound(width), rng))
	}
	n.head = nn.NewLinear(s, name+".head", hidden, 2*latent, 0.5, rng)
	return n
}

// share returns the first layer's sum over input i of a number of rows, with
// the bias.
func (n net[T]) share(p *nn.PassOf[T], i int, x *ad.NodeOf[T]) *ad.NodeOf[T] {
	return p.Linear(x, p.Param(n.in[i]), p.Param(n.bias))
}

// of returns the head of that for x, input i, given the share of the others.
func (n net[T]) of(p *nn.PassOf[T], i int, x, share *ad.NodeOf[T]) (head *ad.NodeOf[T]) {
	return p.Affine(n.head, p.LinearTanh(x, p.Param(n.in[i]), share))
}

// gaussian returns mean and deviation of that.
func (n net[T]) gaussian(p *nn.PassOf[T], i int, x, share *ad.NodeOf[T]) (mean, sd *ad.NodeOf[T]) {
	return gaussian(p, n.of(p, i, x, share))
}
