// Package auto chooses a model for a panel by examining several on its past.
package auto

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
	"tsgen/series"
)

// A Candidate is a model to choose from.
type Candidate struct {
	forecast.Candidate

	// Trained tells that the model is trained step by step, heeding
	// FitOptions.TimeLimit. Such a model is tried only on panels with enough to
	// learn from, after all others.
	Trained bool

	// Safe tells that the model is taken where none is clearly better: the
	// median of several others, for example. One candidate may be safe.
	Safe bool
}

// Options are the options of Choose. The zero value of all but Horizon is ready
// to use.
type Options struct {
	Horizon int // steps ahead for which a model is chosen; at least 1
	Season  int // as in forecast.FitOptions
	Seed    uint64

	// TimeLimit bounds the time that the choice takes. Candidates for which
	// there is no time left are not tried. One that is not trained is interrupted
	// after a sixth of it, so that the others have some too. A limit that is
	// reached makes the choice depend on the machine. Zero means five minutes.
	TimeLimit time.Duration
}

// DefaultTimeLimit is the time limit of the zero Options.
const DefaultTimeLimit = 5 * time.Minute

// A Choice is the outcome.
type Choice struct {
	Name   string // of the candidate that was chosen
	Reason string // in a sentence, with the scores

	// Blend, unless it is nil, says that the choice is not one candidate but the
	// weighted mean of several (forecast.Blend), with these weights. Name is then
	// BlendName.
	Blend []Share

	// Results are the examinations of the candidates that were tried, in their
	// order. The scores are those over all origins; there are no forecasts. A
	// candidate that was interrupted has an error that wraps
	// context.DeadlineExceeded.
	Results []forecast.Result

	Origins int // at which the candidates were examined
}

// BlendName is the name of a choice that is a blend.
const BlendName = "blend"

// A Share is the part of a candidate in a blend.
type Share struct {
	Name   string
	Weight float64 // the weights of a blend sum to one
}

// Bounds of what is tried.
const (
	mostPicks   = 10 // of models, repeated ones counted, for a blend
	mostOrigins = 10

	// leastObserved is the number of observations that a panel must have for
	// models that are trained, and leastHorizons the median length of its
	// series in horizons.
	leastObserved = 500
	leastHorizons = 5
)

// Choose examines the candidates by rolling origins in the panel, their
// intervals calibrated (see forecast.Report.CrossCalibrated), and chooses the
// one with the least scaled quantile loss; but the safe candidate, if there is
// one and it is so close that the mean difference is within its standard error;
// and a blend of candidates (forecast.Report.BestBlend) instead, if at every
// origin the blend that is best at the others would have done better than any one
// of them over all.
// For a panel whose series are too short to be examined it chooses the safe
// candidate, or the first if none is.
//
// The error wraps forecast.ErrMismatch or forecast.ErrTooShort if no candidate
// can forecast the panel.
func Choose(ctx context.Context, p *series.Panel, candidates []Candidate, opt Options) (*Choice, error) {
	if len(candidates) == 0 {
		return nil, errors.New("auto: no candidates")
	}
	if opt.Horizon < 1 {
		return nil, fmt.Errorf("auto: a horizon of %d steps", opt.Horizon)
	}
	if opt.TimeLimit == 0 {
		opt.TimeLimit = DefaultTimeLimit
	}
	if opt.Season == 0 {
		opt.Season = p.Season()
	}
	c := &choosing{panel: p, opt: opt, deadline: time.Now().Add(opt.TimeLimit)}
	c.windows, c.step = forecast.CalibrationWindows(p, opt.Horizon, opt.Season)
	if c.windows == 0 {
		return unexamined(candidates), nil
	}
	c.windows = min(c.windows, mostOrigins)
	for _, trained := range []bool{false, true} {
		for i, candidate := range candidates {
			if candidate.Trained != trained || trained && !c.worthTraining() {
				continue
			}
			if err := c.try(ctx, i, candidate, countTrained(candidates[i:])); err != nil {
				return nil, err
			}
		}
	}
	return c.choose()
}

