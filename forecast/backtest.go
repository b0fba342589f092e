package forecast

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tsgen/series"
)

// A Candidate is a model to be examined.
type Candidate struct {
	Name string // of the model's column; no two candidates have the same

	// New returns a model to fit. The models that it returns are fitted alike.
	New func() Model

	// Fitted, if not nil, is a model that was fitted before, on nothing after
	// the first origin. It is used as it is, instead of New.
	Fitted Model
}

// BacktestOptions are the options of Backtest. The zero value of all but
// Horizon is ready to use.
type BacktestOptions struct {
	Horizon int // steps ahead to forecast from each origin; at least 1
	Windows int // origins; zero means 1
	Step    int // steps from one origin to the next; zero means Horizon

	// Refit has the models fitted again at every origin, to all that comes
	// before it. Otherwise they are fitted once, to what comes before the first
	// origin. Models that learn at the time of the forecast see the whole
	// history of each origin in either case.
	Refit bool

	Season    int           // as in FitOptions
	Outliers  Outliers      // as in FitOptions; scores are those against the values as they are
	Domains   []Domain      // as in Options
	Samples   int           // as in Options
	Seed      uint64        // of fits and forecasts
	TimeLimit time.Duration // of each fit, as in FitOptions

	// Workers bounds the number of fits and forecasts under way at once; zero
	// means GOMAXPROCS. The result does not depend on it.
	Workers int

	// Done, if not nil, is called after each fit and each forecast, one call
	// at a time, with what is done and what there is to do.
	Done func(done, total int)
}

// A Report is the outcome of a backtest.
type Report struct {
	Origins []Origin // earliest first
	Models  []Tested // in the order of the candidates
	Season  int      // lag of the seasonal naive forecast by which errors are scaled
	Horizon int
}

// Tested is the examination of one model by a backtest.
type Tested struct {
	Name string

	// Forecasts holds the forecast from each origin, of the times of its
	// Actual panel. Sample paths are reduced to quantiles.
	Forecasts []*Forecast

	// Scores are those over all origins; each origin of a series counts as a
	// series of its own. They are scores of the whole distribution, before sample paths
	// are reduced to quantiles.
	Scores Scores

	// Steps are the scores of each step of the horizon, the first step first.
	Steps []Scores

	// SQL holds for each origin and series the scaled quantile loss, averaged
	// over the times and the channels; NaN where nothing has a scale.
	SQL [][]float64

	// PIT holds for each origin and series the probability integral transform
	// of each actual value, that is the probability that the forecast gave to
	// smaller values and half of that of the value: as many as the series'
	// Values, NaN where one is missing. They are uniform on 0 to 1 if the
	// forecasts are calibrated.
	PIT [][][]float64

	// Err says why the model could not forecast the data. It wraps ErrMismatch
	// or ErrTooShort, and the other fields but Name are empty.
	Err error
}

// Backtest has the candidates forecast a panel from rolling origins, and
// scores the forecasts. A candidate that says that it cannot treat the data
// (ErrMismatch, ErrTooShort) has its reason in the report; any other error ends
// the backtest. See RollingOrigins for the errors of data too short.
//
// The same arguments give the same report, whatever the number of workers,
// unless there is a TimeLimit.
func Backtest(ctx context.Context, p *series.Panel, candidates []Candidate, opt BacktestOptions) (*Report, error) {
	seen := make(map[string]bool)
	for _, c := range candidates {
		if seen[c.Name] {
			return nil, fmt.Errorf("forecast: two candidates have the name %q", c.Name)
		}
		seen[c.Name] = true
	}
	origins, err := RollingOrigins(p, opt.Horizon, cmp.Or(opt.Windows, 1), cmp.Or(opt.Step, opt.Horizon))
	if err != nil {
		return nil, err
	}
	b := &backtest{opt: opt, candidates: candidates, origins: origins}
	b.opt.Season = cmp.Or(opt.Season, p.Season())
	return b.run(ctx)
}

