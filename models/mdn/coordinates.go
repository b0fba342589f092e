package mdn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
)

const (
	coordinateWidth = 32  // of the layers of a coordinate
	coordinateBatch = 256 // series of an update
	coordinateRate  = 3e-3
	beyond          = 10 // that coordinates are seen to be at most
)

// A chain is the distribution of the coordinates of curves: of each a mixture, given those before it.
type chain struct {
	training.Fitted
	curves  *curves
	mixture mixture
	links   []link
	season  nn.Param // 1×1 and zero: there is none
}

// A link is the layers of a coordinate.
type link struct{ before, inner, output nn.Linear }

func newChain(c *config, rng *rand.Rand) *chain {
	h := &chain{Fitted: training.Fitted{Params: &nn.Params{}}, curves: c.Curves, mixture: mixture{components: c.Options.Components}}
	k := c.Options.Components
	h.season = h.Params.Add("season", 1, 1)
	for d := range c.Curves.Lines {
		name := fmt.Sprintf("coordinate.%d.", d)
		l := link{
			before: nn.NewLinear(h.Params, name+"before", 1+d-c.Curves.From[d], coordinateWidth, 1, rng),
			inner:  nn.NewLinear(h.Params, name+"inner", coordinateWidth, coordinateWidth, 1, rng),
			output: nn.NewLinear(h.Params, name+"output", coordinateWidth, h.mixture.outputs(), 0.1, rng),
		}
		spreadOut(l.output.B.In(h.Params.Values)[k:], k)
		h.links = append(h.links, l)
	}
	return h
}

// coordinateHead returns the parameters of the distribution of the coordinate d of some series, of which those before it
// are known.
func coordinateHead[T ad.Float](h *chain, p *nn.PassOf[T], d int, zs [][]float64) *ad.NodeOf[T] {
	var in []float64
	for _, z := range zs {
		in = append(in, 1)
		for _, v := range z[h.curves.From[d]:d] {
			in = append(in, min(max(v, -beyond), beyond))
		}
	}
	l := h.links[d]
	a := p.LinearTanh(p.Data(len(zs), 1+d-h.curves.From[d], in), p.Param(l.before.W), p.Param(l.before.B))
	a = p.LinearTanh(a, p.Param(l.inner.W), p.Param(l.inner.B))
	return p.Affine(l.output, a)
}

// coordinateDensity returns the log density of the coordinates of each series, in the units of their targets.
func coordinateDensity[T ad.Float](h *chain, p *nn.PassOf[T], zs [][]float64) *ad.NodeOf[T] {
	var sum *ad.NodeOf[T]
	for d := range h.links {
		m := &mixtureNode[T]{mixture: h.mixture}
		for _, z := range zs {
			m.targets = append(m.targets, h.curves.target(d, z))
		}
		if l := m.logDensity(&p.TapeOf, coordinateHead(h, p, d, zs), p.Param(h.season)); sum == nil {
			sum = l
		} else {
			sum = p.Add(sum, l)
		}
	}
	return sum
}

// logDensity returns the log density of a series, in units of the panel.
func (h *chain) logDensity(x []float64) float64 {
	z := h.curves.coordinates(x)
	l := h.curves.logJacobian(x, z) + coordinateDensity(h, &nn.Pass{Values: h.Params.Values}, [][]float64{z}).Val[0]
	for d := range z {
		l -= math.Log(h.curves.target(d, z).unit)
	}
	return l
}

// draw returns a series in units of the panel.
func (h *chain) draw(rng *rand.Rand) []float64 {
	p := &nn.Pass{Values: h.Params.Values}
	var z []float64
	for d := range h.links {
		p.Reset()
		y, _, _ := h.mixture.draw(coordinateHead(h, p, d, [][]float64{z}).Val, true, 0, 0, rng)
		at := h.curves.place(d, z)
		z = append(z, at.value(y))
	}
	x := h.curves.curve(z)
	h.curves.addRemainder(x, rng)
	return x
}

// coordinates is the objective of a chain: the negative log-likelihood of random series, in nats per coordinate.
type coordinates struct {
	*chain
	seed        uint64
	double      bool
	train, held [][]float64
	single      [shards]nn.PassOf[float32]
}

