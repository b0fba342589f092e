package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
)

// autoKind is the word for the model that is best for the series.
const autoKind = "auto"

// autoTimeLimit is that of a run with -m auto unless the flags say another.
const autoTimeLimit = 10 * time.Minute

// checkAuto says which flags do not go with -m auto.
func (f *fitFlags) checkAuto() error {
	if len(f.set) > 0 || f.updates > 0 {
		return usagef("--set and --updates are options of one model; -m auto tries several, as they are by default")
	}
	return nil
}

// choose chooses the kind of model for the panel.
func (j *fitJob) choose(ctx context.Context) error {
	limit := j.timeLimit
	if limit == 0 {
		limit = autoTimeLimit
	}
	started := time.Now()
	choice, err := auto.Choose(ctx, j.panel, models.Candidates(j.panel), auto.Options{
		Horizon: j.horizon, Outliers: j.limit, Domains: j.domains, Seed: j.seed, TimeLimit: limit / 2,
	})
	if err != nil {
		return err
	}
	j.progress.notef("auto: %s", choice.Reason)
	j.choice = choice
	j.kind, j.set = models.Chosen(choice)
	// What is left is for the examination and for the final fit.
	j.timeLimit = max((limit-time.Since(started))/2, time.Second)
	return j.take()
}

// showChoice writes what auto chose from, and why.
func (j *fitJob) showChoice(w io.Writer) error {
	if j.choice == nil {
		return nil
	}
	seen := ""
	if len(j.choice.Results) > 0 {
		fmt.Fprintf(w, "forecasts of the past, from %s, calibrated by each other:\n", count(j.choice.Origins, "origin"))
		if err := forecast.WriteTable(w, j.choice.Results); err != nil {
			return err
		}
		seen = " The choice has seen what is held out below."
	}
	_, err := fmt.Fprintf(w, "auto: %s%s\n\n", j.choice.Reason, seen)
	return err
}

// A choiceReport is what auto chose, in JSON.
type choiceReport struct {
	Reason  string        `json:"reason"`
	Origins int           `json:"origins"`
	Scores  []modelScores `json:"scores"`
}

func (j *fitJob) choiceReport() *choiceReport {
	if j.choice == nil {
		return nil
	}
	r := &choiceReport{Reason: j.choice.Reason, Origins: j.choice.Origins}
	for _, result := range j.choice.Results {
		r.Scores = append(r.Scores, scoresOf(result))
	}
	return r
}
