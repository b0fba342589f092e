package neural

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// DefaultSamples is the number of sample paths of a forecast unless another is
// asked for.
const DefaultSamples = 1000

// Source returns the source of what is drawn for a series.
func Source(id string, seed uint64) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(id))
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// Forecast returns a forecast, by the model of the given name, of what one
// returns for every series of history, by its place and the times asked for; one is called on all
// processors. The error wraps forecast.ErrMismatch if the panel is not of the
// kind that the model learned, and forecast.ErrTooShort if a series has no time.
func (f *Frame) Forecast(ctx context.Context, name string, history *series.Panel, opt forecast.Options,
	one func(i int, at []float64, samples int) (*forecast.Distribution, error)) (*forecast.Forecast, error) {
	if err := f.Accepts(history); err != nil {
		return nil, err
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	few := 0
	for _, h := range history.Series {
		if h.Len() == 0 {
			return nil, fmt.Errorf("%s: %w: it has no time", forecast.Describe(h.ID), forecast.ErrTooShort)
		}
		if h.Observed() < 2 {
			few++
		}
	}
	result, err := forecast.BySeries(ctx, name, history, func(i int) (*forecast.Distribution, error) {
		return one(i, opt.At[i], cmp.Or(opt.Samples, DefaultSamples))
	})
	if err != nil {
		return nil, err
	}
	if f.Decades != nil {
		result.Notes = append(result.Notes, fmt.Sprintf("%s: the times are of many magnitudes, and go by their logarithms since %s", name, f.Axis.Stamp(f.Decades.Origin)))
	}
	if few > 0 {
		result.Notes = append(result.Notes, fmt.Sprintf(
			"%s: %d of %d series have fewer than two values; the scale of all series stands for theirs", name, few, len(history.Series)))
	}
	return result, nil
}

// Paths returns the sample paths of s, a series of panel, at the times at. draw
// is given its record as far as these times reach and the step from which on it is
// to be forecast, and returns paths: rows of a value a channel for each step, in the
// record's terms, of which those beyond its end are left out.
func (f *Frame) Paths(panel *series.Panel, s *series.Series, at []float64, how Reading, draw func(r *Record, first int) ([][]float64, error)) (*forecast.Distribution, error) {
	r, err := f.Record(panel, s, how)
	if err != nil {
		return nil, err
	}
	first, c := len(r.U), len(f.Channels)
	wanted, err := f.Extend(panel, s, &r, at)
	if err != nil {
		return nil, err
	}
	paths, err := draw(&r, first)
	if err != nil {
		return nil, err
	}
	d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at), Paths: make([][]float64, len(paths))}
	effects := make([]float64, len(wanted)*c)
	for i := range effects {
		effects[i] = f.Effect(&r, r.U[first+i/c], i%c)
	}
	room := make([]float64, 0, len(paths)*len(at)*c)
	for k, y := range paths {
		from := len(room)
		for i, x := range y[:len(wanted)*c] {
			if wanted[i/c] {
				if r.Less {
					x += effects[i]
				}
				room = append(room, f.Restore(i%c, x))
			}
		}
		d.Paths[k] = room[from:len(room):len(room)]
	}
	return d, d.Validate()
}

// LogLikelihoods returns the bounds on the likelihoods of the series of a panel
// in the unit of the data. one, which is called on all processors, returns the
// bound by a number of samples for the values of a record in units of the
// panel's scale.
//
// The error wraps forecast.ErrMismatch if windows have levels of their own, taken
// from the very values of which the density is asked.
func (f *Frame) LogLikelihoods(ctx context.Context, panel *series.Panel, opt forecast.LikelihoodOptions, level Level, how Reading,
	one func(r *Record, samples int, rng *rand.Rand) (float64, error)) ([]forecast.Likelihood, error) {
	switch {
	case level == LevelWindow:
		return nil, fmt.Errorf("%w: windows have levels of their own, which leaves no density of their values; fit with the option level=%s",
			forecast.ErrMismatch, LevelPanel)
	case opt.Samples < 0:
		return nil, fmt.Errorf("%d samples", opt.Samples)
	}
	if err := f.Accepts(panel); err != nil {
		return nil, err
	}
	all := make([]forecast.Likelihood, len(panel.Series))
	err := forecast.EachSeries(ctx, len(all), func(i int) error {
		s := panel.Series[i]
		r, err := f.Record(panel, s, how)
		if err != nil {
			return fmt.Errorf("%s: %w", forecast.Describe(s.ID), err)
		}
		bound, err := one(&r, cmp.Or(opt.Samples, 1), Source(s.ID, opt.Seed))
		if err != nil {
			return fmt.Errorf("%s: %w", forecast.Describe(s.ID), err)
		}
		jacobian, values := f.LogJacobian(&r)
		all[i] = forecast.Likelihood{ID: s.ID, Value: bound + jacobian, Values: values}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Around returns where the window of so many steps begins, in a record of n, that has the first of some increasing steps
// in its middle, as far as the record reaches, and how many of them lie in its middle half, which it serves.
func Around(steps []int, length, n int) (from, count int) {
	from = max(0, min(steps[0]-length/4, n-length))
	end := from + length
	if from < n-length {
		end = max(steps[0]+1, from+length-length/4)
	}
	for count < len(steps) && steps[count] < end {
		count++
	}
	return from, count
}
