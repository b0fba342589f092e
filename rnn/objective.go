package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
	"tsgen/models/density"
)

const (
	validPaths   = 16   // sample paths a window in validation
	validOrigins = 4    // origins in a series' held-back end
	maxValid     = 64   // windows in validation
	tilt         = 1.5  // deviation of the trends added, in deviations over a context
	collapsed    = 0.01 // nats a step below which the latent variables do nothing
)

// An objective is the negative evidence lower bound of random windows, in nats
// per value.
type objective struct {
	*fitted
	seed    uint64
	records []record
	valid   []window // what is held back
	shards  []*shard
	anneal  variational.Annealing
	weight  float64 // usual number of values of an update
}

// A shard is the memory in which one goroutine works.
type shard struct {
	batch
	source rand.PCG
	rng    *rand.Rand // draws from source
	drawn  []window
	tilts  []float64

	inner nn.Pass    // of a segment
	parts []*ad.Node // of the loss
	price []*ad.Node // divergences, where they are not in these
}

func newShard(p *plan) *shard {
	s := &shard{batch: batch{plan: p}}
	s.rng = rand.New(&s.source)
	return s
}

func newObjective(f *fitted, records []record, seed uint64) (*objective, error) {
	o := &objective{
		fitted: f, seed: seed, records: records,
		weight: float64(f.plan.Options.Batch * (f.plan.Options.Context + f.plan.Horizon) * len(f.plan.Channels)),
	}
	o.holdBack()
	for range shards {
		s := newShard(f.plan)
		if f.plan.Options.Likelihood.Domain() == density.Real && !f.plan.Options.Teacher {
			s.disturb = s.rng
		}
		s.thinned = s.rng
		o.shards = append(o.shards, s)
	}
	for i := range records {
		if records[i].limit > o.least() {
			return o, nil
		}
	}
	return nil, fmt.Errorf("rnn: %w: no series has the %d steps that a horizon of %d and what is held back ask for",
		forecast.ErrTooShort, o.least()+1, f.plan.Horizon)
}

// least returns the fewest steps of a context in training.
func (o *objective) least() int { return max(2, o.plan.Options.Context/2) }

// holdBack sets apart what is validated on: the last horizon of every series,
// from several origins, or, if the plan says so, the ends of every fifth series.
func (o *objective) holdBack() {
	h := o.plan.Horizon
	part := max(5, (len(o.records)+maxValid-1)/maxValid)
	for i := range o.records {
		r := &o.records[i]
		n := len(r.u)
		if o.plan.HoldSeries {
			if i%part == part-1 {
				r.limit = 0
				o.addValid(r, max(o.least(), n-h))
			}
			continue
		}
		if n-h <= o.least() {
			continue
		}
		r.limit = n - h
		for k := range validOrigins {
			if origin := n - h + k*h/validOrigins; k == 0 || origin > n-h+(k-1)*h/validOrigins {
				o.addValid(r, origin)
			}
		}
	}
	if n := len(o.valid); n > maxValid {
		for i := range maxValid {
			o.valid[i] = o.valid[i*n/maxValid]
		}
		o.valid = o.valid[:maxValid]
	}
}

// addValid adds the window of r with the given origin and all that follows, if
// there is something to see in both parts.
func (o *objective) addValid(r *record, origin int) {
	w := window{record: r, from: max(0, origin-o.plan.Options.Context), origin: origin, to: len(r.u)}
	if origin < w.to && w.seen(w.from, origin, o.plan) && w.seen(origin, w.to, o.plan) {
		o.valid = append(o.valid, w)
	}
}

// seen reports whether a value of the steps i to j (exclusive) is there.
func (w *window) seen(i, j int, p *plan) bool {
	c := len(p.Channels)
	for _, x := range w.x[i*c : j*c] {
		if !math.IsNaN(x) {
			return true
		}
	}
	return false
}

// draw returns a random window of a random series.
func (o *objective) draw(rng *rand.Rand) window {
	for {
		r := &o.records[rng.IntN(len(o.records))]
		least := o.least()
		if r.limit <= least {
			continue
		}
		origin := least + rng.IntN(r.limit-least)
		length := least + rng.IntN(o.plan.Options.Context-least+1)
		return window{record: r, from: max(0, origin-length), origin: origin, to: min(origin+o.plan.Horizon, r.limit)}
	}
}

