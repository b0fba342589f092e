package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tsgen/plots"
	"tsgen/series"
	"tsgen/series/doctor"
	"tsgen/series/outlier"
	"tsgen/series/seasons"
)

// describeFlags are what the command line says to describe.
type describeFlags struct {
	data   dataFlags
	season seasonFlag
	plot   string
	json   bool

	pictures pictureFlags
}

func newDescribe() *cobra.Command {
	f := &describeFlags{}
	cmd := &cobra.Command{
		Use: "describe [FILE | TUNE.mid ...]",
		Long: `describe reads a file as fit does and says what it takes it for, before
anything is fitted: the columns and their roles, the layout and the step of the
times, gaps, seasons, what the values are like, what cannot be meant or should be
looked at, with its lines, and for what horizon fit would fit a model.

It refuses nothing that can be read; fit ends with status 3 where describe says so.`,
		Example: `  tsgen describe sales.csv --plot sales.png
  tsgen describe sales.csv --json
  tsgen describe sensors.csv --time stamp --id sensor --target temperature
  tsgen describe tunes/*.mid`,
		Args: fileOrTunes,
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	f.season.register(fl)
	fl.StringVar(&f.plot, "plot", "", "picture of the series to write, a `file` .png, .svg or .pdf")
	fl.BoolVar(&f.json, "json", false, "write one JSON document instead of text")
	f.pictures.register(cmd, bySeries, byHistory, bySize)
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// A describeJob is a command line of describe that has been checked.
type describeJob struct {
	describeFlags
	path     string
	more     []string // tunes beside the first
	stdin    io.Reader
	read     series.ReadOptions
	progress *progress
}

func (f *describeFlags) job(cmd *cobra.Command, args []string) (j *describeJob, err error) {
	j = &describeJob{describeFlags: *f, path: "-", stdin: cmd.InOrStdin()}
	if len(args) > 0 {
		j.path, j.more = args[0], args[1:]
	}
	if len(args) == 0 && isTerminal(j.stdin) {
		return nil, usagef("no FILE to read, and standard input is a terminal")
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	if j.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return nil, err
	}
	return j, j.pictures.check("plot", f.plot, j.path)
}

// A description is the JSON document of describe.
type description struct {
	File     string   `json:"file"`
	ID       string   `json:"id,omitempty"`
	Time     string   `json:"time,omitempty"`
	Channels []string `json:"columns"`
	Known    []string `json:"known,omitempty"`
	Static   []string `json:"static,omitempty"`
	LeftOut  []string `json:"notUsed,omitempty"`

	Layout  string    `json:"layout"`
	Step    string    `json:"step"`
	First   string    `json:"first"`
	Last    string    `json:"last"`
	Gaps    int       `json:"gaps"`
	Seasons []float64 `json:"seasons"`

	// LookedFor are the seasons that were looked for, in what fit does not hold out.
	LookedFor seasons.Found        `json:"lookedFor,omitempty"`
	OwnSteps  []seasons.StepReport `json:"ownSteps,omitempty"` // of series that have another step
	Horizon   int                  `json:"horizon"`            // for which fit would fit

	Remarks  []string         `json:"remarks,omitempty"`
	Findings []doctor.Finding `json:"findings,omitempty"`
	Outliers []string         `json:"outliers,omitempty"`
	series.Summary
}

// source says what is described.
func (j *describeJob) source() string {
	if n := len(j.more); n > 0 {
		return fmt.Sprintf("%s and %d more", j.path, n)
	}
	return sourceName(j.path)
}

func (j *describeJob) run(ctx context.Context, stdout io.Writer) error {
	defer frugal(isLarge(j.path))()
	panel, sniffed, err := readSource(j.path, j.stdin, j.read, j.more...)
	if err == nil {
		err = admit(boundsOf(ctx), sourceName(j.path), panel)
	}
	if err != nil {
		return err
	}
	opt, err := j.data.doctor.options()
	if err != nil {
		return err
	}
	quiet, err := newProgress("none", io.Discard)
	if err != nil {
		return err
	}
	horizon, found := j.season.settle(panel, 0, func(h int) *series.Panel { return beforeLast(panel, h, scratchOf(ctx)) }, quiet)
	d := &description{
		File: j.source(), ID: sniffed.ID, Time: sniffed.Time, Channels: sniffed.Channels, Known: sniffed.Known, Static: sniffed.Static,
		LeftOut: sniffed.LeftOut, Layout: layoutWords(panel.Axis), Step: panel.Step.Describe(panel.Axis.Calendar()),
		Gaps: sniffed.Gaps, Seasons: panel.SeasonsBeside(0), LookedFor: found.Own(), OwnSteps: found.Others(), Horizon: horizon,
		Remarks: sniffed.Remarks, Findings: doctor.Examine(panel, opt), Summary: series.Summarize(panel),
	}
	d.First, d.Last = panel.Axis.Stamp(d.Summary.First), panel.Axis.Stamp(d.Summary.Last)
	var outliers []outlier.Finding
	if !isMusic(j.path) { // a note is no outlier
		outliers = outlier.Find(panel, panel.Season())
	}
	d.Outliers = outlier.Describe(panel, outliers)
	if j.plot != "" {
		title := ""
		if j.path != "-" {
			title = filepath.Base(d.File)
		}
		figure, err := plots.History(panel, plots.HistoryOptions{
			Options: j.pictures.options(title), Marks: marks(panel, d.Findings, outliers), Meaning: "to be looked at",
		})
		if err := writePicture(j.plot, figure, err, j.progress); err != nil {
			return err
		}
	}
	if j.json {
		return writeJSON(stdout, d)
	}
	return d.show(stdout, panel, found)
}

// marks returns the values of a panel that findings are about.
func marks(p *series.Panel, found []doctor.Finding, outliers []outlier.Finding) (all []plots.Mark) {
	for _, f := range outliers {
		if f.Known {
			continue // no value of a channel
		}
		s, last := p.Series[f.Series], f.Row
		if f.Passing {
			last = f.Last
		}
		for row := f.Row; row <= last; row++ {
			all = append(all, plots.Mark{Series: f.Series, Channel: f.Channel, Time: s.Times[row], Value: s.Row(row)[f.Channel]})
		}
	}
	for _, f := range found {
		for i, s := range p.Series {
			for k, t := range s.Times {
				if !slices.Contains(f.Lines, s.Line(k)) {
					continue
				}
				for c, v := range s.Row(k) {
					if f.Channel == "" || f.Channel == p.Channels[c] {
						all = append(all, plots.Mark{Series: i, Channel: c, Time: t, Value: v})
					}
				}
			}
		}
	}
	return all
}

// layoutWords says the layout of an axis.
func layoutWords(a series.Axis) string {
	if a.Layout == series.LayoutNumber {
		return "numbers"
	}
	if unit := a.Unit(); unit != "" {
		return a.Layout + ", in " + unit
	}
	return a.Layout
}

// show writes the description as text.
func (d *description) show(w io.Writer, p *series.Panel, found seasons.Parts) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\t%s of %d series", d.File, count(d.Observations, "observation"), d.Series)
	if d.Series > 1 {
		fmt.Fprintf(t, ": the shortest has %d, the median %d, the longest %d", d.Shortest, d.Median, d.Longest)
	}
	fmt.Fprintf(t, "\ncolumns\t%s\n", d.columns())
	fmt.Fprintf(t, "times\t%s to %s, %s, written as %s\n", d.First, d.Last, d.Step, d.Layout)
	if p.Step.Regular() {
		fmt.Fprintf(t, "gaps\t%s at which steps are skipped\n", count(d.Gaps, "place"))
		words := found.Words()
		if found == nil {
			words = []string{cmp.Or(strings.Join(periodWords(p), ", "), "none")}
		}
		for i, of := range words {
			fmt.Fprintf(t, "%s\t%s\n", [2]string{"seasons", ""}[min(i, 1)], strings.Replace(of, "season: ", "", 1))
		}
	}
	fmt.Fprintf(t, "horizon\t%s, for which fit would fit unless --horizon says another\n\n", count(d.Horizon, "step"))
	fmt.Fprintln(t, "channel\tvalues\tmissing\tleast\tmedian\tmean\tmost\tnature")
	for _, c := range d.Summary.Channels {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.5g\t%.5g\t%.5g\t%.5g\t%s\n", c.Name, c.Values, c.Missing, c.Least, c.Median, c.Mean, c.Most, nature(c))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	notes := slices.Concat(d.Remarks, d.Outliers)
	for _, f := range d.Findings {
		notes = append(notes, findingWords(f))
	}
	if len(notes) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\nto be looked at:\n- %s\n", strings.Join(notes, "\n- "))
	return err
}

// columns says the roles of the columns.
func (d *description) columns() string {
	var roles []string
	if d.ID != "" {
		roles = append(roles, d.ID+" names the series")
	}
	if d.Time != "" {
		roles = append(roles, d.Time+" is the time")
	} else {
		roles = append(roles, "the rows are numbered")
	}
	for _, r := range []struct {
		names []string
		what  string
	}{{d.Channels, "values"}, {d.Known, "known ahead"}, {d.Static, "static"}, {d.LeftOut, "not used"}} {
		switch n := len(r.names); {
		case n > 12:
			roles = append(roles, fmt.Sprintf("%s: %s, ... %s (%d)", r.what, strings.Join(r.names[:5], ", "), r.names[n-1], n))
		case n > 0:
			roles = append(roles, r.what+": "+strings.Join(r.names, ", "))
		}
	}
	return strings.Join(roles, "; ")
}

// nature says what the values of a channel are like.
func nature(c series.ChannelSummary) string {
	if c.Values == 0 {
		return "no value"
	}
	var words []string
	switch {
	case c.Least == c.Most:
		words = append(words, "constant")
	case c.Whole && c.Least >= 0:
		words = append(words, "counts")
	case c.Whole:
		words = append(words, "whole numbers")
	case c.Least >= 0 && c.Most <= 1:
		words = append(words, "shares")
	case c.Least > 0:
		words = append(words, "positive")
	case c.Least == 0:
		words = append(words, "never negative")
	default:
		words = append(words, "of either sign")
	}
	if c.Zeros > 0 {
		words = append(words, fmt.Sprintf("%.3g %% zeros", 100*float64(c.Zeros)/float64(c.Values)))
	}
	if c.Explained > 0.25 {
		direction := "rising"
		if c.Trend < 0 {
			direction = "falling"
		}
		words = append(words, fmt.Sprintf("%s, a line explains %.0f %%", direction, 100*c.Explained))
	}
	return strings.Join(words, ", ")
}

// findingWords says a finding with its place and whether fit refuses it.
func findingWords(f doctor.Finding) string {
	var b strings.Builder
	if n := len(f.Lines); n > 0 {
		fmt.Fprintf(&b, "line %d", f.Lines[0])
		if n > 1 {
			fmt.Fprintf(&b, " and %d more", n-1)
		}
		b.WriteString(": ")
	}
	if f.Channel != "" {
		fmt.Fprintf(&b, "column %q: ", f.Channel)
	}
	fmt.Fprintf(&b, "%s: %s", f.Value, f)
	if f.Stop {
		b.WriteString(" (fit refuses this)")
	}
	return b.String()
}