// Loss implements nn.Objective.
func (o *coordinates) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	rng := rand.New(rand.NewPCG(o.seed, uint64(1+k*shards+shard)))
	zs := make([][]float64, coordinateBatch/shards)
	for i := range zs {
		zs[i] = o.train[rng.IntN(len(o.train))]
	}
	unit := -1 / float64(coordinateBatch*len(o.links))
	if o.double {
		return p.Scale(unit, p.Sum(coordinateDensity(o.chain, p, zs))), nil
	}
	in := &o.single[shard]
	return nn.Single(p, in, func() *ad.NodeOf[float32] {
		return in.Scale(float32(unit), in.Sum(coordinateDensity(o.chain, in, zs)))
	}), nil
}

// Validate implements nn.Objective.
func (o *coordinates) Validate(ctx context.Context, values []float64) (float64, error) {
	sum := 0.0
	for _, l := range coordinateDensity(o.chain, &nn.Pass{Values: values}, o.held).Val {
		sum -= l
	}
	return sum / float64(len(o.held)*len(o.links)), ctx.Err()
}

// fitChain trains a chain over the coordinates of curves in what is left of the time, and keeps it if series that are held
// back are likelier by it than by the network over time.
func (o *objective) fitChain(ctx context.Context, opt forecast.FitOptions, start time.Time) error {
	c := o.config
	if c.Curves == nil || len(o.held) == 0 {
		return nil
	}
	if opt.TimeLimit > 0 {
		if opt.TimeLimit -= time.Since(start); opt.TimeLimit <= 0 {
			return nil
		}
	}
	opt.Resume, opt.From, opt.Checkpoint = nil, nil, nil
	h := newChain(c, rand.New(rand.NewPCG(opt.Seed, 1)))
	by := &coordinates{chain: h, seed: ^opt.Seed, double: c.Options.Precision != neural.Float32}
	for i := range o.records {
		if r := &o.records[i]; r.Limit > 0 {
			by.train = append(by.train, c.Curves.coordinates(c.units(r.X)))
		}
	}
	var whole []*neural.Record
	for _, w := range o.held {
		if c.onGrid(w.Record) {
			whole = append(whole, w.Record)
			by.held = append(by.held, c.Curves.coordinates(c.units(w.Record.X)))
		}
	}
	if len(whole) == 0 {
		return nil
	}
	usable, err := h.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: coordinateRate,
		Shards: shards, Clip: clip, Decay: decay, Every: every,
	}, by, len(by.held), opt)
	if err != nil || !usable {
		return err
	}
	gain := 0.0
	for _, r := range whole {
		gain += h.logDensity(c.units(r.X)) - o.logDensity(r)
	}
	if gain > 0 {
		o.chain = h
	}
	return ctx.Err()
}

const chainName = "coordinates" // of the tensor of a chain's weights

// tensor returns what is stored of a chain.
func (h *chain) tensor() forecast.Tensor {
	return forecast.Tensor{Name: chainName, Shape: []int{len(h.Params.Values)}, Data: slices.Clone(h.Params.Values)}
}

// takeChain returns the chain that is among some tensors, nil if there is none, and the others.
func (c *config) takeChain(tensors []forecast.Tensor) (h *chain, others []forecast.Tensor, err error) {
	for _, t := range tensors {
		if t.Name != chainName || h != nil {
			others = append(others, t)
			continue
		}
		if c.Curves == nil {
			return nil, nil, errors.New("a chain over the coordinates of curves, of which there are none")
		}
		h = newChain(c, rand.New(rand.NewPCG(0, 0)))
		if len(t.Data) != len(h.Params.Values) {
			return nil, nil, fmt.Errorf("%d weights of a chain over coordinates, want %d", len(t.Data), len(h.Params.Values))
		}
		if err := neural.Finite(t.Data...); err != nil {
			return nil, nil, fmt.Errorf("a chain over coordinates: %w", err)
		}
		copy(h.Params.Values, t.Data)
	}
	return h, others, nil
}
