package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/formats"
	"tsgen/serve"
)

// forecastFlags are what the command line says to forecast.
type forecastFlags struct {
	query
	pathFlags
	treeFlags
	horizon   int
	at        string
	levels    []float64
	samples   int
	seed      uint64
	calibrate bool
	bounds    boundFlags
	mean      bool
	json      bool
	compare   []string // further model files
	plot      string
	pictures  pictureFlags
	actual    string // file of what came after
}

func newForecast() *cobra.Command {
	f := &forecastFlags{}
	cmd := &cobra.Command{
		Use: "forecast [FILE]",
		Long: `forecast continues the series of a model file, or those of FILE (- for standard
input), which must have the channels and the time step that the model learned.

--horizon forecasts that many steps after the end of every series. --at reads the
times from a file, such as 'tsgen future' writes, with what is known ahead (fit --known);
times within a series get fitted values, forecasts from what came before.

The forecast has the columns that Nixtla's tools use; of several channels each
has columns of its own: unique_id,ds,ets-CHANNEL,ets-CHANNEL-lo-80 and so on.

--paths writes sample paths instead, in which times and channels depend on each other.
--sum forecasts sums over periods, with intervals from such paths. --hierarchy adds
the sums over stores, regions and the whole, such that all adds up. 'tsgen help paths'
says more of these, 'tsgen help data' of the files.`,
		Example: `  tsgen forecast --horizon 24 > forecast.csv
  tsgen forecast --model sales.tsgen --horizon 12 --level 50,80,95 --plot forecast.png -o forecast.csv
  tsgen forecast --horizon 90 --sum month -o months.csv
  tsgen forecast --paths 100 > paths.csv
  tsgen forecast --compare ets.tsgen ar.tsgen latent.tsgen --plot compared.png -o compared.csv`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.compare == nil {
				return modelAndFile(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.compare != nil {
				return f.runCompared(cmd, args)
			}
			if err := f.check(cmd, args); err != nil {
				return err
			}
			return f.run(cmd)
		},
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` to forecast (default the horizon of the fit)")
	fl.StringVar(&f.at, "at", "", "`file` of times to forecast, - for standard input")
	registerLevels(fl, &f.levels, 80, 95)
	fl.BoolVar(&f.mean, "mean", false, "write the means, too")
	f.pathFlags.register(fl)
	f.treeFlags.register(fl)
	fl.StringSliceVar(&f.compare, "compare", nil, "model `files` whose forecasts to set side by side; further ones may follow as arguments")
	fl.IntVar(&f.samples, "samples", forecast.DefaultPaths, "number of sample paths that are drawn of each series (default fewer, 200 at least, of more than 1000 series)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the sample paths")
	fl.BoolVar(&f.calibrate, "calibrate", true, "correct the intervals as the model file says")
	f.bounds.register(fl)
	f.registerOutput(cmd)
	fl.BoolVar(&f.json, "json", false, "write one JSON document instead of a table, with means, quantiles and, with --paths, paths")
	fl.StringVar(&f.plot, "plot", "", "picture of history and forecast to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	fl.StringVar(&f.actual, "actual", "", "CSV `file` of what came after, to be drawn in the picture")
	if err := fl.MarkHidden("actual"); err != nil {
		panic(err) // there is no such flag
	}
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// check checks the command line, and that the files can be written.
func (f *forecastFlags) check(cmd *cobra.Command, args []string) error {
	fl := cmd.Flags()
	if err := checkSteps(fl, "horizon"); err != nil {
		return err
	}
	switch {
	case fl.Changed("horizon") && fl.Changed("at"):
		return usagef("--horizon and --at exclude each other")
	case f.samples < 1 || f.samples > maxSamples:
		return usagef("--samples is %d, want 1 to %d", f.samples, maxSamples)
	case slices.Contains(args, "-") && f.at == "-":
		return usagef("FILE and --at cannot both be standard input")
	}
	if err := checkLevels(f.levels); err != nil {
		return err
	}
	if _, err := f.bounds.parse(); err != nil {
		return err
	}
	if err := f.pathFlags.check(cmd, f.data.every, f.data.aggregate); err != nil {
		return err
	}
	if err := f.treeFlags.check(fl, &f.data); err != nil {
		return err
	}
	if f.paths > 0 && f.mean && !f.json {
		return usagef("--mean and --paths exclude each other: paths have no means but those over all of them")
	}
	f.document = f.json
	if err := f.query.check(cmd, args, f.at); err != nil {
		return err
	}
	if f.actual != "" && f.plot == "" {
		return usagef("--actual is drawn in a picture; name one with --plot")
	}
	return f.pictures.check("plot", f.plot, f.model, f.path, f.at, f.actual)
}

// run loads, forecasts and writes.
func (f *forecastFlags) run(cmd *cobra.Command) error {
	defer frugal(isLarge(f.model) || isLarge(f.path))()
	file, model, err := heldModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	history, err := f.history(file.History)
	if err != nil {
		return err
	}
	odd := make(map[string]bool)
	for _, o := range noteOutliers(f.progress, file.Outliers, history, file.Season) {
		odd[history.Series[o.Series].ID] = true
	}
	domains, err := f.bounds.ofFile(cmp.Or(f.path, f.model), history, file)
	if err != nil {
		return err
	}
	noteValueless(f.progress, history)
	if f.at == "" {
		name := ""
		if f.path != "" {
			name = sourceName(f.path)
		}
		noteEnds(f.progress, name, history, file.History, cmp.Or(f.horizon, file.Horizon))
	}
	ofSeries := domains
	tree, history, domains, err := f.grow(history, domains)
	if err != nil {
		return err
	}
	opt := forecast.Options{Seed: f.seed, Domains: domains}
	if f.at == "" && f.bounded == (serve.Bounds{}) && f.sharded(model, history) {
		opt.Samples = f.samplesOf(cmd, history)
		return knownError(f.runSharded(cmd, file, model, history, opt, odd))
	}
	history, at, past, err := f.times(history, file.Horizon)
	if err != nil {
		return err
	}
	opt.At, opt.Samples = at, f.samplesOf(cmd, history)
	if err := admitTimes(f.bounded, slices.Concat(at, past), len(history.Channels), opt.Samples); err != nil {
		return err
	}
	if past == nil && f.sharded(model, history) {
		return knownError(f.runSharded(cmd, file, model, history, opt, odd))
	}
	// A few paths are the first of as many as the calibration needs.
	made, err := f.continued(cmd.Context(), file, model, history, past, opt, f.joined() || tree != nil)
	if err == nil && tree != nil {
		made, err = f.reconciled(cmd.Context(), tree, file, model, history, made, ofSeries)
	}
	if err != nil {
		return knownError(err)
	}
	f.progress.notes(made.Notes)
	joint := made
	if made, err = f.aggregated(history, made, true, f.progress); err != nil {
		return err
	}
	return f.writeTable(cmd.OutOrStdout(), history, func(w io.Writer) error {
		if err := f.write(w, history, made); err != nil || f.plot == "" {
			return err
		}
		var bands []float64 // the picture's own, unless the flags say others
		if cmd.Flags().Changed("level") {
			bands = f.levels
		}
		past, drawn, err := f.shown(history, joint, made)
		if err != nil {
			return err
		}
		return f.draw(past, drawn, plots.FanOptions{Options: f.pictures.options(f.title(history, made)), Levels: bands, Outliers: file.Outliers})
	})
}

// knownError says in an error how covariates that are not known can be told.
func knownError(err error) error {
	if errors.Is(err, series.ErrKnown) {
		return fmt.Errorf("%w; give them in rows at the end of the data, or in the file of --at that 'tsgen future' writes", err)
	}
	return err
}

// draw draws the forecast.
func (f *forecastFlags) draw(history *series.Panel, made *forecast.Forecast, opt plots.FanOptions) error {
	after, err := f.after(history, made)
	if err != nil {
		return err
	}
	history, rest := splitFitted(history, made)
	opt.Actual = cmp.Or(after, rest)
	figure, err := plots.Fan(history, made, opt)
	return writePicture(f.plot, figure, err, f.progress)
}

// after returns what came after the history, up to the end of the forecast, from the file
// that --actual names; nil without one.
func (f *forecastFlags) after(history *series.Panel, made *forecast.Forecast) (*series.Panel, error) {
	if f.actual == "" {
		return nil, nil
	}
	opt := f.read
	opt.Targets, opt.MinRows = history.Channels, 1
	if history.Axis.Layout != series.LayoutNumber {
		opt.Axis = &history.Axis
	}
	panel, err := readPanel(f.actual, nil, opt, f.progress)
	if err != nil {
		return nil, err
	}
	return following(panel, history, made)
}

// following returns the rows of a panel that lie after the end of each series of the history
// and not after that of its forecast.
func following(panel, history *series.Panel, made *forecast.Forecast) (*series.Panel, error) {
	var some []*series.Series
	by := panel.ByID()
	for i, s := range history.Series {
		all := by[s.ID]
		if all == nil && len(panel.Series) == 1 && len(history.Series) == 1 {
			all = panel.Series[0]
		}
		if all == nil || s.Len() == 0 {
			continue
		}
		from := sort.Search(all.Len(), func(k int) bool { return all.Times[k] > s.Times[s.Len()-1] })
		end := made.Series[i].Times[len(made.Series[i].Times)-1]
		to := sort.Search(all.Len(), func(k int) bool { return all.Times[k] > end })
		if from < to {
			rows := all.Slice(from, to)
			rows.ID = s.ID
			some = append(some, rows)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("%w: --actual has no row at the times that are forecast", forecast.ErrMismatch)
	}
	return panel.With(some), nil
}

// write writes the forecast in the form that is asked for.
func (f *forecastFlags) write(w io.Writer, history *series.Panel, made *forecast.Forecast) error {
	switch {
	case f.json && f.paths > 0:
		return forecast.WriteJSON(w, history, made, forecast.JSONOptions{Levels: f.levels, Paths: true, Most: f.paths})
	case f.json:
		return forecast.WriteJSON(w, history, made, forecast.JSONOptions{Levels: f.levels})
	case f.paths > 0:
		return forecast.WritePaths(w, history, made.First(f.paths))
	}
	return forecast.CSVOptions{Levels: f.levels, Mean: f.mean}.Write(w, history, made)
}

// samplesOf returns how many sample paths are drawn of each series, and says so if they are fewer than
// usual.
func (f *forecastFlags) samplesOf(cmd *cobra.Command, history *series.Panel) int {
	if n := fewerSamples(len(history.Series)); !cmd.Flags().Changed("samples") && n < f.samples {
		f.samples = n
		f.progress.notef("each of so many series has %s where its forecast is made of paths; --samples asks for more", count(n, "path"))
	}
	return max(f.samples, f.paths)
}

// fewerSamples returns how many sample paths each of some series has at most unless more are
// asked for, so that time and memory stay within bounds.
func fewerSamples(series int) int { return max(200, 1_000_000/max(series, 1)) }

// title names what the picture shows: the file, or the series if there is but
// one with a name.
func (f *forecastFlags) title(history *series.Panel, made *forecast.Forecast) string {
	switch {
	case len(history.Series) == 1 && history.Series[0].ID != "":
		return fmt.Sprintf("Forecast of %s by %s", history.Series[0].ID, made.Model)
	case f.path != "" && f.path != "-":
		return fmt.Sprintf("Forecast of %s by %s", filepath.Base(f.path), made.Model)
	case len(history.Channels) == 1:
		return fmt.Sprintf("Forecast of %s by %s", history.Channels[0], made.Model)
	}
	return "Forecast by " + made.Model
}

// times returns the times to forecast of each series, those within it in past, which is nil if there are
// none, and the series for which there are any.
func (f *forecastFlags) times(history *series.Panel, fitted int) (of *series.Panel, at, past [][]float64, err error) {
	if f.at == "" {
		n := f.horizon
		if n == 0 {
			n = fitted
		}
		for _, s := range history.Series {
			at = append(at, history.Future(s, n))
		}
		return history.Foresee(at), at, nil, nil
	}
	history, all, err := f.readFuture(history)
	if err != nil {
		return nil, nil, nil, err
	}
	f.noteLeftOut(history, all)
	var some []*series.Series
	within := 0
	for i, s := range history.Series {
		if len(all[i]) == 0 {
			continue
		}
		ahead := 0
		if s.Len() > 0 {
			ahead = sort.Search(len(all[i]), func(k int) bool { return all[i][k] > s.Times[s.Len()-1] })
		}
		some, past, at = append(some, s), append(past, all[i][:ahead:ahead]), append(at, all[i][ahead:])
		within += ahead
	}
	if within == 0 {
		past = nil
	}
	return history.With(some), at, past, nil
}

func (f *forecastFlags) readFuture(history *series.Panel) (*series.Panel, [][]float64, error) {
	opt := series.ReadOptions{Name: f.at, ID: f.read.ID, Time: f.read.Time, Delimiter: f.read.Delimiter, TimeLayout: f.read.TimeLayout, Past: true}
	if f.at == "-" {
		opt.Name = "stdin"
		return formats.ReadFuture(f.stdin, history, opt)
	}
	in, err := os.Open(f.at)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	return formats.ReadFuture(in, history, opt)
}
