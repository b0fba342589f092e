package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/internal/support"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/gauss"
	"tsgen/models/mdn"
	"tsgen/models/modelfile"
	"tsgen/models/vae"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/formats"
)

// generateFlags are what the command line says to generate.
type generateFlags struct {
	query
	number, length int
	seed           uint64
	signal         bool
	times, known   string
	like, start    string
	strength       float64
	grid, roll     string
	side           int
	plot           string
	pictures       pictureFlags
	bounds         boundFlags
}

func newGenerate() *cobra.Command {
	f := &generateFlags{}
	cmd := &cobra.Command{
		Use: "generate",
		Long: `generate draws whole series, out of nothing, from what a model learned, and
writes them in the columns of the data. 'tsgen models' lists the models that can by
generate; for a file of another, such as a blend, an mdn is fitted to its series first.
Values are of the data's kind: whole numbers stay whole, positive ones positive, few
different ones these, exact zeros have their share, and a day's high stays above its low.
--times and --known name the times of the series, irregular where those of the data are
(else gaps are drawn as the data have them), and what is known of them, such as a
promotion (else covariates are the data's). --signal leaves the noise of observation out.

--like gives series the level, the trend, the season and the spread of a given one,
that of a series of the model by its name or the first of a file, wholly or by a
--strength below 1. --start has them continue a history instead, of the series of that
name or all of a file: scenarios, for which every model will do. --length says how far,
or how many times of a file of --times or of --known, the covariates to come.

--plot draws the series, --roll as a piano roll, and --grid a map of what a vae
learned ('tsgen help pictures'). An output named .mid is written as music: the series
one after the other, for models that were fitted to tunes, or whose channels are named
by notes (C4) and whose times by a step (eighth).`,
		Example: `  tsgen generate > series.csv
  tsgen generate --model sales.tsgen -n 100 --length 168 --seed 7 -o series.csv
  tsgen generate -n 20 --like store7 --strength 0.5
  tsgen generate -n 50 --start now.csv --length 12
  tsgen generate -n 4 -o new.mid
  tsgen generate --model digits.tsgen --grid digits.png -o digits.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: f.run,
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.IntVarP(&f.number, "number", "n", 1, "number of series")
	fl.IntVar(&f.length, "length", 0, "`times` of each series (default as the data have, or what the model was fitted for)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the series")
	f.bounds.register(fl)
	fl.BoolVar(&f.signal, "signal", false, "without the noise of observation: what the latent ODE and the vae mean")
	fl.StringVar(&f.times, "times", "", "`file` of the times of each series")
	fl.StringVar(&f.known, "known", "", "`file` of the times of each series and of the covariates known ahead")
	fl.StringVar(&f.like, "like", "", "`series` that those to generate are to be like: one of the model's (the only one by its column), or a file")
	fl.Float64Var(&f.strength, "strength", 1, "how much they are to be like it, a `number` from 0 to 1")
	fl.StringVar(&f.start, "start", "", "`series` to continue by scenarios: one of the model's (the only one by its column), or a file")
	f.registerOutput(cmd)
	f.registerJSON(cmd)
	fl.StringVar(&f.plot, "plot", "", "picture of the series to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	fl.StringVar(&f.grid, "grid", "", "picture of the latent variables to write, a `file` .png, .svg or .pdf")
	fl.StringVar(&f.roll, "roll", "", "piano roll of the series to write, a `file` .png, .svg or .pdf")
	fl.IntVar(&f.side, "side", 15, "`windows` in a row and in a column of the grid")
	for _, name := range []string{"grid", "roll", "side"} { // told by 'tsgen help pictures'
		if err := fl.MarkHidden(name); err != nil {
			panic(err) // there is no such flag
		}
	}
	fl.SortFlags = false
	return cmd
}

// checkAll checks the flags and arguments, alone and together.
func (f *generateFlags) checkAll(cmd *cobra.Command, args []string) (err error) {
	if len(args) > 0 && !isModelFile(args[0]) {
		return usagef("generate takes a model file, which ends with .tsgen, not %s; --like and --start take a FILE of series", args[0])
	}
	if err := checkSteps(cmd.Flags(), "number", "length"); err != nil {
		return err
	}
	f.noTable = isMusic(f.out)
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if f.grid != "" && (f.side < 1 || f.side > maxSide) {
		return usagef("--side is %d, want 1 to %d", f.side, maxSide)
	}
	if err := f.pictures.check("plot", f.plot, f.model); err != nil {
		return err
	}
	if err := checkPicture("grid", f.grid, f.model); err != nil {
		return err
	}
	if err := checkPicture("roll", f.roll, f.model); err != nil {
		return err
	}
	switch {
	case f.times != "" && f.known != "":
		return usagef("--times and --known exclude each other: --known has times, too")
	case f.like != "" && f.start != "":
		return usagef("--like and --start exclude each other: what continues a series is like it")
	case !(f.strength >= 0 && f.strength <= 1):
		return usagef("--strength is %v, want 0 to 1", f.strength)
	case f.strength != 1 && f.like == "":
		return usagef("--strength is of --like")
	case f.start != "" && (f.grid != "" || f.signal):
		return usagef("--start goes with neither --grid nor --signal")
	}
	f.progress, err = newProgress("auto", noteWriter(cmd)) // of a model that stands in, if one is fitted
	return err
}

func (f *generateFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.checkAll(cmd, args); err != nil {
		return err
	}
	file, model, err := heldModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	domains, err := f.bounds.ofFile(f.model, file.History, file)
	if err != nil {
		return err
	}
	if f.start == "" {
		if model, err = f.generator(cmd.Context(), file, model); err != nil {
			return err
		}
	}
	if g, is := model.(*gauss.Model); is && f.start == "" && file.Season > 1 && !g.Anchored() {
		f.progress.notef("%s draws seasons that drift in phase and strength along a series; %s keeps them: 'tsgen fit FILE -m %s'", gauss.Name, mdn.Kind, mdn.Kind)
	}
	panel, err := f.draw(cmd.Context(), file, model)
	if err != nil {
		return err
	}
	if f.signal {
		if name := model.Name(); name != latentode.Kind && name != latentode.StochasticKind && name != vae.Kind {
			f.progress.notef("--signal: %s does not tell signal and noise apart, and its series have both; %s and %s do", name, latentode.Kind, vae.Kind)
		}
		domains = forecast.OfSignal(domains)
	} else {
		f.toKind(panel, file.History)
	}
	forecast.ConfineSeries(panel, file.History, domains)
	if f.grid != "" {
		if err := f.drawGrid(cmd.Context(), model, panel.Channels); err != nil {
			return err
		}
	}
	if f.roll != "" {
		figure, err := plots.PianoRoll(panel, f.pictures.options(""))
		if err != nil {
			return fmt.Errorf("%w: --roll: %w", forecast.ErrMismatch, err)
		}
		if err := writePicture(f.roll, figure, nil, f.progress); err != nil {
			return err
		}
	}
	if f.plot != "" {
		figure, err := plots.History(panel, plots.HistoryOptions{Options: f.pictures.options("Series by " + model.Name())})
		if err := writePicture(f.plot, figure, err, f.progress); err != nil {
			return err
		}
	}
	if isMusic(f.out) {
		var tune bytes.Buffer
		if err := writeMusic(&tune, panel); err != nil {
			return err
		}
		return writeOutput(f.out, tune.Bytes())
	}
	return f.write(cmd.OutOrStdout(), panel, panel.WriteCSV)
}

// draw returns the series that the flags ask for.
func (f *generateFlags) draw(ctx context.Context, file *modelfile.File, model forecast.Model) (*series.Panel, error) {
	if f.start != "" {
		return f.scenarios(ctx, file, model)
	}
	opt := forecast.GenerateOptions{Number: f.number, Length: f.length, Seed: f.seed, Signal: f.signal, Strength: f.strength}
	if err := f.condition(&opt, model.Name(), file.History); err != nil {
		return nil, err
	}
	if f.like != "" && f.strength > 0 {
		given, err := f.given(f.like, file.History)
		if err != nil {
			return nil, err
		}
		if len(given.Series) > 1 {
			f.progress.notef("--like: the first of %s, %s", count(len(given.Series), "series"), forecast.Describe(given.Series[0].ID))
		}
		opt.Like = given
	}
	if opt.Times == nil && !file.History.Step.Regular() {
		f.progress.notef("the data have irregular times: those of generated series have gaps as the data do; --times names others")
	}
	panel, err := forecast.Generate(ctx, model, opt)
	if f.known == "" && errors.Is(err, series.ErrKnown) {
		f.progress.notef("the covariates of the data end before the generated series, in which they are at their means; --known gives others")
		opt.Known = nil
		panel, err = forecast.Generate(ctx, model, opt)
	}
	return panel, err
}

// given returns the series of a model's history that is so named, the only one, which has no
// name, by that of its column, or the series of the file.
func (f *generateFlags) given(name string, history *series.Panel) (*series.Panel, error) {
	for _, s := range history.Series {
		if name != "" && s.ID == name || s.ID == "" && slices.Equal(history.Channels, []string{name}) {
			return history.With([]*series.Series{s}), nil
		}
	}
	q := f.query
	q.path = name
	panel, err := q.history(history)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; nor has the model a series of that name", err)
	}
	return panel, err
}

// scenarios returns series that continue others.
func (f *generateFlags) scenarios(ctx context.Context, file *modelfile.File, model forecast.Model) (*series.Panel, error) {
	history, err := f.given(f.start, file.History)
	if err != nil {
		return nil, err
	}
	domains, err := f.bounds.ofFile(f.start, history, file)
	if err != nil {
		return nil, err
	}
	opt := forecast.Options{Samples: max(f.number, forecast.DefaultPaths), Seed: f.seed, Domains: domains}
	if path := cmp.Or(f.known, f.times); path != "" {
		in, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		if history, opt.At, err = formats.ReadFuture(in, history, series.ReadOptions{Name: path}); err != nil {
			return nil, err
		}
		for i := range opt.At {
			if opt.At[i], err = f.first(opt.At[i], path); err != nil {
				return nil, err
			}
		}
	} else {
		for _, s := range history.Series {
			opt.At = append(opt.At, history.Future(s, cmp.Or(f.length, file.Horizon)))
		}
		history = history.Foresee(opt.At)
	}
	made, err := continuation(ctx, file, model, history, opt, true, true)
	if errors.Is(err, series.ErrKnown) {
		return nil, fmt.Errorf("%w; give them in the file of --known", err)
	}
	if err != nil {
		return nil, err
	}
	f.progress.notes(made.Notes)
	return forecast.Scenarios(history, made, f.number), nil
}

// toKind brings the values of panel to the grids of those of history, and its rows to the orders of the channels
// there, which it says. Models that saw series without their breaks may not know them.
func (f *generateFlags) toKind(panel, history *series.Panel) {
	all := support.Of(history)
	for _, s := range panel.Series {
		support.ToGrid(all, s.Values)
	}
	for _, said := range []string{support.Orders(all, panel.Channels), support.Whole(all, panel.Channels), support.Totals(all, panel.Channels)} {
		if said != "" {
			f.progress.notef("as in all rows of the data, %s", said)
		}
	}
}

// condition sets the times and the covariates of generated series: those of the files
// that the flags name, or the covariates of the first series that a model of the kind was
// fitted to, if it uses them.
func (f *generateFlags) condition(opt *forecast.GenerateOptions, kind string, history *series.Panel) error {
	if k, err := models.Lookup(kind); err == nil && k.Known && len(history.Known) > 0 && len(history.Series) > 0 {
		opt.Known = history
	}
	path := cmp.Or(f.times, f.known)
	if path == "" {
		return nil
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	empty := &series.Panel{
		Channels: history.Channels, Axis: history.Axis, Step: history.Step, TimeColumn: history.TimeColumn, Series: []*series.Series{{}},
	}
	if f.known != "" {
		empty.Known, empty.Events = history.Known[len(history.Static):], history.Events
		if len(empty.Known) == 0 {
			return fmt.Errorf("%w: --known: the model learned no covariates", forecast.ErrMismatch)
		}
	}
	panel, at, err := formats.ReadFuture(in, empty, series.ReadOptions{Name: path})
	if err != nil {
		return err
	}
	if opt.Times, err = f.first(at[0], path); err != nil {
		return err
	}
	if f.known != "" {
		opt.Known = panel.WithStatic(history.Static, history.StaticValues()[:1])
	}
	return nil
}

// first returns the times of a file that are asked for: the first --length ones, or all.
func (f *generateFlags) first(times []float64, path string) ([]float64, error) {
	if f.length > len(times) {
		return nil, usagef("--length is %d, but %s has %s; leave it out, or give a longer file", f.length, path, count(len(times), "time"))
	}
	return times[:cmp.Or(f.length, len(times))], nil
}

// maxSide bounds the windows in a row of a grid.
const maxSide = 100

// cannot is the error of a model without an ability. It names the kinds that have it.
func cannot(m forecast.Model, a forecast.Ability) error {
	var able []string
	for _, k := range models.Kinds() {
		if slices.Contains(k.Abilities(), a) {
			able = append(able, k.Name)
		}
	}
	verb := string(a)
	if a == forecast.Weighs {
		verb = "tell a likelihood"
	}
	return fmt.Errorf("%w: %s does not %s; fit a model that does, by fit -m NAME: %s",
		forecast.ErrMismatch, m.Name(), verb, strings.Join(able, ", "))
}
