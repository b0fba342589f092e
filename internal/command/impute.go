package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/imputation"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/formats"
)

func newImpute() *cobra.Command {
	f := &inferFlags{standsIn: true, emptyEnd: true}
	cmd := &cobra.Command{
		Use: "impute [FILE]",
		Long: `impute fills the gaps in the series of a model file, or in those of FILE (- for
standard input): empty cells, and rows that are missing from equally spaced
times. It writes all rows, with an indicator and the bounds of intervals beside
each channel:

  unique_id,ds,y,y-imputed,y-lo-80,y-hi-80,...

--at asks for the times in a file as well, which may lie between those of the
series, after them or, for models in continuous time, before them. --signal gives
what is measured without the noise of measurements, where the model can tell the
two apart: a smooth value in place of an observed one too, and its intervals.

The models that can are those that 'tsgen models' lists with impute. For the file of
another, and for a FILE without --model, lgssm, pooled-gp, gauss, zeroshot and
modal are compared at values that are hidden from them, in stretches as long as
the gaps; the best is fitted to the series, and said.`,
		Example: `  tsgen impute > complete.csv
  tsgen impute gappy.csv --plot filled.png -o complete.csv
  tsgen impute --model sales.tsgen new.csv --level 50,90 -o complete.csv
  tsgen impute --model patients.tsgen --at every-hour.csv --signal`,
		Args: modelAndFile,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args, f.imputed) },
	}
	f.register(cmd, 80)
	cmd.Flags().StringVar(&f.at, "at", "", "`file` of further times to impute")
	cmd.Flags().StringVar(&f.plot, "plot", "", "picture of the series and of what is filled in to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	f.bounds.register(cmd.Flags())
	f.season.register(cmd.Flags())
	cmd.Flags().BoolVar(&f.signal, "signal", false, "leave out the noise of observations")
	return cmd
}

func (f *inferFlags) imputed(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) ([]string, error) {
	imputer, ok := m.(forecast.Imputer)
	var err error
	if !ok {
		if imputer, err = f.standIn(ctx, m, history, opt); err != nil {
			return nil, err
		}
	}
	write := forecast.WriteImputed
	if opt.At, err = forecast.Missing(history); err != nil {
		return nil, err
	}
	if !opt.Signal && f.at == "" && !slices.ContainsFunc(opt.At, func(times []float64) bool { return len(times) > 0 }) {
		f.progress.notef("no value is missing (steps: %s), so nothing is filled in; --at names times between", history.Step.Describe(history.Axis.Calendar()))
	}
	if opt.Signal {
		write = forecast.WriteSignals
		for i, s := range history.Series {
			opt.At[i] = merged(opt.At[i], s.Times)
		}
	}
	if f.at != "" {
		if opt.At, err = f.further(history, opt.At); err != nil {
			return nil, err
		}
	}
	if err := admitTimes(f.bounded, opt.At, history.Width(), opt.Samples); err != nil {
		return nil, err
	}
	imputed, err := forecast.Impute(ctx, imputer, history.Foresee(opt.At), opt)
	if err != nil {
		return nil, err
	}
	if f.plot != "" {
		if err := f.drawImputed(history, imputed, imputer.Name(), levels[0]); err != nil {
			return nil, err
		}
	}
	return imputed.Notes, write(w, history, imputed, levels)
}

// drawImputed draws the series with the medians of what was filled in and intervals of the level.
func (f *inferFlags) drawImputed(history *series.Panel, imputed *forecast.Forecast, model string, level float64) error {
	var filled []plots.Mark
	width := history.Width()
	for i, d := range imputed.Series {
		s := history.Series[i]
		bounds := d.Quantiles(0.5-level/200, 0.5, 0.5+level/200)
		for k, t := range d.Times {
			row, known := slices.BinarySearch(s.Times, t)
			for c := range width {
				if known && !math.IsNaN(s.Row(row)[c]) && !f.signal {
					continue
				}
				of := k*width + c
				filled = append(filled, plots.Mark{Series: i, Channel: c, Time: t, Low: bounds[0][of], Value: bounds[1][of], High: bounds[2][of]})
			}
		}
	}
	figure, err := plots.History(history, plots.HistoryOptions{
		Options: f.pictures.options("Filled in by " + model), Marks: filled,
		Meaning: fmt.Sprintf("filled in, with the interval of %g %%", level),
	})
	return writePicture(f.plot, figure, err, f.progress)
}

// further returns the times of --at and at, in order.
func (f *inferFlags) further(history *series.Panel, at [][]float64) ([][]float64, error) {
	in, err := os.Open(f.at)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	more, err := formats.ReadTimes(in, history, series.ReadOptions{Name: f.at, ID: f.data.id, Time: f.data.time, TimeLayout: f.data.layout})
	if err != nil {
		return nil, err
	}
	for i := range at {
		at[i] = merged(at[i], more[i])
	}
	return at, nil
}

// merged returns the times of both lists in order, each once.
func merged(a, b []float64) []float64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// standIn returns a model that imputes, fitted to the series, for one that does not or for none,
// and says which. A service takes no such time: there the error is that of a model that cannot.
func (f *inferFlags) standIn(ctx context.Context, m forecast.Model, history *series.Panel, opt forecast.Options) (forecast.Imputer, error) {
	if _, ok := ctx.Value(servedKey{}).(*served); ok {
		return nil, cannot(m, forecast.Imputes)
	}
	candidates := models.Imputers(history)
	horizon := forecast.DefaultHorizon(history, max(1, opt.Season))
	choice, err := imputation.Choose(ctx, history, candidates, imputation.Options{
		Horizon: horizon, Season: opt.Season, Outliers: opt.Outliers, Domains: opt.Domains, Seed: opt.Seed,
	})
	if err != nil {
		return nil, err
	}
	reason := "the first that can"
	if choice.Scored() {
		reason = fmt.Sprintf("the best at %d hidden values (SQL %s)", choice.Values, strings.Join(choice.Losses(), ", "))
	}
	why := ""
	if m != nil {
		why = m.Name() + " does not impute: "
	}
	f.progress.notef("%sgaps are filled by %s, %s; 'tsgen fit FILE -m %s' keeps one", why, choice.Name, reason, choice.Name)
	i := slices.IndexFunc(candidates, func(c forecast.Candidate) bool { return c.Name == choice.Name })
	model := candidates[i].New()
	if err := forecast.Fit(ctx, model, history, forecast.FitOptions{Horizon: horizon, Season: opt.Season, Outliers: opt.Outliers, Seed: opt.Seed}); err != nil {
		return nil, err
	}
	imputer, ok := model.(forecast.Imputer)
	if !ok {
		return nil, errors.New("internal: a model that was chosen to impute does not")
	}
	return imputer, nil
}
