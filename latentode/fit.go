package latentode

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"tsgen/forecast"
	"tsgen/internal/training"
	"tsgen/series"
)

const (
	shards = 4    // of an update; part of the result, not of the machine
	every  = 25   // updates between validations
	clip   = 5    // bound on the gradient's norm
	decay  = 0.98 // of the weights' moving average

	// mostCalls bounds the work of training: calls of the dynamics for each window of all updates. Where these turn stiff as they are
	// learned, there are the fewer updates.
	mostCalls = 300
)

// work returns what so many updates cost at most, in calls of the dynamics; 0, no bound, where steps are of a length that is set.
func (c *config) work(updates int) float64 {
	if c.stochastic() {
		return 0
	}
	return mostCalls * float64(updates*c.Options.Batch)
}

// Fit trains the model on the panel. It holds back the last horizon of every
// series, or some of the series where they are too short for that, validates
// the forecasts of what it held back as training goes on, and keeps the
// weights that did best in its second half. If ctx ends, its error is returned
// and the model keeps the best weights so far, or the last. Series with fewer
// than four observations teach it nothing; where all are too short to hold
// anything back, the model is trained on them for all of its updates.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.fit(ctx, m.Options, 0, train, opt)
}

// fit is Fit with the given options and the longest step of paths, 0 for dynamics without noise.
func (m *Model) fit(ctx context.Context, options Options, stride float64, train *series.Panel, opt forecast.FitOptions) error {
	c, records, err := newConfig(ctx, options, stride, train, opt)
	if err != nil {
		return err
	}
	f := newFitted(c, rand.New(rand.NewPCG(opt.Seed, 0)))
	f.network.begin(f.Params, records)
	o, err := newObjective(f, train, records, opt.Seed)
	if err != nil {
		return fmt.Errorf("latentode: %w", err)
	}
	o.anneal.Updates = c.Options.Updates / 4
	usable, err := f.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: shards, Clip: clip, Decay: decay, Every: every, Work: c.work(c.Options.Updates), State: (&Model{fitted: f}).State, Evaluations: o.evaluations,
		Finish: func(short context.Context) error { return o.finish(short, ctx, opt.TimeLimit) },
	}, o, len(o.valid), opt)
	if usable {
		m.fitted = f
	}
	if err != nil {
		return fmt.Errorf("latentode: %w", err)
	}
	return nil
}

// finish sets what held-back data say of the inference and of the noise, and what
// generated series begin with. What takes longer ends when the fit does, after a part of the limit at most.
func (o *objective) finish(ctx, fit context.Context, limit time.Duration) error {
	if o.config.stochastic() {
		o.draws = judgedDraws
	}
	if len(o.valid) > 0 {
		if err := o.chooseInference(ctx); err != nil {
			return err
		}
		if err := o.calibrate(ctx); err != nil {
			return err
		}
		if err := o.spread(ctx); err != nil {
			return err
		}
		beside, err := o.fitCompanion(ctx)
		if err != nil {
			return err
		}
		if err := o.recalibrate(ctx, beside); err != nil {
			return err
		}
		if err := o.learnEnds(fit, limit); err != nil {
			return err
		}
	}
	if err := o.fitOpening(ctx); err != nil {
		return err
	}
	return o.learnDrift(ctx)
}
