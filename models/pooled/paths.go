package pooled

import (
	"cmp"
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/joint"
	"tsgen/internal/shrinkage"
	"tsgen/series"
)

// ForecastPaths implements forecast.PathForecaster: the times depend on each other as those of the
// process do, given all values, and channels as what their past does not tell.
func (m *Model) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := m.Forecast(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	err = forecast.EachSeries(ctx, len(f.Series), func(i int) error {
		d, s := f.Series[i], history.Series[i]
		asked := make([]float64, len(d.Times))
		for k, t := range d.Times {
			asked[k] = m.fit.Clock(history, t) / m.fit.Unit
		}
		if len(asked) == 0 {
			return nil
		}
		courses := make([]joint.Course, len(m.fit.Fits))
		for j, fit := range m.fit.Fits {
			c := m.fit.course(history, s, j)
			if s.Len() == 0 {
				c.start = asked[0]
			}
			courses[j] = joint.Correlated(shrinkage.Factor(fit.covariance(c, asked, opt.Signal)))
		}
		n := cmp.Or(opt.Samples, forecast.DefaultPaths)
		f.Series[i] = forecast.Join(d, joint.Draws(n, len(asked), joint.Source(opt.Seed, s.ID), courses, joint.Channels(history, s)))
		return nil
	})
	return f, err
}

// covariance returns the covariances of what comes at times after those of a course, which is given:
// what is not known of the curve of the mean is the same at all of them, and so is what is not known of
// the slope.
func (f *channelFit) covariance(c course, asked []float64, signal bool) *mat.SymDense {
	seen := f.scaled(c).from(&f.Mean)
	state := newFilter(f.Kernel, asked[0], 1)
	for i, t := range seen.t {
		if i == 0 {
			state.at = t
		}
		state.advance(t)
		state.observe([]float64{seen.y[i]}, seen.beside[i])
	}
	n := len(asked)
	cov := mat.NewSymDense(n, nil)
	beyond, sloped, drifted := make([]float64, n), make([]float64, n), f.drifted(seen, asked)
	for i, t := range asked {
		_, variance := f.Mean.at(t, c.start)
		beyond[i], sloped[i] = math.Sqrt(variance), math.Sqrt(f.sloped(c, t))
	}
	for i, t := range asked {
		state.advance(t)
		with, _ := state.signal()
		for j := i; j < n; j++ {
			cov.SetSym(i, j, with[0]+f.Kernel.decay(asked[j]-t)*with[1]+beyond[i]*beyond[j]+sloped[i]*sloped[j]+drifted[i]*drifted[j])
		}
		if !signal {
			cov.SetSym(i, i, cov.At(i, i)+f.Kernel.Noise)
		}
	}
	return cov
}
