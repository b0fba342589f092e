package forecast

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tsgen/series"
)

// An Ensemble forecasts the median of its members' forecasts: each quantile is
// the median of theirs at the same time. It is seldom the best forecast and
// hardly ever a bad one (Petropoulos and Svetunkov 2020 took the median of four
// such models in the M4 competition).
type Ensemble struct {
	// Members are the models to be combined, at least one. Those that cannot
	// treat the data (ErrMismatch, ErrTooShort) are left out, and the notes of
	// the forecast say so.
	Members []Model

	refused []error // by member, of the last fit
}

// EnsembleName is the name of an Ensemble.
const EnsembleName = "ensemble"

// Name returns "ensemble".
func (e *Ensemble) Name() string { return EnsembleName }

// Fit fits the members, one after the other. The error is theirs; it is their
// refusal only if all of them refuse.
func (e *Ensemble) Fit(ctx context.Context, train *series.Panel, opt FitOptions) error {
	refused := make([]error, len(e.Members))
	for i, m := range e.Members {
		err := m.Fit(ctx, train, opt)
		if err != nil && !cannot(err) {
			return err
		}
		refused[i] = err
	}
	e.refused = refused
	return allRefused(refused)
}

// allRefused returns the errors, if every member has one.
func allRefused(refused []error) error {
	if slices.Contains(refused, nil) {
		return nil
	}
	return errors.Join(refused...)
}

// Forecast implements Model.
func (e *Ensemble) Forecast(ctx context.Context, history *series.Panel, opt Options) (*Forecast, error) {
	refused := make([]error, len(e.Members))
	copy(refused, e.refused)
	var members []*Forecast
	f := &Forecast{Model: e.Name(), Channels: slices.Clone(history.Channels)}
	for i, m := range e.Members {
		if refused[i] == nil {
			var member *Forecast
			member, refused[i] = m.Forecast(ctx, history, opt)
			if refused[i] == nil {
				members = append(members, member)
				f.Notes = append(f.Notes, member.Notes...)
				continue
			}
		}
		if !cannot(refused[i]) {
			return nil, refused[i]
		}
		f.Notes = append(f.Notes, fmt.Sprintf("ensemble: without %s: %v", m.Name(), refused[i]))
	}
	if err := allRefused(refused); err != nil {
		return nil, err
	}
	for i, s := range history.Series {
		d, err := medianLaw(s.ID, members, i)
		if err != nil {
			return nil, err
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// medianLaw returns the median of the members' laws of series i.
func medianLaw(id string, members []*Forecast, i int) (*Distribution, error) {
	d := &Distribution{ID: id, Times: members[0].Series[i].Times}
	if len(d.Times) == 0 {
		return d, nil
	}
	d.Probs = summaryProbabilities()
	laws := make([][][]float64, len(members))
	for k, m := range members {
		if !slices.Equal(m.Series[i].Times, d.Times) || m.Series[i].size() != members[0].Series[i].size() {
			return nil, fmt.Errorf("forecast of %s: %s and %s forecast other times", describe(id), members[0].Model, m.Model)
		}
		laws[k] = m.Series[i].Quantiles(d.Probs...)
	}
	values := make([]float64, len(members))
	for p := range d.Probs {
		row := make([]float64, members[0].Series[i].size())
		for k := range row {
			for m := range laws {
				values[m] = laws[m][p][k]
			}
			slices.Sort(values)
			n := len(values)
			row[k] = values[(n-1)/2]/2 + values[n/2]/2
		}
		d.Values = append(d.Values, row)
	}
	return d, nil
}
