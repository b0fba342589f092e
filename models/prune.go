package models

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/series"
)

const (
	// wild is how many times the loss of the best member a member of a median may have at
	// most, over the last pruneOrigins horizons of at most pruneSeries series. Fewer than
	// leastMembers are left as they are.
	wild         = 1.6
	pruneOrigins = 2
	pruneSeries  = 32
	leastMembers = 3
)

// A wildError is the error of a member that is left out of a median since it was wild.
type wildError struct {
	model string
	times float64 // its loss, in that of the best
}

func (e *wildError) Error() string {
	return fmt.Sprintf("%s: %v: its loss on the last horizons is %.2g times the least", e.model, forecast.ErrMismatch, e.times)
}

func (e *wildError) Unwrap() error { return forecast.ErrMismatch }

// prune refuses members of a median that forecast the end of the panel much worse than the
// best of them: a median of five is not safe from two that are wild. Members that are
// trained, or of no kind of this package's, are not examined.
func (e *Ensemble) prune(ctx context.Context, train *series.Panel, opt forecast.FitOptions, refused []error) error {
	if e.Weights != nil || opt.Horizon < 1 || train.Validate() != nil {
		return nil
	}
	var candidates []forecast.Candidate
	var members []int
	for i, m := range e.Members {
		k, err := Lookup(m.Name())
		if err == nil && refused[i] == nil && !k.Trained() {
			candidates = append(candidates, forecast.Candidate{Name: fmt.Sprint(i), New: k.Default})
			members = append(members, i)
		}
	}
	if len(candidates) < leastMembers {
		return nil
	}
	report, err := forecast.Backtest(ctx, train.Spread(pruneSeries), candidates, forecast.BacktestOptions{
		Horizon: opt.Horizon, Windows: pruneOrigins, Season: opt.Season, Outliers: forecast.KeepOutliers, Samples: 100, Seed: opt.Seed,
	})
	if err != nil {
		if errors.Is(err, forecast.ErrTooShort) {
			return nil
		}
		return err
	}
	least := math.Inf(1)
	for _, t := range report.Models {
		if t.Err == nil {
			least = min(least, t.Scores.SQL)
		}
	}
	for k, t := range report.Models {
		if t.Err == nil && t.Scores.SQL > wild*least {
			i := members[k]
			refused[i] = &wildError{e.Members[i].Name(), t.Scores.SQL / least}
		}
	}
	return nil
}
