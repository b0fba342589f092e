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
	wholeAlone = 2    // the same where series are learned as a whole; these are seen from their first step on
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

	double room[float64]
	single room[float32]
	outer  nn.PassOf[float32] // of a loss in float32
}

// A room is the memory of a loss in one width.
type room[T ad.Float] struct {
	trail[T]
	inner      nn.PassOf[T]    // of a segment
	likelihood nn.Pass         // of its likelihood, where T is float32
	parts      []*ad.NodeOf[T] // of the loss
	price      []*ad.NodeOf[T] // divergences, where they are not in these
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
	each := alone
	if o.config.Whole {
		each = wholeAlone
	}
	for i := shard; i < o.config.Options.Batch; i += len(o.workspaces) {
		w := o.draw(s.rng)
		switch w.Alone = len(s.drawn)%each == each-1; {
		case w.Alone && o.config.Whole:
			n := min(w.Limit, o.config.Options.Context+o.config.Horizon)
			w.From, w.Origin, w.To = 0, n, n
		case !w.Alone && o.config.Options.Level == LevelWindow:
			s.tilts = w.TiltAtRandom(s.tilts, o.config.Gap*float64(o.config.Options.Context), s.rng)
		}
		s.drawn = append(s.drawn, w)
	}
	return o.loss(p, s, k), nil
}

// loss returns the part of update k's loss that the windows drawn by s have.
func (o *objective) loss(p *nn.Pass, s *workspace, k int) *ad.Node {
	s.lay(s.drawn)
	if o.single == nil {
		return lossIn(o, o.network, p, p, s, &s.double, k)
	}
	return nn.Single(p, &s.outer, func() *ad.NodeOf[float32] { return lossIn(o, o.single, p, &s.outer, s, &s.single, k) })
}

// lossIn is loss in the width of n, on p; master has the parameters in float64.
func lossIn[T ad.Float](o *objective, n *network[T], master *nn.Pass, p *nn.PassOf[T], s *workspace, r *room[T], k int) *ad.NodeOf[T] {
	in, beta, weight := &r.inner, T(o.anneal.At(k)), T(1/o.weight)
	in.Values, in.Grad = p.Values, nil
	if share := o.sampling(k); share > 0 {
		n.drawInputs(in, master.Values, &s.batch, share, s.rng)
	}
	s.setInput()
	in.Grad = p.Grad
	r.likelihood.Values = master.Values
	r.parts, r.price = r.parts[:0], r.price[:0]
	free := T(o.config.Options.Free)
	n.infer(p, &s.batch, &r.trail, s.rng, func(g segment, what func(*nn.PassOf[T]) inferred[T]) {
		if free > 0 {
			// What is free is free of a mean over all segments.
			q := what(p)
			r.price = append(r.price, q.divergence)
			r.parts = append(r.parts, p.Eager(&in.TapeOf, -weight, func() *ad.NodeOf[T] { return n.fit(in, &r.likelihood, &s.batch, g, q) }))
			return
		}
		r.parts = append(r.parts, p.Eager(&in.TapeOf, weight, func() *ad.NodeOf[T] {
			q := what(in)
			return in.Sub(in.Scale(beta, in.Sum(q.divergence)), n.fit(in, &r.likelihood, &s.batch, g, q))
		}))
	})
	loss := p.Sum(p.Stack(r.parts))
	if free > 0 {
		divergence := p.Stack(r.price)
		price := p.Sum(p.AtLeast(free, p.ColumnMeans(divergence)))
		loss = p.Add(loss, p.Scale(beta*T(divergence.Rows)*weight, price))
	}
	return loss
}

// infer draws the latent variables of b from the posterior, segment by segment;
// see core.
func (n *network[T]) infer(p *nn.PassOf[T], b *batch, r *trail[T], rng *rand.Rand, explain func(s segment, what func(*nn.PassOf[T]) inferred[T])) {
	c := len(n.config.Channels)
	b.draw(n.config, len(b.target)/c, b.thinned, rng)
	n.core.infer(p, b, r, func(from, to int) *ad.NodeOf[T] {
		return thin(p, n.phi(p, p.Data(to-from, 2*c, b.input[from*2*c:to*2*c])), b.noise.features, from)
	}, explain)
}

// fit returns the sum of the log-likelihoods of the rows of s given draws of
// their latent variables, 1×1. double is where it is computed if T is float32.
func (n *network[T]) fit(p *nn.PassOf[T], double *nn.Pass, b *batch, s segment, q inferred[T]) *ad.NodeOf[T] {
	c, rows := len(n.config.Channels), s.to-s.from
	k := len(b.past) / (len(b.target) / c)
	x := &b.noise
	head := n.decode(p, thin(p, q.latent, x.latent, s.from), thin(p, q.deterministic, x.deterministic, s.from),
		thin(p, knownOf(p, b, s), x.known, s.from), p.Data(rows, k, b.past[s.from*k:s.to*k]))
	return density.SumLogDensity(n.likelihood, p, double, b.target[s.from*c:s.to*c], head)
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
		paths := make([][]float64, (w.To-w.Origin)*c)
		var level *batch
		_, err := o.filter(ctx, w, filtering{
			values: values, particles: validPaths, paths: validPaths, rng: rand.New(rand.NewPCG(o.seed, uint64(i))),
			visit: func(b *batch, t int, y []float64) {
				level = b
				for i, x := range y {
					paths[t*c+i%c] = append(paths[t*c+i%c], x)
				}
			},
		})
		if err != nil {
			return 0, err
		}
		for k, sample := range paths {
			if x := w.X[w.Origin*c+k]; !math.IsNaN(x) {
				sum += forecast.SampleCRPS(level.normal(0, k%c, x), sample)
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
		in := &s.double.inner
		in.Values = values
		o.network.infer(&p, &s.batch, &s.double.trail, s.rng, func(g segment, what func(*nn.Pass) inferred[float64]) {
			in.Reset()
			q := what(in)
			fit, divergence = fit+o.network.fit(in, &p, &s.batch, g, q).Val[0], divergence+in.Sum(q.divergence).Val[0]
		})
		for _, x := range s.target {
			if !math.IsNaN(x) {
				n++
			}
		}
	}
	return fit, divergence, n, nil
}
