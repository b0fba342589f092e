package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
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
	grid, roll     string
	side           int
	bounds         boundFlags
}

func newGenerate() *cobra.Command {
	f := &generateFlags{}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Draw new series from a fitted model",
		Long: `generate draws whole series, out of nothing, from what a model learned, and
writes them in the columns of the data. The models that can are those
that 'tsgen models' lists with generate. Values are of the data's kind: whole
numbers stay whole, positive ones positive, few different ones these, and exact
zeros have their share. --times and --known name the times of the series, which may
be irregular where those of the data are, and what is known of them, such as a
promotion; without it covariates are those of the data. --signal leaves the noise of observation out; grey images
have none.

--grid draws a map of what a vae learned: its windows over a grid of the first
two latent variables, as lines, or as images where the likelihood is bernoulli.
--roll draws series whose values are from 0 to 1, such as music by its notes, as
a piano roll.`,
		Example: `  tsgen generate > series.csv
  tsgen generate --model sales.tsgen -n 100 --length 168 --seed 7 -o series.csv
  tsgen generate --model digits.tsgen --grid digits.png -o digits.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.IntVarP(&f.number, "number", "n", 1, "number of series")
	fl.IntVar(&f.length, "length", 0, "`times` of each series (default what the model was fitted for)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the series")
	f.bounds.register(fl)
	fl.BoolVar(&f.signal, "signal", false, "without the noise of observation: what the latent ODE and the vae mean")
	fl.StringVar(&f.times, "times", "", "`file` of the times of each series")
	fl.StringVar(&f.known, "known", "", "`file` of the times of each series and of the covariates known ahead")
	f.registerOutput(cmd)
	fl.StringVar(&f.grid, "grid", "", "picture of the latent variables to write, a `file` .png, .svg or .pdf")
	fl.StringVar(&f.roll, "roll", "", "piano roll of the series to write, a `file` .png, .svg or .pdf")
	fl.IntVar(&f.side, "side", 15, "`windows` in a row and in a column of the grid")
	fl.SortFlags = false
	return cmd
}

func (f *generateFlags) run(cmd *cobra.Command) error {
	if err := checkSteps(cmd.Flags(), "number", "length"); err != nil {
		return err
	}
	if err := f.check(cmd, nil); err != nil {
		return err
	}
	if f.grid != "" && (f.side < 1 || f.side > maxSide) {
		return usagef("--side is %d, want 1 to %d", f.side, maxSide)
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
	case f.length != 0 && (f.times != "" || f.known != ""):
		return usagef("--length and a file of times exclude each other")
	}
	file, model, err := loadModel(f.model)
	if err != nil {
		return err
	}
	domains, err := f.bounds.ofFile(f.model, file.History, file)
	if err != nil {
		return err
	}
	g, ok := model.(forecast.Generator)
	if !ok {
		return cannot(model, forecast.Generates)
	}
	opt := forecast.GenerateOptions{Number: f.number, Length: f.length, Seed: f.seed, Signal: f.signal}
	if err := f.condition(&opt, model.Name(), file.History); err != nil {
		return err
	}
	panel, err := g.Generate(cmd.Context(), opt)
	if f.known == "" && errors.Is(err, series.ErrKnown) {
		f.progress.notef("the covariates of the data end before the generated series, in which they are at their means; --known gives others")
		opt.Known = nil
		panel, err = g.Generate(cmd.Context(), opt)
	}
	if err != nil {
		return err
	}
	forecast.ConfineSeries(panel, file.History, domains)
	if f.grid != "" {
		if err := drawGrid(cmd.Context(), f.grid, model, f.side, panel.Channels); err != nil {
			return err
		}
	}
	if f.roll != "" {
		figure, err := plots.PianoRoll(panel, plots.Options{})
		if err != nil {
			return fmt.Errorf("%w: --roll: %w", forecast.ErrMismatch, err)
		}
		if err := writePicture(f.roll, figure, nil); err != nil {
			return err
		}
	}
	return f.writeTable(cmd.OutOrStdout(), panel, panel.WriteCSV)
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
		empty.Known, empty.Events = history.Known, history.Events
		if len(empty.Known) == 0 {
			return fmt.Errorf("%w: --known: the model learned no covariates", forecast.ErrMismatch)
		}
	}
	panel, at, err := formats.ReadFuture(in, empty, series.ReadOptions{Name: path})
	if err != nil {
		return err
	}
	if opt.Times = at[0]; f.known != "" {
		opt.Known = panel
	}
	return nil
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
