package forecast

import (
	"context"
	"errors"
	"fmt"

	"tsgen/series"
)

// A Result is one model's examination.
type Result struct {
	Model    string
	Forecast *Forecast // nil if there is an Err
	Scores   Scores    // meaningless if there is an Err

	// Err says why the model could not forecast these data. It wraps
	// ErrMismatch or ErrTooShort.
	Err error
}

// Examine has each model forecast the times of test from what came before,
// train, and scores the forecasts against the values as they are, whatever opt.Outliers. It fits nothing: models that learn must have
// been fitted, on train at most. The series of the two panels are matched by
// position, as SplitLast gives them. opt.At and opt.Horizon are not used.
//
// A model that says that it cannot treat the data (ErrMismatch, ErrTooShort)
// has its reason in its Result. Any other error ends the examination.
func Examine(ctx context.Context, train, test *series.Panel, models []Model, opt Options) ([]Result, error) {
	opt.At, opt.Horizon = make([][]float64, len(test.Series)), 0
	for i, s := range test.Series {
		opt.At[i] = s.Times
	}
	seen, _ := opt.Outliers.Seen(train, opt.Season)
	opt.Outliers = KeepOutliers
	results := make([]Result, len(models))
	for i, m := range models {
		r := &results[i]
		r.Model = m.Name()
		f, err := m.Forecast(ctx, seen, opt)
		switch {
		case errors.Is(err, ErrMismatch) || errors.Is(err, ErrTooShort):
			r.Err = err
			continue
		case err != nil:
			return nil, fmt.Errorf("examination of %s: %w", r.Model, err)
		}
		f = Confine(f, train, opt.Domains)
		s, err := Score(train, test, f, opt.Season)
		if err != nil {
			return nil, fmt.Errorf("examination of %s: %w", r.Model, err)
		}
		r.Forecast, r.Scores = f, s
	}
	return results, nil
}
