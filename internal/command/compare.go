package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/models/judge"
	"tsgen/plots"
	"tsgen/series"
)

// compareFlags are what the command line says to compare.
type compareFlags struct {
	data                    dataFlags
	train, plot             string
	steps, windows, repeats int
	seed                    uint64
	quick, json             bool
	pictures                pictureFlags
}

func newCompare() *cobra.Command {
	f := &compareFlags{}
	cmd := &cobra.Command{
		Use: "compare REAL SYNTHETIC",
		Long: `compare says how series that a model generated differ from real ones. Both may
come from any tool, or be two files of one's own. What is compared are windows of
the same length; of those of REAL the generator should not have seen any.

  gru, extra-trees and       |accuracy - 1/2| of classifiers told to separate real
  boosted-trees judge        windows from generated ones: 0 if nobody can, 0.5 if
                             anybody can
  predictive                 error on real windows of a network that learned from
                             generated ones
  mmd ... frechet            distances of distributions, autocorrelations,
                             correlations, spectra, and of features

Beside each stands what real windows score against others of their own: drawn at
random, as is customary, and in alternating blocks of time, which tells how much of
a score is the time and not the generator. Copies of what was trained on are looked
for: name it by --train. Columns are those that both files have.`,
		Example: `  tsgen generate -n 500 --length 24 -o synthetic.csv
  tsgen compare holdout.csv synthetic.csv --train sales.csv --plot compare.png
  tsgen compare real.csv other-tool.csv --steps 24 --json`,
		Args: cobra.ExactArgs(2),
		RunE: runJob(f.job),
	}
	fl := cmd.Flags()
	fl.StringVar(&f.train, "train", "", "`file` that the generator was fitted to")
	fl.IntVar(&f.steps, "steps", 0, "`length` of a window (default that of the shortest generated series, less a season if real ones are longer, up to 48, or less where values are missing or windows few)")
	fl.IntVar(&f.windows, "windows", 2000, "`number` of windows of a file at most")
	fl.IntVar(&f.repeats, "repeats", 2, "`trainings` of each judge")
	fl.BoolVar(&f.quick, "quick", false, "without the recurrent judges, which take most of the time")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of the judges")
	fl.StringVar(&f.plot, "plot", "", "picture of both to write, a `file` .png, .svg or .pdf")
	f.pictures.register(cmd, bySize)
	fl.BoolVar(&f.json, "json", false, "write the scores as one JSON document instead of a table")
	f.data.register(cmd)
	fl.SortFlags = false
	return cmd
}

// A compareJob is a command line of compare that has been checked.
type compareJob struct {
	compareFlags
	files    []string // real, synthetic and, if it is known, what was trained on
	read     series.ReadOptions
	progress *progress
}

func (f *compareFlags) job(cmd *cobra.Command, args []string) (j *compareJob, err error) {
	j = &compareJob{compareFlags: *f, files: args}
	if f.train != "" {
		j.files = append(slices.Clone(args), f.train)
	}
	switch {
	case slices.Contains(j.files, "-"):
		return nil, usagef("compare reads files, not standard input")
	case f.steps < 0 || f.steps > maxSteps:
		return nil, usagef("--steps is %d, want 0 to %d", f.steps, maxSteps)
	case f.windows < 1 || f.windows > maxSamples:
		return nil, usagef("--windows is %d, want 1 to %d", f.windows, maxSamples)
	case f.repeats < 1 || f.repeats > maxRepeats:
		return nil, usagef("--repeats is %d, want 1 to %d", f.repeats, maxRepeats)
	}
	if j.read, err = f.data.options(); err != nil {
		return nil, err
	}
	j.read.MinRows = 1
	if j.progress, err = newProgress("none", noteWriter(cmd)); err != nil {
		return nil, err
	}
	return j, j.pictures.check("plot", f.plot, j.files...)
}

// maxRepeats bounds the trainings of a judge.
const maxRepeats = 100