// tilt gives each channel of w a random trend: over the longest context a
// normal multiple of the channel's deviation from a line in w's context. Few
// series show many trends, and a model that has seen but one takes it for a
// law.
func (s *shard) tilt(w *window) {
	c := len(s.Channels)
	at := len(s.tilts)
	for j := range c {
		l := w.line(j, c)
		s.tilts = append(s.tilts, tilt*s.rng.NormFloat64()*l.Deviation()/(s.Gap*float64(s.Options.Context)))
	}
	w.tilt = s.tilts[at:len(s.tilts):len(s.tilts)]
}

// Loss implements nn.Objective.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s := o.shards[shard]
	s.source.Seed(o.seed, uint64(1+k*len(o.shards)+shard))
	s.drawn, s.tilts = s.drawn[:0], s.tilts[:0]
	for i := shard; i < o.plan.Options.Batch; i += len(o.shards) {
		w := o.draw(s.rng)
		if o.plan.Options.Level == LevelWindow {
			s.tilt(&w)
		}
		s.drawn = append(s.drawn, w)
	}
	return o.loss(p, s, k), nil
}

// loss returns the part of update k's loss that the windows drawn by s have.
func (o *objective) loss(p *nn.Pass, s *shard, k int) *ad.Node {
	n, in, beta := o.network, &s.inner, o.anneal.At(k)
	s.lay(s.drawn)
	in.Values, in.Grad = p.Values, nil
	if share := o.sampling(k); share > 0 {
		n.tellDraws(in, &s.batch, share, s.rng)
	}
	s.tell()
	in.Grad = p.Grad
	s.parts, s.price = s.parts[:0], s.price[:0]
	free := o.plan.Options.Free
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
	c := len(n.plan.Channels)
	b.draw(n.plan, len(b.target)/c, b.thinned, rng)
	n.core.infer(p, b, func(from, to int) *ad.Node {
		return thin(p, n.phi(p, p.Const(to-from, 2*c, b.input[from*2*c:to*2*c])), b.chance.features, from)
	}, explain)
}

// fit returns the sum of the log-likelihoods of the rows of s given draws of
// their latent variables, 1×1.
func (n *network) fit(p *nn.Pass, b *batch, s segment, q inferred) *ad.Node {
	c, rows := len(n.plan.Channels), s.to-s.from
	k := len(b.past) / (len(b.target) / c)
	x := &b.chance
	head := n.decode(p, thin(p, q.latent, x.latent, s.from), thin(p, q.deterministic, x.deterministic, s.from),
		thin(p, b.knownOf(p, s), x.known, s.from), p.Const(rows, k, b.past[s.from*k:s.to*k]))
	return p.Sum(n.likelihood.LogDensity(p, p.Const(rows, c, b.target[s.from*c:s.to*c]), head))
}

// Validate implements nn.Objective: the mean continuous ranked probability score
// of the held-back values, in units of their window's scale, or for binary
// values the mean bound on their windows' likelihood with its sign turned, in
// nats a value.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	if o.plan.Options.Likelihood.Domain() == density.Unit {
		fit, divergence, n, err := o.elbo(ctx, values, o.valid, o.seed)
		return (divergence - fit) / float64(n), err
	}
	sum, n := 0.0, 0
	c := len(o.plan.Channels)
	for i := range o.valid {
		w := o.valid[i]
		r := roll{
			network: o.network, values: values, particles: validPaths, paths: validPaths,
			rng: rand.New(rand.NewPCG(o.seed, uint64(i))),
		}
		paths := make([][]float64, (w.to-w.origin)*c)
		r.visit = func(t, _ int, y []float64) {
			for j, x := range y {
				paths[t*c+j] = append(paths[t*c+j], x)
			}
		}
		if _, err := r.run(ctx, w); err != nil {
			return 0, err
		}
		for k, sample := range paths {
			if x := w.x[w.origin*c+k]; !math.IsNaN(x) {
				sum += forecast.SampleCRPS(r.normal(0, k%c, x), sample)
				n++
			}
		}
	}
	return sum / float64(n), nil
}

// elbo returns the two parts of the bound of windows, and the number of values.
func (o *objective) elbo(ctx context.Context, values []float64, windows []window, seed uint64) (fit, divergence float64, n int, err error) {
	s := newShard(o.plan)
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
