package auto

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
)

// choose compares what was tried.
func (c *choosing) choose() (*Choice, error) {
	choice := &Choice{Work: c.spent, InPanel: len(c.panel.Series), Series: len(c.seen.Series), StandardError: math.Inf(1)}
	all := &forecast.Report{Season: c.opt.Season, Horizon: c.opt.Horizon}
	calibrated := *all
	var able []int // candidates of the two reports
	var refusals []error
	for i := range c.tried {
		t := &c.tried[i]
		choice.Results = append(choice.Results, forecast.Result{Model: t.name, Scores: t.tested.Scores, Err: t.err})
		if t.err != nil {
			refusals = append(refusals, t.err)
			continue
		}
		if all.Origins == nil {
			all.Origins, calibrated.Origins = t.report.Origins, t.report.Origins
		}
		able = append(able, i)
		all.Models, calibrated.Models = append(all.Models, t.report.Models[0]), append(calibrated.Models, t.tested)
	}
	if len(able) == 0 {
		return nil, fmt.Errorf("auto: no model can forecast these series: %w", errors.Join(refusals...))
	}
	choice.Origins = len(all.Origins)
	for _, s := range c.panel.Series {
		choice.Longest = max(choice.Longest, s.Len())
	}
	choice.Rows = choice.Longest
	for _, i := range able {
		if rows := c.tried[i].rows; rows > 0 {
			choice.Rows = min(choice.Rows, rows)
		}
	}
	e := newEvidence(&calibrated)
	if e == nil {
		return nil, fmt.Errorf("auto: %w: nothing was observed after the origins", forecast.ErrTooShort)
	}
	e.recents = c.recents(able)
	return choice, c.decide(choice, e, all, &calibrated, able)
}

