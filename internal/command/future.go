package command

import (
	"cmp"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/series"
)

// futureFlags are what the command line says of the times to come.
type futureFlags struct {
	query
	horizon int
}

func newFuture() *cobra.Command {
	f := &futureFlags{}
	cmd := &cobra.Command{
		Use: "future [FILE]",
		Long: `future writes the times that come after the series of a model file, or after
those of FILE (- for standard input), in the columns that forecast --at reads: the
name of the series, the time, and the covariates that the model knows ahead, with
what is known of them already.`,
		Example: `  tsgen future --horizon 12 > future.csv
  tsgen forecast --at future.csv
  tsgen future new.csv --model sales.tsgen -o future.csv`,
		Args: modelAndFile,
		RunE: f.run,
	}
	f.registerModel(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` to write (default the horizon of the fit)")
	f.registerOutput(cmd)
	f.registerJSON(cmd)
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

func (f *futureFlags) run(cmd *cobra.Command, args []string) error {
	if err := checkSteps(cmd.Flags(), "horizon"); err != nil {
		return err
	}
	if err := f.check(cmd, args); err != nil {
		return err
	}
	file, _, err := heldModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	history, err := f.history(file.History)
	if err != nil {
		return err
	}
	steps := cmp.Or(f.horizon, file.Horizon)
	return f.write(cmd.OutOrStdout(), history, func(w io.Writer) error { return writeFuture(w, history, steps) })
}

// writeFuture writes the next steps of every series with what is known of them.
func writeFuture(w io.Writer, history *series.Panel, steps int) error {
	history = history.BareOfEvents().BareOfStatic() // which need not be filled in
	future := history.With(nil)
	future.Channels = history.Known
	for _, s := range history.Series {
		x := &series.Series{ID: s.ID, Times: history.Future(s, steps)}
		for _, t := range x.Times {
			row := slices.Repeat([]float64{math.NaN()}, len(history.Known))
			if known, err := history.KnownAt(s, []float64{t}); err == nil {
				row = known
			}
			x.Values = append(x.Values, row...)
		}
		future.Series = append(future.Series, x)
	}
	return future.WriteCSV(w)
}
