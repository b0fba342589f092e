package main

import (
	"bytes"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"tsgen/series"
)

// futureFlags are what the command line says of the times to come.
type futureFlags struct {
	data    dataFlags
	model   string
	horizon int
	out     string
}

func newFuture() *cobra.Command {
	f := &futureFlags{}
	cmd := &cobra.Command{
		Use:   "future [FILE]",
		Short: "Write the times to forecast, for their covariates to be filled in",
		Long: `future writes the times that come after the series of a model file, or after
those of FILE (- for standard input), in the columns that forecast --at reads: the
name of the series, the time, and the covariates that the model knows ahead, with
what is known of them already.`,
		Example: `  tsgen future --horizon 12 > future.csv
  tsgen forecast --at future.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: f.run,
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.model, "model", "m", "model.tsgen", "model `file`")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` to write (default the horizon of the fit)")
	fl.StringVarP(&f.out, "output", "o", "-", "CSV `file` to write, - for standard output")
	f.data.register(cmd)
	fl.SortFlags = false
	completeModels(cmd)
	return cmd
}

func (f *futureFlags) run(cmd *cobra.Command, args []string) error {
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	if cmd.Flags().Changed("horizon") && !inRange(f.horizon) {
		return usagef("--horizon is %d, want 1 to %d", f.horizon, maxSteps)
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
	file, _, err := loadModel(f.model)
	if err != nil {
		return err
	}
	history, err := readHistory(path, cmd.InOrStdin(), read, file.History, p)
	if err != nil {
		return err
	}
	steps := f.horizon
	if steps == 0 {
		steps = file.Horizon
	}
	var table bytes.Buffer
	if err := writeFuture(&table, history, steps); err != nil {
		return err
	}
	return writeTable(f.out, &table, cmd.OutOrStdout())
}

// writeFuture writes the next steps of every series with what is known of them.
func writeFuture(w io.Writer, history *series.Panel, steps int) error {
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
