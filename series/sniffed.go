package series

import (
	"fmt"
	"strconv"
	"strings"
)

// Sniffed says how a table was understood.
type Sniffed struct {
	Delimiter rune     // of CSV text, 0 for a data frame
	ID, Time  string   // columns; empty if there is none
	Channels  []string // columns of values
	Known     []string // columns of covariates known ahead
	Static    []string // columns of covariates that never change within a series
	LeftOut   []string // columns not used
	Axis      Axis
	Step      Step
	Rows      int      // observation times
	Series    int      // number of series
	Gaps      int      // places at which a regular series skips steps
	Missing   int      // missing values
	Remarks   []string // what a user might not expect, one each
}

// String returns the choices in one line, for example
//
//	long, id unique_id, time ds (2006-01-02, monthly), channels y; 3 gaps, 12 missing values
//
// Remarks are not part of it.
func (s *Sniffed) String() string {
	var b strings.Builder
	if s.ID != "" {
		fmt.Fprintf(&b, "long, id %s, ", s.ID)
	} else if len(s.Channels) > 1 {
		b.WriteString("wide, ")
	}
	layout := s.Axis.Layout
	if layout == LayoutNumber {
		layout = "numbers"
	}
	layout = untab(layout)
	column := s.Time
	if column == "" {
		column = "the number of the row"
	}
	fmt.Fprintf(&b, "time %s (%s, %s), ", column, layout, s.Step.Describe(s.Axis.Calendar()))
	if n := len(s.Channels); n <= 8 {
		fmt.Fprintf(&b, "channels %s; ", strings.Join(s.Channels, ", "))
	} else {
		fmt.Fprintf(&b, "%d channels %s ... %s; ", n, s.Channels[0], s.Channels[n-1])
	}
	if len(s.Known) > 0 {
		fmt.Fprintf(&b, "known ahead %s; ", strings.Join(s.Known, ", "))
	}
	if len(s.Static) > 0 {
		fmt.Fprintf(&b, "static %s; ", strings.Join(s.Static, ", "))
	}
	if s.Step.Regular() {
		b.WriteString(count(s.Gaps, "gap") + ", ")
	}
	b.WriteString(count(s.Missing, "missing value"))
	return b.String()
}

// count counts the observations and the missing values.
func (s *Sniffed) count(p *Panel) {
	s.Rows, s.Missing = 0, 0
	for _, x := range p.Series {
		s.Rows += x.Len()
		s.Missing += len(x.Values) - x.Observed()
	}
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
