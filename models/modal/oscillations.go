package modal

import (
	"cmp"
	"context"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// A Mode is one of the damped oscillations of the series of a panel: the usual Frequency in radians per unit
// of the panel's coordinate, the deviation of its logarithm between series, and the usual Amplitude in deviations of a channel.
type Mode struct{ Frequency, Differs, Amplitude float64 }

// Oscillations returns the modes of the series of a panel, of which series in which they are strong say more, the strongest first. The error
// wraps forecast.ErrNotFitted, forecast.ErrMismatch, or forecast.ErrTooShort if no series has LeastLength observations.
func (m *Model) Oscillations(ctx context.Context, p *series.Panel) ([]Mode, error) {
	if m.fit == nil {
		return nil, forecast.ErrNotFitted
	}
	if err := m.fit.Accepts(p); err != nil {
		return nil, err
	}
	prior := m.fit.Prior
	found := make([]*finding, len(p.Series))
	err := forecast.EachSeries(ctx, len(found), func(i int) error {
		if p.Series[i].Observed() >= LeastLength {
			f := newProjection(prior, m.fit.record(p, p.Series[i])).find(source(i))
			found[i] = &f
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found = slices.DeleteFunc(found, func(f *finding) bool { return f == nil }); len(found) == 0 {
		return nil, forecast.ErrTooShort
	}
	all := make([]Mode, prior.modes())
	for k := range all {
		var weight, sum, square float64
		for _, f := range found {
			own, at := 0.0, f.best.params[2*k]
			for j := range prior.Noise {
				for _, b := range f.coef[j*prior.width()+1+2*k : j*prior.width()+3+2*k] {
					own += b * b
				}
			}
			weight, sum, square = weight+own, sum+own*at, square+own*at*at
		}
		if weight == 0 {
			continue
		}
		mean := sum / weight
		all[k] = Mode{math.Exp(mean) / m.fit.Unit, math.Sqrt(max(0, square/weight-mean*mean)), math.Sqrt(weight / float64(len(found)*len(prior.Noise)))}
	}
	all = slices.DeleteFunc(all, func(m Mode) bool { return m.Amplitude == 0 })
	slices.SortStableFunc(all, func(a, b Mode) int { return cmp.Compare(b.Amplitude, a.Amplitude) })
	return all, nil
}
