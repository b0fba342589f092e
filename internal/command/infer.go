package command

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/plots"
	"tsgen/series"
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

	standsIn bool // where the model cannot, another is fitted
	emptyEnd bool // the rows at the end of FILE without a value are asked for, too
	season   seasonFlag
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
	f.read.EmptyEnd = f.emptyEnd
	model, history, opt, err := f.subject(cmd.Context(), cmd.Flags().Changed("model"))
	if err != nil {
		return err
	}
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

// subject returns the model, the series and how they are to be seen. named tells that the command
// line names the model. Where standsIn says that a model is found, one is for a FILE that none is
// named for.
func (f *inferFlags) subject(ctx context.Context, named bool) (forecast.Model, *series.Panel, forecast.Options, error) {
	opt := forecast.Options{Samples: f.samples, Seed: f.seed, Signal: f.signal}
	if f.standsIn && f.path != "" && !named {
		panel, err := f.unfitted(f.season)
		if err != nil {
			return nil, nil, opt, err
		}
		opt.Season = panel.Season()
		opt.Domains, err = f.bounds.domains(f.path, panel, nil)
		return nil, panel, opt, err
	}
	if f.season.periods != nil {
		return nil, nil, opt, usagef("--season goes with a FILE that no model file is named for; the seasons of a model file are its own")
	}
	file, model, err := heldModel(ctx, f.model)
	if err != nil {
		return nil, nil, opt, err
	}
	history, err := f.history(file.History)
	if err != nil {
		return nil, nil, opt, err
	}
	opt.Season, opt.Outliers = file.Season, file.Outliers
	opt.Domains, err = f.bounds.ofFile(cmp.Or(f.path, f.model), history, file)
	return model, history, opt, err
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
