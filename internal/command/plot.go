package command

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/plots"
	"tsgen/series"
)

// plotFlags are what the command line says to draw.
type plotFlags struct {
	data     dataFlags
	pictures pictureFlags
	levels   []float64
	out      string
	json     bool
}

func newPlot() *cobra.Command {
	f := &plotFlags{}
	cmd := &cobra.Command{
		Use: "plot FILE [FORECAST...]",
		Long: `plot draws the series of FILE, a CSV file as fit reads it. With files of FORECASTS, of
tsgen or of any other tool ('tsgen score --help' says which), it draws them after the
series, with their intervals, and what came of it where FILE goes on. Of a model file
it draws the history and the forecast of the horizon of the fit.

The picture is PNG, SVG or PDF by the name of --output. 'tsgen help pictures' tells
the flags that all verbs with pictures have.`,
		Example: `  tsgen plot sales.csv
  tsgen plot sales.csv forecast.csv --series north,south --history 60 -o fan.svg
  tsgen plot model.tsgen --size 1600x900 -o model.pdf`,
		Args: cobra.MinimumNArgs(1),
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "output", "o", "", "picture to write, a `file` .png, .svg or .pdf (default the name of FILE, .png)")
	registerLevels(fl, &f.levels, 80, 95)
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	for _, name := range []string{bySeries, byHistory, bySize} {
		fl.Lookup(name).Hidden = false
	}
	fl.BoolVar(&f.json, "json", false, "say as one JSON document what was written")
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// A plotJob is a command line of plot that has been checked.
type plotJob struct {
	plotFlags
	path      string
	forecasts []string
	stdin     io.Reader
	read      series.ReadOptions
	progress  *progress
}

func (f *plotFlags) job(cmd *cobra.Command, args []string) (j *plotJob, err error) {
	j = &plotJob{plotFlags: *f, path: args[0], forecasts: args[1:], stdin: cmd.InOrStdin()}
	if slices.Contains(j.forecasts, "-") {
		return nil, usagef("forecasts are read from files, not from standard input")
	}
	if j.out == "" {
		base := filepath.Base(sourceName(j.path))
		j.out = strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), filepath.Ext(strings.TrimSuffix(base, ".gz"))) + ".png"
	}
	if err := checkLevels(f.levels); err != nil {
		return nil, err
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	if j.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return nil, err
	}
	return j, j.pictures.check("output", j.out, args...)
}

func (j *plotJob) run(ctx context.Context, stdout io.Writer) error {
	figure, err := j.figure(ctx)
	if err := writePicture(j.out, figure, err, j.progress); err != nil {
		return err
	}
	j.progress.notef("wrote %s", j.out)
	if j.json {
		return writeJSON(stdout, map[string]string{"picture": j.out})
	}
	return nil
}

// figure returns the picture.
func (j *plotJob) figure(ctx context.Context) (*plots.Figure, error) {
	title := filepath.Base(sourceName(j.path))
	if filepath.Ext(j.path) == ".tsgen" {
		return j.ofModel(ctx)
	}
	panel, err := readPanel(j.path, j.stdin, j.read, j.progress)
	if err != nil {
		return nil, err
	}
	if len(j.forecasts) == 0 {
		return plots.History(panel, plots.HistoryOptions{Options: j.pictures.options(title)})
	}
	var all []*forecast.Forecast
	for _, path := range j.forecasts {
		some, err := readForecasts(path, j.read, panel, j.progress)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	history, after, all, err := aligned(panel, all)
	if err != nil {
		return nil, err
	}
	opt := plots.FanOptions{Options: j.pictures.options("Forecast of " + title), Actual: after, Levels: j.levels}
	if len(all) > 1 {
		return plots.Compare(history, all, opt)
	}
	return plots.Fan(history, all[0], opt)
}

// ofModel draws the history of a model file and its forecast.
func (j *plotJob) ofModel(ctx context.Context) (*plots.Figure, error) {
	if len(j.forecasts) > 0 {
		return nil, usagef("%s is a model, beside which no forecasts are drawn; name the CSV file of the series", j.path)
	}
	file, model, err := loadModel(ctx, j.path)
	if err != nil {
		return nil, err
	}
	made, err := usualForecast(ctx, file, model)
	if err != nil {
		return nil, err
	}
	title := fmt.Sprintf("Forecast by %s, %s", made.Model, filepath.Base(j.path))
	return plots.Fan(file.History, made, plots.FanOptions{Options: j.pictures.options(title), Levels: j.levels, Outliers: file.Outliers})
}

// aligned returns what the forecasts, of the series that all of them have, continue, and what
// of the panel lies after that, nil if nothing does.
func aligned(panel *series.Panel, all []*forecast.Forecast) (history, after *series.Panel, same []*forecast.Forecast, err error) {
	same = make([]*forecast.Forecast, len(all))
	for m, f := range all {
		one := *f
		one.Series, same[m] = nil, &one
	}
	var before, later []*series.Series
	for _, s := range panel.Series {
		of := make([]*forecast.Distribution, len(all))
		first, last := 0.0, 0.0
		for m, f := range all {
			k := slices.IndexFunc(f.Series, func(d *forecast.Distribution) bool { return d.ID == s.ID && len(d.Times) > 0 })
			if k < 0 {
				of = nil
				break
			}
			of[m] = f.Series[k]
			begin, end := of[m].Times[0], of[m].Times[len(of[m].Times)-1]
			if m == 0 {
				first, last = begin, end
			}
			first, last = min(first, begin), max(last, end)
		}
		at := sort.Search(s.Len(), func(i int) bool { return s.Times[i] >= first })
		if of == nil || at == 0 {
			continue
		}
		to := sort.Search(s.Len(), func(i int) bool { return s.Times[i] > last })
		before = append(before, s.Slice(0, at))
		if at < to {
			later = append(later, s.Slice(at, to))
		}
		for m := range of {
			same[m].Series = append(same[m].Series, of[m])
		}
	}
	if before == nil {
		return nil, nil, nil, fmt.Errorf("%w: no series has both rows before the forecasts and forecasts of its name", forecast.ErrMismatch)
	}
	if later != nil {
		after = panel.With(later)
	}
	return panel.With(before), after, same, nil
}

// usualForecast returns what a model file forecasts of its own history without any flag.
func usualForecast(ctx context.Context, file *modelfile.File, model forecast.Model) (*forecast.Forecast, error) {
	history := file.History
	var bounds boundFlags
	domains, err := bounds.ofFile("", history, file)
	if err != nil {
		return nil, err
	}
	var at [][]float64
	for _, s := range history.Series {
		at = append(at, history.Future(s, file.Horizon))
	}
	return continuation(ctx, file, model, history, forecast.Options{
		At: at, Samples: min(forecast.DefaultPaths, fewerSamples(len(history.Series))), Seed: usualSeed,
		Domains: domains,
	}, false, true)
}

// usualSeed is the seed where no flag says another.
const usualSeed = 1
