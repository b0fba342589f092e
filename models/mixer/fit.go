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
	"tsgen/internal/training"
	"tsgen/series"
)

const (
	members  = 4    // networks, each of which is trained on a shard of every update
	every    = 50   // updates between validations
	clip     = 1    // bound on the gradient's norm
	decay    = 0.98 // of the weights' moving average
	maxValid = 64   // windows in validation, and those from which correlations are learned
	atOnce   = 8    // windows that are predicted at once
)

// Fit trains the model on the panel, and keeps the weights of the second half of
// training that forecast best what is held back: the last horizon of every series, or
// some of the series where they are too short for that. If ctx ends, its error is
// returned and the model keeps the best weights so far, or the last. The error
// wraps forecast.ErrTooShort if no series is long enough, and
// forecast.ErrMismatch if times are not equally spaced.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := m.Options.Validate(); err != nil {
		return err
	}
	c, records, err := newConfig(m.Options, train, opt)
	if err != nil {
		return fmt.Errorf("mixer: %w", err)
	}
	f := newFitted(c, rand.New(rand.NewPCG(opt.Seed, 0)))
	o := &objective{fitted: f, seed: opt.Seed, records: records, split: c.split()}
	if o.held, err = o.split.HoldBack(records); err != nil {
		return fmt.Errorf("mixer: %w", err)
	}
	o.held = neural.Spread(o.held, maxValid)
	for i := range o.work {
		o.work[i].config, o.work[i].source = c, rand.New(&o.work[i].pcg)
	}
	usable, err := f.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: members, Clip: clip, Decay: decay, Every: every, State: (&Model{fitted: f}).State,
	}, o, len(o.held), opt)
	if usable {
		o.correlate()
		m.fitted = f
	}
	if err != nil {
		return fmt.Errorf("mixer: %w", err)
	}
	return nil
}

// An objective is the quantile loss of random windows, in units of their mean
// absolute seasonal differences.
type objective struct {
	*fitted
	seed    uint64
	split   neural.Split
	records []neural.Record
	held    []neural.Window
	work    [members]workspace
}

// A workspace is the memory in which one goroutine works.
type workspace struct {
	batch
	pcg   rand.PCG
	drawn []neural.Window
	tilts []float64

	single nn.PassOf[float32]
	double nn.Pass // of what is computed of the single one's results
}

// draw sets w.drawn to n random windows of random series, drawn by the given number.
func (o *objective) draw(w *workspace, n, number int) {
	w.pcg.Seed(o.seed, uint64(number))
	w.drawn = o.split.AppendWindows(w.drawn[:0], n, o.records, w.source)
	// Few series without a season show few trends, which a network takes for the rule.
	w.tilts = w.tilts[:0]
	for i := range w.drawn {
		if o.config.Season == 1 && len(o.records) < neural.ManySeries {
			w.tilts = w.drawn[i].TiltAtRandom(w.tilts, float64(o.split.Context), w.source)
		}
	}
}

// Loss implements nn.Objective: each shard trains a member.
func (o *objective) Loss(_ context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	w, n := &o.work[shard], o.members[shard]
	o.draw(w, max(1, o.config.Options.Batch/(members*len(o.config.Channels))), 1+k*members+shard)
	w.fill(w.drawn)
	scale := 1 / float64(members*len(w.target))
	if o.config.Options.Precision == neural.Float32 {
		return nn.Single(p, &w.single, func() *ad.NodeOf[float32] { return loss(n, &w.single, w, float32(scale)) }), nil
	}
	return loss(n, p, w, scale), nil
}

// loss returns the sum of the quantile losses of the batch of w, scaled.
func loss[T ad.Float](n *network, p *nn.PassOf[T], w *workspace, scale T) *ad.NodeOf[T] {
	return p.Scale(scale, p.Sum(nn.Double(p, &w.double, heads(n, p, &w.batch), func(p *nn.Pass, heads *ad.Node) *ad.Node {
		return n.output.Loss(p, w.target, n.of(p, heads))
	})))
}

// Validate implements nn.Objective: the mean quantile loss of what is held back.
func (o *objective) Validate(ctx context.Context, values []float64) (float64, error) {
	b, p := &batch{config: o.config}, &nn.Pass{Values: values}
	sum, n := 0.0, 0.0
	for windows := range slices.Chunk(o.held, atOnce) {
		p.Reset()
		b.fill(windows)
		sum += p.Sum(o.members[0].output.Loss(p, b.target, o.quantiles(p, b))).Val[0]
		for _, y := range b.target {
			_, there := seen(y)
			n += there
		}
	}
	return sum / n, ctx.Err()
}

// correlate sets the copula's correlations to those of training windows.
func (o *objective) correlate() {
	w, output := &o.work[0], o.members[0].output
	o.draw(w, maxValid, 0)
	w.source = nil
	p, n := &nn.Pass{Values: o.Params.Values}, output.Outputs()
	var scores []float64
	for windows := range slices.Chunk(w.drawn, atOnce) {
		p.Reset()
		w.fill(windows)
		q := o.quantiles(p, &w.batch).Val
		for k, y := range w.target {
			z := math.NaN()
			if !math.IsNaN(y) {
				z = output.Score(q[k*n:(k+1)*n], y)
			}
			scores = append(scores, z)
		}
	}
	o.copula().Fit(scores)
}
