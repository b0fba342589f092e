package statespace

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/joint"
	"tsgen/internal/walk"
	"tsgen/series"
)

// distributionsOf returns the forecast of the distributions of all series, which one may be asked for
// concurrently: if joined, as sample paths, by the courses of the channels. Of those that have too
// few values it is a random walk.
func distributionsOf(ctx context.Context, name string, history *series.Panel, opt forecast.Options, joined bool,
	one func(i int) (*forecast.Distribution, []joint.Course, error)) (*forecast.Forecast, error) {
	courses := make([][]joint.Course, len(history.Series))
	f, err := forecast.BySeries(ctx, name, history, func(i int) (d *forecast.Distribution, err error) {
		d, courses[i], err = one(i)
		if errors.Is(err, forecast.ErrTooShort) {
			courses[i] = nil
			return nil, nil
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := walk.StandIns(f, history, opt.At); err != nil || !joined {
		return f, err
	}
	return f, forecast.EachSeries(ctx, len(f.Series), func(i int) error {
		f.Series[i] = drawn(history, history.Series[i], f.Series[i], courses[i], opt)
		return f.Series[i].Validate()
	})
}

// drawn returns sample paths of s that have the marginals of d. Without courses they are
// random walks.
func drawn(p *series.Panel, s *series.Series, d *forecast.Distribution, courses []joint.Course, opt forecast.Options) *forecast.Distribution {
	if courses == nil {
		for c := range p.Width() {
			variance := make([]float64, len(d.Times))
			for k := range variance {
				variance[k] = d.SD[k*p.Width()+c] * d.SD[k*p.Width()+c]
			}
			courses = append(courses, joint.Walk(variance, nil))
		}
	}
	n := cmp.Or(opt.Samples, forecast.DefaultPaths)
	return forecast.Join(d, joint.Draws(n, len(d.Times), joint.Source(opt.Seed, s.ID), courses, joint.Channels(p, s)))
}

// setMarginals gives d Gaussian marginals or, if channels are modelled by their
// logarithm, which log says, the quantiles of these and of the exponentials of
// Gaussians.
func setMarginals(d *forecast.Distribution, mean, sd []float64, log []bool) {
	d.Mean, d.SD = mean, sd
	d.Exponentiate(log)
}
