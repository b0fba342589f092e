package vae

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
	shards   = 2    // of an update; part of the result, not of the machine
	every    = 50   // updates between validations
	clip     = 5    // bound on the gradient's norm
	decay    = 0.99 // of the weights' moving average
	warmUp   = 20   // updates in which the learning rate rises
	floor    = 0.05 // of the learning rate, as a part of its highest
	maxStart = 4096 // windows from which the decoder starts
	maxBank  = 256  // windows whose levels are remembered
)

// Fit trains the model on the windows of the panel: all runs of Options.Length
// steps of each series, or with a length of 1 all rows. It holds some windows
// back to know when to stop, those that reach into the last horizon of a series
// where the series are long enough, and keeps the weights of the second half of
// training that forecast their horizons best or, of rows, have the best bound on
// their likelihood. If ctx ends, its error is returned and the model keeps
// the best weights so far, or the last.
//
// The error wraps forecast.ErrTooShort if no series has a window, and
// forecast.ErrMismatch if times are not equally spaced or the likelihood cannot
// treat a value.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	p, records, err := newPlan(m.Options, train, opt)
	if err != nil {
		return err
	}
	f := &fitted{plan: p, params: &nn.Params{}}
	if f.network, err = newNetwork(f.params, p, rand.New(rand.NewPCG(opt.Seed, 0))); err != nil {
		return err
	}
	o, err := newObjective(f, records, opt.Seed)
	if err != nil {
		return err
	}
	sample := o.sample()
	f.network.start(f.params, sample)
	t := nn.Training{
		Schedule: nn.Schedule{Rate: p.Options.Rate, Floor: floor, WarmUp: warmUp, Updates: p.Options.Updates},
		Shards:   shards, Clip: clip, Decay: decay, Limit: opt.TimeLimit,
	}
	o.anneal.Updates = t.Updates / 10
	if len(o.valid) > 0 {
		t.Every, t.From, t.Patience = every, t.Updates/2, p.Options.Patience
	}
	if opt.Progress != nil {
		t.Progress = func(s nn.Progress) {
			opt.Progress(forecast.Progress{
				Update: s.Update, Updates: s.Updates, Loss: s.Loss, Valid: s.Valid, Best: s.Best, Rate: s.Rate,
			})
		}
	}
	c := nn.NewCheckpoint(f.params.Values)
	if opt.Resume != nil {
		if c, err = checkpoint.Take(opt.Resume, len(f.params.Values)); err != nil {
			return fmt.Errorf("vae: %w", err)
		}
	}
	err = t.Run(ctx, c, o)
	usable := err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, nn.ErrDiverged)
	if err != nil {
		err = fmt.Errorf("vae: %w", err)
	}
	if !usable || err != nil && c.Steps == 0 {
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
	// This is short: it is done even if ctx has ended.
	rep, e := f.report(context.WithoutCancel(ctx), sample, 1, rand.New(rand.NewPCG(opt.Seed, 0)))
	if e != nil {
		return errors.Join(err, e)
	}
	p.Active = rep.Active
	m.fitted = f
	return err
}

// sample returns training windows, spread over all, scaled, and remembers the
// levels of some.
func (o *objective) sample() []float64 {
	n, d, c := min(maxStart, len(o.train)), o.plan.width(), len(o.plan.Channels)
	x, level := make([]float64, n*d), make([]float64, 2*c)
	for i := range n {
		w := o.train[i*len(o.train)/n]
		o.scaled(x[i*d:(i+1)*d], o.values(w), level)
		if o.plan.Options.Level == LevelWindow && i%((n+maxBank-1)/maxBank) == 0 {
			o.bank = append(o.bank, level...)
		}
	}
	return x
}
