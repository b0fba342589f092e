package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"tsgen/forecast"
	"tsgen/modelfile"
)

// A fitReport is the JSON document of fit.
type fitReport struct {
	Model       string        `json:"model"`
	File        string        `json:"file"`
	Series      int           `json:"series"`
	Channels    []string      `json:"channels"`
	Horizon     int           `json:"horizon"`
	Season      int           `json:"season"`
	Seed        uint64        `json:"seed"`
	Fingerprint string        `json:"fingerprint"`
	Scores      []modelScores `json:"scores"`
	Verdict     string        `json:"verdict,omitempty"`
}

type modelScores struct {
	Model  string            `json:"model"`
	Scores map[string]number `json:"scores,omitempty"`
	Error  string            `json:"error,omitempty"`
}

// show writes the table of scores, or the JSON document.
func (j *fitJob) show(w io.Writer) error {
	if j.json {
		return j.showJSON(w)
	}
	if j.results == nil {
		return nil
	}
	fmt.Fprintf(w, "forecasts of the last %s of every series, held out:\n", count(j.horizon, "time"))
	if err := forecast.WriteTable(w, j.results); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, verdict(j.results))
	return err
}

func (j *fitJob) showJSON(w io.Writer) error {
	r := fitReport{
		Model: j.kind, File: j.out, Series: len(j.panel.Series), Channels: j.panel.Channels,
		Horizon: j.horizon, Season: j.season, Seed: j.seed, Fingerprint: j.panel.Fingerprint(),
		Scores: []modelScores{}, Verdict: verdict(j.results),
	}
	for _, result := range j.results {
		s := modelScores{Model: result.Model}
		if result.Err != nil {
			s.Error = result.Err.Error()
		} else {
			s.Scores = make(map[string]number)
			for _, m := range result.Scores.Measures() {
				s.Scores[m.Name] = number(m.Value)
			}
		}
		r.Scores = append(r.Scores, s)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// fileScores returns the scores as the model file keeps them.
func fileScores(results []forecast.Result) []modelfile.ModelScore {
	var kept []modelfile.ModelScore
	for _, r := range results {
		if r.Err != nil {
			continue
		}
		values := make(map[string]float64)
		for _, m := range r.Scores.Measures() {
			values[m.Name] = m.Value
		}
		kept = append(kept, modelfile.ModelScore{Model: r.Model, Scores: values})
	}
	return kept
}

// verdict says in a sentence whether the first model is ahead of the others,
// by SQL or, where that is undefined, by CRPS. It is empty if there is nothing
// to compare.
func verdict(results []forecast.Result) string {
	if len(results) == 0 || results[0].Err != nil {
		return ""
	}
	name, of := "SQL", func(s forecast.Scores) float64 { return s.SQL }
	if math.IsNaN(results[0].Scores.SQL) {
		name, of = "CRPS", func(s forecast.Scores) float64 { return s.CRPS }
	}
	own := results[0]
	var best *forecast.Result
	for i, r := range results[1:] {
		if r.Err == nil && !math.IsNaN(of(r.Scores)) && (best == nil || of(r.Scores) < of(best.Scores)) {
			best = &results[1+i]
		}
	}
	if best == nil {
		return ""
	}
	figures := fmt.Sprintf("(%s %.4g against %.4g)", name, of(own.Scores), of(best.Scores))
	if of(own.Scores) < of(best.Scores) {
		return fmt.Sprintf("%s is ahead of %s %s.", own.Model, best.Model, figures)
	}
	return fmt.Sprintf("%s does not beat %s %s: take %s for these series, or more data.", own.Model, best.Model, figures, best.Model)
}
