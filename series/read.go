package series

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"tsgen/internal/scratch"
	"tsgen/internal/textinput"
	"tsgen/series/internal/delimited"
)

// ReadOptions say how to read a table of series. The zero value finds
// everything out from the data.
type ReadOptions struct {
	// Name names the input in errors, as a file's path does.
	Name string

	// ID, Time and Targets name the columns of identifiers, of time stamps and
	// of values. Empty ones are found by their names and contents. ID may name
	// several columns with commas between, whose cells together name a series;
	// Time those of the parts of a time, the largest first: "date,hour",
	// "year,month".
	ID, Time string
	Targets  []string

	// TimeLayout is the layout of the time stamps: "d/m/y", "m/d/y" or "y/m/d" for
	// the order in dates of three numbers whatever stands between, "number",
	// another layout of Axis, or one of strftime such as "%d/%m/%Y". Empty means
	// that it is found.
	TimeLayout string

	// Location is the zone of stamps that have none, and the one whose clock days
	// and months follow. Nil means that of the stamps, or else UTC.
	Location *time.Location

	// Known names columns of covariates that are known ahead of time. Each row
	// must have a value of them. The last rows of a series that have no value of
	// any channel are then no observations, but what is known of the future. True
	// and false, yes and no count as 1 and 0. A column of other texts becomes a
	// covariate for each of them, named as in weather=rain, that is 1 where the column
	// has it and else 0; such names may stand here, too, and then there are no other
	// texts.
	Known []string

	// Static names columns of covariates that never change within a series, such as the
	// region of a shop; texts become levels as those of Known do. Nil means that they are
	// found, an empty slice that there are none.
	Static []string

	// NA lists the cells that mean a missing value, without regard to case,
	// beside the empty cell. Nil means NA, N/A, #N/A, NaN, null and none.
	NA []string

	// Delimiter separates the cells of CSV text, or is Blanks. Zero means the one of
	// comma, semicolon, tab, bar and runs of blanks that cuts most rows alike.
	Delimiter rune

	// Decimal is the mark before the decimals of numbers, a point or a comma, and
	// Thousands the one between thousands, which is left out. Zeros mean what each
	// column shows: 1.234,5 has a decimal comma. Columns in which every mark stands
	// before three digits, such as 995; 1.000, may be an error that asks for these.
	Decimal, Thousands rune

	// Encoding is that of the text: utf-8, utf-16le, latin-1, windows-1252 or another of those that
	// an error lists. Empty means what a byte order mark says, else UTF-8, or
	// Windows-1252 if the text is evidently no UTF-8.
	Encoding string

	// MaxBytes is the number of bytes that the text may have, unpacked, MaxCell that of one
	// cell, and MaxRatio the number of bytes of text that one of compressed input may stand
	// for. Zeros mean 8 GiB, 1 MiB and 200.
	MaxBytes int64
	MaxCell  int
	MaxRatio float64

	// Axis, if not nil, is the axis on which the time stamps must lie: that of
	// a panel which this one continues or is compared with, or one with a
	// layout of package time that is not found out, such as "02/01/2006".
	// Stamps without a zone are then taken in the zone of the axis.
	Axis *Axis

	// Like, if not nil, is the panel that this one goes on with, of which the table may have but a few
	// rows: columns that nothing here names are found as in that panel where the table has them, and Axis
	// is that of the panel. Channels may have no value, and series no cell of a static covariate that the
	// panel knows of them. Steps are those of the panel where few rows lie on them, and rows are brought
	// together as those of the panel were. A single row is enough, and none if no row has a value.
	Like *Panel

	// Duplicates says what becomes of rows of a series that have the same time.
	// Empty means that they are an error.
	Duplicates Aggregate

	// Every brings the rows of a series together into steps, in words as ParseStep
	// takes them, by Aggregate: their mean if that is empty. Sums and counts are
	// zero in steps without rows, others missing. Known covariates cannot be
	// brought together.
	Every     string
	Aggregate Aggregate

	// Step is the step of the times in words, as ParseStep takes them, onto which
	// all stamps are moved. Empty means that it is found.
	Step string

	// Snap says whether stamps that lie off the grid of the others are moved onto
	// it.
	Snap Snap

	// Past lets the times that ReadFuture reads lie within the series, too.
	Past bool

	// EmptyEnd keeps the rows at the end in which no series has a value. They are taken as still to come
	// without it, and left out.
	EmptyEnd bool

	// Scratch, if not nil, is where times, values and cells of large tables are held, so that no more
	// of them need be in memory than are looked at. The series must not be used once it is closed.
	Scratch *Scratch

	// MinRows is the number of rows that at least one of the series must have.
	// Zero means 2, the fewest from which a step can be found, or with Like none.
	MinRows int
}

