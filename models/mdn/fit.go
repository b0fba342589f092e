package mdn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/odds"
	"tsgen/internal/training"
	"tsgen/series"
)

const (
	shards   = 4    // of an update; part of the result, not of the machine
	every    = 50   // updates between validations
	clip     = 1    // bound on the gradient's norm
	decay    = 0.98 // of the weights' moving average
	maxValid = 128  // windows in validation
)

// Fit trains the model on the panel, and keeps the weights of the second half of
// training that have the best likelihood of what is held back: the last horizon of every
// series, or some of the series where there are many. If ctx ends, its error is
// returned and the model keeps the best weights so far, or the last. The error wraps
// forecast.ErrTooShort if no series is long enough, and forecast.ErrMismatch if times
// are off their grid.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := m.Options.Validate(); err != nil {
		return err
	}
	o, err := newObjective(m.Options, train, opt)
	if err != nil {
		return fmt.Errorf("mdn: %w", err)
	}
	f, c, start := o.fitted, o.config, time.Now()
	usable, err := f.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: shards, Clip: clip, Decay: decay, Every: every, State: (&Model{fitted: f}).State,
	}, o, len(o.held), opt)
	if usable {
		o.learnPlain()
		m.fitted = f
	}
	if usable && err == nil {
		err = o.fitChain(ctx, opt, start)
	}
	if usable && err == nil && f.chain == nil && c.Wholes && c.Lengths == nil {
		f.odds, err = odds.Of(ctx, train, c.Length, c.Season, func(n int, by *odds.Odds) (*series.Panel, error) {
			f.odds = by
			return m.Generate(ctx, forecast.GenerateOptions{Number: n, Length: c.Length, Seed: ^opt.Seed})
		})
	}
	if err != nil {
		return fmt.Errorf("mdn: %w", err)
	}
	return nil
}

// An objective is the negative log-likelihood of random windows, in nats per value.
type objective struct {
	*fitted
	seed    uint64
	records []neural.Record
	held    []neural.Window
	work    [shards]batch
	single  [shards]nn.PassOf[float32]
}

// newObjective returns the objective of a panel with the weights that training begins with.
func newObjective(options Options, train *series.Panel, opt forecast.FitOptions) (*objective, error) {
	c, records, err := newConfig(options, train, opt)
	if err != nil {
		return nil, err
	}
	o := &objective{fitted: newFitted(c, rand.New(rand.NewPCG(opt.Seed, 0))), seed: opt.Seed, records: records}
	if o.held, err = c.split().HoldBack(records); err != nil {
		return nil, err
	}
	o.held = neural.Spread(o.held, maxValid)
	c.learnCurves(records)
	for i := range o.work {
		o.work[i].config = c
	}
	return o, nil
}

// window returns the number of steps of a window of r that training draws.
func (c *config) window(r *neural.Record) int {
	return min(r.Limit, c.Options.Context+c.Horizon)
}

// starts returns the number of places in r where windows begin.
func (c *config) starts(r *neural.Record) int { return r.Limit - c.window(r) + 1 }

// draw returns a random window of a random record: all of it if it is no longer than a
// context and a horizon.
func (o *objective) draw(rng *rand.Rand) neural.Window {
	least := min(neural.LeastLength, o.config.Options.Context)
	for {
		r := &o.records[rng.IntN(len(o.records))]
		n := o.config.window(r)
		if n < least {
			continue
		}
		from := rng.IntN(o.config.starts(r))
		return neural.Window{Record: r, From: from, Origin: from + n, To: from + n, Alone: true}
	}
}

// Loss implements nn.Objective.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	rng := rand.New(rand.NewPCG(o.seed, uint64(1+k*shards+shard)))
	var windows []neural.Window
	for i := shard; i < o.config.Options.Batch; i += shards {
		windows = append(windows, o.draw(rng))
	}
	if len(windows) == 0 {
		return p.Const(1, 1, []float64{0}), nil
	}
	b := &o.work[shard]
	b.fill(windows)
	usual := float64(o.config.Options.Batch * min(o.config.Length, o.config.Options.Context+o.config.Horizon) * len(o.config.Channels))
	if o.config.Options.Precision == neural.Float32 {
		in := &o.single[shard]
		return nn.Single(p, in, func() *ad.NodeOf[float32] {
			return in.Scale(float32(-1/usual), in.Sum(logDensity(o.network, in, b, rng)))
		}), nil
	}
	return p.Scale(-1/usual, p.Sum(logDensity(o.network, p, b, rng))), nil
}

// Validate implements nn.Objective: the mean negative log density of the windows that
// are held back, of all of them where these are whole series and else of their ends.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	b, p := &batch{config: o.config}, &nn.Pass{Values: values}
	sum, n := 0.0, 0
	for windows := range slices.Chunk(slices.Clone(o.held), 16) {
		p.Reset()
		if o.config.HoldSeries {
			for i := range windows {
				windows[i].From = max(0, windows[i].To-o.config.Options.Context-o.config.Horizon)
			}
		}
		b.fill(windows)
		l := logDensity(o.network, p, b, nil).Val
		row := 0
		for t, active := range b.active {
			for i := range active {
				w := &windows[i]
				if o.config.HoldSeries || w.From+t >= w.Origin {
					sum -= l[row]
					for j := range b.targets {
						if b.targets[j][row].seen {
							n++
						}
					}
				}
				row++
			}
		}
	}
	return sum / float64(max(1, n)), ctx.Err()
}
