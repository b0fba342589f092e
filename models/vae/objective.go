package vae

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/variational"
	"tsgen/models/density"
)

const (
	validDraws   = 16  // draws a window in validation
	validOrigins = 4   // windows of a series' held-back end
	maxValid     = 128 // windows in validation
)

// A window is a place in a record.
type window struct{ record, from int }

// An objective is the negative bound on the log-likelihood of windows that are
// drawn without replacement, in nats per value. Some are shown to the encoder
// with values hidden. Of many series the bound is then on the likelihood of the
// others, so that the posterior given a part of a window is learned; of few, from
// which nobody could learn it, on that of the whole window, which holds as well
// for any posterior and trains forecasts as such, at the price of a wider noise.
type objective struct {
	*fitted
	seed       uint64
	records    []record
	train      []window
	valid      []window
	workspaces []*workspace
	anneal     variational.Annealing
}

// A workspace is what one part of an update remembers.
type workspace struct {
	source rand.PCG
	rng    *rand.Rand
	epoch  int
	order  []int     // of the windows in the epoch
	level  []float64 // of a window

	single nn.PassOf[float32]
	double nn.Pass // of the likelihoods of the single one
}

func newObjective(f *fitted, records []record, seed uint64) (*objective, error) {
	o := &objective{fitted: f, seed: seed, records: records}
	o.share()
	if len(o.train) == 0 {
		return nil, fmt.Errorf("vae: %w: no series has a window of %d steps with a value", forecast.ErrTooShort, f.config.Options.Length)
	}
	for range shards {
		s := &workspace{epoch: -1, order: make([]int, len(o.train)), level: make([]float64, 2*len(f.config.Channels))}
		s.rng = rand.New(&s.source)
		o.workspaces = append(o.workspaces, s)
	}
	return o, nil
}

