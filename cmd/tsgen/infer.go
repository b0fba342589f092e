package main

import (
	"bytes"
	"context"
	"io"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
)

// inferFlags are what the command line says to infer within the times of series:
// missing values, or latent states.
type inferFlags struct {
	data    dataFlags
	model   string
	levels  []float64
	samples int
	seed    uint64
	out     string
}

func newImpute() *cobra.Command {
	f := &inferFlags{}
	cmd := &cobra.Command{
		Use:   "impute [FILE]",
		Short: "Fill in missing values with a fitted model",
		Long: `impute fills the gaps in the series of a model file, or in those of FILE (- for
standard input): empty cells, and rows that are missing from equally spaced
times. It writes all rows, with an indicator and the bounds of intervals beside
each channel:

  unique_id,ds,y,y-imputed,y-lo-80,y-hi-80,...

The models that can are those that 'tsgen models' lists with impute.`,
		Example: `  tsgen impute > complete.csv
  tsgen impute --model sales.tsgen new.csv --level 50,90 -o complete.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args, imputed) },
	}
	f.register(cmd, []float64{80}, "80")
	return cmd
}

func newEncode() *cobra.Command {
	f := &inferFlags{}
	cmd := &cobra.Command{
		Use:   "encode [FILE]",
		Short: "Find the latent states of series with a fitted model",
		Long: `encode writes the latent state that a model sees behind the series of a model
file, or behind those of FILE (- for standard input), at each of their times: the
median of each latent variable and the bounds of the intervals asked for.

  unique_id,ds,latent-ode-z1,latent-ode-z2,...

The models that can are those that 'tsgen models' lists with encode.`,
		Example: `  tsgen encode > states.csv
  tsgen encode --model sales.tsgen new.csv --level 80 -o states.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args, encoded) },
	}
	f.register(cmd, nil, "none")
	return cmd
}

func (f *inferFlags) register(cmd *cobra.Command, levels []float64, words string) {
	fl := cmd.Flags()
	fl.StringVarP(&f.model, "model", "m", "model.tsgen", "model `file`")
	fl.Float64SliceVar(&f.levels, "level", levels, "levels of the intervals in `percent`")
	fl.Lookup("level").DefValue = words
	fl.IntVar(&f.samples, "samples", 1000, "number of draws")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the draws")
	fl.StringVarP(&f.out, "output", "o", "-", "CSV `file` to write, - for standard output")
	f.data.register(cmd)
	fl.SortFlags = false
	completeModels(cmd)
}

// An inference writes what a model infers of the history.
type inference func(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) error

// run checks the command line, loads, infers and writes.
func (f *inferFlags) run(cmd *cobra.Command, args []string, infer inference) error {
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	if f.samples < 1 {
		return usagef("--samples is %d, want 1 or more", f.samples)
	}
	if err := checkLevels(f.levels); err != nil {
		return err
	}
	read, err := f.data.options()
	if err != nil {
		return err
	}
	if f.out != "-" {
		if err := checkOutput(f.out, f.model, path); err != nil {
			return err
		}
	}
	p, err := newProgress("none", noteWriter(cmd))
	if err != nil {
		return err
	}
	file, model, err := loadModel(f.model)
	if err != nil {
		return err
	}
	history, err := readHistory(path, cmd.InOrStdin(), read, file.History, p)
	if err != nil {
		return err
	}
	var table bytes.Buffer
	opt := forecast.Options{Samples: f.samples, Season: file.Season, Seed: f.seed}
	if err := infer(cmd.Context(), &table, model, history, opt, f.levels); err != nil {
		return err
	}
	return writeTable(f.out, &table, cmd.OutOrStdout())
}

func imputed(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) error {
	imputer, ok := m.(forecast.Imputer)
	if !ok {
		return cannot(m, forecast.Imputes)
	}
	var err error
	if opt.At, err = forecast.Missing(history); err != nil {
		return err
	}
	f, err := imputer.Impute(ctx, history, opt)
	if err != nil {
		return err
	}
	return forecast.WriteImputed(w, history, f, levels)
}

func encoded(ctx context.Context, w io.Writer, m forecast.Model, history *series.Panel, opt forecast.Options, levels []float64) error {
	encoder, ok := m.(forecast.Encoder)
	if !ok {
		return cannot(m, forecast.Encodes)
	}
	for _, s := range history.Series {
		opt.At = append(opt.At, s.Times)
	}
	f, err := encoder.Encode(ctx, history, opt)
	if err != nil {
		return err
	}
	latent := *history
	latent.Channels = f.Channels
	return forecast.WriteCSV(w, &latent, f, levels)
}
