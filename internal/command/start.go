package command

import (
	"context"
	"maps"

	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// startFrom loads the model file whose weights the training begins with, and takes its kind,
// its options, its seasons and its horizon where the command line says nothing else.
func (f *fitFlags) startFrom(ctx context.Context, fl *pflag.FlagSet) (*modelfile.File, error) {
	file, model, err := loadModel(ctx, f.from)
	if err != nil {
		return nil, err
	}
	switch options := models.OptionTexts(model); {
	case options == nil:
		return nil, usagef("--from: %s of %s is not trained step by step and has no weights to begin with; 'tsgen update' takes new rows into a model, and fit without --from estimates it anew", file.Kind, f.from)
	case fl.Changed("model") && f.kind != file.Kind:
		return nil, usagef("--from: %s holds a model of kind %s, --model is %s; the weights are of use to the same kind only", f.from, file.Kind, f.kind)
	default:
		if fl.Changed("updates") {
			delete(options, "updates")
		}
		maps.Copy(options, f.set)
		f.set = options
	}
	f.kind = file.Kind
	if !fl.Changed("horizon") {
		f.horizon = file.Horizon
	}
	if p := file.History; !fl.Changed("season") && p != nil && p.Step.Regular() {
		f.season.periods = append([]float64{}, p.Seasons...)
		if p.Seasons == nil && file.Season > 1 {
			f.season.periods = []float64{float64(file.Season)}
		}
	}
	return file, nil
}

// weights returns the state with the weights that a training begins with, nil for those of
// chance.
func (j *fitJob) weights() *forecast.State {
	if j.start == nil {
		return nil
	}
	return &j.start.State
}

// noteStart says what weights the training begins with, and whether they may know what is held
// out.
func (j *fitJob) noteStart() {
	if j.start == nil {
		return
	}
	j.progress.notef("the training begins with the weights of %s", j.from)
	if !j.unexamined && overlaps(j.start.History, j.panel, j.horizon) {
		j.progress.notef("%s was fitted to some of the values that are held out: the scores of %s flatter it", j.from, j.kind)
	}
}

// overlaps reports whether a panel has series of another, and reaches into their last steps.
func overlaps(known, p *series.Panel, steps int) bool {
	if known == nil {
		return false
	}
	ends := make(map[string]float64, len(known.Series))
	for _, s := range known.Series {
		if s.Len() > 0 {
			ends[s.ID] = s.Times[s.Len()-1]
		}
	}
	for _, s := range p.Series {
		if end, ok := ends[s.ID]; ok && s.Len() > steps && end >= s.Times[s.Len()-steps] {
			return true
		}
	}
	return false
}
