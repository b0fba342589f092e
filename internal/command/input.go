package command

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones where the system has none
	"unicode/utf8"

	"github.com/spf13/cobra"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/formats"
	"tsgen/series/outlier"
)

// dataFlags say how to read a file of series.
type dataFlags struct {
	id, time, delimiter string
	layout, zone        string
	step, snap          string

	duplicates, every, aggregate string
	target, known, static, na    []string
	decimal, thousands           string

	encoding string
	maxBytes int64
	maxCell  int
	maxRatio float64

	doctor doctorFlags

	cmd *cobra.Command // verb that reads a file of series, nil if it reads none
}

func (d *dataFlags) register(cmd *cobra.Command) {
	d.cmd = cmd
	f := cmd.Flags()
	f.StringVar(&d.id, "id", "", "`column` that names the series, or several, as in store,item (default detected)")
	f.StringVar(&d.time, "time", "", "`column` of time stamps, or those of its parts, as in date,hour or year,month (default detected)")
	f.StringVar(&d.layout, "time-layout", "", "`layout` of the time stamps: d/m/y, m/d/y, y/m/d, unix, unixms, unixus, unixns, excel, decimal-year, number, or as in 02/01/2006 15:04 or %d/%m/%Y (default detected)")
	f.StringVar(&d.zone, "zone", "", "`zone` of time stamps without one, and of days, such as Europe/Berlin (default that of the stamps, or UTC)")
	step := "step"
	if f.Lookup(step) != nil { // that of the origins of a backtest
		step = "time-step"
	}
	f.StringVar(&d.step, step, "", "`step` of the times, onto which all are moved, such as hour, 15 minutes, business-day, mon-sat, month, or irregular (default detected)")
	f.StringVar(&d.snap, "snap", "auto", "`whether` times off the grid of the others are moved onto it: auto (few, or all a little), never or always")
	f.StringVar(&d.duplicates, "duplicates", "error", "`what` becomes of rows of a series at the same time: error, mean, sum, first or last")
	f.StringVar(&d.every, "every", "", "`step` into which rows are brought together, such as hour or day")
	f.StringVar(&d.aggregate, "aggregate", "mean", "`how` --every brings rows together: mean, sum, first, last or count")
	f.StringSliceVar(&d.target, "target", nil, "`columns` of values, the channels (default detected)")
	f.StringSliceVar(&d.known, "known", nil, "`columns` of covariates known ahead of time, such as holidays or prices")
	f.StringSliceVar(&d.static, "static", nil, "`columns` of covariates that never change within a series, or none (default detected)")
	f.StringSliceVar(&d.na, "na", nil, "`cells` that mean a missing value, as the empty one does (default NA,N/A,#N/A,NaN,null,none)")
	f.StringVar(&d.encoding, "encoding", "", "`encoding` of the file, such as utf-16le or latin-1 (default detected)")
	f.Int64Var(&d.maxBytes, "max-bytes", 8<<30, "most `bytes` of text to read, unpacked")
	f.IntVar(&d.maxCell, "max-cell", 1<<20, "most `bytes` of a cell")
	f.Float64Var(&d.maxRatio, "max-ratio", 200, "most bytes of text that one of compressed input may stand for, a `number`")
	d.doctor.register(f)
	f.StringVar(&d.delimiter, "delimiter", "", "`character` between cells, or tab, or blanks (default detected: comma, semicolon, tab, bar or blanks)")
	f.StringVar(&d.decimal, "decimal", "", "`mark` of decimals, a point or a comma (default detected)")
	f.StringVar(&d.thousands, "thousands", "", "`mark` between thousands, which is left out: a point, a comma, an apostrophe or space (default detected)")
	completeColumns(cmd, "id", "time", "target", "known", "static")
	// What is seldom needed is told by 'tsgen help data' and 'tsgen help times', so that help is one screen.
	for _, name := range []string{"encoding", "max-bytes", "max-cell", "max-ratio", "na", "delimiter", "decimal", "thousands", "snap", "static", step, "duplicates", "every", "aggregate", "max-gap", "accept", "time-layout", "zone"} {
		if err := f.MarkHidden(name); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// options returns the read options that the flags mean.
func (d *dataFlags) options() (series.ReadOptions, error) {
	if d.cmd == nil {
		return series.ReadOptions{}, nil
	}
	opt := series.ReadOptions{ID: d.id, Time: d.time, Targets: d.target, Known: d.known, NA: d.na,
		Encoding: d.encoding, MaxBytes: d.maxBytes, MaxCell: d.maxCell, MaxRatio: d.maxRatio, Scratch: scratchOf(d.cmd.Context())}
	switch {
	case d.encoding != "" && !slices.Contains(series.Encodings(), d.encoding):
		return opt, usagef("--encoding is %q, want one of %s", d.encoding, strings.Join(series.Encodings(), ", "))
	case d.maxBytes < 0 || d.maxCell < 0 || d.maxRatio != 0 && !(d.maxRatio >= 1):
		return opt, usagef("--max-bytes, --max-cell and --max-ratio must be at least 1, or 0 for the default")
	}
	if opt.Static = d.static; slices.Equal(d.static, []string{"none"}) {
		opt.Static = []string{}
	}
	if _, err := d.doctor.options(); err != nil {
		return opt, err
	}
	opt.TimeLayout, opt.Step = d.layout, d.step
	if _, err := series.ParseStep(d.step); err != nil && d.step != "" {
		return opt, usagef("--step: %v", err)
	}
	if d.duplicates != "error" {
		opt.Duplicates = series.Aggregate(d.duplicates)
	}
	opt.Every, opt.Aggregate = d.every, series.Aggregate(d.aggregate)
	if _, err := series.ParseStep(d.every); err != nil && d.every != "" {
		return opt, usagef("--every: %v", err)
	}
	switch {
	case opt.Duplicates != "" && (opt.Duplicates == series.Count || !slices.Contains(series.Aggregates(), opt.Duplicates)):
		return opt, usagef("--duplicates is %q, want error, mean, sum, first or last", d.duplicates)
	case opt.Every == "": // --aggregate is of no rows
		opt.Aggregate = ""
	case !slices.Contains(series.Aggregates(), opt.Aggregate):
		return opt, usagef("--aggregate is %q, want mean, sum, first, last or count", d.aggregate)
	}
	switch d.snap {
	case "auto":
	case "never", "always":
		opt.Snap = series.Snap(d.snap)
	default:
		return opt, usagef("--snap is %q, want auto, never or always", d.snap)
	}
	if d.zone != "" {
		var err error
		if opt.Location, err = time.LoadLocation(d.zone); err != nil || d.zone == "Local" {
			return opt, usagef("--zone is %q, want a name of the IANA time zones such as Europe/Berlin, or UTC", d.zone)
		}
	}
	if err := d.marks(&opt); err != nil {
		return opt, err
	}
	switch d.delimiter {
	case "":
	case "tab", `\t`:
		opt.Delimiter = '\t'
	case "blanks", "blank", "space", "spaces", " ":
		opt.Delimiter = series.Blanks
	default:
		r, n := utf8.DecodeRuneInString(d.delimiter)
		if n != len(d.delimiter) || slices.Contains([]rune{'"', '\r', '\n', utf8.RuneError}, r) {
			return opt, usagef("--delimiter is %q, want one character, or the word tab or blanks", d.delimiter)
		}
		opt.Delimiter = r
	}
	return opt, nil
}

// marks sets the marks in numbers that the flags mean.
func (d *dataFlags) marks(opt *series.ReadOptions) error {
	marks := map[string]rune{"": 0, ".": '.', "point": '.', ",": ',', "comma": ',', "'": '\'', "apostrophe": '\'', " ": ' ', "space": ' ', "blank": ' '}
	var ok bool
	if opt.Decimal, ok = marks[d.decimal]; !ok || opt.Decimal != 0 && opt.Decimal != '.' && opt.Decimal != ',' {
		return usagef("--decimal is %q, want . or ,", d.decimal)
	}
	if opt.Thousands, ok = marks[d.thousands]; !ok {
		return usagef("--thousands is %q, want . or , or ' or space", d.thousands)
	}
	if opt.Thousands != 0 && opt.Thousands == opt.Decimal {
		return usagef("--thousands and --decimal are both %q", d.decimal)
	}
	return nil
}

// readPanel reads a file, or stdin where the path is "-", and notes what was
// found.
func readPanel(path string, stdin io.Reader, opt series.ReadOptions, p *progress, more ...string) (*series.Panel, error) {
	panel, _, err := readFound(path, stdin, opt, p, more...)
	return panel, err
}

// readFound does what readPanel does, and returns what was found, too.
func readFound(path string, stdin io.Reader, opt series.ReadOptions, p *progress, more ...string) (*series.Panel, *series.Sniffed, error) {
	panel, found, err := readSource(path, stdin, opt, more...)
	if err != nil {
		return nil, nil, err
	}
	if isMusic(path) {
		noteMusic(p, panel)
		return panel, found, nil
	}
	name := sourceName(path)
	p.notef("%s: %s of %s; %s", name, count(found.Rows, "observation"), count(found.Series, "series"), found)
	for _, r := range found.Remarks {
		p.notef("%s: %s", name, r)
	}
	return panel, found, nil
}

// condensed returns the panel of a file with the steps at which it has values (series.Panel.Condensed), and notes it.
func condensed(path string, panel *series.Panel, p *progress) *series.Panel {
	all, every := panel.Condensed()
	if every > 1 {
		p.notef("%s: only one row in %d has a value: those between are left out, and the steps are %s; they stay where the step is said",
			sourceName(path), every, all.Step.Describe(all.Axis.Calendar()))
	}
	return all
}

// noteOutliers notes what is found in the panel that models do not see, and returns it.
// A season of zero is the usual one.
func noteOutliers(p *progress, how forecast.Outliers, panel *series.Panel, season int) []outlier.Finding {
	_, found := how.Seen(panel, season)
	p.notes(outlier.Describe(panel, found))
	return found
}

// sourceName is what messages call an input.
func sourceName(path string) string {
	if path == "-" {
		return "stdin"
	}
	return path
}

// frugal has memory grow by a quarter, or by least if that is more, before it is collected, if there is much to
// hold, until the function that it returns is called.
func frugal(much bool) (usual func()) {
	const (
		growth = 25      // percent
		least  = 8 << 20 // bytes
	)
	if !much {
		return func() {}
	}
	was := debug.SetGCPercent(growth)
	if was < growth { // as GOGC says, or off
		debug.SetGCPercent(was)
	}
	// What is not touched takes no memory, but the collector counts it.
	ballast := make([]byte, 100/growth*least)
	return func() {
		debug.SetGCPercent(was)
		runtime.KeepAlive(ballast)
	}
}

// isLarge reports whether the file at path is large.
func isLarge(path string) bool {
	const large = 1 << 26 // bytes
	info, err := os.Stat(path)
	return err == nil && info.Size() >= large
}

// readSource reads a file, or tunes, of which more are those beside the first.
func readSource(path string, stdin io.Reader, opt series.ReadOptions, more ...string) (*series.Panel, *series.Sniffed, error) {
	defer frugal(isLarge(path))()
	if isMusic(path) {
		return readMusic(append([]string{path}, more...), opt)
	}
	if path == "-" {
		opt.Name = "stdin"
		return formats.Read(stdin, opt)
	}
	return formats.ReadFile(path, opt)
}

// count says a number of things: "1 step", "24 steps".
func count(n int, thing string) string {
	if n != 1 && thing != "series" {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
