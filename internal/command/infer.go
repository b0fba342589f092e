package command

import (
	"cmp"
	"context"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/formats"
)

// inferFlags are what the command line says to infer within the times of series:
// missing values, or latent states.
type inferFlags struct {
	query
	levels  []float64
	samples int
	seed    uint64

	pictures pictureFlags

	horizon int    // steps to encode beyond the end
	plot    string // picture of the states, or of what is filled in
	at      string // file of times to impute
	signal  bool   // impute without the noise of observations
	bounds  boundFlags
}

func newImpute() *cobra.Command {
	f := &inferFlags{}
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

The models that can are those that 'tsgen models' lists with impute.`,
		Example: `  tsgen impute > complete.csv
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
	cmd.Flags().BoolVar(&f.signal, "signal", false, "leave out the noise of observations")
	return cmd
}

func newEncode() *cobra.Command {
	f := &inferFlags{}
	cmd := &cobra.Command{
		Use: "encode [FILE]",
		Long: `encode writes the latent state that a model sees behind the series of a model
file, or behind those of FILE (- for standard input), at each of their times and
--horizon steps on: the median of each latent variable and the bounds of the
intervals asked for. --plot draws the states over time and the first variable
against the second. A series longer than what a model looks at at once is covered
by windows, each with states of its own: where they meet, states may leap.

  unique_id,ds,latent-ode-z1,latent-ode-z2,...

The models that can are those that 'tsgen models' lists with encode.`,
		Example: `  tsgen encode > states.csv
  tsgen encode --model sales.tsgen new.csv --level 80 -o states.csv
  tsgen encode --model sales.tsgen --horizon 24 --plot states.png > states.csv`,
		Args: modelAndFile,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args, f.encoded) },
	}
	f.register(cmd)
	cmd.Flags().IntVar(&f.horizon, "horizon", 0, "`steps` to go on after the end of every series")
	cmd.Flags().StringVar(&f.plot, "plot", "", "picture of the states to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySeries, bySize)
	return cmd
}

func (f *inferFlags) register(cmd *cobra.Command, levels ...float64) {
	f.registerModel(cmd)
	fl := cmd.Flags()
	registerLevels(fl, &f.levels, levels...)
	fl.IntVar(&f.samples, "samples", 1000, "number of draws")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the draws")
	f.registerOutput(cmd)
	f.registerJSON(cmd)
	f.data.register(cmd)
	fl.SortFlags = false
}

// An inference writes what a model infers of the history, and returns what is to be
// noted of it.
type inference func(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) (notes []string, err error)

// run checks the command line, loads, infers and writes.
func (f *inferFlags) run(cmd *cobra.Command, args []string, infer inference) error {
	if f.samples < 1 || f.samples > maxSamples {
		return usagef("--samples is %d, want 1 to %d", f.samples, maxSamples)
	}
	if err := checkSteps(cmd.Flags(), "horizon"); err != nil {
		return err
	}
	if f.at == "-" {
		return usagef("--at is -, want a file")
	}
	if err := checkLevels(f.levels); err != nil {
		return err
	}
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if err := f.pictures.check("plot", f.plot, f.model, f.path); err != nil {
		return err
	}
	file, model, err := heldModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	history, err := f.history(file.History)
	if err != nil {
		return err
	}
	domains, err := f.bounds.ofFile(cmp.Or(f.path, f.model), history, file)
	if err != nil {
		return err
	}
	opt := forecast.Options{Samples: f.samples, Season: file.Season, Outliers: file.Outliers, Domains: domains, Seed: f.seed, Signal: f.signal}
	noteOutliers(f.progress, opt.Outliers, history, opt.Season)
	return f.write(cmd.OutOrStdout(), history, func(w io.Writer) error {
		notes, err := infer(cmd.Context(), w, model, history, opt, f.levels)
		if err != nil {
			return err
		}
		f.progress.notes(notes)
		return nil
	})
}

func (f *inferFlags) imputed(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) ([]string, error) {
	imputer, ok := m.(forecast.Imputer)
	if !ok {
		return nil, cannot(m, forecast.Imputes)
	}
	var err error
	write := forecast.WriteImputed
	if opt.At, err = forecast.Missing(history); err != nil {
		return nil, err
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
		if err := f.drawImputed(history, imputed, m.Name()); err != nil {
			return nil, err
		}
	}
	return imputed.Notes, write(w, history, imputed, levels)
}

// drawImputed draws the series with the medians of what was filled in.
func (f *inferFlags) drawImputed(history *series.Panel, imputed *forecast.Forecast, model string) error {
	var filled []plots.Mark
	for i, d := range imputed.Series {
		for k, v := range d.Quantile(nil, 0.5) {
			filled = append(filled, plots.Mark{Series: i, Channel: k % history.Width(), Time: d.Times[k/history.Width()], Value: v})
		}
	}
	figure, err := plots.History(history, plots.HistoryOptions{
		Options: f.pictures.options("Filled in by " + model), Marks: filled, Meaning: "filled in",
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

func (f *inferFlags) encoded(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) ([]string, error) {
	encoder, ok := m.(forecast.Encoder)
	if !ok {
		return nil, cannot(m, forecast.Encodes)
	}
	for _, s := range history.Series {
		at := s.Times
		if f.horizon > 0 {
			at = slices.Concat(at, history.Future(s, f.horizon))
		}
		opt.At = append(opt.At, at)
	}
	if err := admitTimes(f.bounded, opt.At, history.Width(), opt.Samples); err != nil {
		return nil, err
	}
	seen, _ := opt.Outliers.Seen(history.Foresee(opt.At), opt.Season)
	states, err := encoder.Encode(ctx, seen, opt)
	if err != nil {
		return nil, err
	}
	if f.plot != "" {
		figure, err := plots.States(history, states, f.pictures.options(""))
		if err := writePicture(f.plot, figure, err, f.progress); err != nil {
			return nil, err
		}
	}
	latent := *history
	latent.Channels = states.Channels
	return states.Notes, forecast.WriteCSV(w, &latent, states, levels)
}