// A Scratch is a temporary file for numbers, mapped into memory, which is made once there are many. It
// may be used concurrently, and must be closed.
type Scratch = scratch.Store

// NewScratch returns a Scratch whose file is made in a directory. The file is gone when it is closed or
// the program ends. Where files cannot be mapped, which is elsewhere than on Linux and macOS, it is
// nil, and numbers are held in memory.
func NewScratch(dir string) *Scratch { return scratch.New(dir, scratch.Memory) }

// Blanks is the delimiter of cells that stand apart by runs of spaces and tabs.
const Blanks = delimited.Blanks

// Encodings returns the names of the encodings that ReadOptions may ask for.
func Encodings() []string { return textinput.Encodings() }

// Open opens the file at path, "-" for the standard input, and names it in o if it has no
// name yet.
func (o *ReadOptions) Open(path string) (io.ReadCloser, error) {
	if path == "-" {
		o.Name = cmp.Or(o.Name, "stdin")
		return io.NopCloser(os.Stdin), nil
	}
	o.Name = cmp.Or(o.Name, path)
	return os.Open(path)
}

// ReadFile reads the CSV file at path as ReadCSV does; "-" is the standard
// input. Compressed files are recognised by their content, not their name.
func ReadFile(path string, opt ReadOptions) (*Panel, *Sniffed, error) {
	f, err := opt.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return ReadCSV(f, opt)
}

// ReadCSV reads series from CSV text with a header, plain or compressed by gzip, zstd or
// bzip2: either long, with a column of identifiers, or one series
// with a column for each channel. The package documentation says how the
// columns, the layout of the time stamps and the step are found; the second
// result tells what was found.
//
// Rows may come in any order. Errors in the data are a *ParseError.
func ReadCSV(r io.Reader, opt ReadOptions) (*Panel, *Sniffed, error) {
	t, err := readTable(r, &opt)
	if err != nil {
		return nil, nil, err
	}
	return t.panel(&opt)
}