// unexamined is the choice for series too short to look back.
func unexamined(candidates []Candidate) *Choice {
	i := max(0, slices.IndexFunc(candidates, func(c Candidate) bool { return c.Safe }))
	return &Choice{Name: candidates[i].Name, Reason: candidates[i].Name + ": the series are too short for the models to be compared."}
}

func countTrained(candidates []Candidate) int {
	n := 0
	for _, c := range candidates {
		if c.Trained {
			n++
		}
	}
	return n
}

// choosing is a choice under way.
type choosing struct {
	panel         *series.Panel
	opt           Options
	deadline      time.Time
	windows, step int
	tried         []tried
}

// tried is a candidate that was examined.
type tried struct {
	index     int // among the candidates
	candidate Candidate
	tested    forecast.Tested  // with calibrated forecasts
	report    *forecast.Report // of the forecasts as they are, of this candidate alone
}

// worthTraining reports whether the panel has enough for models that are
// trained.
func (c *choosing) worthTraining() bool {
	observed, lengths := 0, make([]int, len(c.panel.Series))
	for i, s := range c.panel.Series {
		observed += s.Observed()
		lengths[i] = s.Len()
	}
	slices.Sort(lengths)
	return observed >= leastObserved && lengths[len(lengths)/2] >= leastHorizons*c.opt.Horizon
}

// try examines a candidate, one of as many left to be trained if it is to be.
func (c *choosing) try(ctx context.Context, index int, candidate Candidate, left int) error {
	remaining := time.Until(c.deadline)
	t := tried{index: index, candidate: candidate, tested: forecast.Tested{Name: candidate.Name}}
	if remaining <= 0 {
		t.tested.Err = fmt.Errorf("%s: no time is left to try it: %w", candidate.Name, context.DeadlineExceeded)
		c.tried = append(c.tried, t)
		return nil
	}
	opt := forecast.BacktestOptions{
		Horizon: c.opt.Horizon, Windows: c.windows, Step: c.step, Season: c.opt.Season, Seed: c.opt.Seed, Samples: 300,
	}
	most := c.opt.TimeLimit / 6
	if candidate.Trained {
		// Half of its part is for training, the rest for what follows.
		opt.TimeLimit = remaining / time.Duration(2*max(left, 1))
		most = remaining
	}
	bounded, cancel := context.WithTimeout(ctx, min(most, remaining))
	defer cancel()
	report, err := forecast.Backtest(bounded, c.panel, []forecast.Candidate{candidate.Candidate}, opt)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		t.tested.Err = fmt.Errorf("%s: it takes longer than there is time: %w", candidate.Name, context.DeadlineExceeded)
	case errors.Is(err, forecast.ErrTooShort), errors.Is(err, forecast.ErrMismatch):
		t.tested.Err = err
	case err != nil:
		return err
	default:
		// Forecasts are calibrated once a model is chosen, so that is how models
		// are compared.
		calibrated, err := report.CrossCalibrated()
		if err != nil {
			return err
		}
		t.tested, t.report = calibrated.Models[0], report
	}
	c.tried = append(c.tried, t)
	return nil
}

