package forecast

import (
	"context"
	"fmt"

	"tsgen/internal/shards"
	"tsgen/series"
)

// A Result is one model's examination.
type Result struct {
	Model    string
	Forecast *Forecast // nil if there is an Err, or if it was made in parts
	Notes    []string  // of the forecast
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
	return ExamineInParts(ctx, train, test, models, opt, func(Model, *series.Panel) bool { return false })
}

// ExamineInParts is Examine that makes and scores the forecasts of many series some at a time, and holds no
// others, where alone reports that what the model forecasts of each series depends on that series alone.
func ExamineInParts(ctx context.Context, train, test *series.Panel, models []Model, opt Options, alone func(m Model, history *series.Panel) bool) ([]Result, error) {
	opt.Horizon = 0
	seen, _ := opt.Outliers.Seen(train, opt.Season)
	opt.Outliers = KeepOutliers
	results := make([]Result, len(models))
	for i, m := range models {
		var r Result
		var err error
		if n := len(train.Series); n > PartSeries && n == len(test.Series) && alone(m, seen) {
			r, err = examineInParts(ctx, m, train, seen, test, opt)
		} else {
			r, err = examineWhole(ctx, m, train, seen, test, opt)
		}
		switch {
		case cannot(err):
			r = Result{Err: err}
		case err != nil:
			return nil, fmt.Errorf("examination of %s: %w", m.Name(), err)
		}
		r.Model = m.Name()
		results[i] = r
	}
	return results, nil
}

// examineWhole has a model forecast all series and scores that; seen is train as the model is to see it.
func examineWhole(ctx context.Context, m Model, train, seen, test *series.Panel, opt Options) (r Result, err error) {
	var scores scoreAccumulator
	if r.Forecast, err = scores.examine(ctx, m, train, seen, test, opt); err != nil {
		return r, err
	}
	r.Notes = r.Forecast.Notes
	r.Scores, err = scores.some()
	return r, err
}

// examineInParts is examineWhole some series at a time.
func examineInParts(ctx context.Context, m Model, train, seen, test *series.Panel, opt Options) (r Result, err error) {
	if opt.Domains == nil {
		opt.Domains = SeenDomains(train)
	}
	var scores scoreAccumulator
	var notes PartNotes
	n := len(train.Series)
	for from, to := range shards.Runs(n) {
		part := func(p *series.Panel) *series.Panel { return p.With(p.Series[from:to]) }
		f, err := scores.examine(ctx, m, part(train), part(seen), part(test), opt)
		if err != nil {
			return r, err
		}
		notes.Add(f.Notes, to-from, n)
	}
	r.Notes = notes.All()
	r.Scores, err = scores.some()
	return r, err
}

// examine has a model forecast the times of test, and adds how well that agrees.
func (t *scoreAccumulator) examine(ctx context.Context, m Model, train, seen, test *series.Panel, opt Options) (*Forecast, error) {
	opt.At = make([][]float64, len(test.Series))
	for i, s := range test.Series {
		opt.At[i] = s.Times
	}
	f, err := m.Forecast(ctx, seen, opt)
	if err != nil {
		return nil, err
	}
	f = Confine(f, train, opt.Domains)
	return f, t.addForecast(train, test, f, opt.Season)
}