// panel makes series of a table.
func (t *table) panel(opt *ReadOptions) (*Panel, *Sniffed, error) {
	t.room = opt.Scratch // of rows that did not come as text, too
	na := absent(opt.NA)
	t.spreadVariables(opt)
	opt = t.likeFitted(opt)
	t.plainNumbers(opt, na)
	r, err := t.assign(opt)
	if err != nil {
		return nil, nil, err
	}
	s := &Sniffed{Delimiter: t.delimiter, Remarks: t.remarks}
	groups, err := t.group(r.id)
	if err != nil {
		return nil, nil, err
	}
	static, err := t.static(r, groups, opt, na)
	if err != nil {
		return nil, nil, err
	}
	if len(opt.Targets) == 0 {
		s.Remarks = append(s.Remarks, t.leaveScarce(r, na)...)
	}
	p, err := t.head(r, opt, s)
	if err != nil {
		return nil, nil, err
	}
	values, err := t.valuesOf(r.targets, na, opt.Like != nil)
	if err != nil {
		return nil, nil, err
	}
	known, err := t.knownOf(r.known, na)
	if err != nil {
		return nil, nil, err
	}
	unsorted, err := t.inOrder(groups, r, opt.Duplicates != "" || opt.Every != "")
	if err != nil {
		return nil, nil, err
	}
	filled := t.filled(r, na)
	t.keep(r)
	longest := 0
	p.Series = make([]*Series, len(groups))
	for i := range groups {
		x := t.oneSeries(&groups[i], r, values, known)
		if static.once && len(known) == 0 {
			x = x.begun()
		}
		s.Rows += x.Len()
		longest = max(longest, x.Len())
		if p.Series[i] = x; (i+1)%Settled == 0 {
			p.With(p.Series[i+1-Settled : i+1]).Settle(t.room)
		}
	}
	if err := t.room.Err(); err != nil {
		return nil, nil, err
	}
	if n := t.room.Filed(); n > 0 {
		s.Remarks = append(s.Remarks, fmt.Sprintf("the series are held in a temporary file of %d MB in %s", n>>20, t.room.Dir()))
	}
	if said := static.remark(t); said != "" {
		s.Remarks = append(s.Remarks, said)
	}
	if i := slices.IndexFunc(p.Series, func(x *Series) bool { return isFormula(x.ID) }); i >= 0 {
		s.Remarks = append(s.Remarks, fmt.Sprintf("a spreadsheet runs identifiers such as %q as formulas; they are written as they came, so that they still name their series", p.Series[i].ID))
	}
	if len(known) > 0 {
		s.Rows -= p.endWithOthers()
	}
	if n := p.dropEmptyLike(opt.Like); n > 0 {
		s.Rows, longest = s.Rows-n, 0
		s.Remarks = append(s.Remarks, "no row has a value: all are taken as still to come")
	} else if opt.EmptyEnd {
		// All that is in the table is asked for.
	} else if n := p.dropStillToCome(); n > 0 {
		s.Rows -= n * len(p.Series)
		s.Remarks = append(s.Remarks, "no series has a value in its last "+strings.TrimPrefix(count(n, "row"), "1 ")+", taken as still to come"+filled)
	} else if hint := p.hintStillToCome(); hint != "" {
		s.Remarks = append(s.Remarks, hint)
	}
	for _, x := range p.Series {
		s.Missing += len(x.Values) - x.Observed()
	}
	need := cmp.Or(opt.MinRows, 2)
	if opt.Like != nil {
		need = opt.MinRows
	}
	if longest < need {
		several := ""
		if len(groups) > 1 {
			several = fmt.Sprintf(" of %d that %q names", len(groups), t.names[r.id])
		}
		return nil, nil, &ParseError{Name: t.name, Line: t.lines.last(), Err: fmt.Errorf(
			"%w: the longest series%s has %d, at least %d are needed", ErrTooFewRows, several, longest, need)}
	}
	if unsorted == 1 && len(groups) == 1 {
		s.Remarks = append(s.Remarks, "the rows were not in the order of time and were sorted")
	} else if unsorted > 0 {
		s.Remarks = append(s.Remarks, fmt.Sprintf("the rows of %d series were not in the order of time and were sorted", unsorted))
	}
	err = s.bringTogether(p, opt)
	if err == nil {
		var remarks []string
		s.Gaps, remarks, err = p.regularize(opt)
		s.Remarks = append(s.Remarks, remarks...)
	}
	if err != nil {
		return nil, nil, &ParseError{Name: t.name, Err: err}
	}
	s.Channels, s.Known, s.Axis, s.Step = p.Channels, p.Known, p.Axis, p.Step
	if p, err = t.withStatic(p, static, opt, s); err != nil {
		return nil, nil, err
	}
	p = p.withoutUnknown(opt.Like)
	s.Series = len(p.Series)
	p.Settle(t.room)
	if err := t.room.Err(); err != nil {
		return nil, nil, err
	}
	return p, s, nil
}

// keep lets go of the columns that are no longer needed: all but those of identifiers,
// values and covariates.
func (t *table) keep(r *roles) {
	for c := range t.cells {
		if c != r.id && !slices.Contains(r.targets, c) && !slices.Contains(r.known, c) {
			t.cells[c] = nil
		}
	}
	t.written = nil
}

