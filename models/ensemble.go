package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tsgen/forecast"
	"tsgen/models/auto"
	"tsgen/series"
)

// An Ensemble forecasts the median of its members' forecasts, or their weighted
// mean: each quantile is that of theirs at the same time, as by forecast.Blend.
// A member whose forecast no past of a series supports (forecast.Unsupported) takes no
// part in that of the series. The median is seldom the best forecast and hardly ever a bad one (Petropoulos
// and Svetunkov 2020 took the median of four such models in the M4 competition).
type Ensemble struct {
	// Members are the models to be combined, at least one. Those that cannot
	// treat the data (forecast.ErrMismatch, forecast.ErrTooShort) are left out,
	// and the notes of the forecast say so.
	Members []forecast.Model

	// Weights are those of the members, not negative; nil means the median.
	Weights []float64

	refused []error // by member, of the last fit
	blend   bool    // it goes by the name of a blend
	open    bool    // kinds that suit the data that it is fitted to become members
}

// Names of an Ensemble: BlendName if it was made as that kind, as auto makes it of
// several models, of which an ensemble may be one.
const (
	EnsembleName = "ensemble"
	BlendName    = auto.BlendName
)

// Name returns "ensemble" or "blend".
func (e *Ensemble) Name() string {
	if e.blend {
		return BlendName
	}
	return EnsembleName
}

// Fit fits the members, one after the other, and shares what is left of a time
// limit evenly among those that are left. The second of a kind has the seed after that of
// the first, and so on: what is random in a training averages out. The error is theirs; it is their
// refusal only if all of them refuse.
func (e *Ensemble) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := e.check(); err != nil {
		return err
	}
	e.invite(train)
	opt.Checkpoint, opt.Resume = nil, nil // which are of one member
	refused := make([]error, len(e.Members))
	deadline := time.Now().Add(opt.TimeLimit)
	before := make(map[string]uint64) // members, by kind
	for i, m := range e.Members {
		own := opt
		own.Seed += before[m.Name()]
		before[m.Name()]++
		if opt.TimeLimit > 0 {
			own.TimeLimit = max(time.Until(deadline)/time.Duration(len(e.Members)-i), 1)
		}
		err := m.Fit(ctx, train, own)
		if err != nil && !refuses(err) {
			return err
		}
		refused[i] = err
	}
	e.refused = refused
	return allRefused(refused)
}

// invite makes members of an open ensemble of the kinds that are meant for data like those
// of the panel, and of no others that it has not been made of.
func (e *Ensemble) invite(train *series.Panel) {
	if !e.open || train == nil {
		return
	}
	e.Members = slices.DeleteFunc(e.Members, func(m forecast.Model) bool {
		k, err := Lookup(m.Name())
		return err == nil && k.Suits != nil
	})
	for _, k := range Kinds() {
		if k.Suits != nil && !k.Trained() && k.Treats(train) && k.Suits(train) {
			e.Members = append(e.Members, k.Default())
		}
	}
}

// check says if there are no members, or weights of another number.
func (e *Ensemble) check() error {
	if len(e.Members) == 0 {
		return errors.New("ensemble: no members")
	}
	if e.Weights != nil && len(e.Weights) != len(e.Members) {
		return fmt.Errorf("ensemble: %d members with %d weights", len(e.Members), len(e.Weights))
	}
	return nil
}

// refuses reports whether a model with this error cannot treat the data.
func refuses(err error) bool {
	return errors.Is(err, forecast.ErrMismatch) || errors.Is(err, forecast.ErrTooShort)
}

// Refused returns the error with which member i refused the data of the last
// fit, or nil.
func (e *Ensemble) Refused(i int) error {
	if e.refused == nil {
		return nil
	}
	return e.refused[i]
}

// allRefused returns the errors, if every member has one.
func allRefused(refused []error) error {
	if slices.Contains(refused, nil) {
		return nil
	}
	return errors.Join(refused...)
}

// Forecast implements forecast.Model.
func (e *Ensemble) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt, err := opt.Resolve(history)
	if err = cmp.Or(e.check(), err); err != nil {
		return nil, err
	}
	refused := make([]error, len(e.Members))
	copy(refused, e.refused)
	var members []*forecast.Forecast
	var weights []float64
	told := make(map[string]bool)
	f := &forecast.Forecast{Model: e.Name(), Channels: slices.Clone(history.Channels)}
	for i, m := range e.Members {
		if refused[i] == nil {
			var member *forecast.Forecast
			member, refused[i] = m.Forecast(ctx, history, opt)
			if refused[i] == nil {
				members = append(members, member)
				if e.Weights != nil {
					weights = append(weights, e.Weights[i])
				}
				if !told[m.Name()] { // the first of several trainings speaks for all
					f.Notes = append(f.Notes, member.Notes...)
				}
				told[m.Name()] = true
				continue
			}
		}
		if !refuses(refused[i]) {
			return nil, refused[i]
		}
		f.Notes = append(f.Notes, fmt.Sprintf("%s: without %s: %v", e.Name(), m.Name(), refused[i]))
	}
	if err := allRefused(refused); err != nil {
		return nil, err
	}
	f.Notes = append(f.Notes, e.leaveOut(members, weights, history)...)
	blend, err := forecast.Blend(members, weights)
	if err != nil {
		return nil, err
	}
	f.Series = blend.Series
	return f, nil
}

// leaveOut takes out of the members' forecasts those of series that their past does not
// support, unless no other member has a weight, and returns what is to be said of it.
func (e *Ensemble) leaveOut(members []*forecast.Forecast, weights []float64, history *series.Panel) (notes []string) {
	left := make([]int, len(history.Series)) // members of each series
	for m := range members {
		if weights == nil || weights[m] > 0 {
			for i := range left {
				left[i]++
			}
		}
	}
	for m, f := range members {
		if weights != nil && weights[m] == 0 {
			continue
		}
		some := *f
		n := 0
		for _, i := range forecast.Unsupported(f, history) {
			if left[i] < 2 {
				continue
			}
			if n == 0 {
				some.Series = slices.Clone(f.Series)
			}
			some.Series[i] = nil
			left[i]--
			n++
		}
		if n > 0 {
			members[m] = &some
			notes = append(notes, fmt.Sprintf("%s: without %s in %d of %d series, whose past does not support its forecast",
				e.Name(), f.Model, n, len(f.Series)))
		}
	}
	return notes
}
