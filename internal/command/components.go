package command

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/outlier"
)

// componentsFlags are what the command line says to decompose.
type componentsFlags struct {
	query
	season   seasonFlag
	kind     string
	holidays holidayFlag
	levels   []float64
	plot     string

	pictures pictureFlags
}

// componentKinds are the models that split series.
var componentKinds = []string{"stl", "lgssm", "regression"}

func newComponents() *cobra.Command {
	f := &componentsFlags{}
	cmd := &cobra.Command{
		Use: "components [MODEL|FILE]",
		Long: `components splits the series of a model file of stl, lgssm, regression or latent-ode, or
those of a FILE, into a trend, a part for each season and a remainder, which add up to
the values. Absurd values, which are said, are in the remainder alone, and breaks of the
level are steps of the trend.

--by says how: stl by local regression (MSTL for several seasons), lgssm by the
smoother of a state space model, at irregular times too, regression by harmonics that
do not change, with a part for each covariate (--known, --holidays). FILE is split by
stl, by regression where it has covariates, or by lgssm where there is no season.

A fitted latent-ode splits its series, or those of a FILE with --model, by what it
learned: the trend is what its latent state gives, the season and the covariates are
the parts of its forcing, with intervals from draws of the state. Where it models
values by their logarithm, or counts, the trend is that of the state alone, and each
part is what it changes in those before it, in the unit of the data. What a companion
adds to its forecasts has no part.

Each component but the remainder has intervals:

  unique_id,ds,value,trend,trend-lo-80,trend-hi-80,season-12,...,remainder`,
		Example: `  tsgen components sales.csv --plot components.png -o components.csv
  tsgen components sales.tsgen --level 95
  tsgen components --model latent.tsgen new.csv --plot parts.png
  tsgen components sales.csv --known price --holidays DE-BY --plot components.png
  tsgen components load.csv --season 24,168 --by lgssm`,
		Args: modelAndFile,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.kind, "by", "", "`kind` of model that splits: stl, lgssm or regression (default that of the model file, or what suits)")
	f.season.register(fl)
	f.holidays.register(cmd)
	registerLevels(fl, &f.levels, 80)
	f.registerOutput(cmd)
	f.registerJSON(cmd)
	fl.StringVar(&f.plot, "plot", "", "picture of the components to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	f.data.register(cmd)
	fl.SortFlags = false
	completeWords(cmd, "by", componentKinds...)
	return cmd
}

// run checks the command line, splits and writes.
func (f *componentsFlags) run(cmd *cobra.Command, args []string) error {
	if err := checkLevels(f.levels); err != nil {
		return err
	}
	if f.kind != "" && !slices.Contains(componentKinds, f.kind) {
		return usagef("--by is %q, want stl, lgssm or regression", f.kind)
	}
	if err := f.holidays.check(); err != nil {
		return err
	}
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if len(f.holidays) > 0 && f.path == "" {
		return usagef("--holidays goes with a FILE to split; a model file has those that it was fitted with")
	}
	if err := f.pictures.check("plot", f.plot, f.model, f.path); err != nil {
		return err
	}
	var model forecast.Model
	opt := forecast.Options{}
	var panel *series.Panel
	var err error
	if f.path == "" || cmd.Flags().Changed("model") {
		file, own, e := heldModel(cmd.Context(), f.model)
		if e != nil {
			return e
		}
		model, opt.Season, opt.Outliers = own, file.Season, file.Outliers
		panel, err = f.history(file.History)
	} else {
		if panel, err = f.unfitted(f.season); err == nil {
			panel, err = f.holidays.add(panel, f.progress)
		}
	}
	if err != nil {
		return err
	}
	if f.kind != "" || model == nil {
		kind := f.kind
		if kind == "" {
			switch kind = "stl"; {
			case panel.Step.Regular() && len(panel.Known) > len(panel.Static):
				kind = "regression"
			case !panel.Step.Regular() || panel.Season() < 2:
				kind = "lgssm"
			}
			f.progress.notef("split by %s", kind)
		}
		k, err := models.Lookup(kind)
		if err != nil {
			return err
		}
		model = models.ByStep(panel, k.Default)
	}
	if kept, ok := model.(interface{ Unwrap() forecast.Model }); ok {
		model = kept.Unwrap() // estimates of forecasts are none of components
	}
	d, ok := model.(forecast.Decomposer)
	if !ok {
		return fmt.Errorf("%w: %s has no components (latent-ode has); --by stl, lgssm or regression splits the series of its file", forecast.ErrMismatch, model.Name())
	}
	if isMusic(f.path) {
		opt.Outliers = forecast.KeepOutliers
	}
	all, absurd, err := forecast.Decompose(cmd.Context(), d, panel, opt)
	if errors.Is(err, forecast.ErrTooShort) && len(panel.Series) > 1 {
		some, split, found, e := forecast.DecomposeEach(cmd.Context(), d, panel, opt)
		if e != nil {
			return e
		}
		if n := len(panel.Series) - len(some.Series); len(some.Series) > 0 {
			f.progress.notef("%s left out, too short to split, the first since %v", count(n, "series"), err)
			panel, all, absurd, err = some, split, found, nil
		}
	}
	if err != nil {
		return err
	}
	f.progress.notes(outlier.Describe(panel, absurd))
	for _, name := range panel.Known {
		if !forecast.HasPart(all, name) {
			f.progress.notef("%s has no part of its own: it does not vary, has no effect, or other columns tell the same", name)
		}
	}
	return f.write(cmd.OutOrStdout(), panel, func(w io.Writer) error {
		if err := forecast.WriteComponents(w, panel, all, f.levels); err != nil || f.plot == "" {
			return err
		}
		figure, err := plots.Components(panel, all, f.pictures.options("Components by "+model.Name()))
		return writePicture(f.plot, figure, err, f.progress)
	})
}
