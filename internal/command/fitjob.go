package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/auto"
	"tsgen/models/modelfile"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/doctor"
	"tsgen/series/outlier"
	"tsgen/series/seasons"
)

// A fitJob is a command line of fit that has been checked, under way.
type fitJob struct {
	fitFlags
	path     string   // "-" for stdin
	more     []string // tunes beside the first
	stdin    io.Reader
	read     series.ReadOptions
	model    forecast.Model
	ofSteps  func() forecast.Model // makes such models for the steps of the panel; nil before one was made
	progress *progress
	phase    string // the training under way, or the last
	keeper   *keeper
	examined *forecast.State // of the examination's training that is done, from which it can go on

	// calibrated, if not nil, is the model with the calibration that it learns
	// when it is fitted. Models that are trained have none, since that would
	// take several trainings.
	calibrated *forecast.Calibrated

	limit forecast.Outliers

	begun       *modelfile.File // whose training goes on, nil if all begins
	start       *modelfile.File // whose weights a training begins with, or nil
	panel       *series.Panel
	found       []doctor.Finding  // in the panel
	seasons     seasons.Parts     // nil if the command line says them
	outliers    []outlier.Finding // in the panel, which models do not see
	domains     []forecast.Domain // of the channels
	channels    []int             // that are examined, by number
	choice      *auto.Choice      // of -m auto
	results     []forecast.Result // nil if nothing could be held out
	densities   []densityScore    // of a model that is judged by density
	spread      int               // series that results are of, zero if of all that are long enough
	plain       forecast.Scores   // of the model without the calibration, if it is examined with one
	calibration *forecast.Calibration
}

// prepare reads the series, says what is assumed of them, and chooses the model if none is
// named.
func (j *fitJob) prepare(ctx context.Context) (err error) {
	if j.begun != nil {
		j.panel = j.begun.History
	} else if err := j.readSeries(ctx); err != nil {
		return err
	} else {
		j.horizon, j.seasons = j.season.settle(j.panel, j.horizon, func(h int) *series.Panel { return beforeLast(j.panel, h, j.read.Scratch) }, j.progress)
	}
	noteValueless(j.progress, j.panel)
	j.outliers = noteOutliers(j.progress, j.limit, j.panel, 0)
	if j.begun != nil && j.begun.Domains != nil {
		j.domains = j.begun.Domains
	} else if j.domains, err = j.bounds.domains(j.path, j.panel, nil); err != nil {
		return err
	}
	noteDomains(j.progress, j.panel, j.domains)
	noteFewNegative(j.progress, j.panel, j.domains)
	j.noteUnusedCovariates()
	j.noteSeasonalCovariates()
	j.noteStart()
	if j.kind == autoKind {
		return j.choose(ctx)
	}
	if j.begun == nil {
		j.model = j.build() // of the steps of the panel
	}
	return nil
}

// run reads the series, examines the model, fits it to everything and writes
// it.
func (j *fitJob) run(ctx context.Context, stdout io.Writer) (err error) {
	usual := frugal(isLarge(j.path))
	err = j.prepare(ctx)
	if usual(); err != nil {
		if errors.Is(err, context.Canceled) {
			j.progress.notef(nothingKept)
		}
		return err
	}
	defer frugal(observed(j.panel) >= manyValues && !models.IsTrained(j.model))()
	j.progress.notef("fitting %s for %s ahead, %s, seed %d", j.kind, count(j.horizon, "step"), seasonWords(j.panel), j.seed)

	j.keeper = newKeeper(j.out+partialSuffix, j.checkpoint)
	defer j.keeper.close()
	var fitted *forecast.State
	var curve []forecast.Point
	switch {
	case j.resumed(phaseFinal) != nil:
		fitted = j.recall()
	case j.choice != nil && j.choice.Origins > 0:
		// The choice has examined the model.
	default:
		if err := j.examine(ctx); err != nil {
			return j.interrupted(err, nil)
		}
		if t, ok := j.model.(models.Trained); ok {
			curve = t.Curve() // of the examination: the final fit has no validation
		}
		if fitted, err = models.State(j.model); err != nil {
			return err
		}
	}
	if (j.results != nil || j.densities != nil) && j.refit {
		examined := fitted
		if err := j.train(ctx, phaseFinal, j.panel, examined); err != nil {
			if err = j.interrupted(err, examined); errors.Is(err, context.Canceled) {
				err = errors.Join(err, j.show(stdout)) // what is known of the model
			}
			return err
		}
		if fitted, err = models.State(j.model); err != nil {
			return err
		}
		if examined != nil && hasTraining(examined) {
			// Scores and calibration are of a training that could go on.
			fitted, j.phase = withTraining(fitted, examined), phaseExamination
		}
	}
	kept := j.model
	if !hasTraining(fitted) {
		if kept, fitted, err = j.estimate(ctx); err != nil {
			return j.interrupted(err, nil)
		}
	}
	if err := j.tryUnscored(ctx, kept); err != nil {
		return j.interrupted(err, nil)
	}
	begun, err := j.keeper.close()
	if err != nil {
		j.progress.notef("no checkpoint: %v", err)
	}
	if err := j.write(j.out, fitted); err != nil {
		return err
	}
	if begun || j.resume == j.keeper.path {
		if err := os.Remove(j.keeper.path); err != nil {
			j.progress.notef("the checkpoint is left: %v", err)
		}
	}
	if j.plot != "" && curve == nil {
		j.progress.notef("there is no course of the examination's training to draw")
	} else if j.plot != "" {
		figure, err := plots.Training(curve, j.pictures.options(""))
		if err := writePicture(j.plot, figure, err, j.progress); err != nil {
			return err
		}
	}
	j.progress.notef("wrote %s%s", j.out, j.resumeHint(j.out, fitted))
	return j.show(stdout)
}

