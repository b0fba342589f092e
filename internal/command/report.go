package command

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tsgen/forecast"
	"tsgen/internal/atomicfile"
	"tsgen/models/modelfile"
	"tsgen/plots/document"
	"tsgen/series"
)

// reportFlags are what the command line says to report.
type reportFlags struct {
	query
	pictures pictureFlags
	title    string
	horizon  int
	windows  int
	quick    bool
	json     bool
	command  string
}

func newReport() *cobra.Command {
	f := &reportFlags{}
	cmd := &cobra.Command{
		Use: "report MODEL [FILE]",
		Long: `report writes one HTML file that needs nothing beside it, to be read, printed and sent:
how the data are understood, the scores of the models that were compared, the forecast
with its history, what the series are made of, how far the intervals can be trusted on
the past, what the one-step forecasts leave, anomalies, and how all was made: the
command, versions and digests.

It is about the series that the model was fitted to, or those of FILE.`,
		Example: `  tsgen report model.tsgen -o report.html
  tsgen report sales.tsgen november.csv --series north,south -o november.html
  tsgen report sales.tsgen --horizon 12 --title "Sales, all stores" -o sales.html`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.model, f.command = args[0], commandLine(cmd, args)
			return f.run(cmd, args[1:])
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "output", "o", "report.html", "HTML `file` to write, - for standard output")
	fl.StringVar(&f.title, "title", "", "`title` of the report (default what it is about)")
	fl.IntVar(&f.horizon, "horizon", 0, "`steps` to forecast (default the horizon of the fit)")
	fl.IntVar(&f.windows, "windows", 5, "`moments` of the past from which the calibration is looked at")
	fl.BoolVar(&f.quick, "quick", false, "leave out what takes long: calibration, residuals and anomalies")
	fl.BoolVar(&f.json, "json", false, "say as one JSON document what was written")
	f.pictures.register(cmd, bySeries, byHistory)
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// commandLine returns the command line of a verb as a shell takes it.
func commandLine(cmd *cobra.Command, args []string) string {
	words := []string{cmd.CommandPath()}
	for _, a := range args {
		words = append(words, quoted(a))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" && f.Value.String() == "true" {
			words = append(words, "--"+f.Name)
			return
		}
		words = append(words, "--"+f.Name+"="+quoted(strings.Trim(f.Value.String(), "[]")))
	})
	return strings.Join(words, " ")
}

// quoted returns a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:=+@%", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func (f *reportFlags) run(cmd *cobra.Command, args []string) error {
	if err := checkSteps(cmd.Flags(), "horizon", "windows"); err != nil {
		return err
	}
	f.noTable = true
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if err := f.pictures.measure(); err != nil {
		return err
	}
	file, model, err := heldModel(cmd.Context(), f.model)
	if err != nil {
		return err
	}
	history, err := f.history(file.History)
	if err != nil {
		return err
	}
	j := &reportJob{reportFlags: f, file: file, fitted: model, panel: history, horizon: cmp.Or(f.horizon, file.Horizon)}
	var bounds boundFlags
	if j.domains, err = bounds.ofFile(cmp.Or(f.path, f.model), history, file); err != nil {
		return err
	}
	page, err := j.document(cmd.Context())
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return page.Write(w) }
	if f.out == "-" {
		if f.json {
			return usagef("--json and the report cannot both go to standard output; name a file with --output")
		}
		return write(cmd.OutOrStdout())
	}
	if err := atomicfile.Write(f.out, write); err != nil {
		return err
	}
	f.progress.notef("wrote %s", f.out)
	if f.json {
		return writeJSON(cmd.OutOrStdout(), map[string]string{"report": f.out})
	}
	return nil
}

// A reportJob is a report under way.
type reportJob struct {
	*reportFlags
	file    *modelfile.File
	fitted  forecast.Model
	panel   *series.Panel
	domains []forecast.Domain
	horizon int
	made    *forecast.Forecast
}

// document returns the report. A part that the model or the data do not allow says why.
func (j *reportJob) document(ctx context.Context) (*document.Report, error) {
	name := cmp.Or(j.path, j.model)
	r := &document.Report{
		Title:    cmp.Or(j.title, fmt.Sprintf("%s: forecast by %s", filepath.Base(name), j.file.Kind)),
		Subtitle: fmt.Sprintf("%s, %s ahead", count(len(j.panel.Series), "series"), count(j.horizon, "step")),
	}
	parts := []func(context.Context) (document.Section, error){j.data, j.forecast, j.scores, j.components}
	if !j.quick {
		parts = append(parts, j.calibration, j.residuals)
	}
	for _, part := range parts {
		section, err := part(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			if section.Title == "" {
				return nil, err
			}
			section.Text = append(section.Text, "Left out: "+err.Error())
		}
		r.Sections = append(r.Sections, section)
	}
	var err error
	r.Colophon, err = j.colophon()
	return r, err
}

// colophon says how the report was made.
func (j *reportJob) colophon() ([]document.Fact, error) {
	facts := []document.Fact{
		{Name: "command", Value: j.command},
		{Name: "tsgen", Value: fmt.Sprintf("%s, %s, %s/%s", release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)},
		{Name: "model", Value: fmt.Sprintf("%s, format %d, written by tsgen %s, seed %d", j.file.Kind, j.file.Format, j.file.Version, j.file.Seed)},
	}
	for _, path := range []string{j.model, j.path} {
		if path == "" || path == "-" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		facts = append(facts, document.Fact{Name: "SHA-256 of " + filepath.Base(path), Value: hex.EncodeToString(sum[:])})
	}
	return append(facts,
		document.Fact{Name: "fingerprint of the series fitted to", Value: j.file.Fingerprint},
		document.Fact{Name: "fingerprint of the series shown", Value: j.panel.Fingerprint()},
	), nil
}

// shown returns the series that the longer parts are about: those that are named, or the first.
func (j *reportJob) shown() (*series.Panel, error) {
	const most = 3
	if j.pictures.series == nil {
		return j.panel.With(j.panel.Series[:min(most, len(j.panel.Series))]), nil
	}
	var some []*series.Series
	for _, name := range j.pictures.series {
		at := slices.IndexFunc(j.panel.Series, func(s *series.Series) bool { return s.ID == name })
		if at < 0 {
			return nil, usagef("--series: there is no series %q", name)
		}
		some = append(some, j.panel.Series[at])
	}
	return j.panel.With(some), nil
}
