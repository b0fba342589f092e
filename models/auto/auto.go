// Package auto chooses a model for a panel by examining several on its past.
package auto

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/forecast"
	"tsgen/series"
)

// A Candidate is a model to choose from.
type Candidate struct {
	forecast.Candidate

	// Trained says that the model is trained step by step, within
	// FitOptions.TimeLimit. Such a model is tried only on panels with enough to
	// learn from, after all others.
	Trained bool

	// Safe says that the model is taken where none is clearly better: the
	// median of several others, for example. One candidate may be safe.
	Safe bool
}

// Options are the options of Choose. The zero value of all but Horizon is ready
// to use.
type Options struct {
	Horizon int // steps ahead for which a model is chosen; at least 1
	Season  int // as in forecast.FitOptions
	Seed    uint64

	// Outliers is as in forecast.FitOptions. Candidates are examined on the past as
	// models see it, since what is absurd or over says nothing of what comes.
	Outliers forecast.Outliers

	// Domains are those of the channels, as in forecast.Options.
	Domains []forecast.Domain

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
	mostOrigins = 10
	mostBlended = 7
	leastShare  = 0.05  // of a blend
	sure        = 0.975 // that a model is better than a blend

	// leastObserved is the number of observations that a panel must have for
	// models that are trained, and leastHorizons the median length of its
	// series in horizons.
	leastObserved = 500
	leastHorizons = 5
)

// Choose examines the candidates by rolling origins in the panel, their
// intervals calibrated (see forecast.Report.CrossCalibrated), and chooses a blend
// of the best of them, seven at most, weighed in inverse proportion to the squares
// of their scaled quantile losses, as Bates and Granger (1969) weigh forecasts by
// their squared errors; or the safe candidate, if there is one and the blend, at
// origins by which it is not weighed, would have done no better. Which one model is
// best on the past says little on which will be; a mean of several good ones is
// seldom far from the best (Timmermann 2006). A model is chosen alone where it is
// clearly better than the blend, by Student's test of the difference.
//
// With one origin, or without a scale of errors, the choice is the candidate with
// the least loss; but the safe one, if there is one and it is so close that the mean
// difference is within its standard error.
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
	if opt.Domains == nil {
		opt.Domains = forecast.SeenDomains(p)
	}
	p, _ = opt.Outliers.Seen(p, opt.Season)
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
	return &Choice{Name: candidates[i].Name, Reason: "it takes " + candidates[i].Name + ": the series are too short for the models to be compared."}
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
		Outliers: forecast.KeepOutliers, Domains: c.opt.Domains,
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
	case report.Models[0].Err == nil && unsupported(report) > 0:
		t.tested.Err = fmt.Errorf("%s: %w: %d of its forecasts leave what the past of their series supports",
			candidate.Name, forecast.ErrMismatch, unsupported(report))
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

// unsupported returns how many forecasts of the first model leave what the past of their
// series supports.
func unsupported(r *forecast.Report) int {
	n := 0
	for o, f := range r.Models[0].Forecasts {
		n += len(forecast.Unsupported(f, r.Origins[o].History))
	}
	return n
}

// choose compares what was tried.
func (c *choosing) choose() (*Choice, error) {
	slices.SortStableFunc(c.tried, func(a, b tried) int { return a.index - b.index })
	choice := &Choice{}
	var able []*tried // best first
	var safe *tried
	var refusals []error
	for i := range c.tried {
		t := &c.tried[i]
		choice.Results = append(choice.Results, forecast.Result{Model: t.tested.Name, Scores: t.tested.Scores, Err: t.tested.Err})
		if t.tested.Err != nil {
			refusals = append(refusals, t.tested.Err)
			continue
		}
		choice.Origins = len(t.report.Origins)
		able = append(able, t)
		if t.candidate.Safe {
			safe = t
		}
	}
	if len(able) == 0 {
		return nil, fmt.Errorf("auto: no model can forecast these series: %w", errors.Join(refusals...))
	}
	slices.SortStableFunc(able, func(a, b *tried) int { return forecast.CompareScores(a.tested.Scores, b.tested.Scores) })
	if choice.Origins == 1 || math.IsNaN(able[0].tested.Scores.SQL) {
		choice.one(able, safe)
		return choice, nil
	}
	return choice, c.blend(choice, able, safe)
}