// estimate returns the model with what it estimates of the series, if it is one that estimates when
// it forecasts, and its state.
func (j *fitJob) estimate(ctx context.Context) (forecast.Model, *forecast.State, error) {
	kept, err := models.Keep(ctx, j.model, j.seen(), forecast.FitOptions{
		Horizon: j.horizon, Season: j.panel.Season(), Outliers: forecast.KeepOutliers, Seed: j.seed, Scratch: j.read.Scratch, Parts: newRate(j.progress, "estimates").done,
	})
	if err != nil {
		return nil, nil, err
	}
	state, err := models.State(kept)
	return kept, state, err
}

// seen returns the panel as models see it.
func (j *fitJob) seen() *series.Panel { return outlier.Limit(j.panel, j.outliers) }

// readSeries reads the file, and refuses what cannot be meant.
func (j *fitJob) readSeries(ctx context.Context) (err error) {
	if j.panel, err = readPanel(j.path, j.stdin, j.read, j.progress, j.more...); err == nil {
		err = admit(boundsOf(ctx), sourceName(j.path), j.panel)
	}
	if err != nil {
		return err
	}
	if j.season.periods == nil && j.read.Step == "" {
		j.panel = condensed(j.path, j.panel, j.progress)
	}
	if j.found, err = j.data.doctor.examine(j.path, j.panel, j.progress); err != nil {
		return err
	}
	j.panel, err = j.holidays.add(j.panel, j.progress)
	return err
}

// noteUnusedCovariates says so if the model does not use the covariates that the
// panel knows ahead.
func (j *fitJob) noteUnusedCovariates() {
	if len(j.panel.Known) == 0 || j.kind == autoKind {
		return
	}
	static := len(j.panel.Known) == len(j.panel.Static)
	var using []string
	for _, k := range models.Kinds() {
		uses := k.Known && !static || k.Static
		switch {
		case !uses:
		case k.Name == j.kind:
			return
		case k.Residual == "":
			using = append(using, k.Name)
		}
	}
	what := "known"
	if static {
		what = "static"
	}
	j.progress.notef("%s makes nothing of the %s covariates; %s do", j.kind, what, strings.Join(using, ", "))
}

// noteSeasonalCovariates says which covariates cannot be told from the season.
func (j *fitJob) noteSeasonalCovariates() {
	season := j.panel.Season()
	if names := j.panel.SeasonalKnown(season); len(names) > 0 {
		j.progress.notef("known ahead, but the same in every season of %s: %s; models may take its effect for the season's, and then forecasts with other values of it are the same",
			count(season, "step"), strings.Join(names, ", "))
	}
}

// manyValues is the number of observations from which on closed forms are fitted with less memory for
// somewhat more time.
const manyValues = 1 << 21

// observed returns the number of observations of the panel.
func observed(p *series.Panel) int {
	n := 0
	for _, s := range p.Series {
		n += s.Observed()
	}
	return n
}

