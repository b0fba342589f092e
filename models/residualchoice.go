package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// How bases are compared.
const (
	briefPart     = 2   // of the updates that each training has
	comparedOn    = 100 // series at most, evenly spread over the panel
	comparedPaths = 200

	// comparedFrom is the number of series and origins that are wanted, mostOrigins that of origins at most.
	comparedFrom, mostOrigins = 40, 4
)

// choose returns the base of which a network that is trained briefly forecasts held-back horizons best, if it is surely
// ahead of the usual one, which is a regression for panels of many regular series, and none for others.
func (m *residual) choose(ctx context.Context, train *series.Panel, opt forecast.FitOptions) (t taken, err error) {
	bases := []string{baseRegression, baseAR, baseNone}
	if !train.Step.Regular() {
		bases = []string{baseRegression, baseNone}
	}
	seen, season := train.Spread(comparedOn), cmp.Or(opt.Season, train.Season())
	horizon := cmp.Or(opt.Horizon, forecast.DefaultHorizon(train, season))
	brief := maps.Clone(m.options)
	brief[updatesOption] = strconv.Itoa(max(1, m.updates(train, horizon)/briefPart))
	var candidates []forecast.Candidate
	for _, base := range bases {
		candidates = append(candidates, forecast.Candidate{Name: base, New: func() forecast.Model {
			one := &residual{plain: m.plain, options: brief, taken: taken{Base: base}}
			if err := one.build(); err != nil {
				panic(err) // m is of such options
			}
			return one
		}})
	}
	limit := opt.TimeLimit
	if limit > 0 {
		limit = max(1, limit/time.Duration(2*len(bases)))
	}
	report, err := forecast.Backtest(ctx, seen, candidates, forecast.BacktestOptions{
		Horizon: horizon, Step: (horizon + 1) / 2, Windows: min(mostOrigins, 1+comparedFrom/max(1, len(seen.Series))),
		Season: season, Outliers: forecast.KeepOutliers, Seed: opt.Seed, Samples: comparedPaths, TimeLimit: limit,
	})
	if t.Base = baseNone; suitsResidual(train) {
		t.Base = baseRegression
	}
	if errors.Is(err, forecast.ErrTooShort) {
		return t, nil
	}
	if err != nil {
		return taken{}, err
	}
	for _, r := range report.Models {
		loss := r.Scores.SQL
		if math.IsNaN(loss) {
			loss = r.Scores.CRPS
		}
		if r.Err == nil && !math.IsNaN(loss) {
			t.Losses = append(t.Losses, baseLoss{r.Name, loss})
		}
	}
	slices.SortStableFunc(t.Losses, func(a, b baseLoss) int { return cmp.Compare(a.Loss, b.Loss) })
	if len(t.Losses) > 0 {
		var sure bool
		if sure, err = isSurelyLess(report, t.Losses[0].Base, t.Base); sure {
			t.Base = t.Losses[0].Base
		}
	}
	return t, err
}

// isSurelyLess reports whether one model of a report has less loss than another by more than the standard error of the mean
// difference of the series', or the other has none.
func isSurelyLess(report *forecast.Report, one, other string) (bool, error) {
	parts, err := report.Parts(forecast.SplitSeries)
	if err != nil {
		return false, err
	}
	at := func(name string) int {
		return slices.IndexFunc(report.Models, func(t forecast.Tested) bool { return t.Name == name && t.Err == nil })
	}
	i, k := at(one), at(other)
	if k < 0 {
		return true, nil
	}
	var less moments.Moments
	for _, p := range parts {
		d := p.Scores[k].SQL - p.Scores[i].SQL
		if math.IsNaN(d) {
			d = p.Scores[k].CRPS - p.Scores[i].CRPS
		}
		if !math.IsNaN(d) {
			less.Add(d)
		}
	}
	return less.N < 2 || less.Mean > math.Sqrt(less.Variance()/(less.N-1)), nil
}

// updates returns how many updates a training on a panel has at most.
func (m *residual) updates(train *series.Panel, horizon int) int {
	if n, err := strconv.Atoi(m.options[updatesOption]); err == nil {
		return n
	}
	return m.plain.Cost(train, horizon).Updates
}

// A taken base is that of a model, and why it is.
type taken struct {
	Base   string     `json:"base,omitempty"` // none before a choice
	Losses []baseLoss `json:"losses,omitempty"`
}

// A baseLoss is that of held-back horizons by a short training on what a base leaves.
type baseLoss struct {
	Base string  `json:"base"`
	Loss float64 `json:"loss"`
}

// takenBy returns the base of the model of a state. Those of before there was a choice took a regression.
func takenBy(s *forecast.State) (t taken, err error) {
	if err := json.Unmarshal(s.Options, &t); err != nil {
		return taken{}, fmt.Errorf("the model's base: %w", err)
	}
	switch t.Base = cmp.Or(t.Base, baseRegression); t.Base {
	case baseRegression, baseAR, baseNone:
		return t, nil
	}
	return taken{}, fmt.Errorf("the model's base is %q", t.Base)
}

// addTo returns the options of a state with the base.
func (t taken) addTo(options json.RawMessage) (json.RawMessage, error) {
	if t.Base == baseRegression && t.Losses == nil {
		return options, nil
	}
	var members map[string]json.RawMessage
	own, err := json.Marshal(t)
	if err = cmp.Or(err, json.Unmarshal(options, &members), json.Unmarshal(own, &members)); err != nil {
		return nil, err
	}
	return json.Marshal(members)
}

// note says which base was taken, and why; nothing where that was no choice.
func (t taken) note() string {
	switch {
	case t.Losses == nil && t.Base == baseNone:
		return "nothing could be held back to compare what it may learn; it learns the series themselves"
	case t.Losses == nil:
		return ""
	}
	what := "what " + t.Base + " leaves"
	if t.Base == baseNone {
		what = "the series themselves"
	}
	var losses []string
	for _, l := range t.Losses {
		losses = append(losses, fmt.Sprintf("%s %.4g", l.Base, l.Loss))
	}
	unsure := ""
	if t.Losses[0].Base != t.Base {
		unsure = ", the least by less than a standard error"
	}
	return fmt.Sprintf("it learns %s; losses of held-back horizons after short trainings: %s%s", what, strings.Join(losses, ", "), unsure)
}
