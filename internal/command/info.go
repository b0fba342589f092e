package command

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tsgen/models"
	"tsgen/models/modelfile"
)

func newInfo() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "info [MODEL]",
		Long: `info reads a model file (model.tsgen if none is named) and says what is in it: the
kind of the model, the series that it was fitted to, the options of the fit, the scores
of its examination, and whether a training can go on.

It verifies the file: the digest over all its bytes, the names, shapes and bounds of what
is stored, and a short forecast of the history. A file that fails has status 4. Files of
format 1 have no digest over their header; save one anew by fitting again.`,
		Example: `  tsgen info
  tsgen info sales.tsgen
  tsgen info sales.tsgen --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "model.tsgen"
			if len(args) > 0 {
				path = args[0]
			}
			file, _, err := loadModel(cmd.Context(), path)
			if err != nil {
				return err
			}
			r := newFileReport(file)
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), r)
			}
			return r.write(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON instead of text")
	return cmd
}

// A fileReport is what info says of a model file.
type fileReport struct {
	Kind         string   `json:"kind"`
	About        string   `json:"about"`
	Format       int      `json:"format"`
	Version      string   `json:"version"`
	Verified     []string `json:"verified"`
	Options      string   `json:"options,omitempty"`
	Parameters   int      `json:"parameters"` // numbers that were learned, and are stored as arrays
	Seed         uint64   `json:"seed"`
	Season       int      `json:"season"`
	Horizon      int      `json:"horizon"`
	Fingerprint  string   `json:"fingerprint"`
	Channels     []string `json:"channels"`
	Known        []string `json:"known_ahead,omitempty"`
	Static       []string `json:"static,omitempty"` // covariates that never change within a series
	Series       int      `json:"series"`
	Observations int      `json:"observations"`
	Step         string   `json:"step"`
	Every        string   `json:"every,omitempty"`     // step into which rows were brought together
	Aggregate    string   `json:"aggregate,omitempty"` // by what
	First        string   `json:"first"`
	Last         string   `json:"last"`
	Calibrated   bool     `json:"calibrated"`
	Training     string   `json:"training,omitempty"` // the phase that was interrupted
	Examined     []string `json:"examined,omitempty"` // models with scores
}

// longestOptions is the length up to which options are said in words.
const longestOptions = 400

func newFileReport(f *modelfile.File) fileReport {
	p := f.History
	r := fileReport{
		Kind: f.Kind, Format: f.Format, Version: f.Version, Seed: f.Seed, Season: f.Season, Horizon: f.Horizon,
		Fingerprint: f.Fingerprint, Channels: p.Channels, Known: p.Known[len(p.Static):], Static: p.Static, Series: len(p.Series),
		Step: p.Step.Describe(p.Axis.Calendar()), Every: p.Every, Aggregate: string(p.Aggregate),
		Calibrated: f.Calibration != nil, Verified: []string{"names, shapes and bounds"},
	}
	if k, err := models.Lookup(f.Kind); err == nil {
		r.About = k.About
	}
	if f.Format >= 2 {
		r.Verified = append([]string{"digest of the whole file"}, r.Verified...)
	} else {
		r.Verified = append(r.Verified, "sum of the data alone, as format 1 has it")
	}
	if len(f.Options) <= longestOptions {
		r.Options = string(f.Options)
	}
	for _, t := range f.Tensors {
		r.Parameters += len(t.Data)
	}
	if r.Parameters > 0 {
		r.Verified = append(r.Verified, "a forecast of the history")
	}
	first, last := p.Series[0].Times[0], p.Series[0].Times[0]
	for _, s := range p.Series {
		r.Observations += s.Observed()
		first, last = min(first, s.Times[0]), max(last, s.Times[s.Len()-1])
	}
	r.First, r.Last = p.Axis.Stamp(first), p.Axis.Stamp(last)
	if f.Training != nil {
		r.Training = f.Training.Phase
	}
	for _, s := range f.Scores {
		r.Examined = append(r.Examined, s.Model)
	}
	return r
}

// write writes the report as text.
func (r fileReport) write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	say("model", r.Kind)
	say("format", fmt.Sprintf("%d, written by tsgen %s", r.Format, r.Version))
	say("verified", strings.Join(r.Verified, "; "))
	say("options", r.Options)
	say("parameters", fmt.Sprint(r.Parameters))
	say("fit", fmt.Sprintf("horizon %d, season %d, seed %d", r.Horizon, r.Season, r.Seed))
	say("series", fmt.Sprintf("%d of %s: %d observations, step %s, %s to %s",
		r.Series, strings.Join(r.Channels, ", "), r.Observations, r.Step, r.First, r.Last))
	if r.Every != "" {
		say("rows", fmt.Sprintf("brought together every %s by their %s, as new ones are", r.Every, r.Aggregate))
	}
	say("known ahead", strings.Join(r.Known, ", "))
	say("static", strings.Join(r.Static, ", "))
	say("fingerprint", r.Fingerprint)
	say("examined", strings.Join(r.Examined, ", "))
	if r.Calibrated {
		say("intervals", "calibrated")
	}
	if r.Training != "" {
		say("training", "interrupted in its "+r.Training+"; to go on: tsgen fit --resume")
	}
	return w.Flush()
}
