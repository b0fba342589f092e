package forecast

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/series"
)

const (
	maxHorizon = 1 << 17 // steps
	maxSamples = 1 << 24
)

// Resolve checks the options against the series to continue and returns them
// with the times of Horizon in At, of as many slices as there are series. Models
// call it before they look at either. The error says which option is wrong; it
// wraps ErrTooShort if a series has no time after which to count Horizon.
func (o Options) Resolve(history *series.Panel) (Options, error) {
	switch {
	case history == nil:
		return o, errors.New("no history to forecast")
	case o.Horizon < 0 || o.Horizon > maxHorizon:
		return o, fmt.Errorf("a horizon of %d steps, want 1 to %d", o.Horizon, maxHorizon)
	case o.Samples < 0 || o.Samples > maxSamples:
		return o, fmt.Errorf("%d samples, want 1 to %d, or 0 for the usual number", o.Samples, maxSamples)
	case o.At != nil && o.Horizon > 0:
		return o, errors.New("both times and a horizon to forecast; give one of At and Horizon")
	case o.At == nil && o.Horizon > 0:
		return o.ahead(history)
	case len(o.At) != len(history.Series):
		return o, fmt.Errorf("times for %d series, the history has %d; give times for each in At, or a Horizon", len(o.At), len(history.Series))
	}
	return o, nil
}

// ahead returns the options with the times of the horizon in their place.
func (o Options) ahead(history *series.Panel) (Options, error) {
	if err := history.Validate(); err != nil {
		return o, err
	}
	o.At = make([][]float64, len(history.Series))
	for i, s := range history.Series {
		if s.Len() == 0 {
			return o, fmt.Errorf("%w: %s has no time after which to forecast", ErrTooShort, Describe(s.ID))
		}
		o.At[i] = history.Future(s, o.Horizon)
	}
	o.Horizon = 0
	return o, nil
}

// DefaultHorizon returns the number of steps ahead for which a model is fitted
// if FitOptions do not say: two seasons, or a quarter of one of more than 300 steps, such
// as a year of days, if there is a season and the series have six (two of a long one); else a tenth of their
// median length, and 1 at least. Of irregular panels it is a fifth of the length, and 2 at least
// where the series have as many again.
func DefaultHorizon(p *series.Panel, season int) int {
	if len(p.Series) == 0 {
		return 1
	}
	return UsualHorizon(medianLength(p), season, p.Step.Regular())
}

// Reach returns how far ahead, in units of the axis, the last n observations of an irregular panel lay when
// the first of them was to come: the median over the series, NaN if none has more.
func Reach(p *series.Panel, n int) float64 {
	var times []float64
	for _, s := range p.Series {
		if last := s.Len() - 1; last >= n {
			times = append(times, s.Times[last]-s.Times[last-n])
		}
	}
	if len(times) == 0 {
		return math.NaN()
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// UsualHorizon is DefaultHorizon for series of the given median length.
func UsualHorizon(median, season int, regular bool) int {
	const long = 300
	switch {
	case season > long && 2*season <= median:
		return season / 4
	case season > 1 && 6*season <= median:
		return 2 * season
	case !regular:
		return max(1, min(2, median/2), median/5)
	}
	return max(1, median/10)
}