// one chooses the best of the models, or the safe one, if there is one, unless the
// best is clearly better.
func (choice *Choice) one(able []*tried, safe *tried) {
	best := able[0]
	choice.Name = best.candidate.Name
	name, value := "SQL", func(t *tried) float64 { return t.tested.Scores.SQL }
	if math.IsNaN(value(best)) {
		name, value = "CRPS", func(t *tried) float64 { return t.tested.Scores.CRPS }
	}
	choice.Reason = fmt.Sprintf("it takes %s alone, which has the least %s of %d models, %.4g %s.",
		best.candidate.Name, name, len(able), value(best), choice.from())
	if safe != nil && safe != best {
		gain, doubt := difference(safe.tested.SQL, best.tested.SQL)
		if !(gain > doubt) {
			choice.Name = safe.candidate.Name
			choice.Reason = fmt.Sprintf("it takes %s, the safe choice (%s %.4g %s): the least is %.4g, of %s, which is not clearly better.",
				safe.candidate.Name, name, value(safe), choice.from(), value(best), best.candidate.Name)
		}
	}
}

func (choice *Choice) from() string {
	if choice.Origins == 1 {
		return "from one origin"
	}
	return fmt.Sprintf("over %d origins", choice.Origins)
}

// blend chooses the blend of the models, or the safe one if that is better than the
// blend at origins that it is not weighed by.
func (c *choosing) blend(choice *Choice, able []*tried, safe *tried) error {
	best := able[0]
	weights := shares(able, -1)
	var blend []Share
	var parts []string
	for i, w := range weights {
		if w > 0 {
			blend = append(blend, Share{able[i].candidate.Name, w})
			parts = append(parts, fmt.Sprintf("%.0f %% %s", 100*w, able[i].candidate.Name))
		}
	}
	if len(blend) == 1 {
		choice.one(able, nil)
		return nil
	}
	all := &forecast.Report{Origins: best.report.Origins, Season: best.report.Season, Horizon: best.report.Horizon}
	for _, t := range able {
		all.Models = append(all.Models, t.report.Models[0])
	}
	unseen, err := all.Blended(BlendName, func(origin int) []float64 { return shares(able, origin) })
	if err == nil {
		unseen, err = c.calibrated(all, unseen)
	}
	if err != nil {
		return err
	}
	choice.Results = append(choice.Results, forecast.Result{Model: BlendName, Scores: unseen.Scores})
	sigmas := distuv.StudentsT{Sigma: 1, Nu: float64(choice.Origins - 1)}.Quantile(sure)
	if gain, doubt := difference(unseen.SQL, best.tested.SQL); gain > sigmas*doubt {
		choice.Name = best.candidate.Name
		choice.Reason = fmt.Sprintf("it takes %s alone, which has the least SQL of %d models, %.4g %s, clearly less than the %.4g of a blend of the best.",
			choice.Name, len(able), best.tested.Scores.SQL, choice.from(), unseen.Scores.SQL)
		return nil
	}
	alone := fmt.Sprintf("the best model alone, %s, has %.4g, which is not clearly less than the blend's", best.candidate.Name, best.tested.Scores.SQL)
	if safe != nil && !(unseen.Scores.SQL < safe.tested.Scores.SQL) {
		choice.Name = safe.candidate.Name
		choice.Reason = fmt.Sprintf("it takes %s, the safe choice, whose SQL is %.4g %s: a blend of the best models, with %.4g, is no better; %s.",
			choice.Name, safe.tested.Scores.SQL, choice.from(), unseen.Scores.SQL, alone)
		return nil
	}
	choice.Name, choice.Blend = BlendName, blend
	choice.Reason = fmt.Sprintf("it takes a blend, the mean of the quantiles of %s, whose SQL is %.4g %s that do not weigh it; %s.",
		strings.Join(parts, ", "), unseen.Scores.SQL, choice.from(), alone)
	return nil
}

// shares returns the weights of a blend of the models, which sum to one, by their
// losses from all origins but one.
func shares(able []*tried, without int) []float64 {
	losses := make([]float64, len(able))
	for i, t := range able {
		var records []float64
		for o, sql := range t.tested.SQL {
			for _, l := range sql {
				if o != without && !math.IsNaN(l) {
					records = append(records, l)
				}
			}
		}
		losses[i] = stat.Mean(records, nil)
	}
	ranked := make([]int, len(able))
	for i := range ranked {
		ranked[i] = i
	}
	slices.SortStableFunc(ranked, func(a, b int) int { return cmp.Compare(losses[a], losses[b]) })
	least := losses[ranked[0]]
	weights := make([]float64, len(able))
	for _, i := range ranked[:min(mostBlended, len(ranked))] {
		weights[i] = 1
		if losses[i] > least {
			weights[i] = (least / losses[i]) * (least / losses[i])
		}
	}
	total := floats.Sum(weights)
	for i, w := range weights {
		if w < leastShare*total {
			weights[i] = 0
		}
	}
	floats.Scale(1/floats.Sum(weights), weights)
	return weights
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
