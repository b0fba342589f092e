// Package doctor examines a panel of time series before anything is fitted to it:
// for stamps that can't be meant, for gaps beyond the sense of the step, for values that
// stand for a missing one, and for channels that never vary.
//
// A finding that would make every forecast wrong in silence is one to stop at. The
// rules need no knowledge of what was measured, and are cautious: what could well be
// meant is noted, not refused.
package doctor

import (
	"fmt"
	"math"

	"tsgen/series"
)

// The codes of findings.
const (
	// StrayTime: few stamps lie far from all others, as by a wrong year. Stop.
	StrayTime = "stray-time"

	// LongGap: the stamps fall into parts that lie further apart than the step makes sense
	// of. Stop.
	LongGap = "long-gap"

	// Placeholder: a number such as -999 far outside the range of all others occurs
	// repeatedly, as where it stands for a missing value. Stop.
	Placeholder = "placeholder"

	// EmptySteps: no count is zero, and many steps have no row, as where zeros were left out.
	EmptySteps = "empty-steps"

	// Constant: a channel has the same value everywhere.
	Constant = "constant"
)

// A Finding is something that a user should know of the data.
type Finding struct {
	Code    string `json:"code"`
	Stop    bool   `json:"stop"` // to be refused unless the user accepts it
	Series  string `json:"series,omitempty"`
	Channel string `json:"channel,omitempty"`
	Lines   []int  `json:"lines,omitempty"` // of the file, the first MaxLines of them
	Value   string `json:"value,omitempty"` // the stamp or the number that is meant
	Message string `json:"message"`         // what was found, without where
	Remedy  string `json:"remedy,omitempty"`
}

// MaxLines is the number of lines that a Finding names at most.
const MaxLines = 1000

// String says the finding and the remedy.
func (f Finding) String() string {
	text := f.Message
	if f.Series != "" {
		text = fmt.Sprintf("series %q: %s", f.Series, text)
	}
	if f.Remedy != "" {
		text += "; " + f.Remedy
	}
	return text
}

// Options are the options of Examine. The zero value is ready to use.
type Options struct {
	// MaxGap is the number of missing steps (for irregular times, of median distances) up to
	// which a gap is accepted. Zero means that it is judged by the data, an infinity that all
	// gaps are accepted.
	MaxGap float64
}

// Examine returns what there is to know of a valid panel, series by series and then
// channel by channel. It takes time linear in the size of the panel.
func Examine(p *series.Panel, opt Options) []Finding {
	var found []Finding
	longest := newLongest(p)
	for i, s := range p.Series {
		if f, ok := examineTimes(p, s, longest.but(i), opt); ok {
			found = append(found, f)
		}
	}
	for c := range p.Channels {
		found = append(found, examineValues(p, c)...)
	}
	if f, ok := examineSteps(p); ok {
		found = append(found, f)
	}
	return found
}

// longest holds the longest span of the series of a panel, and the second longest.
type longest struct {
	which       int
	span, other float64
}

func newLongest(p *series.Panel) longest {
	l := longest{which: -1}
	for i, s := range p.Series {
		if s.Len() == 0 {
			continue
		}
		switch span := s.Times[s.Len()-1] - s.Times[0]; {
		case span > l.span:
			l = longest{i, span, l.span}
		case span > l.other:
			l.other = span
		}
	}
	return l
}

// but returns the longest span of all series but one.
func (l longest) but(i int) float64 {
	if i == l.which {
		return l.other
	}
	return l.span
}

// examineValues looks at one channel over all series.
func examineValues(p *series.Panel, c int) []Finding {
	least, most := math.Inf(1), math.Inf(-1)
	n := 0
	for _, s := range p.Series {
		for i := range s.Times {
			if v := s.Row(i)[c]; !math.IsNaN(v) {
				n++
				least, most = math.Min(least, v), math.Max(most, v)
			}
		}
	}
	if n == 1 {
		return nil
	}
	if least == most {
		return []Finding{{Code: Constant, Channel: p.Channels[c], Value: series.FormatNumber(least),
			Message: fmt.Sprintf("the channel is %s everywhere, so that there is nothing to learn", series.FormatNumber(least))}}
	}
	var found []Finding
	for _, v := range [2]float64{least, most} {
		if f, ok := placeholder(p, c, v); ok {
			found = append(found, f)
		}
	}
	return found
}
