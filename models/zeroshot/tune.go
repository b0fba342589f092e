package zeroshot

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/effects"
	"tsgen/internal/kernel"
	"tsgen/internal/magnitude"
	"tsgen/internal/nn"
	"tsgen/models/zeroshot/internal/network"
	"tsgen/series"
)

// How the network is tuned.
const (
	tuneShards  = 4
	tuneBatch   = 64  // windows of an update
	tuneSteps   = 8   // of the horizon of a window
	tuneUpdates = 800 // at most
	tuneRate    = 2e-4
	tuneEvery   = 20
	tunePart    = 5   // a part of the history in so many is held back, or two horizons if that is more
	tuneHeld    = 256 // windows that are held back, at most
	tuneOrigins = 8   // of a series, at least where it has as many

	// tuneLeast is the number of horizons that are held back, of all series together, from
	// which on they tell whether the tuning is of use: gains of a fifth on the last two
	// horizons of a single series came with losses of a half after them.
	tuneLeast = 10

	// The part by which the loss must fall for the tuned weights to be kept, and what is
	// asked beyond it of one window; of n of them, that over the root of n.
	tuneGain  = 0.01
	tuneDoubt = 0.05

	mostLoss = 10 // that a window counts for
)

// An Outcome is what tuning came to: the mean loss of the quantiles of forecasts of what
// was held back, in units of the mean absolute difference of a season, before and after,
// and whether the tuned weights are kept.
type Outcome struct {
	Windows       int
	Before, After float64
	Kept          bool
}

// note says what tuning came to.
func (o *Outcome) note() string {
	switch {
	case o.Windows == 0:
		return fmt.Sprintf("zeroshot: the series are too few or too short to be tuned to, which takes %d horizons to hold back; it forecasts as it came", tuneLeast)
	case o.Kept:
		return fmt.Sprintf("zeroshot: tuned to the panel: of %d held-back stretches the loss is %.3g, before it was %.3g", o.Windows, o.After, o.Before)
	}
	return fmt.Sprintf("zeroshot: tuning was tried and is not kept: of %d held-back stretches the loss was %.3g, without it %.3g", o.Windows, o.After, o.Before)
}

// past is one channel of one series to be tuned to.
type past struct {
	y     []float64
	limit int // where what is held back begins
}

// A window is a history with what came.
type window struct {
	y, future []float64
}

// cut returns the window of y with the given origin and horizon, whose history ends with an
// observation; false if too little of it is observed.
func cut(y []float64, origin, horizon int) (window, bool) {
	w := window{y[:origin], y[origin:min(len(y), origin+horizon)]}
	for len(w.y) > 0 && math.IsNaN(w.y[len(w.y)-1]) {
		w.y = w.y[:len(w.y)-1]
	}
	w.future = y[len(w.y) : origin+len(w.future)]
	observed, seen := 0, false
	for _, x := range w.y {
		if !math.IsNaN(x) {
			observed++
		}
	}
	for _, x := range w.future {
		seen = seen || !math.IsNaN(x)
	}
	return w, observed >= leastObserved && seen
}

// A tuning is the objective of the training on a panel.
type tuning struct {
	net            *network.Network
	season, second int
	horizon, least int // least: of the steps of a history
	series         []past
	held           []window
	horizons       int // of all that is held back
	seed           uint64
	batches        [tuneShards]network.Batch
	singles        [tuneShards]network.Single
}

// tune learns from the panel, from the weights that come with the program on, in so many updates
// at most.
func (m *Model) tune(ctx context.Context, p *series.Panel, opt forecast.FitOptions, updates int) error {
	m.outcome = &Outcome{}
	if !m.Options.Bare {
		var err error
		if p, err = effects.Without(ctx, p, m.periods(p, opt.Season)); err != nil {
			return fmt.Errorf("zeroshot: %w", err)
		}
	}
	if !p.Step.Regular() {
		g, err := onGrid(p, forecast.Options{})
		if err != nil {
			return fmt.Errorf("zeroshot: %w", err)
		}
		p = g.panel
	}
	p, _ = magnitude.Rescale(p)
	season, second := m.seasons(p, opt.Season)
	t := &tuning{net: network.New(rand.New(rand.NewPCG(0, 0))), season: season, second: second, horizon: opt.Horizon, seed: opt.Seed}
	if t.horizon <= 0 {
		t.horizon = forecast.DefaultHorizon(p, season)
	}
	t.least = max(season+season/4+1, 2*leastObserved)
	if err := t.take(p); err != nil {
		return err
	}
	if t.horizons < tuneLeast || len(t.held) == 0 {
		return nil
	}
	if err := t.net.SetWeights(weights); err != nil {
		return err
	}
	before, err := t.Validate(ctx, t.net.Params.Values)
	if err != nil {
		return err
	}
	training := nn.Training{
		Schedule: nn.Schedule{Rate: tuneRate, Floor: 0.1, WarmUp: tuneEvery, Updates: updates},
		Shards:   tuneShards, Clip: 1, Decay: 0.95, Every: tuneEvery, Patience: 6, Limit: opt.TimeLimit,
	}
	if opt.Progress != nil {
		training.Progress = func(s nn.Progress) {
			opt.Progress(forecast.Progress{Update: s.Update, Updates: s.Updates, Loss: s.Loss, Valid: s.Valid, Best: s.Best, Rate: s.Rate})
		}
	}
	c := nn.NewCheckpoint(t.net.Params.Values)
	if err := training.Run(ctx, c, t); err != nil && !errors.Is(err, nn.ErrDiverged) {
		return err
	}
	if c.Best == nil || math.IsNaN(before) {
		return nil
	}
	n := len(t.held)
	gain := 1 - c.BestScore/before
	m.outcome = &Outcome{Windows: n, Before: before, After: c.BestScore, Kept: gain > tuneGain+tuneDoubt/math.Sqrt(float64(n))}
	if m.outcome.Kept {
		m.use(c.Best)
	}
	return nil
}

