package rnn

import (
	"context"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
	"tsgen/models/density"
)

const (
	validPaths = 16   // sample paths a window in validation
	maxValid   = 64   // windows in validation
	alone      = 4    // of so many windows in training one is seen without its past
	collapsed  = 0.01 // nats a step below which the latent variables do nothing
)

// An objective is the negative evidence lower bound of random windows, in nats
// per value.
type objective struct {
	*fitted
	seed       uint64
	records    []neural.Record
	valid      []neural.Window // what is held back
	workspaces []*workspace
	anneal     variational.Annealing
	weight     float64 // usual number of values of an update
}

// A workspace is the memory in which one goroutine works.
type workspace struct {
	batch
	source rand.PCG
	rng    *rand.Rand // draws from source
	drawn  []neural.Window
	tilts  []float64

	inner nn.Pass    // of a segment
	parts []*ad.Node // of the loss
	price []*ad.Node // divergences, where they are not in these
}

func newWorkspace(c *config) *workspace {
	s := &workspace{batch: batch{config: c}}
	s.rng = rand.New(&s.source)
	return s
}

func newObjective(f *fitted, records []neural.Record, seed uint64) (*objective, error) {
	o := &objective{
		fitted: f, seed: seed, records: records,
		weight: float64(f.config.Options.Batch * (f.config.Options.Context + f.config.Horizon) * len(f.config.Channels)),
	}
	for range shards {
		s := newWorkspace(f.config)
		if f.config.Options.Likelihood.Domain() == density.Real && f.config.noisy(records) {
			s.disturb = s.rng
		}
		s.thinned = s.rng
		o.workspaces = append(o.workspaces, s)
	}
	var err error
	o.valid, err = f.config.split().HoldBack(records)
	o.valid = neural.Spread(o.valid, maxValid)
	return o, err
}

// draw returns a random window of a random series.
func (o *objective) draw(rng *rand.Rand) neural.Window {
	r, origin, length := o.config.split().Draw(o.records, rng)
	return neural.Window{Record: r, From: max(0, origin-length), Origin: origin, To: min(origin+o.config.Horizon, r.Limit)}
}

// Loss implements nn.Objective.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s := o.workspaces[shard]
	s.source.Seed(o.seed, uint64(1+k*len(o.workspaces)+shard))
	s.drawn, s.tilts = s.drawn[:0], s.tilts[:0]
	for i := shard; i < o.config.Options.Batch; i += len(o.workspaces) {
		w := o.draw(s.rng)
		if w.Alone = len(s.drawn)%alone == alone-1; !w.Alone && o.config.Options.Level == LevelWindow {
			s.tilts = w.TiltAtRandom(s.tilts, o.config.Gap*float64(o.config.Options.Context), s.rng)
		}
		s.drawn = append(s.drawn, w)
	}
	return o.loss(p, s, k), nil
}

// loss returns the part of update k's loss that the windows drawn by s have.
func (o *objective) loss(p *nn.Pass, s *workspace, k int) *ad.Node {
	n, in, beta := o.network, &s.inner, o.anneal.At(k)
	s.lay(s.drawn)
	in.Values, in.Grad, in.Single = p.Values, nil, p.Single
	if share := o.sampling(k); share > 0 {
		n.drawInputs(in, &s.batch, share, s.rng)
	}
	s.setInput()
	in.Grad = p.Grad
	s.parts, s.price = s.parts[:0], s.price[:0]
	free := o.config.Options.Free
	n.infer(p, &s.batch, s.rng, func(g segment, what func(*nn.Pass) inferred) {
		if free > 0 {
			// What is free is free of a mean over all segments.
			q := what(p)
			s.price = append(s.price, q.divergence)
			s.parts = append(s.parts, p.Eager(&in.Tape, -1/o.weight, func() *ad.Node { return n.fit(in, &s.batch, g, q) }))
			return
		}
		s.parts = append(s.parts, p.Eager(&in.Tape, 1/o.weight, func() *ad.Node {
			q := what(in)
			return in.Sub(in.Scale(beta, in.Sum(q.divergence)), n.fit(in, &s.batch, g, q))
		}))
	})
	loss := p.Sum(p.Stack(s.parts))
	if free > 0 {
		divergence := p.Stack(s.price)
		price := p.Sum(p.AtLeast(free, p.ColumnMeans(divergence)))
		loss = p.Add(loss, p.Scale(beta*float64(divergence.Rows)/o.weight, price))
	}
	return loss
}

