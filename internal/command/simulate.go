package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tsgen/series"
	"tsgen/series/simulate"
)

// simulateFlags are what the command line says to simulate.
type simulateFlags struct {
	output
	number, length int
	kinds          []string
	step           string
	season         seasonFlag
	missing        float64
	parts, rows    bool
	seed           uint64
}

// simulatedSteps are the steps of what is simulated, by their names.
func simulatedSteps() map[string]series.Step {
	return map[string]series.Step{
		"none": {}, "year": {Months: 12}, "quarter": {Months: 3}, "month": {Months: 1},
		"week": {Width: 7 * 86400}, "day": {Width: 86400}, "hour": {Width: 3600},
	}
}

func newSimulate() *cobra.Command {
	f := &simulateFlags{}
	names, about := simulate.Kinds()
	var kinds strings.Builder
	for i, name := range names {
		fmt.Fprintf(&kinds, "  %-11s %s\n", name, about[i])
	}
	cmd := &cobra.Command{
		Use: "simulate",
		Long: `simulate makes series, without any data or model, of kinds that are known, and
writes them: to try things on, and what the model zeroshot learned from.
The name of a series says its kind. Series k of a seed is the same however many
are made. The kinds are

` + kinds.String() + `
--parts adds the columns level and season, of kinds that are made of such parts;
the rest of y is noise.`,
		Example: `  tsgen simulate -n 100 --length 200 > series.csv
  tsgen simulate -n 20 --length 1000 --step hour --season 24,168 --missing 0.05 -o hours.csv
  tsgen simulate -n 10 --length 120 --kinds structural,smoothing --parts -o parts.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	fl := cmd.Flags()
	fl.IntVarP(&f.number, "number", "n", 1, "number of series")
	fl.IntVar(&f.length, "length", 100, "`steps` of each series")
	fl.StringSliceVar(&f.kinds, "kinds", nil, "`kinds` of series (default all)")
	fl.StringVar(&f.step, "step", "month", "`step` of the times: "+strings.Join(slices.Sorted(maps.Keys(simulatedSteps())), ", "))
	fl.Var(&f.season, "season", "`steps` in a season, or in two (24,168), or none (default the usual one of the step)")
	fl.Float64Var(&f.missing, "missing", 0, "`share` of the values that are missing")
	fl.BoolVar(&f.parts, "parts", false, "write the level and the season too")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the series")
	f.registerTable(cmd, "-", "`file` to write, such as f.csv, f.parquet, f.arrow or f.jsonl, - for standard output")
	registerRows(cmd, &f.rows)
	fl.SortFlags = false
	return cmd
}

func (f *simulateFlags) run(cmd *cobra.Command) error {
	if err := checkSteps(cmd.Flags(), "number", "length"); err != nil {
		return err
	}
	step, ok := simulatedSteps()[f.step]
	if !ok {
		return usagef("--step is %q, want one of %s", f.step, strings.Join(slices.Sorted(maps.Keys(simulatedSteps())), ", "))
	}
	if !(f.missing >= 0 && f.missing < 1) {
		return usagef("--missing is %v, want from 0 to less than 1", f.missing)
	}
	if len(f.season.periods) > 2 {
		return usagef("--season is %s, want two seasons at most", f.season.text)
	}
	maker, err := simulate.NewMaker(f.kinds...)
	if err != nil {
		return usagef("--kinds: %v", err)
	}
	f.document = f.rows
	if err := f.settle(); err != nil {
		return err
	}
	if f.out != "-" {
		if err := checkOutput(f.out); err != nil {
			return err
		}
	}
	p, err := maker.Panel(simulate.PanelOptions{
		Number: f.number, Length: f.length, Step: step, Seasons: f.season.periods, Missing: f.missing, Parts: f.parts, Seed: f.seed,
	})
	if err != nil {
		return err
	}
	table := p.WriteCSV
	if f.rows {
		table = asRows(p, table)
	}
	return f.writeTable(cmd.OutOrStdout(), p, table)
}