// take takes the series of a panel, and holds windows back.
func (t *tuning) take(p *series.Panel) error {
	for _, s := range p.Series {
		grid, _, err := p.Grid(s)
		if err != nil {
			return fmt.Errorf("zeroshot: %s: %w: %w", forecast.Describe(s.ID), forecast.ErrMismatch, err)
		}
		for c := range p.Width() {
			t.add(series.Column(grid, c, p.Width()), len(p.Series)*p.Width())
		}
	}
	if n := len(t.held); n > tuneHeld {
		for i := range tuneHeld {
			t.held[i] = t.held[i*n/tuneHeld]
		}
		t.held = t.held[:tuneHeld]
	}
	return nil
}

// add takes one of so many channels of series, unless it is too short.
func (t *tuning) add(y []float64, channels int) {
	held := max(t.horizon, min(2*t.horizon, len(y)/3), len(y)/tunePart)
	x := past{y, len(y) - held}
	if x.limit <= t.least {
		return
	}
	t.series = append(t.series, x)
	t.horizons += held / t.horizon
	origins := min(max(tuneOrigins, tuneHeld/channels), 1+2*(held-t.horizon)/t.horizon)
	for k := range origins {
		if w, ok := cut(y, x.limit+k*(held-t.horizon)/max(1, origins-1), t.horizon); ok {
			t.held = append(t.held, w)
		}
	}
}

// Loss implements nn.Objective.
func (t *tuning) Loss(ctx context.Context, p *nn.Pass, k, shard int) (*ad.Node, error) {
	const n = tuneBatch / tuneShards
	b, rng := &t.batches[shard], rand.New(rand.NewPCG(t.seed, uint64(k*tuneShards+shard)))
	b.Reset()
	for left, tries := n, 20*n; left > 0 && tries > 0; tries-- {
		x := t.series[rng.IntN(len(t.series))]
		w, ok := cut(x.y[:x.limit], t.least+rng.IntN(x.limit-t.least), t.horizon)
		if !ok {
			continue
		}
		steps := make([]int, 0, tuneSteps)
		h := len(w.future)
		for j := range tuneSteps {
			if l := 1 + j*h/tuneSteps + rng.IntN(max(1, h/tuneSteps)); len(steps) == 0 || l > steps[len(steps)-1] {
				steps = append(steps, l)
			}
		}
		if b.AddWindow(w.y, w.future, t.season, t.second, steps, rng.Float64()) {
			left--
		}
	}
	if len(b.Targets) == 0 {
		return p.Const(1, 1, []float64{0}), ctx.Err()
	}
	return t.singles[shard].Loss(p, t.net, b, 1/float64(tuneShards*len(b.Targets))), ctx.Err()
}

// Validate implements nn.Objective.
func (t *tuning) Validate(ctx context.Context, values []float64) (float64, error) {
	f := t.net.NewForecaster(values)
	losses := make([]float64, len(t.held))
	err := forecast.EachSeries(ctx, len(t.held), func(i int) error {
		w := t.held[i]
		steps := make([]int, len(w.future))
		for k := range steps {
			steps[k] = k + 1
		}
		q := f.Forecast([][]float64{w.y}, t.season, t.second, [][]int{steps})[0]
		season, _ := network.SeasonFor(len(w.y), t.season, t.second)
		losses[i] = min(mostLoss, f.Output().MeanLoss(w.future, q)/network.NewView(w.y, season, 0).Scale)
		return nil
	})
	return kernel.Sum(losses) / float64(len(losses)), err
}
