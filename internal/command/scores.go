package command

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
	"tsgen/series/doctor"
	"tsgen/series/outlier"
	"tsgen/series/seasons"
)

// A fitReport is the JSON document of fit.
type fitReport struct {
	Model    string        `json:"model"`
	File     string        `json:"file"`
	Series   int           `json:"series"`
	Channels []string      `json:"channels"`
	Horizon  int           `json:"horizon"`
	Season   int           `json:"season"`            // the shortest
	Seasons  seasons.Found `json:"seasons,omitempty"` // that were looked for

	OwnSteps []seasons.StepReport `json:"ownSteps,omitempty"` // of series that have another step

	Seed        uint64           `json:"seed"`
	Fingerprint string           `json:"fingerprint"`
	Findings    []doctor.Finding `json:"findings,omitempty"` // in the data
	Scores      []modelScores    `json:"scores"`
	Verdict     string           `json:"verdict,omitempty"`
	Examined    *scoredPart      `json:"examined,omitempty"` // if not every series
	Choice      *choiceReport    `json:"choice,omitempty"`   // of -m auto

	// Calibration is the one in the model file. Plain are the scores of the
	// model without one, if it is examined with one.
	Calibration *forecast.Calibration `json:"calibration,omitempty"`
	Plain       map[string]number     `json:"plain,omitempty"`

	// Densities are the scores of a model that is judged by density.
	Densities []densityScore `json:"densities,omitempty"`
}

// A scoredPart says from how many of the series the scores are, and how far they can be trusted.
type scoredPart struct {
	Series        int    `json:"series"`
	StandardError number `json:"standardError"` // of the SQL of the first model
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
	if j.densities != nil {
		return j.showDensities(w)
	}
	if j.choice != nil && (j.choice.Origins > 0 || j.results == nil) {
		return j.showChoice(w)
	}
	if j.results == nil {
		return nil
	}
	fmt.Fprintf(w, "forecasts of the last %s of %s, held out%s:\n", count(j.horizon, "time"), j.examinedSeries(), j.standardError())
	if err := forecast.WriteTable(w, j.results); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, strings.TrimSpace(j.verdict()+"\n"+j.coverage()))
	return err
}

// examinedSeries says of which series forecasts are scored.
func (j *fitJob) examinedSeries() string {
	if j.spread == 0 {
		return "every series"
	}
	return fmt.Sprintf("%d of %d series", j.spread, len(j.panel.Series))
}

// standardError says that of the scores, if they are not of every series.
func (j *fitJob) standardError() string {
	if j.spread == 0 || len(j.results) == 0 || j.results[0].Err != nil || math.IsNaN(j.results[0].Scores.SQLError) {
		return ""
	}
	return fmt.Sprintf(" (standard error of the first SQL: %.2g)", j.results[0].Scores.SQLError)
}

// coverage says how far the intervals of the model can be trusted.
func (j *fitJob) coverage() string {
	if len(j.results) == 0 {
		return ""
	}
	own := j.results[0]
	switch {
	case own.Err != nil:
		return ""
	case (j.calibrated != nil || j.choice != nil) && j.calibration != nil:
		return fmt.Sprintf("coverage 80 %%: %.2f, coverage 95 %%: %.2f (%.2f and %.2f before the calibration)",
			own.Scores.Coverage80, own.Scores.Coverage95, j.plain.Coverage80, j.plain.Coverage95)
	case j.calibration != nil:
		return fmt.Sprintf("coverage 80 %%: %.2f, coverage 95 %%: %.2f; the model in the file is calibrated by these forecasts, its 80 %% intervals %s",
			own.Scores.Coverage80, own.Scores.Coverage95, j.calibration)
	}
	return fmt.Sprintf("coverage 80 %%: %.2f, coverage 95 %%: %.2f", own.Scores.Coverage80, own.Scores.Coverage95)
}

func (j *fitJob) showJSON(w io.Writer) error {
	r := fitReport{
		Model: j.kind, File: j.out, Series: len(j.panel.Series), Channels: j.panel.Channels,
		Horizon: j.horizon, Season: j.panel.Season(), Seasons: j.seasons.Own(), OwnSteps: j.seasons.Others(), Seed: j.seed, Fingerprint: j.panel.Fingerprint(),
		Findings: slices.Concat(j.found, outlierFindings(j.panel, j.outliers)), Scores: []modelScores{}, Verdict: j.verdict(), Choice: j.choiceReport(),
		Calibration: j.calibration, Densities: j.densities,
	}
	if (j.calibrated != nil || j.choice != nil) && len(j.results) > 0 && j.results[0].Err == nil {
		r.Plain = measures(j.plain)
	}
	if j.spread > 0 && len(j.results) > 0 {
		r.Examined = &scoredPart{Series: j.spread, StandardError: number(j.results[0].Scores.SQLError)}
	}
	for _, result := range j.results {
		r.Scores = append(r.Scores, scoresOf(result))
	}
	return writeJSON(w, r)
}

