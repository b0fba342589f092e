package baseline

import (
	"context"
	"math"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/option"
	"tsgen/series"
)

// Methods of Intermittent.
const (
	MethodCounts  = ""
	MethodCroston = "croston"
	MethodSBA     = "sba"
	MethodTSB     = "tsb"
)

// Intermittent forecasts counts, and demand that is zero most of the time.
//
// By default it takes, for each series, the distribution with the least AICc of: a negative
// binomial distribution whose mean stays, or moves with what came as in the
// autoregression of Christou and Fokianos (2014), the damped model of Snyder, Ord and
// Beaumont (2012); and a hurdle, by which there is demand at all with a
// probability that stays, or moves likewise, and its size less one is negative
// binomial, with a mean that stays or is smoothed. Of amounts that are not whole the size
// is gamma distributed. A season multiplies the mean, or the odds of demand, where it
// lessens the AICc. Estimates are by maximum likelihood from the last 2048 observations, or
// 24 seasons if that is more, and their uncertainty is that of each path's own mean.
//
// The method may instead be Croston's (1972), its correction by Syntetos and Boylan (2005,
// "sba") or that of Teunter, Syntetos and Babai (2011, "tsb"). The forecast's mean is then
// that of the method, of demand with the probability and of the mean size that the method
// smooths.
//
// Forecasts are sample paths. Series with negative values are continued as a random walk.
// The model needs a regular panel.
type Intermittent struct {
	Method    string  `oneof:"croston sba tsb" default:"the best distribution of counts for each series" help:"what is forecast"`
	Smoothing float64 `min:"0.001" max:"1" default:"0.1" help:"weight of the latest in what croston, sba and tsb smooth"`

	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`
}

// smoothingByDefault is the weight that Croston's and other methods commonly have.
const smoothingByDefault = 0.1

// Name returns "intermittent".
func (m Intermittent) Name() string { return "intermittent" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m Intermittent) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.local().fit(ctx, train)
}

// Validate says what is wrong with the options, if anything.
func (m Intermittent) Validate() error { return option.Validate("", m) }

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m Intermittent) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().forecast(ctx, history, opt)
}

// ForecastPaths implements forecast.PathForecaster. The error is as that of Forecast.
func (m Intermittent) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.local().paths(ctx, history, opt)
}

// Keep implements forecast.Keeper.
func (m Intermittent) Keep(ctx context.Context, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	return fits.Keep(ctx, learner(m), history, opt)
}

func (m Intermittent) by(ctx context.Context, l localModel, history *series.Panel, opt forecast.Options, joined bool) (*forecast.Forecast, error) {
	return l.made(ctx, history, opt, joined)
}

func (m Intermittent) local() localModel {
	return ofOneSeason(m, "intermittent demand", m.Season, false, false, m.newDemandCore, readDemand)
}

// Suits reports whether the model is meant for series like those of the panel: never
// negative, and zero at a tenth of all times, or small whole numbers.
func (m Intermittent) Suits(p *series.Panel) bool {
	const leastZeros, mostCount = 0.1, 20
	if !p.Step.Regular() {
		return false
	}
	n, zeros, small, whole := 0, 0, 0, true
	for _, s := range p.Series {
		for _, v := range s.Values {
			switch {
			case math.IsNaN(v):
				continue
			case v < 0:
				return false
			case v == 0:
				zeros++
			}
			n++
			whole = whole && v == math.Trunc(v)
			if v <= mostCount {
				small++
			}
		}
	}
	some := zeros < n
	return some && (float64(zeros) >= leastZeros*float64(n) || whole && 2*small >= n)
}

// croston returns what Croston's method makes of demand: the smoothed size, and the
// smoothed interval between two demands, in steps; zeros if there was none.
func croston(y []float64, weight float64) (size, interval float64) {
	since, first := 0.0, true
	for _, v := range y {
		since++
		if !(v > 0) {
			continue
		}
		if first {
			size, interval, first = v, since, false
		} else {
			size += weight * (v - size)
			interval += weight * (since - interval)
		}
		since = 0
	}
	return size, interval
}

// tsb returns the smoothed size of demand and the smoothed probability that there is some.
func tsb(y []float64, weight float64) (size, probability float64) {
	firstSize, first := true, true
	for _, v := range y {
		if !isObserved(v) {
			continue
		}
		is := 0.0
		if v > 0 {
			is = 1
			if firstSize {
				size, firstSize = v, false
			} else {
				size += weight * (v - size)
			}
		}
		if first {
			probability, first = is, false
		} else {
			probability += weight * (is - probability)
		}
	}
	return size, probability
}

// smoothedDemand returns the distribution of demand with the probability and the mean size that a method
// smooths, whose product is the forecast of the method, and sizes that vary as they did.
func smoothedDemand(y []float64, method string, weight float64) demandDistribution {
	var size, probability float64
	if method == MethodTSB {
		size, probability = tsb(y, weight)
	} else {
		var interval float64
		if size, interval = croston(y, weight); interval > 0 {
			probability = 1 / interval
		}
		if method == MethodSBA {
			probability *= 1 - weight/2
		}
	}
	l := newHurdle(y)
	l.occurs = recursion{mean: probability, state: probability}
	l.sizes = recursion{mean: size, state: size}
	l.known = true
	return l
}
