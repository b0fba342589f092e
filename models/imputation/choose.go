package imputation

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/series"
)

const (
	// mostSeries is the number of series, evenly spread, that are examined, mostRows the number of the
	// last rows of each.
	mostSeries, mostRows = 20, 1000

	// leastHidden is the number of hidden values below which nothing is told by them. Until there
	// are enough, others are hidden in further trials.
	leastHidden, enough, mostTrials = 5, 60, 6

	// draws is the number of draws of a model that imputes by them.
	draws = 200
)

// Options are the options of Choose. The zero value is ready to use but for Horizon.
type Options struct {
	Horizon  int // as in forecast.FitOptions
	Season   int
	Outliers forecast.Outliers
	Domains  []forecast.Domain
	Seed     uint64

	// Progress, if not nil, is called before each examination.
	Progress func(candidate string)
}

// A Choice is the outcome.
type Choice struct {
	Name    string            // of the candidate
	Values  int               // hidden
	Results []forecast.Result // with SQL and CRPS alone
}

// Scored reports whether the choice is by hidden values, of which there were enough.
func (c *Choice) Scored() bool { return c.Values >= leastHidden }

// Losses says the scaled quantile loss of each candidate that could be fitted: "lgssm 0.31".
func (c *Choice) Losses() []string {
	var all []string
	for _, r := range c.Results {
		if r.Err == nil {
			all = append(all, fmt.Sprintf("%s %.3g", r.Model, r.Scores.SQL))
		}
	}
	return all
}

// Choose fits candidates, whose models must be of type forecast.Imputer, to a panel some of whose
// values are hidden (see Hide), and returns the one with the least scaled quantile loss of
// these values. With too few values to hide it is the first that can be fitted. Large panels
// are examined in part. The error is that of the candidates if none can be fitted.
func Choose(ctx context.Context, p *series.Panel, candidates []forecast.Candidate, opt Options) (*Choice, error) {
	part := p.Spread(mostSeries)
	last := make([]*series.Series, len(part.Series))
	for i, s := range part.Series {
		last[i] = s.Slice(max(0, s.Len()-mostRows), s.Len())
	}
	part = part.With(last)
	var trials []trial
	choice := &Choice{}
	for len(trials) == 0 || choice.Values < enough && len(trials) < mostTrials {
		t := hide(part, opt.Seed+uint64(len(trials)))
		trials = append(trials, t)
		choice.Values += t.values
	}
	best := -1
	var refusals []error
	for i, c := range candidates {
		if opt.Progress != nil {
			opt.Progress(c.Name)
		}
		r := forecast.Result{Model: c.Name}
		r.Scores, r.Err = examine(ctx, c, trials, choice.Scored(), opt)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		choice.Results = append(choice.Results, r)
		switch {
		case r.Err != nil:
			refusals = append(refusals, r.Err)
		case best < 0 || forecast.CompareScores(r.Scores, choice.Results[best].Scores) < 0:
			best = i
		}
	}
	if best < 0 {
		return nil, fmt.Errorf("no model can fill gaps of these series: %w", errors.Join(refusals...))
	}
	choice.Name = candidates[best].Name
	return choice, nil
}

// A trial is a panel some of whose values are hidden.
type trial struct {
	seen, hidden *series.Panel
	at           [][]float64 // times of hidden values
	values       int         // hidden
}

func hide(p *series.Panel, seed uint64) trial {
	t := trial{at: make([][]float64, len(p.Series))}
	t.seen, t.hidden = Hide(p, seed)
	for i, s := range t.hidden.Series {
		t.at[i] = s.Times
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				t.values++
			}
		}
	}
	return t
}

// examine returns the scores of a candidate, fitted and asked in each trial, for the hidden values.
// They have no SQL if they are not to be scored.
func examine(ctx context.Context, c forecast.Candidate, trials []trial, scored bool, opt Options) (forecast.Scores, error) {
	var sum forecast.Scores
	for _, t := range trials {
		m := c.New()
		if err := forecast.Fit(ctx, m, t.seen, forecast.FitOptions{Horizon: opt.Horizon, Season: opt.Season, Outliers: opt.Outliers, Seed: opt.Seed}); err != nil {
			return forecast.Scores{}, err
		}
		imputer, ok := m.(forecast.Imputer)
		if !ok {
			return forecast.Scores{}, fmt.Errorf("%w: %s does not impute", forecast.ErrMismatch, m.Name())
		}
		if !scored {
			return forecast.Scores{SQL: math.NaN(), CRPS: math.NaN()}, nil
		}
		f, err := forecast.Impute(ctx, imputer, t.seen, forecast.Options{At: t.at, Samples: draws, Season: opt.Season, Outliers: opt.Outliers, Domains: opt.Domains, Seed: opt.Seed})
		if err != nil {
			return forecast.Scores{}, err
		}
		scores, err := forecast.Score(t.seen, t.hidden, f, opt.Season)
		if err != nil {
			return forecast.Scores{}, err
		}
		sum.SQL, sum.CRPS, sum.Values = sum.SQL+float64(t.values)*scores.SQL, sum.CRPS+float64(t.values)*scores.CRPS, sum.Values+t.values
	}
	sum.SQL, sum.CRPS = sum.SQL/float64(sum.Values), sum.CRPS/float64(sum.Values)
	return sum, nil
}
