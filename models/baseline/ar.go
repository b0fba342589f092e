package baseline

import (
	"context"
	"fmt"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/internal/walk"
	"tsgen/series"
)

// AR forecasts each series by a Gaussian autoregression, estimated from its
// history by maximum likelihood conditional on the first values: see Estimate.
// Means and variances of several steps ahead are exact given the estimate,
// whose own uncertainty is not part of them. Missing values before the
// forecast are integrated out, not filled in.
//
// The order is lowered for series too short for it or whose estimate is
// unstable; the notes of the forecast say for how many. A series observed fewer
// than twice is continued as a random walk like those of its panel.
//
// An autoregression needs a regular panel.
type AR struct {
	// Order is the number of lags; zero means 2m+1 for a season of m steps.
	Order int `min:"1" default:"twice the season and 1" help:"number of lags"`

	// Season is the number of steps in a season; zero means that of the
	// forecast's options.
	Season int `min:"1" max:"131072" default:"that of --season" help:"steps in a season"`
}

// Name returns "ar".
func (m AR) Name() string { return "ar" }

// Fit learns nothing: see the package documentation. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (m AR) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := m.check(train); err != nil {
		return fmt.Errorf("%s: %w", m.Name(), err)
	}
	return ctx.Err()
}

// Validate says what is wrong with the options, if anything.
func (m AR) Validate() error { return option.Validate("", m) }

func (m AR) check(p *series.Panel) error {
	if err := m.Validate(); err != nil {
		return err
	}
	return checkRegular(p, "an autoregression")
}

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if
// the panel is irregular or its observations are off the grid, and
// forecast.ErrTooShort if no series of the panel has two observations of some
// channel.
func (m AR) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if f, done, err := rescaled(ctx, m, history, &opt); done {
		return f, err
	}
	if err := m.check(history); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name(), err)
	}
	if err := check(history, m.Season, opt); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name(), err)
	}
	order := m.Order
	if order == 0 {
		order = 2*season(m.Season, opt, history) + 1
	}
	walks := walk.NewWalker(history)
	var short, unstable int
	f, err := forecastEach(ctx, m.Name(), history, opt, func(i int, s *series.Series) ([]float64, []law, error) {
		grid, _, err := history.Grid(s)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		steps, lead, err := stepsAhead(history, s, opt.At[i])
		if err != nil {
			return nil, nil, err
		}
		laws := make([]law, history.Width())
		for c := range laws {
			y := column(grid, c, len(laws))
			q, err := Estimate(y, order, lead)
			if err != nil {
				if laws[c], err = walks.Walk(s, c); err != nil {
					return nil, nil, err
				}
				short++
				continue
			}
			switch q.Reason {
			case Short:
				short++
			case Unstable:
				unstable++
			}
			mean, sd := q.Predict(y, lead)
			laws[c] = table{mean, sd}
		}
		return whole(steps), laws, nil
	})
	if err != nil {
		return nil, err
	}
	total := len(history.Series) * history.Width()
	if short > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("ar: %d of %d series are too short for order %d and have a lower one", short, total, order))
	}
	if unstable > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("ar: %d of %d series are unstable at order %d and have a lower one", unstable, total, order))
	}
	return f, nil
}

// Predict returns the means and the standard deviations of the process 0 to n
// steps after the last of y, given y: n+1 values each. The values 0 steps after
// are those of the last of y itself, uncertain only if it is missing.
func (q *Process) Predict(y []float64, n int) (mean, sd []float64) {
	mean, sd = make([]float64, n+1), make([]float64, n+1)
	o := newOutlook(q, y)
	mean[0], sd[0] = o.law()
	for k := 1; k <= n; k++ {
		o.step()
		mean[k], sd[k] = o.law()
	}
	return mean, sd
}

// table is the law of a process at 0, 1, 2 ... steps.
type table struct{ mean, sd []float64 }

func (l table) At(lead float64) (mean, sd float64) {
	k := int(lead)
	return l.mean[k], l.sd[k]
}
