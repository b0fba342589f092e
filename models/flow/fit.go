package flow

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/option"
	"tsgen/internal/scores"
	"tsgen/internal/training"
	"tsgen/series"
)

const (
	shards   = 4     // of an update; part of the result, not of the machine
	every    = 50    // updates between validations
	clip     = 5     // bound on the gradient's norm
	decay    = 0.995 // of the weights' moving average
	maxTrain = 20000 // windows that are trained on
	maxValid = 512   // windows in validation
	part     = 8     // one of so many series, or such a part of each, is held back

	most      = 0.9  // of the variance, in the directions whose scores are matched
	matched   = 1024 // draws by which scores are matched
	embedding = 64   // width of what the layers see of time and place at most
)

// Fit trains the model on the windows of the panel, and keeps the weights of the second
// half of training that match the velocities of held-back windows best: of every eighth
// series, or the last eighth of each. What is missing within windows is filled by lines
// between the values around it. If ctx ends, its error is returned and the model keeps the
// best weights so far, or the last. The error wraps forecast.ErrTooShort if no series
// is long enough, and forecast.ErrMismatch if times are not equally spaced.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := m.Options.Validate(); err != nil {
		return err
	}
	c, records, err := newConfig(m.Options, train, opt)
	if err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	learned, held := c.windows(records)
	if len(learned) < 2 {
		return fmt.Errorf("flow: %w: %d windows of %d steps", forecast.ErrTooShort, len(learned), c.Options.Length)
	}
	hidden := 256
	for _, few := range []int{1000, 200, 50} {
		if len(learned) < few {
			hidden /= 2
		}
	}
	c.Options.Hidden = cmp.Or(m.Options.Hidden, hidden)
	option.Defaults(&c.Options)
	x := make([][]float64, len(learned))
	for i, w := range learned {
		x[i] = w.x
	}
	mean, deviation, spread, err := directions(x)
	if err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	c.Rank, c.Embedding = len(deviation), min(embedding, c.Options.Hidden)
	f := newFitted(c, rand.New(rand.NewPCG(opt.Seed, 0)))
	n := f.network
	copy(n.mean.In(f.Params.Values), mean)
	copy(n.deviation.In(f.Params.Values), deviation)
	copy(n.spread.In(f.Params.Values), spread.RawMatrix().Data)
	o := &objective{fitted: f, seed: opt.Seed}
	for i, windows := range [][]place{learned, held} {
		for _, w := range windows {
			o.windows[i] = append(o.windows[i], place{n.whiten(f.Params.Values, w.x), w.place})
		}
	}
	c.learnScores(o.windows[0])
	for _, windows := range o.windows {
		for _, w := range windows {
			c.scored(w.x)
		}
	}
	usable, err := f.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: shards, Clip: clip, Decay: decay, Every: every, State: (&Model{fitted: f}).State,
		Finish: func(ctx context.Context) error { return f.matchScores(ctx, learned, opt.Seed) },
	}, o, len(held), opt)
	if usable {
		m.fitted = f
	}
	if err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	return nil
}

// A place is a window, or its coordinates, and its place in the season.
type place struct{ x, place []float64 }

// windows returns the windows to learn from and those that are held back.
func (c *config) windows(records []neural.Record) (learned, held []place) {
	many := len(records) >= neural.ManySeries
	for i := range records {
		r := &records[i]
		n := len(r.U) - c.Options.Length + 1
		for from := range max(0, n) {
			x, whole := c.window(r, from)
			if !whole {
				c.bridge(x)
			}
			w := place{x, c.place(r.U[from])}
			switch {
			case many && i%part == part-1, !many && n >= 2*part && from >= n-n/part:
				held = append(held, w)
			default:
				learned = append(learned, w)
			}
		}
	}
	return spread(learned, maxTrain), spread(held, maxValid)
}

// learnScores sets the scores of coordinates of windows.
func (c *config) learnScores(windows []place) {
	c.Scores = make([]scores.Map, c.Rank)
	z := make([]float64, len(windows))
	for k := range c.Scores {
		for i, w := range windows {
			z[i] = w.x[k]
		}
		c.Scores[k] = scores.Choose(z)
	}
}

// matchScores has what is drawn along each direction be distributed as the windows are,
// where the flow falls short of that.
func (f *fitted) matchScores(ctx context.Context, windows []place, seed uint64) error {
	asked, drawn := make([]request, matched), make([][]float64, matched)
	for i := range asked {
		rng := rand.New(rand.NewPCG(seed, math.MaxUint64-uint64(i)))
		asked[i] = request{place: windows[rng.IntN(len(windows))].place, noise: f.noise(rng)}
	}
	err := forecast.EachSeries(ctx, matched/together, func(part int) error {
		from := part * together
		z, err := f.coordinates(ctx, asked[from:from+together])
		copy(drawn[from:], z)
		return err
	})
	if err != nil {
		return err
	}
	z := make([]float64, matched)
	deviation := f.network.deviation.In(f.Params.Values)
	left := floats.Dot(deviation, deviation)
	for k, least := 0, left*(1-most); k < len(deviation) && left > least; k++ {
		for i := range z {
			z[i] = drawn[i][k]
		}
		f.config.Scores[k] = f.config.Scores[k].Matched(z)
		left -= deviation[k] * deviation[k]
	}
	return nil
}

// spread returns at most n of the windows, evenly spread over all.
func spread(w []place, n int) []place {
	if len(w) <= n {
		return w
	}
	some := make([]place, n)
	for i := range some {
		some[i] = w[i*len(w)/n]
	}
	return some
}

// An objective is the mean square error of the velocities at random times, per
// direction.
type objective struct {
	*fitted
	seed    uint64
	windows [2][]place // to learn from, held back
	single  [shards]nn.PassOf[float32]
}

// Loss implements nn.Objective.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	rng := rand.New(rand.NewPCG(o.seed, uint64(1+k*shards+shard)))
	var some []place
	for i := shard; i < o.config.Options.Batch; i += shards {
		some = append(some, o.windows[0][rng.IntN(len(o.windows[0]))])
	}
	if len(some) == 0 {
		return p.Const(1, 1, []float64{0}), nil
	}
	scale := 1 / float64(o.config.Options.Batch*o.config.Rank)
	if o.config.Options.Precision == neural.Float32 {
		in := &o.single[shard]
		return nn.Single(p, in, func() *ad.NodeOf[float32] { return in.Scale(float32(scale), loss(o.network, in, some, rng)) }), nil
	}
	return p.Scale(scale, loss(o.network, p, some, rng)), nil
}

// loss returns the sum of the square errors of some windows.
func loss[T ad.Float](n *network, p *nn.PassOf[T], some []place, rng *rand.Rand) *ad.NodeOf[T] {
	rank := n.Rank
	z, want := make([]float64, len(some)*rank), make([]float64, len(some)*rank)
	var when []float64
	for i, w := range some {
		t := 1 / (1 + math.Exp(-rng.NormFloat64()))
		for k, x := range w.x {
			e := rng.NormFloat64()
			z[i*rank+k], want[i*rank+k] = (1-t)*e+t*x, x-e
		}
		when = append(appendTime(when, t), w.place...)
	}
	d := p.Sub(velocity(n, p, len(some), z, when), p.Data(len(some), rank, want))
	return p.Sum(p.Mul(d, d))
}

// Validate implements nn.Objective: the mean square error on what is held back.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	sum := loss(o.network, &nn.Pass{Values: values}, o.windows[1], rand.New(rand.NewPCG(o.seed, 0))).Val[0]
	return sum / float64(max(1, len(o.windows[1])*o.config.Rank)), ctx.Err()
}
