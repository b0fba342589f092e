package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/series"
	"tsgen/series/outlier"
)

// mostExamined is the number of series from which forecasts are scored: over more, evenly spread, the
// standard error of a score is some hundredth of it.
const mostExamined = 4096

// examine fits the model to all but the last horizon of every series and
// scores it on that, beside the baselines. If the series are too short for it,
// the model is fitted to everything and there are no results. One whose data have no
// forecasts is judged by density.
func (j *fitJob) examine(ctx context.Context) error {
	if j.unexamined {
		return j.train(ctx, phaseOnly, j.panel, nil)
	}
	if yes, binary := j.byDensity(); yes {
		return j.examineDensity(ctx, binary)
	}
	domains := j.domains
	head, tail, err := j.split()
	if err == nil {
		head, tail, domains = j.withoutLate(head, tail)
		err = j.train(ctx, phaseExamination, head, nil)
	}
	if errors.Is(err, forecast.ErrTooShort) {
		j.progress.notef("nothing is held out and there are no scores: %v", err)
		return j.train(ctx, phaseOnly, j.panel, nil)
	}
	if err != nil {
		return err
	}
	head, tail = head.Spread(mostExamined), tail.Spread(mostExamined)
	if n := len(head.Series); n == mostExamined && n < len(j.panel.Series) {
		j.spread = n
	}
	if rows := j.referenceRows(); rows > 0 {
		j.progress.notef("the models that it is compared with see the last %d times of the series", rows)
	}
	examined := []forecast.Model{j.model}
	if j.calibrated != nil {
		examined[0] = j.calibrated
	}
	for _, k := range models.Kinds() {
		reference := k.Reference || k.ReferenceIrregular && !j.panel.Step.Regular()
		if reference && k.Treats(j.panel) && k.Name != j.kind && (k.Name != models.EnsembleName || observed(j.panel) <= mostForEnsemble) {
			m, err := j.reference(ctx, k, head)
			if err != nil {
				return err
			}
			examined = append(examined, m)
		}
	}
	opt := forecast.Options{Outliers: j.limit, Domains: domains, Seed: j.seed, Samples: j.samples()}
	if j.results, err = forecast.ExamineInParts(ctx, head, tail, examined, opt, models.Alone); err != nil {
		return err
	}
	for _, r := range j.results {
		j.progress.notes(r.Notes)
	}
	if j.results[0].Err != nil {
		return nil
	}
	if j.calibrated != nil {
		plain, err := forecast.ExamineInParts(ctx, head, tail, []forecast.Model{j.model}, opt, models.Alone)
		if err != nil {
			return err
		}
		j.plain = plain[0].Scores
		return nil
	}
	if j.calibrate {
		return j.calibrateTrained(ctx)
	}
	return nil
}

// withoutLate returns head and tail without the channels that have hardly begun in head, and the domains of the others: a model
// learns nothing of them there, and is fitted again to all.
func (j *fitJob) withoutLate(head, tail *series.Panel) (*series.Panel, *series.Panel, []forecast.Domain) {
	j.channels, _ = forecast.Begun(j.panel, j.horizon, 1, j.horizon, j.panel.Season())
	if late := head.Without(j.channels); len(late) > 0 {
		j.refit = true
		j.progress.notef("%s: begun too late to be held out; the scores are those of the other channels", strings.Join(late, ", "))
	}
	return head.WithChannels(j.channels), tail.WithChannels(j.channels), forecast.SomeDomains(j.domains, j.channels)
}

// mostForEnsemble is the number of observations up to which models are compared
// with the ensemble, which takes too long on larger panels.
const mostForEnsemble = 20000

// samples returns the number of sample paths by which models are examined: fewer
// of many series, over which scores are averaged.
func (j *fitJob) samples() int { return min(1000, max(100, 300_000/len(j.panel.Series))) }

// calibrateTrained learns a calibration of the model from the held-out horizon,
// if there is enough of it.
func (j *fitJob) calibrateTrained(ctx context.Context) error {
	// As in forecast.Calibrated.
	seen := outlier.Limit(j.panel, j.outliers)
	report, err := forecast.Backtest(ctx, seen.WithChannels(j.channels).Spread(mostExamined), []forecast.Candidate{{Name: j.kind, Fitted: j.model}},
		forecast.BacktestOptions{Horizon: j.horizon, Outliers: forecast.KeepOutliers, Seed: j.seed, Samples: min(300, j.samples())})
	if errors.Is(err, forecast.ErrTooShort) {
		return nil
	}
	if err != nil || report.Models[0].Err != nil {
		return err
	}
	j.calibration = report.Models[0].Calibrate(report.Origins).ForChannels(j.channels, seen.Width())
	return nil
}

// leastHead is the number of times before the held-out ones that a series must
// have to take part in the examination.
const leastHead = 4

// split holds out the last horizon of the series that are long enough: of no more than are scored, if the
// model makes nothing of the others and is fitted again to all. The error wraps forecast.ErrTooShort if none is, or if there is no value to score
// a forecast against.
func (j *fitJob) split() (head, tail *series.Panel, err error) {
	var long []*series.Series
	for _, s := range j.panel.Series {
		if s.Len() >= j.horizon+leastHead {
			long = append(long, s)
		}
	}
	if len(long) == 0 {
		return nil, nil, fmt.Errorf("%w: no series has the %d times that it takes to hold out %d",
			forecast.ErrTooShort, j.horizon+leastHead, j.horizon)
	}
	if n := len(j.panel.Series) - len(long); n > 0 {
		j.progress.notef("%d of %d series are too short to hold out %s and take no part in the examination",
			n, len(j.panel.Series), count(j.horizon, "time"))
	}
	held := j.panel.With(long)
	if len(long) > mostExamined && j.refit && models.Alone(j.model, held) {
		held = held.Spread(mostExamined)
	}
	if head, tail, err = held.SplitLast(j.horizon); err != nil {
		return nil, nil, err
	}
	for _, s := range tail.Series {
		if s.Observed() > 0 {
			return head, tail, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: all values of the last %s are missing", forecast.ErrTooShort, count(j.horizon, "time"))
}
