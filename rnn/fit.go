package rnn

import (
	"context"
	"fmt"
	"math/rand/v2"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/training"
	"tsgen/internal/variational"
	"tsgen/series"
)

const (
	shards = 4    // of an update; part of the result, not of the machine
	every  = 50   // updates between validations
	clip   = 1    // bound on the gradient's norm
	decay  = 0.98 // of the weights' moving average
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
	c, records, err := newConfig(m.Kind, m.Options, train, opt)
	if err != nil {
		return err
	}
	f, err := newFitted(c, rand.New(rand.NewPCG(opt.Seed, 0)))
	if err != nil {
		return err
	}
	o, err := newObjective(f, records, opt.Seed)
	if err != nil {
		return fmt.Errorf("rnn: %w", err)
	}
	o.start()
	o.anneal = variational.Annealing{Start: 0.2, Updates: c.Options.Updates / 5}
	usable, err := f.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: shards, Clip: clip, Decay: decay, Every: every, State: (&Model{Kind: m.Kind, fitted: f}).State, Finish: o.finish,
	}, o, len(o.valid), opt)
	if usable {
		m.fitted = f
	}
	if err != nil {
		return fmt.Errorf("rnn: %w", err)
	}
	return nil
}

// start sets the bias of the decoder's last layer to a distribution about as
// wide as that of the values.
func (o *objective) start() {
	s := newWorkspace(o.config)
	var values []float64
	for i := range o.records {
		r := &o.records[i]
		s.fill([]neural.Window{o.end(r)})
		values = append(values, s.target...)
	}
	o.network.likelihood.Start(o.Params.Values, o.network.head.B.In(o.Params.Values), values)
}

// end returns the last context of a record.
func (o *objective) end(r *neural.Record) neural.Window {
	n := len(r.U)
	return neural.Window{Record: r, From: max(0, n-o.config.Options.Context), Origin: n, To: n}
}

// finish sets what is measured of the weights that are kept.
func (o *objective) finish(ctx context.Context) error {
	if err := o.measureDivergence(ctx); err != nil {
		return err
	}
	err := o.config.LearnDrift(ctx, o.records, o.config.Options.Context, o.config.Horizon, o.seed, func(u, values []float64, rng *rand.Rand) ([]float64, error) {
		return o.continued(ctx, neural.Record{}, u, o.config.Returned(u, values), o.config.Options.Context, rng)
	})
	if err != nil {
		return err
	}
	return o.learnHolds(ctx)
}

// measureDivergence sets the config's divergence a step from windows that were
// held back, or from the ends of the series.
func (o *objective) measureDivergence(ctx context.Context) error {
	windows := o.valid
	if len(windows) == 0 {
		for i := range o.records {
			windows = append(windows, o.end(&o.records[i]))
		}
		windows = windows[:min(len(windows), maxValid)]
	}
	steps := 0
	for _, w := range windows {
		steps += w.Len()
	}
	_, divergence, _, err := o.elbo(ctx, o.Params.Values, windows, o.seed)
	o.config.Divergence = divergence / float64(steps)
	return err
}