// infer draws the latent variables of b from the posterior, segment by segment;
// see core.
func (n *network) infer(p *nn.Pass, b *batch, rng *rand.Rand, explain func(s segment, what func(*nn.Pass) inferred)) {
	c := len(n.config.Channels)
	b.draw(n.config, len(b.target)/c, b.thinned, rng)
	n.core.infer(p, b, func(from, to int) *ad.Node {
		return thin(p, n.phi(p, p.Const(to-from, 2*c, b.input[from*2*c:to*2*c])), b.noise.features, from)
	}, explain)
}

// fit returns the sum of the log-likelihoods of the rows of s given draws of
// their latent variables, 1×1.
func (n *network) fit(p *nn.Pass, b *batch, s segment, q inferred) *ad.Node {
	c, rows := len(n.config.Channels), s.to-s.from
	k := len(b.past) / (len(b.target) / c)
	x := &b.noise
	head := n.decode(p, thin(p, q.latent, x.latent, s.from), thin(p, q.deterministic, x.deterministic, s.from),
		thin(p, b.knownOf(p, s), x.known, s.from), p.Const(rows, k, b.past[s.from*k:s.to*k]))
	return p.Sum(n.likelihood.LogDensity(p, p.Const(rows, c, b.target[s.from*c:s.to*c]), head))
}

// Validate implements nn.Objective: the mean continuous ranked probability score
// of the held-back values, in units of their window's scale, or for binary
// values the mean bound on their windows' likelihood with its sign turned, in
// nats a value.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	if o.config.Options.Likelihood.Domain() == density.Unit {
		fit, divergence, n, err := o.elbo(ctx, values, o.valid, o.seed)
		return (divergence - fit) / float64(n), err
	}
	sum, n := 0.0, 0
	c := len(o.config.Channels)
	for i := range o.valid {
		w := o.valid[i]
		r := particleFilter{
			network: o.network, values: values, particles: validPaths, paths: validPaths,
			rng: rand.New(rand.NewPCG(o.seed, uint64(i))),
		}
		paths := make([][]float64, (w.To-w.Origin)*c)
		r.visit = func(t, _ int, y []float64) {
			for j, x := range y {
				paths[t*c+j] = append(paths[t*c+j], x)
			}
		}
		if _, err := r.run(ctx, w); err != nil {
			return 0, err
		}
		for k, sample := range paths {
			if x := w.X[w.Origin*c+k]; !math.IsNaN(x) {
				sum += forecast.SampleCRPS(r.normal(0, k%c, x), sample)
				n++
			}
		}
	}
	return sum / float64(n), nil
}

// elbo returns the two parts of the bound of windows, and the number of values.
func (o *objective) elbo(ctx context.Context, values []float64, windows []neural.Window, seed uint64) (fit, divergence float64, n int, err error) {
	s := newWorkspace(o.config)
	s.source.Seed(seed, 0)
	p := nn.Pass{Values: values}
	for len(windows) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, 0, 0, err
		}
		some := min(len(windows), maxValid)
		s.drawn = append(s.drawn[:0], windows[:some]...)
		windows = windows[some:]
		p.Reset()
		s.fill(s.drawn)
		in := &s.inner
		in.Values = values
		o.network.infer(&p, &s.batch, s.rng, func(g segment, what func(*nn.Pass) inferred) {
			in.Reset()
			q := what(in)
			fit, divergence = fit+o.network.fit(in, &s.batch, g, q).Val[0], divergence+in.Sum(q.divergence).Val[0]
		})
		for _, x := range s.target {
			if !math.IsNaN(x) {
				n++
			}
		}
	}
	return fit, divergence, n, nil
}
