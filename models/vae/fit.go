package vae

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/training"
	"tsgen/series"
)

const (
	shards   = 2    // of an update; part of the result, not of the machine
	every    = 50   // updates between validations
	clip     = 5    // bound on the gradient's norm
	decay    = 0.99 // of the weights' moving average
	maxStart = 4096 // windows from which the decoder starts
	maxBank  = 1024 // windows whose latent variables and levels are remembered
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
	c, records, err := newConfig(m.Options, train, opt)
	if err != nil {
		return err
	}
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	if f.network, err = newNetwork(f.Params, c, rand.New(rand.NewPCG(opt.Seed, 0))); err != nil {
		return err
	}
	o, err := newObjective(f, records, opt.Seed)
	if err != nil {
		return err
	}
	sample := o.sample()
	f.network.start(f.Params, sample)
	o.anneal.Updates = c.Options.Updates / 10
	remember := func() {
		o.remember(rand.New(rand.NewPCG(opt.Seed, 1)))
	}
	usable, err := f.Train(ctx, training.Regime{
		Updates: c.Options.Updates, Patience: c.Options.Patience, Rate: c.Options.Rate,
		Shards: shards, Clip: clip, Decay: decay, Every: every,
		State: func() (*forecast.State, error) {
			remember()
			return (&Model{fitted: f}).State()
		},
		Finish: func(ctx context.Context) error {
			r, err := f.report(ctx, sample, 1, rand.New(rand.NewPCG(opt.Seed, 0)))
			c.Active = r.Active
			remember()
			return err
		},
	}, o, len(o.valid), opt)
	if usable {
		m.fitted = f
	}
	if err != nil {
		return fmt.Errorf("vae: %w", err)
	}
	return nil
}

// sample returns training windows, spread over all, scaled.
func (o *objective) sample() []float64 {
	n, d := min(maxStart, len(o.train)), o.config.width()
	x, level := make([]float64, n*d), make([]float64, 2*len(o.config.Channels))
	for i := range n {
		o.scaled(x[i*d:(i+1)*d], o.values(o.train[i*len(o.train)/n]), level)
	}
	return x
}

// remember sets the bank: the levels of some training windows, and a draw of the
// latent variables of each. They begin at one place of the season, if there is one,
// as generated series do.
func (o *objective) remember(rng *rand.Rand) {
	o.bank, o.states = nil, nil
	if o.config.Options.Length == 1 {
		return
	}
	var some []window
	for _, w := range o.train {
		if w.from%max(1, o.config.Season) == 0 {
			some = append(some, w)
		}
	}
	if len(some) == 0 {
		some = o.train
	}
	n, d, c := min(maxBank, len(some)), o.config.width(), len(o.config.Channels)
	x, level := make([]float64, n*d), make([]float64, 2*c)
	for i := range n {
		o.scaled(x[i*d:(i+1)*d], o.values(some[i*len(some)/n]), level)
		if o.config.Options.Level == LevelWindow {
			o.bank = append(o.bank, level...)
		}
	}
	p := nn.Pass{Values: o.Params.Values}
	z, _ := encode(o.network, &p, x).SampleRatio(&p, rng.NormFloat64, 1)
	for i := range n {
		o.states = append(o.states, slices.Clone(z.Val[i*z.Cols:(i+1)*z.Cols]))
	}
}
