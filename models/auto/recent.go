package auto

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
	"tsgen/series"
)

// A recent is the examination of all candidates from one origin so late that only the first
// steps of the horizon are known.
type recent struct {
	losses []float64 // by candidate, NaN of those without one
	part   float64   // of the horizon
}

// meant is a model that is fitted for a horizon longer than the one that is examined.
type meant struct {
	forecast.Model
	horizon int
}

// Fit implements forecast.Model.
func (m meant) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	opt.Horizon = m.horizon
	return m.Model.Fit(ctx, train, opt)
}

// late returns how many steps before the end the late origins lie.
func (c *choosing) late() []int {
	var steps []int
	for k := 1; k < stretches; k++ {
		if n := c.opt.Horizon * k / stretches; n > 0 && (len(steps) == 0 || n > steps[len(steps)-1]) {
			steps = append(steps, n)
		}
	}
	return steps
}

// examineLate has a candidate, whose examination report is, forecast few series from the
// late origins. What it cannot do, or would cost much, is left out.
func (c *choosing) examineLate(ctx context.Context, i int, candidate Candidate, report *forecast.Report) error {
	if len(c.seen.Series) >= manySeries {
		return nil
	}
	cost := c.cost(i, c.seen)
	each := cost.Forecast
	if candidate.Fitted == nil {
		each += cost.Fit
	}
	calibration := report.Models[0].Calibrate(report.Origins)
	own := candidate.Candidate
	own.New = func() forecast.Model { return meant{candidate.New(), c.opt.Horizon} }
	for _, n := range c.late() {
		loss := math.NaN()
		if each <= cheapShare*c.opt.Work {
			c.spent += each
			r, err := forecast.Backtest(ctx, c.seen, []forecast.Candidate{own}, forecast.BacktestOptions{
				Horizon: n, Season: c.opt.Season, Seed: c.opt.Seed, Samples: 300, Outliers: forecast.KeepOutliers, Domains: c.opt.Domains,
			})
			if stop, err := c.unable(ctx, err); err != nil {
				return err
			} else if !stop && r.Models[0].Err == nil {
				f := &r.Models[0].Forecasts[0]
				*f = calibration.Apply(*f, r.Origins[0].History)
				if e := newEvidence(r); e != nil {
					loss = stat.Mean(e.records(e.quantiles[0]), nil)
				}
			}
		}
		c.tried[i].late = append(c.tried[i].late, loss)
	}
	return nil
}

// unable reports whether err is a refusal of the data, and returns it if it is anything
// else.
func (c *choosing) unable(ctx context.Context, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	if ctx.Err() == nil && refusal(err) {
		return true, nil
	}
	return true, err
}

// recents returns the examinations from the late origins of the candidates of the given
// numbers.
func (c *choosing) recents(able []int) []recent {
	if len(c.seen.Series) >= manySeries {
		return nil
	}
	var all []recent
	for k, n := range c.late() {
		r := recent{part: float64(n) / float64(c.opt.Horizon)}
		for _, i := range able {
			loss := math.NaN()
			if late := c.tried[i].late; k < len(late) {
				loss = late[k]
			}
			r.losses = append(r.losses, loss)
		}
		all = append(all, r)
	}
	return all
}
