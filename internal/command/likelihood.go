package command

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
)

// likelihoodFlags are what the command line says of likelihoods.
type likelihoodFlags struct {
	query
	samples int
	seed    uint64
}

func newLikelihood() *cobra.Command {
	f := &likelihoodFlags{}
	cmd := &cobra.Command{
		Use: "likelihood [FILE]",
		Long: `likelihood writes the logarithm of the density that a model gives each series of
a model file, or of FILE (- for standard input), all values of a series together,
in nats and in the units of the data; then how many values that are, the mean for
each of them, and whether it is exact or a lower bound, which --samples makes
tighter (importance weighting, Burda et al. 2016):

  unique_id,log-likelihood,values,per-value,exact

Series that are less probable than others are unlike those that the model learned.
The models that can are those that 'tsgen models' lists with likelihood.`,
		Example: `  tsgen fit music.csv -m srnn --set likelihood=bernoulli && tsgen likelihood test.csv --samples 64
  tsgen likelihood --model digits.tsgen new.csv -o likelihood.csv
  tsgen likelihood --model patients.tsgen --json`,
		Args: modelAndFile,
		RunE: f.run,
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.samples, "samples", 100, "number of draws of a bound")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the draws")
	f.registerOutput(cmd)
	f.registerJSON(cmd)
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

func (f *likelihoodFlags) run(cmd *cobra.Command, args []string) error {
	if f.samples < 1 {
		return usagef("--samples is %d, want 1 or more", f.samples)
	}
	if err := f.check(cmd, args); err != nil {
		return err
	}
	file, model, err := heldModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	scorer, ok := model.(forecast.Scorer)
	if !ok {
		return cannot(model, forecast.Weighs)
	}
	panel, err := f.history(file.History)
	if err != nil {
		return err
	}
	all, err := scorer.LogLikelihood(cmd.Context(), panel, forecast.LikelihoodOptions{Samples: f.samples, Seed: f.seed})
	if err != nil {
		return err
	}
	return f.write(cmd.OutOrStdout(), panel, func(w io.Writer) error { return writeLikelihoods(w, panel, all) })
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