// oneSeries makes a series of a group of rows, which are in the order of time.
func (t *table) oneSeries(g *group, r *roles, values, known []*numberReader) *Series {
	x := &Series{}
	rows := g.list
	if len(known) > 0 {
		rows = g.rows(nil)
		x.Known = r.track(rows, known, t.room)
		rows = pastRows(rows, values)
	}
	n, width := g.n, len(values)
	first := g.first
	if rows != nil {
		n, first = len(rows), int(rows[0])
	}
	if r.id >= 0 {
		x.ID = t.text(r.id, first)
	}
	x.Values = scratch.Make[float64](t.room, n*width)
	if rows == nil || slices.IsSorted(rows) && int(rows[n-1])-first == n-1 {
		x.Times = r.times.times[first : first+n : first+n]
		for k, v := range values {
			v.fill(x.Values[k:], width, first, n)
		}
		x.lines = t.lines.between(first, n)
		return x
	}
	x.Times, x.lines = scratch.Make[float64](t.room, n), scratch.Make[int32](t.room, n)
	for i, row := range rows {
		x.Times[i], x.lines[i] = r.times.times[row], int32(t.lines.at(int(row)))
		for k, v := range values {
			x.Values[i*width+k], _ = v.read(int(row))
		}
	}
	return x
}

// head returns the panel without its series, and says in s what the columns are taken for.
func (t *table) head(r *roles, opt *ReadOptions, s *Sniffed) (*Panel, error) {
	p := &Panel{TimeColumn: "time"}
	if r.times == nil {
		if opt.Axis != nil {
			what := "the time"
			if opt.Like != nil {
				what += fmt.Sprintf(", %q", untab(opt.Like.TimeColumn))
			}
			return nil, &ParseError{Name: t.name, Err: fmt.Errorf("%w for %s; the file has %s", ErrNoColumn, what, strings.Join(quoted(t.names), ", "))}
		}
		for t.column(p.TimeColumn) >= 0 {
			p.TimeColumn += "_"
		}
		r.times = t.numberRows(r)
		s.Remarks = append(s.Remarks, "no column of times was found: the rows are numbered")
	} else {
		p.TimeColumn, s.Time = r.times.name, untab(r.times.name)
	}
	if r.id >= 0 {
		p.IDColumn, s.ID, p.Joint = t.names[r.id], t.names[r.id], r.joint
	}
	s.Remarks = append(s.Remarks, r.times.remarks...)
	if opt.Time == "" && r.time >= 0 {
		if hint := t.calendarNumbers(r); hint != "" {
			s.Remarks = append(s.Remarks, hint)
		}
	}
	p.Axis = r.times.axis
	for _, c := range r.targets {
		p.Channels = append(p.Channels, t.names[c])
	}
	for _, c := range r.known {
		p.Known = append(p.Known, t.names[c])
	}
	for _, c := range r.leftOut {
		s.LeftOut = append(s.LeftOut, t.names[c])
	}
	if n := len(s.LeftOut); n > 0 {
		s.Remarks = append(s.Remarks, fmt.Sprintf("not used: %s", strings.Join(quoted(s.LeftOut), ", ")))
	}
	return p, nil
}

// isFormula reports whether a spreadsheet takes an identifier for a formula.
func isFormula(id string) bool {
	return id != "" && strings.IndexByte("=+@-", id[0]) >= 0 && strings.ContainsFunc(id, unicode.IsLetter)
}

// bringTogether makes one observation of those of a stretch of the calendar, or of those with
// the same time, as the options say.
func (s *Sniffed) bringTogether(p *Panel, opt *ReadOptions) error {
	switch {
	case opt.Every != "":
		remark, err := p.aggregate(opt)
		if err == nil && len(p.Known) > 0 {
			err = fmt.Errorf("--every: %w: known covariates cannot be brought together", ErrColumns)
		}
		if err != nil {
			return err
		}
		s.Remarks = append(s.Remarks, remark)
		s.count(p)
	case opt.Duplicates != "":
		same := func(t float64) float64 { return t }
		left := 0
		for i := range p.Series {
			x := p.own(i)
			left += x.merge(p.Width(), same, opt.Duplicates)
			x.Known.merge(len(p.Known))
		}
		if left > 0 {
			s.Remarks = append(s.Remarks, fmt.Sprintf("%s with times that occur twice were brought together by their %s", count(left, "row"), opt.Duplicates))
			s.count(p)
		}
	}
	return nil
}
