package latentode

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/series"
)

const (
	shards = 4    // of an update; part of the result, not of the machine
	every  = 25   // updates between validations
	clip   = 5    // bound on the gradient's norm
	decay  = 0.98 // of the weights' moving average
	warmUp = 20   // updates in which the learning rate rises
	floor  = 0.05 // of the learning rate, as a part of its highest
)

// Fit trains the model on the panel. It holds back the last horizon of every
// series, or some of the series where they are too short for that, validates
// the forecasts of what it held back as training goes on, and keeps the
// weights that did best in its second half. If ctx ends, its error is returned
// and the model keeps the best weights so far, or the last. Series with fewer
// than four observations teach it nothing; where all are too short to hold
// anything back, the model is trained on them for all of its updates.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.train(ctx, train, opt, 0)
}

// Refit trains the model anew on the whole panel, with nothing held back, for
// as many updates as the last Fit found best. The calibration of the noise
// remains that of the last Fit. If ctx ends, its error is returned and the model
// is what it was.
func (m *Model) Refit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if m.fitted == nil {
		return fmt.Errorf("latentode: %w", forecast.ErrNotFitted)
	}
	return m.train(ctx, train, opt, max(every, m.bestUpdate))
}

// train fits to the panel: for the given number of updates, or, if that is 0,
// until what is held back says stop.
func (m *Model) train(ctx context.Context, panel *series.Panel, opt forecast.FitOptions, updates int) error {
	p, records, err := newPlan(m.Options, panel, opt)
	if err != nil {
		return err
	}
	f := &fitted{plan: p, params: &nn.Params{}}
	f.network = newNetwork(f.params, p, rand.New(rand.NewPCG(opt.Seed, 0)))
	o, err := newObjective(f, records, opt.Seed, updates == 0)
	if err != nil {
		return err
	}
	t := nn.Training{
		Schedule: nn.Schedule{Rate: p.Options.Rate, Floor: floor, WarmUp: warmUp, Updates: or(updates, p.Options.Updates)},
		Shards:   shards, Clip: clip, Decay: decay,
	}
	o.anneal.Updates = t.Updates / 4
	if len(o.valid) > 0 {
		t.Every, t.From, t.Patience = every, t.Updates/2, p.Options.Patience
	}
	if opt.Progress != nil {
		t.Progress = func(s nn.Progress) {
			opt.Progress(forecast.Progress{
				Update: s.Update, Updates: s.Updates, Loss: s.Loss, Valid: s.Valid, Best: s.Best, Rate: s.Rate,
				Evaluations: o.evaluations(),
			})
		}
	}
	c := nn.NewCheckpoint(f.params.Values)
	err = t.Run(ctx, c, o)
	usable := err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, nn.ErrDiverged)
	if err != nil {
		err = fmt.Errorf("latentode: %w", err)
	}
	if !usable || c.Steps == 0 || err != nil && updates > 0 {
		return err
	}
	// Stopped before there was a best, the last weights are all there is.
	if c.Best == nil {
		c.Best, c.BestUpdate = c.Average, c.Steps
	}
	copy(f.params.Values, c.Best)
	f.curve, f.bestUpdate = c.Curve, c.BestUpdate
	switch {
	case len(o.valid) > 0:
		// The examination is short: it is done even if ctx has ended.
		if e := o.calibrate(context.WithoutCancel(ctx)); e != nil {
			return errors.Join(err, e)
		}
	case m.fitted != nil:
		copy(p.Inflation, m.plan.Inflation)
	}
	m.fitted = f
	return err
}
