package rnn

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
	every  = 50   // updates between validations
	clip   = 1    // bound on the gradient's norm
	decay  = 0.98 // of the weights' moving average
	warmUp = 20   // updates in which the learning rate rises
	floor  = 0.05 // of the learning rate, as a part of its highest
)

// Fit trains the model on the panel. It holds back the last horizon of every
// series, or some of the series where they are too short for that, validates
// the forecasts of what it held back as training goes on, and keeps the weights
// that did best in its second half. If ctx ends, its error is returned and the
// model keeps the best weights so far, or the last.
//
// The error wraps forecast.ErrTooShort if no series is long enough, and
// forecast.ErrMismatch if times are off their grid or the likelihood cannot
// treat a value.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := m.check(); err != nil {
		return err
	}
	p, records, err := newPlan(m.Kind, m.Options, train, opt)
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
	o.start()
	t := nn.Training{
		Schedule: nn.Schedule{Rate: p.Options.Rate, Floor: floor, WarmUp: warmUp, Updates: p.Options.Updates},
		Shards:   shards, Clip: clip, Decay: decay, Limit: opt.TimeLimit,
	}
	o.anneal.Start, o.anneal.Updates = 0.2, t.Updates/5
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
			return fmt.Errorf("rnn: %w", err)
		}
	}
	err = t.Run(ctx, c, o)
	usable := err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) || errors.Is(err, nn.ErrDiverged)
	if err != nil {
		err = fmt.Errorf("rnn: %w", err)
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
	// This is short: it is done even if ctx has ended.
	if e := o.measureDivergence(context.WithoutCancel(ctx)); e != nil {
		return errors.Join(err, e)
	}
	m.fitted = f
	return err
}

// start sets the bias of the decoder's last layer to a law about as wide as that
// of the values.
func (o *objective) start() {
	s := newShard(o.plan)
	var values []float64
	for i := range o.records {
		r := &o.records[i]
		w := window{record: r, from: max(0, len(r.u)-o.plan.Options.Context), origin: len(r.u), to: len(r.u)}
		s.fill([]window{w})
		values = append(values, s.target...)
	}
	o.network.likelihood.Start(o.params.Values, o.network.head.B.In(o.params.Values), values)
}

// measureDivergence sets the plan's divergence a step from windows that were
// held back, or from the ends of the series.
func (o *objective) measureDivergence(ctx context.Context) error {
	windows := o.valid
	if len(windows) == 0 {
		for i := range o.records {
			n := len(o.records[i].u)
			windows = append(windows, window{record: &o.records[i], from: max(0, n-o.plan.Options.Context), origin: n, to: n})
		}
		windows = windows[:min(len(windows), maxValid)]
	}
	steps := 0
	for _, w := range windows {
		steps += w.length()
	}
	_, divergence, _, err := o.elbo(ctx, o.params.Values, windows, o.seed)
	o.plan.Divergence = divergence / float64(steps)
	return err
}
