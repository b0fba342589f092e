package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
)

// forecastFlags are what the command line says to forecast.
type forecastFlags struct {
	data      dataFlags
	model     string
	horizon   int
	at        string
	levels    []float64
	samples   int
	seed      uint64
	calibrate bool
	out, plot string
}

func newForecast() *cobra.Command {
	f := &forecastFlags{}
	cmd := &cobra.Command{
		Use:   "forecast [FILE]",
		Short: "Forecast with a fitted model",
		Long: `forecast continues the series of a model file, or those of FILE (- for standard
input), which must have the channels and the time step that the model learned.

--horizon forecasts that many steps after the end of every series; where times
are unequally spaced, steps of the usual distance. --at reads the times from a
CSV file with a column of times and, if they differ between series, one that
names the series. 'tsgen future' writes such a file; a model with covariates
that are known ahead (fit --known) needs them there, or at the end of the data.

The forecast is CSV in the columns that Nixtla's tools use: the name of the
series if there is one, the time, the median, and the bounds of each level. Of
several channels each has columns of its own, latent-ode-CHANNEL and so on.

  unique_id,ds,latent-ode,latent-ode-lo-80,latent-ode-hi-80,...`,
		Example: `  tsgen forecast --horizon 24 > forecast.csv
  tsgen forecast --model sales.tsgen --horizon 12 --level 50,80,95 --plot forecast.png -o forecast.csv
  tsgen forecast --model sales.tsgen --at times.csv
  tsgen future --horizon 12 > future.csv && tsgen forecast --at future.csv
  tsgen forecast --model sales.tsgen new.csv --horizon 6`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := f.job(cmd, args)
			if err != nil {
				return err
			}
			return job.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.model, "model", "m", "model.tsgen", "model `file`")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` to forecast (default the horizon of the fit)")
	fl.StringVar(&f.at, "at", "", "CSV `file` of times to forecast, - for standard input")
	fl.Float64SliceVar(&f.levels, "level", []float64{80, 95}, "levels of the intervals in `percent`")
	fl.Lookup("level").DefValue = "80,95"
	fl.IntVar(&f.samples, "samples", 1000, "number of sample paths")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the sample paths")
	fl.BoolVar(&f.calibrate, "calibrate", true, "correct the intervals as the model file says")
	fl.StringVarP(&f.out, "output", "o", "-", "CSV `file` to write, - for standard output")
	fl.StringVar(&f.plot, "plot", "", "picture of history and forecast to write, a `file` .png, .svg or .pdf")
	f.data.register(cmd)
	fl.SortFlags = false
	completeModels(cmd)
	return cmd
}

// A forecastJob is a command line of forecast that has been checked.
type forecastJob struct {
	forecastFlags
	path     string // of a new history; empty for the one in the model file
	stdin    io.Reader
	read     series.ReadOptions
	progress *progress
	bands    []float64 // levels in the picture, nil for its own
}

// job checks the command line, and that the files can be written.
func (f *forecastFlags) job(cmd *cobra.Command, args []string) (j *forecastJob, err error) {
	fl := cmd.Flags()
	j = &forecastJob{forecastFlags: *f, stdin: cmd.InOrStdin()}
	if len(args) > 0 {
		j.path = args[0]
	}
	switch {
	case fl.Changed("horizon") && !inRange(f.horizon):
		return nil, usagef("--horizon is %d, want 1 to %d", f.horizon, maxSteps)
	case fl.Changed("horizon") && fl.Changed("at"):
		return nil, usagef("--horizon and --at exclude each other")
	case f.samples < 1 || f.samples > maxSamples:
		return nil, usagef("--samples is %d, want 1 to %d", f.samples, maxSamples)
	case j.path == "-" && f.at == "-":
		return nil, usagef("FILE and --at cannot both be standard input")
	}
	if err := checkLevels(f.levels); err != nil {
		return nil, err
	}
	if fl.Changed("level") {
		j.bands = f.levels
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	if j.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return nil, err
	}
	inputs := []string{f.model, j.path, f.at}
	if f.plot != "" {
		if err := checkPicture(f.plot, inputs...); err != nil {
			return nil, err
		}
	}
	if f.out != "-" {
		return j, checkOutput(f.out, inputs...)
	}
	return j, nil
}

// run loads, forecasts and writes.
func (j *forecastJob) run(ctx context.Context, stdout io.Writer) error {
	file, model, err := loadModel(j.model)
	if err != nil {
		return err
	}
	history, err := readHistory(j.path, j.stdin, j.read, file.History, j.progress)
	if err != nil {
		return err
	}
	history, at, err := j.times(history, file.Horizon)
	if err != nil {
		return err
	}
	f, err := model.Forecast(ctx, history, forecast.Options{At: at, Samples: j.samples, Season: file.Season, Seed: j.seed})
	if errors.Is(err, series.ErrKnown) {
		return fmt.Errorf("%w; give them in rows at the end of the data, or in the file of --at that 'tsgen future' writes", err)
	}
	if err != nil {
		return err
	}
	for _, n := range f.Notes {
		j.progress.notef("%s", n)
	}
	if j.calibrate {
		f = file.Calibration.Apply(f, history)
	}
	var table bytes.Buffer
	if err := forecast.WriteCSV(&table, history, f, j.levels); err != nil {
		return err
	}
	if j.plot != "" {
		if err := drawForecast(j.plot, j.title(history, f), history, f, j.bands); err != nil {
			return err
		}
	}
	return writeTable(j.out, &table, stdout)
}

// title names what the picture shows: the file, or the series if there is but
// one with a name.
func (j *forecastJob) title(history *series.Panel, f *forecast.Forecast) string {
	switch {
	case len(history.Series) == 1 && history.Series[0].ID != "":
		return fmt.Sprintf("Forecast of %s by %s", history.Series[0].ID, f.Model)
	case j.path != "" && j.path != "-":
		return fmt.Sprintf("Forecast of %s by %s", filepath.Base(j.path), f.Model)
	case len(history.Channels) == 1:
		return fmt.Sprintf("Forecast of %s by %s", history.Channels[0], f.Model)
	}
	return "Forecast by " + f.Model
}

// readHistory returns the series that a model is asked about: those that it was
// fitted to, or those of the file if there is one, by the same columns unless
// the flags say others.
func readHistory(path string, stdin io.Reader, opt series.ReadOptions, fitted *series.Panel, p *progress) (*series.Panel, error) {
	if path == "" {
		return fitted, nil
	}
	asked := opt.Targets
	if fitted.Axis.Calendar() {
		opt.Axis = &fitted.Axis
	}
	if asked == nil {
		opt.Targets = fitted.Channels
	}
	if opt.Known == nil {
		opt.Known = fitted.Known
	}
	panel, err := readPanel(path, stdin, opt, p)
	var missing *series.ParseError
	if errors.Is(err, series.ErrNoColumn) && errors.As(err, &missing) &&
		asked == nil && slices.Contains(fitted.Channels, missing.Column) {
		return nil, fmt.Errorf("%w: it learned the channels %q: %w", forecast.ErrMismatch, fitted.Channels, err)
	}
	if err != nil {
		return nil, err
	}
	if fitted.Step.Regular() && panel.Step.Regular() && !panel.Step.Same(fitted.Step) {
		return nil, fmt.Errorf("%s: %w: its times are %s, those that the model learned from are %s", path, forecast.ErrMismatch,
			panel.Step.Describe(panel.Axis.Calendar()), fitted.Step.Describe(fitted.Axis.Calendar()))
	}
	return panel, nil
}

// times returns the times to forecast of each series, and the series for which
// there are any.
func (j *forecastJob) times(history *series.Panel, fitted int) (*series.Panel, [][]float64, error) {
	if j.at == "" {
		n := j.horizon
		if n == 0 {
			n = fitted
		}
		var at [][]float64
		for _, s := range history.Series {
			at = append(at, history.Future(s, n))
		}
		return history, at, nil
	}
	history, all, err := j.readFuture(history)
	if err != nil {
		return nil, nil, err
	}
	var some []*series.Series
	var at [][]float64
	for i, s := range history.Series {
		if len(all[i]) > 0 {
			some, at = append(some, s), append(at, all[i])
		}
	}
	return history.With(some), at, nil
}

func (j *forecastJob) readFuture(history *series.Panel) (*series.Panel, [][]float64, error) {
	opt := series.ReadOptions{Name: j.at, ID: j.read.ID, Time: j.read.Time, Delimiter: j.read.Delimiter}
	if j.at == "-" {
		opt.Name = "stdin"
		return series.ReadFuture(j.stdin, history, opt)
	}
	in, err := os.Open(j.at)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	return series.ReadFuture(in, history, opt)
}
