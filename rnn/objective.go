package rnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/vae"
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
	anneal  vae.Annealing
	weight  float64 // usual number of values of an update
}

// A shard is the memory in which one goroutine works.
type shard struct {
	batch
	source rand.PCG
	rng    *rand.Rand // draws from source
	drawn  []window
	tilts  []float64
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
		if f.plan.Options.Likelihood.Domain() == vae.Real && !f.plan.Options.Teacher {
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
	s.fill(s.drawn)
	fit, divergence := o.network.bound(p, &s.batch, s.rng)
	price := p.Sum(divergence)
	if free := o.plan.Options.Free; free > 0 {
		price = p.Scale(float64(divergence.Rows), p.Sum(p.AtLeast(free, p.ColumnMeans(divergence))))
	}
	return p.Scale(1/o.weight, p.Sub(p.Scale(o.anneal.At(k), price), fit))
}

// bound returns the two parts of the evidence lower bound of a batch: the sum of
// the log-likelihoods given draws of the latent variables, 1×1, and the
// divergences that are to be taken off, rows × latent variables.
func (n *network) bound(p *nn.Pass, b *batch, rng *rand.Rand) (fit, divergence *ad.Node) {
	c, u := len(n.plan.Channels), n.plan.knownWidth()
	rows := len(b.target) / c
	known := p.Const(rows, u, b.known)
	q := n.core.infer(p, b, b.thin(p, n.phi(p, p.Const(rows, 2*c, b.input))), known, rng)
	head := n.decode(p, b.thin(p, q.latent), b.thin(p, q.deterministic), p.Const(rows, len(b.past)/rows, b.past))
	return p.Sum(n.likelihood.LogDensity(p, p.Const(rows, c, b.target), head)), q.divergence
}

// Validate implements nn.Objective: the mean continuous ranked probability score
// of the held-back values, in units of their window's scale, or for binary
// values the mean bound on their windows' likelihood with its sign turned, in
// nats a value.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	if o.plan.Options.Likelihood.Domain() == vae.Unit {
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
		f, d := o.network.bound(&p, &s.batch, s.rng)
		fit, divergence = fit+f.Val[0], divergence+p.Sum(d).Val[0]
		for _, x := range s.target {
			if !math.IsNaN(x) {
				n++
			}
		}
	}
	return fit, divergence, n, nil
}
