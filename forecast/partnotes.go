package forecast

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// PartNotes are the notes of forecasts of some series of a panel each, brought together. The zero value
// has none.
type PartNotes struct {
	texts  []string // in which a mark stands for the number of series
	counts map[string]int
	totals map[string]int
}

// mark stands for a number of series in the text of a note.
const mark = "\x00"

// ofSeries finds what a note says of how many of the series of a panel.
var ofSeries = regexp.MustCompile(`\b(\d+) of (\d+) series\b`)

// Add adds the notes on some of n series. What one says of m for each of these counts
// for all.
func (x *PartNotes) Add(notes []string, some, n int) {
	if x.counts == nil {
		x.counts, x.totals = make(map[string]int), make(map[string]int)
	}
	for _, note := range notes {
		text, count, total := note, 0, 0
		if at := ofSeries.FindStringSubmatchIndex(note); at != nil {
			count, _ = strconv.Atoi(note[at[2]:at[3]])
			total, _ = strconv.Atoi(note[at[4]:at[5]])
			text = note[:at[0]] + mark + note[at[1]:]
			total = total / some * n
		}
		if _, met := x.counts[text]; !met {
			x.texts = append(x.texts, text)
		}
		x.counts[text] += count
		x.totals[text] = total
	}
}

// All returns the notes on all series.
func (x *PartNotes) All() []string {
	var all []string
	for _, text := range x.texts {
		if n := x.totals[text]; n > 0 {
			text = strings.Replace(text, mark, fmt.Sprintf("%d of %d series", x.counts[text], n), 1)
		}
		all = append(all, text)
	}
	return all
}
