package mixer

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/series"
)

const (
	members  = 4    // networks, each of which is trained on a shard of every update
	every    = 50   // updates between validations
	clip     = 1    // bound on the gradient's norm
	decay    = 0.98 // of the weights' moving average
	maxValid = 64   // windows in validation
)

// Fit trains the model on the panel. It holds back the last horizon of every
// series, or some of the series where they are too short for that, validates
// the forecasts of what it held back as training goes on, and keeps the weights
// that did best in its second half. If ctx ends, its error is returned and the
// model keeps the best weights so far, or the last.
//
// The error wraps forecast.ErrTooShort if no series is long enough, and
// forecast.ErrMismatch if times are not equally spaced.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	c, records, err := newConfig(m.Options, train, opt)
	if err != nil {
		return err
	}
	f := newFitted(c, rand.New(rand.NewPCG(opt.Seed, 0)))
	o := &objective{fitted: f, seed: opt.Seed, records: records}
	if o.held, err = c.split().HoldBack(records); err != nil {
		return fmt.Errorf("mixer: %w", err)
	}
	o.held = neural.Spread(o.held, maxValid)
	for i := range o.work {
		o.work[i].config = c
		o.work[i].thinned = rand.New(&o.work[i].source)
	}
	usable, err := f.Train(ctx, neural.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: members, Clip: clip, Decay: decay, Every: every,
	}, o, len(o.held), opt)
	if err != nil {
		err = fmt.Errorf("mixer: %w", err)
	}
	if usable {
		o.correlate()
		m.fitted = f
	}
	return err
}

// An objective is the quantile loss of random windows, in units of their mean
// absolute seasonal differences.
type objective struct {
	*fitted
	seed    uint64
	records []neural.Record
	held    []neural.Window
	work    [members]workspace
}

// A workspace is the memory in which one goroutine works.
type workspace struct {
	batch
	source rand.PCG
	drawn  []neural.Window
}

// draw fills w with n random windows of random series.
func (o *objective) draw(w *workspace, n int) {
	w.drawn = w.drawn[:0]
	for range n {
		r, origin, length := o.config.split().Draw(o.records, w.thinned)
		if x("full", 0) > 0 {
			length = o.config.Options.Context
		}
		w.drawn = append(w.drawn, neural.Window{Record: r, From: max(0, origin-length), Origin: origin, To: min(origin+o.config.Horizon, r.Limit)})
	}
	w.fill(w.drawn)
}

// Loss implements nn.Objective: shard k trains member k.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	w := &o.work[shard]
	w.source.Seed(o.seed, uint64(1+k*members+shard))
	o.draw(w, max(1, o.config.Options.Batch/(members*len(o.config.Channels))))
	loss := p.QuantileLoss(w.target, o.members[shard].quantiles(p, &w.batch), probs)
	return p.Scale(1/float64(members*len(w.target)), p.Sum(loss)), nil
}

// Validate implements nn.Objective: the mean quantile loss of what is held back.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	b, p := &batch{config: o.config}, &nn.Pass{Values: values}
	sum, n := 0.0, 0.0
	for windows := range slices.Chunk(o.held, 8) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		p.Reset()
		b.fill(windows)
		sum += p.Sum(p.QuantileLoss(b.target, o.quantiles(p, b), probs)).Val[0]
		for _, y := range b.target {
			_, there := seen(y)
			n += there
		}
	}
	return sum / n, nil
}

const (
	correlated = 64  // windows from which correlations are learned
	shrinkage  = 0.1 // of correlations towards none
)

// correlate sets the copula's correlations to those of the normal scores of what
// random windows of the training have in their quantiles.
func (o *objective) correlate() {
	w, p := &o.work[0], &nn.Pass{Values: o.Params.Values}
	w.source.Seed(o.seed, 0)
	o.draw(w, correlated)
	w.thinned = nil
	q := o.quantiles(p, &w.batch).Val
	c, h := len(o.config.Channels), o.config.Horizon
	scores := make([]float64, len(w.target))
	for k, y := range w.target {
		if !math.IsNaN(y) {
			scores[k] = max(-4, min(4, interpolate(y, q[k*len(probs):][:len(probs)], normal)))
		}
	}
	factor(o.steps.In(o.Params.Values), h, func(i, j int) (sum float64) {
		for row := 0; row < len(scores); row += h {
			sum += scores[row+i] * scores[row+j]
		}
		return sum
	})
	factor(o.channels.In(o.Params.Values), c, func(i, j int) (sum float64) {
		for at := 0; at < len(scores); at += c * h {
			for k := range h {
				sum += scores[at+i*h+k] * scores[at+j*h+k]
			}
		}
		return sum
	})
}
