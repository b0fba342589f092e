package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
)

// likelihoodFlags are what the command line says of likelihoods.
type likelihoodFlags struct {
	data    dataFlags
	model   string
	samples int
	seed    uint64
	out     string
}

func newLikelihood() *cobra.Command {
	f := &likelihoodFlags{}
	cmd := &cobra.Command{
		Use:   "likelihood [FILE]",
		Short: "Compute the likelihood of series under a fitted model",
		Long: `likelihood writes the logarithm of the density that a model gives each series of
a model file, or of FILE (- for standard input), all values of a series together,
in nats and in the units of the data; then how many values that are, the mean for
each of them, and whether it is exact or a lower bound, which --samples makes
tighter (importance weighting, Burda et al. 2016):

  unique_id,log-likelihood,values,per-value,exact

Series that are less probable than others are unlike those that the model learned.
The models that can are those that 'tsgen models' lists with likelihood.`,
		Example: `  tsgen fit music.csv -m srnn --set likelihood=bernoulli && tsgen likelihood test.csv --samples 64
  tsgen likelihood --model digits.tsgen new.csv -o likelihood.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: f.run,
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.model, "model", "m", "model.tsgen", "model `file`")
	fl.IntVar(&f.samples, "samples", 100, "number of draws of a bound")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the draws")
	fl.StringVarP(&f.out, "output", "o", "-", "CSV `file` to write, - for standard output")
	f.data.register(cmd)
	fl.SortFlags = false
	completeModels(cmd)
	return cmd
}

func (f *likelihoodFlags) run(cmd *cobra.Command, args []string) error {
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	if f.samples < 1 {
		return usagef("--samples is %d, want 1 or more", f.samples)
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
	scorer, ok := model.(forecast.Scorer)
	if !ok {
		return cannot(model, forecast.Weighs)
	}
	panel, err := readHistory(path, cmd.InOrStdin(), read, file.History, p)
	if err != nil {
		return err
	}
	all, err := scorer.LogLikelihood(cmd.Context(), panel, forecast.LikelihoodOptions{Samples: f.samples, Seed: f.seed})
	if err != nil {
		return err
	}
	var table bytes.Buffer
	if err := writeLikelihoods(&table, panel, all); err != nil {
		return err
	}
	return writeTable(f.out, &table, cmd.OutOrStdout())
}

func writeLikelihoods(w io.Writer, p *series.Panel, all []forecast.Likelihood) error {
	out := csv.NewWriter(w)
	header := []string{"log-likelihood", "values", "per-value", "exact"}
	named := p.IDColumn != ""
	if named {
		header = append([]string{p.IDColumn}, header...)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, l := range all {
		row := []string{
			series.FormatNumber(l.Value), strconv.Itoa(l.Values),
			series.FormatNumber(l.Value / float64(l.Values)), strconv.FormatBool(l.Exact),
		}
		if named {
			row = append([]string{l.ID}, row...)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