// A backtest is one under way.
type backtest struct {
	opt        BacktestOptions
	candidates []Candidate
	origins    []Origin
	seen       []*series.Panel // the history of each origin, as models are to see it
	unscored   bool            // forecasts are all that is asked for
}

func (b *backtest) run(ctx context.Context) (*Report, error) {
	for _, o := range b.origins {
		seen, _ := b.opt.Outliers.Seen(o.History, b.opt.Season)
		b.seen = append(b.seen, seen)
	}
	models := make([][]Model, len(b.candidates)) // one for each origin
	var fits []func() error
	report := &Report{Origins: b.origins, Season: b.opt.Season, Horizon: b.opt.Horizon, Models: make([]Tested, len(b.candidates))}
	failed := make([][]error, len(b.candidates)) // by origin
	for i, c := range b.candidates {
		report.Models[i] = Tested{Name: c.Name, Forecasts: make([]*Forecast, len(b.origins)), PIT: make([][][]float64, len(b.origins)), SQL: make([][]float64, len(b.origins))}
		models[i], failed[i] = make([]Model, len(b.origins)), make([]error, len(b.origins))
		for o := range b.origins {
			switch {
			case c.Fitted != nil:
				models[i][o] = c.Fitted
			case o > 0 && !b.opt.Refit:
				models[i][o] = models[i][0]
			default:
				m := c.New()
				models[i][o] = m
				fits = append(fits, func() error {
					failed[i][o] = m.Fit(ctx, b.seen[o], FitOptions{
						Horizon: b.opt.Horizon, Season: b.opt.Season, Outliers: KeepOutliers, Seed: b.opt.Seed, TimeLimit: b.opt.TimeLimit,
					})
					return b.excuse(c, o, failed[i][o])
				})
			}
		}
	}
	unfitted := make([][]bool, len(b.candidates)) // by origin
	accumulators := make([][]originScores, len(b.candidates))
	var forecasts []func() error
	for i, c := range b.candidates {
		unfitted[i], accumulators[i] = make([]bool, len(b.origins)), make([]originScores, len(b.origins))
		for o := range b.origins {
			forecasts = append(forecasts, func() error {
				if unfitted[i][o] {
					return nil
				}
				failed[i][o] = b.forecast(ctx, models[i][o], o, &report.Models[i], &accumulators[i][o])
				return b.excuse(c, o, failed[i][o])
			})
		}
	}
	total, done := len(fits)+len(forecasts), 0
	count := func() {
		done++
		if b.opt.Done != nil {
			b.opt.Done(done, total)
		}
	}
	if err := b.runAll(ctx, fits, count); err != nil {
		return nil, err
	}
	for i := range b.candidates {
		for o := range b.origins {
			// An origin without a fit of its own has that of the first.
			unfitted[i][o] = cannot(failed[i][o]) || !b.opt.Refit && cannot(failed[i][0])
		}
	}
	if err := b.runAll(ctx, forecasts, count); err != nil {
		return nil, err
	}
	for i := range report.Models {
		b.conclude(&report.Models[i], accumulators[i], failed[i])
	}
	return report, nil
}

// cannot reports whether err is a model's refusal of the data.
func cannot(err error) bool { return errors.Is(err, ErrMismatch) || errors.Is(err, ErrTooShort) }

// excuse returns err unless it is a refusal, which the report tells of.
func (b *backtest) excuse(c Candidate, origin int, err error) error {
	if err == nil || cannot(err) {
		return nil
	}
	return fmt.Errorf("backtest of %s, origin %d of %d: %w", c.Name, origin+1, len(b.origins), err)
}

// An originScores is what the scores of one origin are made of.
type originScores struct {
	all   scoreAccumulator
	steps []scoreAccumulator
}

