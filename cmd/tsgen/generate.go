package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/plots"
)

// generateFlags are what the command line says to generate.
type generateFlags struct {
	model          string
	number, length int
	seed           uint64
	out            string
	grid, roll     string
	side           int
}

func newGenerate() *cobra.Command {
	f := &generateFlags{}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Draw new series from a fitted model",
		Long: `generate draws whole series, out of nothing, from what a model learned, and
writes them as CSV in the columns of the data. The models that can are those
that 'tsgen models' lists with generate.

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
	fl := cmd.Flags()
	fl.StringVarP(&f.model, "model", "m", "model.tsgen", "model `file`")
	fl.IntVarP(&f.number, "number", "n", 1, "number of series")
	fl.IntVar(&f.length, "length", 0, "`times` of each series (default what the model was fitted for)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the series")
	fl.StringVarP(&f.out, "output", "o", "-", "CSV `file` to write, - for standard output")
	fl.StringVar(&f.grid, "grid", "", "picture of the latent variables to write, a `file` .png, .svg or .pdf")
	fl.StringVar(&f.roll, "roll", "", "piano roll of the series to write, a `file` .png, .svg or .pdf")
	fl.IntVar(&f.side, "side", 15, "`windows` in a row and in a column of the grid")
	fl.SortFlags = false
	completeModels(cmd)
	return cmd
}

// completeModels has the shell complete --model with model files.
func completeModels(cmd *cobra.Command) {
	if err := cmd.MarkFlagFilename("model", "tsgen"); err != nil {
		panic(err) // there is no such flag
	}
}

func (f *generateFlags) run(cmd *cobra.Command) error {
	switch {
	case !inRange(f.number):
		return usagef("--number is %d, want 1 to %d", f.number, maxSteps)
	case cmd.Flags().Changed("length") && !inRange(f.length):
		return usagef("--length is %d, want 1 to %d", f.length, maxSteps)
	}
	if f.out != "-" {
		if err := checkOutput(f.out, f.model); err != nil {
			return err
		}
	}
	if f.grid != "" {
		if _, err := plots.Format(f.grid); err != nil {
			return usagef("--grid: %v", err)
		}
		if f.side < 1 || f.side > maxSide {
			return usagef("--side is %d, want 1 to %d", f.side, maxSide)
		}
		if err := checkOutput(f.grid, f.model); err != nil {
			return err
		}
	}
	if f.roll != "" {
		if _, err := plots.Format(f.roll); err != nil {
			return usagef("--roll: %v", err)
		}
		if err := checkOutput(f.roll, f.model); err != nil {
			return err
		}
	}
	_, model, err := loadModel(f.model)
	if err != nil {
		return err
	}
	g, ok := model.(forecast.Generator)
	if !ok {
		return cannot(model, forecast.Generates)
	}
	panel, err := g.Generate(cmd.Context(), forecast.GenerateOptions{Number: f.number, Length: f.length, Seed: f.seed})
	if err != nil {
		return err
	}
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
	var table bytes.Buffer
	if err := panel.WriteCSV(&table); err != nil {
		return err
	}
	return writeTable(f.out, &table, cmd.OutOrStdout())
}

// maxSide bounds the windows in a row of a grid.
const maxSide = 100

// cannot is the error of a model without an ability.
func cannot(m forecast.Model, a forecast.Ability) error {
	return fmt.Errorf("%w: %s does not %s; 'tsgen models' lists those that do", forecast.ErrMismatch, m.Name(), a)
}

// writeTable writes a table to the file, or to standard output where that is -.
func writeTable(path string, table *bytes.Buffer, stdout io.Writer) error {
	if path != "-" {
		return writeOutput(path, table.Bytes())
	}
	_, err := table.WriteTo(stdout)
	return err
}
