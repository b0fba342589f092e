package series

import (
	"fmt"
	"strings"

	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// A yearPart is a part of the year that is counted: its name, its number in layouts and how many there are.
type yearPart struct {
	name, layout string
	most         int
}

var yearParts = []yearPart{{"half", "SS", 2}, {"quarter", "QQ", 4}, {"week", "WW", 53}}

// yearPartWords are words of columns' names for parts of the year.
var yearPartWords = map[string]string{
	"half": "half", "halfyear": "half", "halbjahr": "half", "semester": "half", "semestre": "half",
	"quarter": "quarter", "qtr": "quarter", "quartal": "quarter", "trimestre": "quarter", "trimester": "quarter", "kwartaal": "quarter", "kvartal": "quarter",
	"week": "week", "wk": "week", "kw": "week", "kalenderwoche": "week", "woche": "week", "semaine": "week", "semana": "week", "settimana": "week", "vecka": "week", "uge": "week",
	"isoweek": "week", "yearweek": "week", "yyyyww": "week", "yearquarter": "quarter",
}

// partOf returns the part of the year that a column's name says it counts: "week", "quarter", "half"
// or none.
func partOf(name string) string {
	name = normal(name)
	if part, ok := yearPartWords[name]; ok {
		return part
	}
	return yearPartWords[name[strings.LastIndexAny(name, "_/")+1:]]
}

// yearPartLayout returns the layout of cells of a year and a number, which is that of a part of the year by
// the name of the column and could be that of a month, or nothing if they are other or go beyond it.
func yearPartLayout(cells *packed.Column, name string) string {
	for _, part := range yearParts {
		if part.name != name {
			continue
		}
		first, form := cells.Text(0), ""
		mark := strings.IndexAny(first, "/-. ")
		if mark < 0 {
			return ""
		}
		bare := false
		for row := range cells.Len() {
			year, n, ok := strings.Cut(cells.Text(row), first[mark:mark+1])
			own := "2006" + first[mark:mark+1] + part.layout
			if len(n) == len("2006") {
				year, n, own = n, year, part.layout+first[mark:mark+1]+"2006"
			}
			if !ok || len(year) != len("2006") || !wholeNumber(year, 1000, 2999) || len(n) > 2 || !wholeNumber(n, 1, part.most) || form != "" && own != form {
				return ""
			}
			if form = own; n[0] != '0' && len(n) == 1 {
				bare = true
			} else if n[0] == '0' && part.name != "week" {
				return ""
			}
		}
		if part.name == "week" && !bare {
			form = strings.Replace(form, "WW", "0WW", 1)
		}
		return form
	}
	return ""
}

// wholeNumber reports whether a text is a whole number of a range, in digits alone.
func wholeNumber(s string, lo, hi int) bool {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = 10*n + int(s[i]-'0')
	}
	return s != "" && n >= lo && n <= hi
}

// yearPartOf reads a column of a year and a part of it that its name says; it is nil if the cells are none.
func (t *table) yearPartOf(c int, how timeReading) (*timeColumn, error) {
	layout := yearPartLayout(t.cells[c], how.unit)
	if layout == "" {
		return nil, nil
	}
	col, err := t.byLayout(c, layout, how)
	if err != nil {
		return nil, err
	}
	months := strings.NewReplacer("SS", "1", "QQ", "1", "0WW", "01", "WW", "1").Replace(layout)
	col.remarks = append(col.remarks, fmt.Sprintf("the times %q are read as years and a %s of each, as the column is named; --time-layout %s reads months", t.names[c], how.unit, months))
	return col, nil
}

// likeTime reports whether the first cell of a column is a time stamp, or all are by the column's name.
func (t *table) likeTime(c int) bool {
	first := t.text(c, 0)
	english, named := englishMonth(first)
	return stamp.Like(first) || named && stamp.Like(english) || yearPartLayout(t.cells[c], partOf(t.names[c])) != ""
}