// forecast examines a model at an origin.
func (b *backtest) forecast(ctx context.Context, m Model, o int, r *Tested, t *originScores) error {
	origin := b.origins[o]
	at := make([][]float64, len(origin.Actual.Series))
	for i, s := range origin.Actual.Series {
		at[i] = s.Times
	}
	f, err := m.Forecast(ctx, b.seen[o], Options{
		At: at, Samples: b.opt.Samples, Season: b.opt.Season, Seed: b.opt.Seed, Outliers: KeepOutliers,
	})
	if err != nil {
		return err
	}
	if err := f.Validate(); err != nil {
		return err
	}
	if err := match(origin.Actual, f); err != nil {
		return err
	}
	confined := Confine(f, origin.History, b.opt.Domains)
	if b.unscored {
		for i, d := range f.Series {
			if _, err := forecastRows(origin.Actual, origin.Actual.Series[i], d); err != nil {
				return err
			}
		}
	} else if *t, r.SQL[o], r.PIT[o], err = examineOrigin(confined, origin, b.opt.Season, b.opt.Horizon); err != nil {
		return err
	}
	kept := *f
	kept.Series = make([]*Distribution, len(f.Series))
	for i, d := range f.Series {
		thin := *d.thin() // free, as calibrations learn from it
		thin.Domains = confined.Series[i].Domains
		kept.Series[i] = &thin
	}
	r.Forecasts[o] = &kept
	return nil
}

// examineOrigin scores a forecast from an origin.
func examineOrigin(f *Forecast, origin Origin, season, horizon int) (t originScores, sql []float64, pit [][]float64, err error) {
	t.steps = make([]scoreAccumulator, horizon)
	for i, d := range f.Series {
		actual := origin.Actual.Series[i]
		if len(d.Times) != len(actual.Times) {
			return t, nil, nil, fmt.Errorf("forecast of %s: %d times, %d were asked for", Describe(d.ID), len(d.Times), len(actual.Times))
		}
		rows, err := forecastRows(origin.Actual, actual, d)
		if err != nil {
			return t, nil, nil, err
		}
		scale, err := scales(origin.History, origin.History.Series[i], season)
		if err != nil {
			return t, nil, nil, err
		}
		var own scoreAccumulator
		own.add(d, actual.Values, rows, scale)
		t.all.merge(&own)
		for k := range rows {
			t.steps[origin.Leads[i][k]-1].add(d, actual.Row(k), rows[k:k+1], scale)
		}
		sql = append(sql, own.sql.value())
		pit = append(pit, d.PIT(nil, actual.Values))
	}
	return t, sql, pit, nil
}

// conclude fills in what the accumulators of the origins come to.
func (b *backtest) conclude(r *Tested, accumulators []originScores, failed []error) {
	for o, err := range failed {
		if err != nil {
			*r = Tested{Name: r.Name, Err: fmt.Errorf("origin %d of %d: %w", o+1, len(b.origins), err)}
			return
		}
	}
	r.sumUp(accumulators, b.opt.Horizon)
}

// sumUp fills in the scores that the accumulators of the origins come to.
func (t *Tested) sumUp(accumulators []originScores, horizon int) {
	sum := originScores{steps: make([]scoreAccumulator, horizon)}
	for _, o := range accumulators {
		sum.all.merge(&o.all)
		for k := range o.steps {
			sum.steps[k].merge(&o.steps[k])
		}
	}
	t.Scores = sum.all.scores()
	t.Steps = make([]Scores, horizon)
	for k := range sum.steps {
		t.Steps[k] = sum.steps[k].scores()
	}
}

// runAll runs the jobs, and count after each of them, one at a time.
func (b *backtest) runAll(ctx context.Context, jobs []func() error, count func()) error {
	var mu sync.Mutex
	return eachOf(ctx, len(jobs), b.opt.Workers, func(i int) error {
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			count()
		}()
		return jobs[i]()
	})
}

// Results returns the examination of each model as a table shows it, without
// the forecasts.
func (r *Report) Results() []Result {
	results := make([]Result, len(r.Models))
	for i, m := range r.Models {
		results[i] = Result{Model: m.Name, Scores: m.Scores, Err: m.Err}
	}
	return results
}