// decide compares the best candidate alone with the blend of the best.
func (c *choosing) decide(choice *Choice, e *evidence, all, calibrated *forecast.Report, able []int) error {
	every := func(int) bool { return true }
	best := floats.MinIdx(e.scores(every))
	part := make([]bool, len(able)) // may be part of a blend
	for m, i := range able {
		part[m] = c.candidates[i].MedianOf == nil
	}
	alone := func(reason string) error {
		i := able[best]
		choice.Name, choice.Updates, choice.MedianOf, choice.Reason = c.tried[i].name, c.tried[i].updates, c.tried[i].medianOf, reason
		if e.few() {
			choice.Trainings = c.trainings(i, 1)
			choice.Reason += repeated([]Share{{Name: choice.Name, Trainings: choice.Trainings}})
		}
		choice.Plain, choice.Calibration = all.Models[best].Scores, all.Models[best].Calibrate(all.Origins)
		choice.StandardError = e.standardError(e.records(e.quantiles[best]))
		return nil
	}
	measure := "SQL"
	if math.IsNaN(calibrated.Models[best].Scores.SQL) {
		measure = "CRPS"
	}
	name, own := c.tried[able[best]].name, loss(calibrated.Models[best].Scores)
	if !slices.Contains(part, true) {
		return alone(fmt.Sprintf("it takes %s, which alone can forecast these series.", name))
	}
	otherwise := func() bool { // whether another model has the least mean loss
		return e.few() && slices.ContainsFunc(calibrated.Models, func(m forecast.Tested) bool { return loss(m.Scores) < own })
	}
	counted := "where later origins count more" // as evidence.scores has it of few series
	if len(c.panel.Series) > 1 {
		counted = "where no single series decides and later origins count more"
	}
	merit := func() string {
		if otherwise() {
			return fmt.Sprintf("the best of %d models %s: its %s %s is %.4g", len(able), counted, measure, choice.from(), own)
		}
		return fmt.Sprintf("which has the least %s of %d models, %.4g %s", measure, len(able), own, choice.from())
	}
	weights := e.weigh(part, e.certainty(), every)
	folds := e.folds()
	var unseen []float64
	byFold := [][]float64{weights}
	if folds != nil {
		unseen, byFold = e.unseen(part, folds)
	}
	blend, err := all.Blended(BlendName, func(origin int) []float64 {
		if len(byFold) == len(all.Origins) {
			return byFold[origin]
		}
		return weights
	})
	if err != nil {
		return err
	}
	corrected := *all
	corrected.Models = []forecast.Tested{blend}
	shown, err := corrected.CrossCalibrated()
	if err != nil {
		return err
	}
	var shares []Share
	var places []int // of their candidates
	var parts []string
	for m, w := range weights {
		if w > 0 {
			t := &c.tried[able[m]]
			shares, places = append(shares, Share{Name: t.name, Weight: w, Updates: t.updates}), append(places, able[m])
			parts = append(parts, fmt.Sprintf("%.0f %% %s", 100*w, t.name))
		}
	}
	if len(shares) == 1 {
		best = slices.IndexFunc(weights, func(w float64) bool { return w > 0 }) // which may be next to 1
		name, own = shares[0].Name, loss(calibrated.Models[best].Scores)
		return alone(fmt.Sprintf("it takes %s alone, %s; any part of another makes it worse.", name, merit()))
	}
	scores := shown.Models[0].Scores
	choice.Results = append(choice.Results, forecast.Result{Model: BlendName, Scores: scores})
	mixed := loss(scores)
	single := own
	if unseen != nil && measure == "SQL" {
		single = stat.Mean(e.unseenAlone(folds), nil)
	}
	if unseen != nil && !e.weak() && mixed > single {
		return alone(fmt.Sprintf("it takes %s alone, %s; a blend of the best would have had %.4g.", name, merit(), mixed))
	}
	if e.few() {
		c.repeat(shares, places)
	}
	choice.Name, choice.Blend = BlendName, shares
	little := ""
	if unseen == nil || e.weak() {
		little = ", since forecasts of so little of the past say too little to take a model alone"
	}
	hindsight := ""
	if little == "" && own < mixed {
		hindsight = fmt.Sprintf(", in hindsight; of the model that the other origins choose, as they weigh the blend, %.4g", single)
	}
	rival := "the best model alone, " + name
	if otherwise() {
		rival = name + ", the best alone " + counted
	}
	choice.Reason = fmt.Sprintf("it takes a blend, the mean of the quantiles of %s%s: its %s %s is %.4g, that of %s, %.4g%s.",
		strings.Join(parts, ", "), little, measure, choice.from(), mixed, rival, own, hindsight) + repeated(shares)
	whole, err := all.Blended(BlendName, func(int) []float64 { return weights })
	if err != nil {
		return err
	}
	choice.Plain, choice.Calibration = blend.Scores, whole.Calibrate(all.Origins)
	if unseen != nil {
		choice.StandardError = e.standardError(unseen)
	}
	return nil
}

// repeat has the parts of a blend that are trained trained several times.
func (c *choosing) repeat(shares []Share, places []int) {
	trained := 0
	for _, i := range places {
		if c.candidates[i].Trained {
			trained++
		}
	}
	for k, i := range places {
		shares[k].Trainings = c.trainings(i, trained)
	}
}

// repeated says which parts are trained several times.
func repeated(shares []Share) string {
	var text []string
	for _, s := range shares {
		if s.Trainings > 1 {
			text = append(text, fmt.Sprintf("%s %d times", s.Name, s.Trainings))
		}
	}
	if text == nil {
		return ""
	}
	return fmt.Sprintf(" Of few series it trains %s, from other seeds each, and takes the mean.", strings.Join(text, " and "))
}

// trainings returns how many times a candidate, one of so many that are trained, is trained for what
// is left of the work: mostTrainings at most, once at least, and zero if it is not trained.
func (c *choosing) trainings(i, of int) int {
	if !c.candidates[i].Trained {
		return 0
	}
	cost := c.cost(i, c.panel)
	updates := cmp.Or(c.tried[i].updates, cost.Updates)
	once := cost.Fit + float64(updates)*cost.Update
	n := 1
	for n < mostTrainings && once*float64((n+1)*of) <= c.opt.Work-c.spent {
		n++
	}
	return n
}

// from says what the scores are from.
func (choice *Choice) from() string {
	if choice.Origins == 1 {
		return "from one origin"
	}
	return fmt.Sprintf("over %d origins", choice.Origins)
}
