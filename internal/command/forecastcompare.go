package command

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/plots"
	"tsgen/series"
)

// runCompared checks the command line of --compare, and writes the forecasts of several
// model files side by side, and a table of the scores that they keep.
func (f *forecastFlags) runCompared(cmd *cobra.Command, args []string) error {
	paths := f.compare
	if cmd.Flags().Changed("model") {
		paths = append([]string{f.model}, paths...)
	}
	var rest []string
	for _, a := range args {
		if isModelFile(a) {
			paths = append(paths, a)
		} else {
			rest = append(rest, a)
		}
	}
	switch {
	case len(rest) > 1:
		return usagef("--compare takes model files, which end with .tsgen, and one FILE; %q are several", rest)
	case len(paths) < 2:
		return usagef("--compare takes two model files at least, as in --compare ets.tsgen ar.tsgen")
	case f.paths > 0:
		return usagef("--compare writes columns side by side; --paths is of a single model")
	}
	f.model = paths[0]
	if err := f.check(cmd, rest); err != nil {
		return err
	}
	if err := checkPicture("plot", f.plot, append(paths, f.path)...); err != nil {
		return err
	}
	history, joints, forecasts, results, err := f.compared(cmd, paths)
	if err != nil {
		return err
	}
	table := noteWriter(cmd)
	if f.out != "-" && !f.json {
		table = cmd.OutOrStdout()
	}
	columns := func(w io.Writer) error {
		return (forecast.CSVOptions{Levels: f.levels, Mean: f.mean}).Write(w, history, forecasts...)
	}
	if f.json {
		columns = asRows(history, columns)
	}
	err = f.writeTable(cmd.OutOrStdout(), history, func(w io.Writer) error {
		if err := columns(w); err != nil || f.plot == "" {
			return err
		}
		past := history
		drawn := make([]*forecast.Forecast, len(forecasts))
		for i := range forecasts {
			if past, drawn[i], err = f.shown(history, joints[i], forecasts[i]); err != nil {
				return err
			}
		}
		after, err := f.after(past, drawn[0])
		if err != nil {
			return err
		}
		past, rest := splitFitted(past, drawn[0])
		figure, err := plots.Compare(past, drawn, plots.FanOptions{Options: f.pictures.options(""), Actual: cmp.Or(after, rest)})
		return writePicture(f.plot, figure, err, f.progress)
	})
	if err != nil {
		return err
	}
	if len(results) == 0 {
		return err
	}
	return forecast.WriteTable(table, results)
}

// compared returns what the model files forecast of the same history, before and after it is
// aggregated, and the scores of their examinations.
func (f *forecastFlags) compared(cmd *cobra.Command, paths []string) (history *series.Panel, joints, forecasts []*forecast.Forecast, results []forecast.Result, err error) {
	names := make(map[string]bool)
	var first *modelfile.File
	alike := true
	for i, path := range paths {
		file, model, err := loadModel(cmd.Context(), path)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		switch {
		case i == 0:
			first = file
		case f.path == "" && file.Fingerprint != first.Fingerprint:
			return nil, nil, nil, nil, fmt.Errorf("%w: %s and %s were fitted to other series; give the FILE that both are to forecast", forecast.ErrMismatch, paths[0], path)
		case len(file.Scores) == 0 || len(first.Scores) == 0:
			alike = false
		case file.Horizon != first.Horizon || file.Fingerprint != first.Fingerprint:
			f.progress.notef("%s and %s were examined on other values: their scores do not compare and are left out", paths[0], path)
			alike = false
		case !examinedAlike(first, file):
			f.progress.notef("%s and %s were examined in other ways, from other moments of the past or by other seasons: their scores do not compare and are left out; 'tsgen backtest' examines models alike", paths[0], path)
			alike = false
		}
		past, err := f.history(file.History)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		past, at, within, err := f.times(past, first.Horizon)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		domains, err := f.bounds.ofFile(cmp.Or(f.path, path), past, file)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		made, err := f.continued(cmd.Context(), file, model, past, within, forecast.Options{
			At: at, Samples: f.samples, Domains: domains, Seed: f.seed,
		}, f.joined())
		if err != nil {
			return nil, nil, nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		f.progress.notes(made.Notes)
		joints = append(joints, made)
		if made, err = f.aggregated(past, made, i == 0, f.progress); err != nil {
			return nil, nil, nil, nil, err
		}
		named := *made
		if base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)); names[named.Model] {
			named.Model = base
		}
		for n := 2; names[named.Model]; n++ {
			named.Model = fmt.Sprintf("%s-%d", made.Model, n)
		}
		names[named.Model] = true
		history, forecasts = past, append(forecasts, &named)
		if k := slices.IndexFunc(file.Scores, func(s modelfile.ModelScore) bool { return s.Model == models.Single(file.Kind) }); k >= 0 {
			results = append(results, forecast.Result{Model: named.Model, Scores: scoresFrom(file.Scores[k].Scores)})
		}
	}
	if !alike {
		results = nil
	}
	return history, joints, forecasts, results, nil
}

// examinedAlike reports whether the scores that two files keep are of the same forecasts: those of a model that both
// were compared with are the same then.
func examinedAlike(a, b *modelfile.File) bool {
	same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
	for _, s := range a.Scores {
		for _, t := range b.Scores {
			if s.Model == t.Model && maps.EqualFunc(s.Scores, t.Scores, same) {
				return true
			}
		}
	}
	return false
}