// share says which windows are trained on and which are held back: the last
// horizon of every series that leaves windows before it, else every twentieth
// window of one step or every tenth series.
func (o *objective) share() {
	length, c := o.config.Options.Length, len(o.config.Channels)
	ends := false
	for _, r := range o.records {
		ends = ends || length > 1 && r.steps(c) >= length+o.config.Horizon
	}
	count := 0
	for i, r := range o.records {
		n := r.steps(c)
		last := n - length // the last place of a window
		for from := 0; from <= last; from++ {
			if !o.observed(window{i, from}) {
				continue
			}
			count++
			held := false
			switch {
			case ends:
				held = last >= o.config.Horizon && from > last-o.config.Horizon
			case length == 1:
				held = count%20 == 0
			default:
				held = i%10 == 9
			}
			if !held {
				o.train = append(o.train, window{i, from})
			} else if every := max(1, o.config.Horizon/validOrigins); !ends || (last-from)%every == 0 {
				o.valid = append(o.valid, window{i, from})
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

func (o *objective) values(w window) []float64 {
	c := len(o.config.Channels)
	return o.records[w.record].values[w.from*c : (w.from+o.config.Options.Length)*c]
}

// observed reports whether w has a value, and one in its context if windows
// have levels of their own.
func (o *objective) observed(w window) bool {
	x := o.values(w)
	if o.config.Options.Level == LevelWindow {
		x = x[:o.config.context()*len(o.config.Channels)]
	}
	for _, v := range x {
		if !math.IsNaN(v) {
			return true
		}
	}
	return false
}

// at returns the window that is in place i of all that training sees.
func (o *objective) at(s *workspace, i int) window {
	if epoch := i / len(s.order); epoch != s.epoch {
		s.epoch = epoch
		for k := range s.order {
			s.order[k] = k
		}
		r := rand.New(rand.NewPCG(o.seed, math.MaxUint64-uint64(epoch)))
		r.Shuffle(len(s.order), func(a, b int) { s.order[a], s.order[b] = s.order[b], s.order[a] })
	}
	return o.train[s.order[i%len(s.order)]]
}

// Loss implements nn.Objective.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	s, opt := o.workspaces[shard], o.config.Options
	s.source.Seed(o.seed, uint64(1+k*len(o.workspaces)+shard))
	rows := (opt.Batch - shard + len(o.workspaces) - 1) / len(o.workspaces)
	if rows == 0 {
		return p.Const(1, 1, p.Buffer(1)), nil
	}
	d := o.config.width()
	whole, shown := p.Buffer(rows*d), p.Buffer(rows*d)
	for i := range rows {
		row := whole[i*d : (i+1)*d]
		copy(row, o.values(o.at(s, k*opt.Batch+i*len(o.workspaces)+shard)))
		if opt.Tilt > 0 {
			o.tilt(row, s.rng)
		}
		o.scaled(row, row, s.level)
		copy(shown[i*d:], row)
		o.hideSome(shown[i*d:(i+1)*d], s.rng)
		if !o.config.Few {
			copy(row, shown[i*d:])
		}
	}
	beta := opt.Beta * o.anneal.At(k)
	if opt.Precision == neural.Float32 {
		return nn.Single(p, &s.single, func() *ad.NodeOf[float32] {
			s.double.Values = p.Values
			return loss(o.network, &s.single, &s.double, whole, shown, beta, s.rng)
		}), nil
	}
	return loss(o.network, p, p, whole, shown, beta, s.rng), nil
}

// loss returns the share of an update's loss of windows of which the encoder is shown others,
// width values each, the divergence having the weight beta. double is where likelihoods are
// computed if T is float32.
func loss[T ad.Float](n *network, p *nn.PassOf[T], double *nn.Pass, whole, shown []float64, beta float64, rng *rand.Rand) *ad.NodeOf[T] {
	opt, d := n.config.Options, n.config.width()
	weight := 1 / float64(opt.Batch*d)
	q := encode(n, p, shown)
	z, ratio := q.SampleRatio(p, rng.NormFloat64, opt.Draws)
	fit := logDensity(n, p, double, whole, opt.Draws, decode(n, p, z))
	if opt.Draws > 1 {
		return p.Scale(T(-weight), p.Sum(variational.ImportanceBound(p, p.Add(fit, ratio), opt.Draws)))
	}
	kl := p.Scale(T(float64(len(whole)/d)*weight*beta), q.FreeBits(p, T(opt.Free)))
	return p.Add(p.Scale(T(-weight), p.Sum(fit)), kl)
}

// tilt adds a random trend to each channel of the window x, or to the logarithm
// of positive values: over the window a normal multiple of Options.Tilt
// deviations of the context. Few series show few trends, and a model that has
// seen but one takes it for the rule; one that has seen the same windows tilted has
// to read the trend off the context.
func (o *objective) tilt(x []float64, rng *rand.Rand) {
	c, n := len(o.config.Channels), o.config.Options.Length
	context := x[:o.config.context()*c]
	for j := range c {
		f := moments.Identity
		if o.config.Options.Likelihood.Domain() == density.Positive {
			f = math.Log
		}
		sd := 1.0
		if m := moments.OfChannel(context, c, j, f); m.N > 0 {
			sd = math.Sqrt(m.Variance())
		}
		slope := o.config.Options.Tilt * sd * rng.NormFloat64() / float64(n)
		for t := range n {
			if o.config.Options.Likelihood.Domain() == density.Positive {
				x[t*c+j] *= math.Exp(slope * float64(t))
			} else {
				x[t*c+j] += slope * float64(t)
			}
		}
	}
}

// hideSome takes the values of the horizon out of one window in four, and random
// values out of another one: the encoder must learn what a part of a window says
// of the whole. Windows of one step are left whole.
func (o *objective) hideSome(x []float64, rng *rand.Rand) {
	context, c := o.config.context(), len(o.config.Channels)
	if context == 0 {
		return
	}
	switch u := rng.Float64(); {
	case u < 0.25:
		hide(x[context*c:])
	case u < 0.5:
		part := rng.Float64()
		for k := range x {
			if rng.Float64() < part {
				x[k] = math.NaN()
			}
		}
	}
}

// Validate implements nn.Objective. Forecasts of the horizons of the held-back
// windows are scored by the mean of their continuous ranked probability score,
// in units of the windows' scale; windows of one step, which have no context, by
// minus their importance-weighted bound, in nats per value.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	rng := rand.New(rand.NewPCG(o.seed, 0))
	f := *o.fitted
	f.Params = &nn.Params{Values: values}
	d, seen := o.config.width(), o.config.context()*len(o.config.Channels)
	known, all := make([]float64, len(o.valid)*d), make([]float64, len(o.valid)*d)
	level := make([]float64, 2*len(o.config.Channels))
	for i, w := range o.valid {
		o.scaled(all[i*d:(i+1)*d], o.values(w), level)
		copy(known[i*d:], all[i*d:(i+1)*d])
		hide(known[i*d+seen : (i+1)*d])
	}
	if seen == 0 {
		bounds, err := f.bounds(ctx, all, validDraws, rng)
		sum := 0.0
		for _, b := range bounds {
			sum -= b
		}
		return sum / float64(countObserved(all)), err
	}
	z, err := f.posterior(ctx, known, len(o.valid), validDraws, rng)
	if err != nil {
		return 0, err
	}
	draws := make([]float64, len(z)/o.config.Options.Latent*d)
	err = f.sample(ctx, z, rng, func(i int, x []float64) error {
		copy(draws[i*d:], x)
		return nil
	})
	if err != nil {
		return 0, err
	}
	sum, n := 0.0, 0
	marginal := make([]float64, validDraws)
	for i := range o.valid {
		for k := seen; k < d; k++ {
			x := all[i*d+k]
			if math.IsNaN(x) {
				continue
			}
			for m := range marginal {
				marginal[m] = draws[(i*validDraws+m)*d+k]
			}
			sum += forecast.SampleCRPS(x, marginal)
			n++
		}
	}
	return sum / float64(n), nil
}

func countObserved(x []float64) int {
	n := 0
	for _, v := range x {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

func hide(x []float64) {
	for k := range x {
		x[k] = math.NaN()
	}
}
