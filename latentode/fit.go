package latentode

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
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
	p, records, err := newPlan(m.Options, train, opt)
	if err != nil {
		return err
	}
	f := &fitted{plan: p, params: &nn.Params{}}
	f.network = newNetwork(f.params, p, rand.New(rand.NewPCG(opt.Seed, 0)))
	f.network.begin(f.params, records)
	o, err := newObjective(f, records, opt.Seed)
	if err != nil {
		return err
	}
	t := nn.Training{
		Schedule: nn.Schedule{Rate: p.Options.Rate, Floor: floor, WarmUp: warmUp, Updates: p.Options.Updates},
		Shards:   shards, Clip: clip, Decay: decay, Limit: opt.TimeLimit,
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
	if opt.Resume != nil {
		if c, err = checkpoint.Take(opt.Resume, len(f.params.Values)); err != nil {
			return fmt.Errorf("latentode: %w", err)
		}
	}
	err = t.Run(ctx, c, o)
	usable := err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, nn.ErrDiverged)
	if err != nil {
		err = fmt.Errorf("latentode: %w", err)
	}
	if !usable || c.Steps == 0 {
		return err
	}
	// Stopped before there was a best, the last weights are all there is.
	best := c.Best
	if best == nil {
		best = c.Average
	}
	copy(f.params.Values, best)
	f.curve = c.Curve
	if !t.Done(c) {
		f.unfinished = c
	}
	if len(o.valid) > 0 {
		// This is short: it is done even if ctx has ended.
		if e := o.chooseInference(context.WithoutCancel(ctx)); e != nil {
			return errors.Join(err, e)
		}
		if e := o.calibrate(context.WithoutCancel(ctx)); e != nil {
			return errors.Join(err, e)
		}
	}
	m.fitted = f
	return err
}
