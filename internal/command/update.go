package command

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// updateFlags are what the command line says to update.
type updateFlags struct {
	query
	json bool
}

func newUpdate() *cobra.Command {
	f := &updateFlags{}
	cmd := &cobra.Command{
		Use: "update MODEL FILE",
		Long: `update adds the rows of FILE (- for standard input) to the series of a model file:
only the new ones, be it a single row, or all of them, read as those of the model were. What the model learned stays as it is; a closed form
goes on from its parameters with the new values, and estimates only series that are new,
or whose old values are other than before. forecast then continues the series from their
new ends. The model file is replaced, whole or not at all, or --output names another.

To learn from the new rows as well, fit again: what is trained may begin with the weights
that are there (fit --from).`,
		Example: `  tsgen update sales.tsgen november.csv && tsgen forecast --model sales.tsgen
  tsgen update sales.tsgen all.csv -o sales-november.tsgen
  curl -s https://example.org/sales.csv | tsgen update sales.tsgen -`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.model = args[0]
			f.out = cmp.Or(f.out, f.model)
			return f.run(cmd, args[1])
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "output", "o", "", "model `file` to write (default MODEL)")
	fl.BoolVar(&f.json, "json", false, "say what has changed as one JSON document")
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// An updateReport is the JSON document of update.
type updateReport struct {
	File   string `json:"file"`
	Rows   int    `json:"newRows"`
	Series int    `json:"newSeries"`
	Values int    `json:"changedValues"`
}

func (f *updateFlags) run(cmd *cobra.Command, path string) (err error) {
	f.path, f.stdin = path, cmd.InOrStdin()
	if f.out == "-" {
		return usagef("--output is -, but a model cannot go to standard output; name a file")
	}
	if f.read, err = f.data.options(); err != nil {
		return err
	}
	if f.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return err
	}
	if err := checkOutput(f.out, path); err != nil {
		return err
	}
	file, model, err := loadModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	if file.Training != nil {
		return fmt.Errorf("%w: the training of %s has not come to its end; go on with it first: tsgen fit --resume %s", forecast.ErrMismatch, f.model, f.model)
	}
	f.update = true
	rows, err := f.history(file.History)
	if err != nil {
		return err
	}
	updated, changes, err := file.History.Updated(rows)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", path, forecast.ErrMismatch, err)
	}
	file.History, file.Fingerprint, file.Version = updated, updated.Fingerprint(), release()
	noteOutliers(f.progress, file.Outliers, updated, file.Season)
	kept, err := models.Keep(cmd.Context(), model, updated, forecast.FitOptions{
		Horizon: file.Horizon, Season: file.Season, Outliers: file.Outliers, Seed: file.Seed,
	})
	if err != nil {
		return err
	}
	state, err := models.State(kept)
	if err != nil {
		return err
	}
	file.State = *state
	if err := modelfile.Save(f.out, file); err != nil {
		return err
	}
	if rows.Every != "" && changes.Values > 0 {
		is := "is replaced by that"
		if changes.Values > 1 {
			is = "are replaced by those"
		}
		f.progress.notef("%s: of the steps that the model had, %s %s of the new rows alone, without the rows of before; give all rows of these steps", path, count(changes.Values, "value"), is)
	}
	if f.json {
		return writeJSON(cmd.OutOrStdout(), updateReport{f.out, changes.Rows, changes.Series, changes.Values})
	}
	f.progress.notef("wrote %s: %s, %s more, %s changed", f.out, count(changes.Rows, "new row"), count(changes.Series, "series"), count(changes.Values, "value"))
	return nil
}

// goesOn returns an error if the rows, which may be numbered for want of times, cannot be told to be of the
// series of the model.
func goesOn(name string, fitted, rows *series.Panel, numbered bool) error {
	what := ""
	switch {
	case fitted.IDColumn != "" && rows.IDColumn == "":
		what = fmt.Sprintf("there is no column %q, which names the series of the model; --id names another that does", fitted.IDColumn)
	case fitted.IDColumn == "" && rows.IDColumn != "":
		what = fmt.Sprintf("%q names series here, but the series of the model has no name; give a file of its rows alone", rows.IDColumn)
	case numbered && longest(rows) < longest(fitted):
		what = fmt.Sprintf("the rows have no times, and are fewer than the %d of the model: give all of them, the new ones at the end", longest(fitted))
	default:
		return nil
	}
	return fmt.Errorf("%s: %w: %s", name, forecast.ErrMismatch, what)
}

// longest returns the number of rows of the longest series.
func longest(p *series.Panel) int {
	n := 0
	for _, s := range p.Series {
		n = max(n, s.Len())
	}
	return n
}