// choose compares what was tried.
func (c *choosing) choose() (*Choice, error) {
	slices.SortStableFunc(c.tried, func(a, b tried) int { return a.index - b.index })
	choice := &Choice{}
	var best, safe *tried
	var refusals []error
	for i := range c.tried {
		t := &c.tried[i]
		choice.Results = append(choice.Results, forecast.Result{Model: t.tested.Name, Scores: t.tested.Scores, Err: t.tested.Err})
		if t.tested.Err != nil {
			refusals = append(refusals, t.tested.Err)
			continue
		}
		choice.Origins = len(t.report.Origins)
		if best == nil || forecast.CompareScores(t.tested.Scores, best.tested.Scores) < 0 {
			best = t
		}
		if t.candidate.Safe {
			safe = t
		}
	}
	if best == nil {
		return nil, fmt.Errorf("auto: no model can forecast these series: %w", errors.Join(refusals...))
	}
	choice.Name = best.candidate.Name
	name, value := "SQL", func(t *tried) float64 { return t.tested.Scores.SQL }
	if math.IsNaN(value(best)) {
		name, value = "CRPS", func(t *tried) float64 { return t.tested.Scores.CRPS }
	}
	from := fmt.Sprintf("over %d origins", choice.Origins)
	if choice.Origins == 1 {
		from = "from one origin"
	}
	choice.Reason = fmt.Sprintf("%s has the least %s of %d models, %.4g %s.",
		best.candidate.Name, name, len(c.tried)-len(refusals), value(best), from)
	if safe != nil && safe != best {
		gain, doubt := difference(safe.tested.SQL, best.tested.SQL)
		if !(gain > doubt) {
			choice.Name = safe.candidate.Name
			choice.Reason = fmt.Sprintf("%s (%s %.4g %s): the least is %.4g, of %s, which is not clearly better.",
				safe.candidate.Name, name, value(safe), from, value(best), best.candidate.Name)
		}
	}
	return choice, c.blend(choice, best, from)
}

// blend makes the choice the best blend of the candidates if that has a lower
// scaled quantile loss than the best of them and the safe one on origins that it
// has not seen.
func (c *choosing) blend(choice *Choice, best *tried, from string) error {
	all := &forecast.Report{Origins: best.report.Origins, Season: best.report.Season, Horizon: best.report.Horizon}
	least := math.Inf(1)
	for _, t := range c.tried {
		if t.tested.Err == nil && len(t.report.Origins) == len(all.Origins) {
			all.Models = append(all.Models, t.report.Models[0])
			least = min(least, t.tested.Scores.SQL)
		}
	}
	unseen, ok, err := all.CrossBlended(BlendName, mostPicks)
	if err != nil || !ok {
		return err
	}
	unseen, err = c.calibrated(all, unseen)
	if err != nil || !(unseen.Scores.SQL < least) {
		return err
	}
	var blend []Share
	var parts []string
	for i, w := range all.BestBlend(mostPicks) {
		if w > 0 {
			blend = append(blend, Share{all.Models[i].Name, w})
			parts = append(parts, fmt.Sprintf("%.0f %% %s", 100*w, all.Models[i].Name))
		}
	}
	if len(blend) < 2 {
		return nil
	}
	choice.Name, choice.Blend = BlendName, blend
	choice.Reason = fmt.Sprintf("the mean of the quantiles of %s has an SQL of %.4g %s that the weights were not chosen by; the best model alone, %s, has %.4g.",
		strings.Join(parts, ", "), unseen.Scores.SQL, from, best.candidate.Name, best.tested.Scores.SQL)
	choice.Results = append(choice.Results, forecast.Result{Model: BlendName, Scores: unseen.Scores})
	return nil
}

// calibrated returns t as it would have gone with calibration.
func (c *choosing) calibrated(of *forecast.Report, t forecast.Tested) (forecast.Tested, error) {
	one := *of
	one.Models = []forecast.Tested{t}
	r, err := one.CrossCalibrated()
	if err != nil {
		return t, err
	}
	return r.Models[0], nil
}

// difference returns the mean of a - b over the records, one for each origin
// and series, that both have, and its standard error: the greater of that of
// independent records and that of independent origins, whose records err
// together. It is infinite if there are fewer than two of either.
func difference(a, b [][]float64) (mean, se float64) {
	var records, origins []float64
	for o := range a {
		sum, n := 0.0, 0
		for i := range a[o] {
			if x := a[o][i] - b[o][i]; !math.IsNaN(x) {
				records = append(records, x)
				sum += x
				n++
			}
		}
		if n > 0 {
			origins = append(origins, sum/float64(n))
		}
	}
	if len(origins) < 2 {
		return stat.Mean(records, nil), math.Inf(1)
	}
	return stat.Mean(records, nil), max(standardError(records), standardError(origins))
}

func standardError(x []float64) float64 {
	return stat.StdErr(stat.StdDev(x, nil), float64(len(x)))
}