// outlierFindings returns what models do not see in the form of the other findings.
func outlierFindings(p *series.Panel, found []outlier.Finding) []doctor.Finding {
	var all []doctor.Finding
	for _, f := range found {
		s := p.Series[f.Series]
		one := doctor.Finding{
			Code: "absurd-value", Series: s.ID, Value: series.FormatNumber(f.Value),
			Message: outlier.Describe(p, []outlier.Finding{f})[0], Remedy: "--outliers keep has models see it",
		}
		if f.Known {
			one.Code, one.Channel = "absurd-covariate", p.Known[f.Channel]
			all = append(all, one)
			continue
		}
		one.Channel = p.Channels[f.Channel]
		switch {
		case f.Values > 0:
			one.Code = "stuck-value"
		case f.Passing:
			one.Code = "passing"
		}
		if f.Break {
			one.Code, one.Value = cmp.Or(string(f.Of), "level")+"-break", p.Axis.Stamp(s.Times[f.Row])
		}
		if line := s.Line(f.Row); line > 0 {
			one.Lines = []int{line}
			if f.Values > 0 || f.Passing {
				one.Lines = append(one.Lines, s.Line(f.Last))
			}
		}
		all = append(all, one)
	}
	return all
}

// scoresOf returns the scores of a result, or its error, for JSON.
func scoresOf(r forecast.Result) modelScores {
	if r.Err != nil {
		return modelScores{Model: r.Model, Error: r.Err.Error()}
	}
	return modelScores{Model: r.Model, Scores: measures(r.Scores)}
}

func measures(s forecast.Scores) map[string]number {
	named := make(map[string]number)
	for _, m := range s.Measures() {
		named[m.Name] = number(m.Value)
	}
	return named
}

// scoreWeights are what the scores of parts of a panel count for where they are brought together:
// MASE, SQL and MSIS by the series that have a scale, sMAPE by all series, WQL by the magnitude of the
// values, the others by their number.
type scoreWeights struct {
	Values    int    `json:"values"`
	Series    int    `json:"series"`
	Scaled    int    `json:"scaled"`
	Magnitude number `json:"magnitude"`
}

func weightsOf(s forecast.Scores) *scoreWeights {
	return &scoreWeights{Values: s.Values, Series: s.Series, Scaled: s.Series - s.Unscaled, Magnitude: number(s.Magnitude)}
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

// scoresFrom returns scores that a model file kept.
func scoresFrom(kept map[string]float64) forecast.Scores {
	return forecast.Scores{
		MASE: kept["MASE"], SMAPE: kept["sMAPE"], CRPS: kept["CRPS"], SQL: kept["SQL"],
		WQL: kept["WQL"], MSIS: kept["MSIS"], Coverage80: kept["cov 80"], Coverage95: kept["cov 95"],
	}
}

// verdict says in a sentence how the model compares with the others, and what
// to do if it is trained and was not worth it. Of a model that was chosen on
// more of the past it gives no advice.
func (j *fitJob) verdict() string {
	text, ahead := verdict(j.results)
	switch {
	case ahead || text == "":
	case j.choice != nil:
		text, _, _ = strings.Cut(text, ":")
		text += " on these values alone."
	case models.IsTrained(j.model):
		text += " To have the best model chosen: tsgen fit without -m."
	}
	return text
}

// verdict says in a sentence whether the first model is ahead of the others,
// by SQL or, where that is undefined, by CRPS. It is empty if there is nothing
// to compare.
func verdict(results []forecast.Result) (text string, ahead bool) {
	if len(results) == 0 || results[0].Err != nil {
		return "", false
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
		return "", false
	}
	figures := fmt.Sprintf("(%s %.4g against %.4g)", name, of(own.Scores), of(best.Scores))
	const rounding = 1e-9
	if math.Abs(of(own.Scores)-of(best.Scores)) <= rounding*of(best.Scores) {
		return fmt.Sprintf("%s and %s forecast alike here (%s %.4g).", own.Model, best.Model, name, of(own.Scores)), true
	}
	if of(own.Scores) < of(best.Scores) {
		return fmt.Sprintf("%s is ahead of %s %s.", own.Model, best.Model, figures), true
	}
	return fmt.Sprintf("%s does not beat %s %s: take %s for these series, or more data.", own.Model, best.Model, figures, best.Model), false
}