func (j *compareJob) run(ctx context.Context, stdout io.Writer) error {
	panels := make([]*series.Panel, len(j.files))
	for i, path := range j.files {
		opt := j.read
		if i > 0 {
			opt.Targets = panels[0].Channels
		}
		var err error
		if panels[i], err = readPanel(path, nil, opt, j.progress); err != nil {
			return err
		}
		if !slices.Equal(panels[i].Channels, panels[0].Channels) {
			return fmt.Errorf("%w: %s has the columns %v, %s has %v; name those to compare with --target",
				forecast.ErrMismatch, j.files[0], panels[0].Channels, path, panels[i].Channels)
		}
	}
	steps := j.steps
	if steps == 0 {
		steps = usualWindow(panels[:2])
	}
	samples, err := j.cut(panels, steps)
	enough := judge.LeastWindows
	if lacksValues(panels[0]) {
		enough = fewWindows // short windows may have all values
	}
	for j.steps == 0 && steps > 2 && (err != nil || len(samples[0].Windows) < enough || len(samples[1].Windows) < judge.LeastWindows) {
		steps /= 2
		samples, err = j.cut(panels, steps)
	}
	if err != nil {
		return err
	}
	j.progress.notef("windows of %s: %d of %s, %d of %s", count(steps, "step"),
		len(samples[0].Windows), sourceName(j.files[0]), len(samples[1].Windows), sourceName(j.files[1]))
	if n := min(len(samples[0].Windows), len(samples[1].Windows)); n < fewWindows {
		j.progress.notef("judges learn from %s of each: few, so a low score says little; more series (generate -n) or shorter windows (--steps) say more", count(n, "window"))
	}
	report, err := judge.Compare(ctx, samples[0], samples[1], judge.Options{Train: samples[2], Repeats: j.repeats, Quick: j.quick, Seed: j.seed})
	if err != nil {
		return err
	}
	if j.plot != "" {
		figure, err := plots.Comparison(samples[0], samples[1], panels[0].Channels,
			j.pictures.options(filepath.Base(j.files[0])+" and "+filepath.Base(j.files[1])))
		if err := writePicture(j.plot, figure, err, j.progress); err != nil {
			return err
		}
	}
	if j.json {
		return writeJSON(stdout, report)
	}
	if j.train != "" && report.Trained == 0 {
		j.progress.notef("nearly all windows of %s were trained on: copies are looked for by their form, from blocks of time to others", sourceName(j.files[0]))
	}
	return showComparison(stdout, report)
}

// cut returns the windows of the real series, of the generated ones, and of those trained on or nil.
func (j *compareJob) cut(panels []*series.Panel, steps int) ([]*judge.Sample, error) {
	samples := make([]*judge.Sample, 3)
	for i, p := range panels {
		var err error
		if samples[i], err = judge.Cut(p, steps, j.windows); err != nil {
			return nil, fmt.Errorf("%s: %w; choose the length of windows with --steps", j.files[i], err)
		}
	}
	return samples, nil
}

// lacksValues reports whether values of series are missing at their times.
func lacksValues(p *series.Panel) bool {
	return slices.ContainsFunc(p.Series, func(s *series.Series) bool { return slices.ContainsFunc(s.Values, math.IsNaN) })
}

// fewWindows is the number of windows below which trees, whose leaves hold 20, hardly tell
// what they are shown apart.
const fewWindows = 100

// longestWindow bounds the windows that are compared unless longer ones are asked for.
const longestWindow = 48

// usualWindow returns the length that three quarters of the generated series have, or that of the median real
// one where that is less. Generated series may all begin at one step of the season, which tells them from windows of
// longer real ones: windows that leave room for a season begin at all its steps.
func usualWindow(panels []*series.Panel) int {
	lengths := func(p *series.Panel) []int {
		var n []int
		for _, s := range p.Series {
			n = append(n, s.Len())
		}
		slices.Sort(n)
		return n
	}
	real, generated, season := lengths(panels[0]), lengths(panels[1]), panels[0].Season()
	median, short := real[len(real)/2], generated[len(generated)/4]
	steps := max(1, min(longestWindow, short, median))
	if room := short - season + 1; median > short && room >= season {
		return min(steps, room)
	}
	return steps
}

// showComparison writes the scores as a table.
func showComparison(w io.Writer, r *judge.Report) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	number := func(x *float64) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%.3f", *x)
	}
	fmt.Fprintln(t, "score\tgenerated\treal, in blocks\treal, at random\t")
	for _, s := range r.Scores {
		fmt.Fprintf(t, "%s\t%.3f\t%s\t%s\t\n", s.Name, s.Synthetic, number(s.Blocked), number(s.Random))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(&b, "Less is better; a judge's score is 0 where nobody can tell, 0.5 where anybody can.")
	c := r.Copying
	fmt.Fprintf(&b, "nearest neighbours: %.2f times as far as those of new real windows", c.Ratio)
	if r.Trained > 0 {
		fmt.Fprintf(&b, "; %.0f %% are nearer to the training series than to new ones (%+.1f standard errors from a half)", 100*c.Nearer, c.Z)
	}
	if fmt.Fprintln(&b); c.Copies {
		fmt.Fprintln(&b, "These look like copies.")
	}
	_, err := w.Write(b.Bytes())
	return err
}