// tryUnscored forecasts the series with a model that has no scores, and returns the
// error if that fails: a model that cannot forecast is of no use.
func (j *fitJob) tryUnscored(ctx context.Context, m forecast.Model) error {
	if len(j.results) > 0 && j.results[0].Err == nil && j.results[0].Scores.Values > 0 {
		return nil
	}
	seen := j.seen()
	part := len(seen.Series)
	if models.Alone(m, seen) {
		part = forecast.PartSeries
	}
	var err error
	for some := range slices.Chunk(seen.Series, part) {
		if _, err = forecast.Continue(ctx, m, seen.With(some), forecast.Options{Horizon: j.horizon, Outliers: forecast.KeepOutliers, Domains: j.domains, Samples: 10, Seed: j.seed}); err != nil {
			break
		}
	}
	if errors.Is(err, series.ErrKnown) {
		return nil // the covariates of the future are not here
	}
	if err != nil {
		return fmt.Errorf("the model that was fitted cannot forecast these series, and is not written: %w", err)
	}
	return nil
}

// train fits the model to the panel. Beside the checkpoints of a final fit the weights
// that were examined are kept, if there are any.
func (j *fitJob) train(ctx context.Context, phase string, panel *series.Panel, examined *forecast.State) error {
	limit := j.limit
	if panel == j.panel {
		panel, limit = j.seen(), forecast.KeepOutliers // there are none to look for again
	}
	learner := j.model
	if j.calibrated != nil {
		learner = j.calibrated
	}
	j.phase = phase
	err := j.progress.during(phase, func(update func(forecast.Progress)) error {
		return forecast.Fit(ctx, learner, panel, forecast.FitOptions{
			Horizon: j.horizon, Outliers: limit, Seed: j.seed, Scratch: j.read.Scratch, TimeLimit: j.timeLimit, Progress: update, Parts: newRate(j.progress, "calibration").done, Resume: j.resumed(phase), From: j.weights(),
			Checkpoint: j.takeCheckpoint(phase, examined),
		})
	})
	if of, why := models.Unaided(j.model); err == nil && why != "" {
		j.progress.notef("%s; the model is a %s", why, of.Name())
		j.model, j.kind = of, of.Name()
	}
	if err == nil && j.calibrated != nil {
		j.model, j.calibration = j.calibrated.Unwrap(), j.calibrated.Calibration()
	}
	return err
}

// nothingKept says that an interrupted fit leaves no file.
const nothingKept = "interrupted before there was a model to keep; the same command begins anew"

// interrupted keeps the best model so far in a file beside the output if err
// says that the fit was interrupted: the one that was examined, or the one in
// training before there is one. It returns err.
func (j *fitJob) interrupted(err error, examined *forecast.State) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	s, e := models.State(j.model)
	switch {
	case errors.Is(e, forecast.ErrNotFitted):
		if s, e = examined, nil; j.examined != nil {
			s, j.phase = j.examined, phaseExamination // goes on with what follows its training
		}
		if s == nil {
			j.progress.notef(nothingKept)
			return err
		}
	case e == nil && examined != nil && hasTraining(examined):
		s, j.phase = examined, phaseExamination
	case e == nil && examined != nil:
		s = withTraining(examined, s)
	case e == nil && j.examined != nil && !hasTraining(s):
		s = j.examined
	}
	j.keeper.close()
	path := j.out + partialSuffix
	if e == nil {
		e = j.write(path, s)
	}
	if e != nil {
		j.progress.notef("the best model so far is lost: %v", e)
		return err
	}
	try := "; try it with: tsgen forecast --model " + path
	if j.phase == phaseExamination && j.channels != nil && len(j.channels) < j.panel.Width() {
		try = ", which knows but the channels that are examined"
	}
	j.progress.notef("the best model so far is in %s%s%s", path, try, j.resumeHint(path, s))
	return err
}

// write writes the model file.
func (j *fitJob) write(path string, fitted *forecast.State) error {
	return modelfile.Save(path, j.file(fitted, j.phase))
}

// file returns the content of the model file of a state that a phase has reached.
func (j *fitJob) file(fitted *forecast.State, phase string) *modelfile.File {
	return &modelfile.File{
		State:       *fitted,
		Version:     release(),
		Seed:        j.seed,
		Season:      j.panel.Season(),
		Horizon:     j.horizon,
		Outliers:    j.limit,
		Domains:     j.domains,
		Fingerprint: j.panel.Fingerprint(),
		History:     j.panel,
		Scores:      fileScores(j.results),
		Calibration: j.calibration,
		Training:    j.unfinished(fitted, phase),
	}
}
