package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
)

// autoKind is the word for the model that is best for the series.
const autoKind = "auto"

// choiceShare is the part of --time-limit that the choice may take; the rest is for the fit.
const choiceShare = 0.6

// leastWork and mostWork are the bounds of an effort in numbers.
const leastWork, mostWork = 0.1, 1e6

// effort returns the work that the word or number stands for.
func effort(word string) (float64, error) {
	switch word {
	case "low":
		return auto.LowWork, nil
	case "normal":
		return auto.NormalWork, nil
	case "high":
		return auto.HighWork, nil
	}
	if work, err := strconv.ParseFloat(word, 64); err == nil && work >= leastWork && work <= mostWork {
		return work, nil
	}
	return 0, usagef("--effort is %q, want low, normal, high or a number from %g to %g: the work of -m auto", word, leastWork, mostWork)
}

// checkAuto says which flags do not go with -m auto.
func (f *fitFlags) checkAuto() error {
	switch {
	case len(f.set) > 0 || f.updates > 0:
		return usagef("--set and --updates are options of one model, and -m auto, the default, tries several as they are; name one, such as -m latent-ode")
	case f.unexamined:
		return usagef("--no-examine: -m auto, the default, chooses by what it examines; name a model, such as -m ar")
	case !f.refit:
		return usagef("--refit=false: what -m auto, the default, examines is not kept; name a model, such as -m latent-ode")
	}
	return nil
}

// choose chooses the kind of model for the panel. The examinations by which it does are
// that of the model, too; there are none where the series are too short.
func (j *fitJob) choose(ctx context.Context) error {
	started := time.Now()
	choice, err := auto.Choose(ctx, j.panel, models.Candidates(j.panel), auto.Options{
		Horizon: j.horizon, Outliers: j.limit, Domains: j.domains, Seed: j.seed, Work: j.work, Progress: j.progress.examining,
		TimeLimit: time.Duration(choiceShare * float64(j.timeLimit)),
	})
	j.progress.examined()
	if err != nil {
		return err
	}
	if j.timeLimit > 0 {
		j.timeLimit = max(j.timeLimit-time.Since(started), leastLimit)
	}
	j.progress.notef("auto: %s", choice.Reason)
	j.choice = choice
	j.kind, j.set = models.Chosen(choice)
	if err := j.take(); err != nil || choice.Origins == 0 {
		return err
	}
	j.calibrated = nil // the calibration is learned
	if j.calibrate {
		j.calibration = choice.Calibration
	}
	j.plain = choice.Plain
	j.results = choice.Results
	first := slices.IndexFunc(j.results, func(r forecast.Result) bool { return r.Model == choice.Name })
	chosen := j.results[first]
	j.results = append([]forecast.Result{chosen}, slices.Delete(slices.Clone(j.results), first, first+1)...)
	return nil
}

// showChoice writes what auto chose from, and why.
func (j *fitJob) showChoice(w io.Writer) error {
	c := j.choice
	if c.Origins > 0 {
		fmt.Fprintf(w, "forecasts of the past, %s ahead from %s, calibrated by each other%s:\n", count(j.horizon, "step"), count(c.Origins, "origin"), j.examinedPart())
		if err := forecast.WriteTable(w, slices.DeleteFunc(slices.Clone(j.results), func(r forecast.Result) bool { return errors.Is(r.Err, auto.ErrOut) })); err != nil {
			return err
		}
		writeOut(w, c.Results)
	}
	_, err := fmt.Fprintln(w, strings.TrimSpace("auto: "+c.Reason+"\n"+j.coverage()))
	return err
}

// writeOut writes which candidates were not examined to the end, a line for each reason.
func writeOut(w io.Writer, results []forecast.Result) {
	var reasons []string
	names := make(map[string][]string)
	for _, r := range results {
		var out *auto.OutError
		if errors.As(r.Err, &out) {
			if names[out.Why] == nil {
				reasons = append(reasons, out.Why)
			}
			names[out.Why] = append(names[out.Why], out.Candidate)
		}
	}
	for _, why := range reasons {
		fmt.Fprintf(w, "%s: %v: %s\n", strings.Join(names[why], ", "), auto.ErrOut, why)
	}
}

// examinedPart says what part of the panel was examined, if not all of it.
func (j *fitJob) examinedPart() string {
	c := j.choice
	var parts []string
	if c.Series < c.InPanel {
		parts = append(parts, fmt.Sprintf("%d of %d series", c.Series, c.InPanel))
	}
	if c.Rows < c.Longest {
		parts = append(parts, fmt.Sprintf("at least the last %d of %d times", c.Rows, c.Longest))
	}
	if len(parts) == 0 {
		return ""
	}
	text := " on " + strings.Join(parts, " and ")
	if !math.IsInf(c.StandardError, 0) {
		text += fmt.Sprintf(" (standard error of the first SQL: %.2g)", c.StandardError)
	}
	return text
}

// A choiceReport is what auto chose, in JSON.
type choiceReport struct {
	Reason        string             `json:"reason"`
	Shares        map[string]float64 `json:"shares,omitempty"` // of a blend
	Origins       int                `json:"origins"`
	Series        int                `json:"series"` // that were examined
	StandardError number             `json:"standardError"`
	Work          float64            `json:"work"`
	Scores        []modelScores      `json:"scores"`
}

func (j *fitJob) choiceReport() *choiceReport {
	c := j.choice
	if c == nil {
		return nil
	}
	r := &choiceReport{Reason: c.Reason, Origins: c.Origins, Series: c.Series, StandardError: number(c.StandardError), Work: c.Work}
	for _, s := range c.Blend {
		if r.Shares == nil {
			r.Shares = make(map[string]float64)
		}
		r.Shares[s.Name] = s.Weight
	}
	for _, result := range c.Results {
		r.Scores = append(r.Scores, scoresOf(result))
	}
	return r
}
