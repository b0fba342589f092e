package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/internal/checkpoint"
	"tsgen/models/modelfile"
)

// The trainings of a fit.
const (
	phaseExamination = "examination" // of all but the last horizon
	phaseFinal       = "final fit"   // of everything, after an examination
	phaseOnly        = "fit"         // of everything, where nothing can be held out
)

// partialSuffix ends the name of the file that an interrupted fit keeps.
const partialSuffix = ".partial"

// withResume are the flags that may be given beside --resume.
var withResume = []string{"resume", "output", "time-limit", "checkpoint", "plot", "progress", "json", "quiet"}

// takeUp loads the model file whose training is to go on, and takes from it what
// the command line said at the time.
func (f *fitFlags) takeUp(cmd *cobra.Command, args []string) (*modelfile.File, error) {
	if len(args) > 0 {
		return nil, usagef("--resume goes on with the series of the model file; FILE cannot be given")
	}
	var err error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if err == nil && !slices.Contains(withResume, flag.Name) {
			err = usagef("--resume goes on as the fit began; --%s cannot be given", flag.Name)
		}
	})
	if err != nil {
		return nil, err
	}
	file, _, err := loadModel(cmd.Context(), f.resume)
	if err != nil {
		return nil, err
	}
	t := file.Training
	if t == nil {
		return nil, fmt.Errorf("%w: the training of %s came to its end; to train for longer, fit again with more --updates", forecast.ErrMismatch, f.resume)
	}
	if !cmd.Flags().Changed("output") {
		f.out = strings.TrimSuffix(f.resume, partialSuffix)
	}
	f.kind, f.set, f.updates = file.Kind, t.Set, 0
	f.horizon, f.seed = file.Horizon, file.Seed
	if p := file.History; p.Season() != file.Season {
		p.Seasons = []float64{float64(file.Season)}
	}
	f.refit, f.calibrate, f.unexamined, f.from = t.Refit, t.Calibrate, t.Phase == phaseOnly, t.From
	return file, nil
}

// unfinished returns what a model file says of the training whose state is s, or
// nil if that came to its end.
func (j *fitJob) unfinished(s *forecast.State, phase string) *modelfile.Training {
	if !hasTraining(s) {
		return nil
	}
	set, err := j.options()
	if err != nil {
		panic(err) // the model has been built of them
	}
	return &modelfile.Training{Phase: phase, Set: set, Refit: j.refit, Calibrate: j.calibrate, From: j.from}
}

// hasTraining reports whether a state has a training that can go on.
func hasTraining(s *forecast.State) bool {
	_, training := checkpoint.Split(s.Tensors)
	return training != nil
}

// resumed returns the state from which a training goes on, nil if it begins.
func (j *fitJob) resumed(phase string) *forecast.State {
	if j.begun == nil || j.begun.Training.Phase != phase {
		return nil
	}
	return &j.begun.State
}

// recall takes the outcome of the examination from the model file.
func (j *fitJob) recall() *forecast.State {
	for _, s := range j.begun.Scores {
		j.results = append(j.results, forecast.Result{Model: s.Model, Scores: scoresFrom(s.Scores)})
	}
	j.calibration = j.begun.Calibration
	weights, _ := checkpoint.Split(j.begun.Tensors)
	return &forecast.State{Kind: j.begun.Kind, Options: j.begun.Options, Tensors: weights}
}

// withTraining returns a state with the weights of one and the training of another.
func withTraining(fitted, unfinished *forecast.State) *forecast.State {
	weights, _ := checkpoint.Split(fitted.Tensors)
	_, training := checkpoint.Split(unfinished.Tensors)
	both := *fitted
	both.Tensors = slices.Concat(weights, training)
	return &both
}

// resumeHint says how to go on with a fit, if it can be gone on with.
func (j *fitJob) resumeHint(path string, s *forecast.State) string {
	if !hasTraining(s) {
		return ""
	}
	return "; to go on: tsgen fit --resume " + path
}
