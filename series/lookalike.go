package series

import (
	"fmt"
	"regexp"
	"slices"
	"sync"

	"tsgen/series/internal/packed"
	"tsgen/series/internal/stamp"
)

// A dateLike text begins like a date, in whatever layout: three numbers with dashes,
// slashes or dots between, a month and a year, the name of a month in some language beside a
// number, or a year beside what tells its part. It is compiled when a table first asks, since that
// costs as much as the rest of the start.
var dateLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{1,2}[-/.]\d{4}$|\d{4}[-. :]?[QWM]\d{1,2}\b|(19|20)\d{2}[-. :/]?[HST]\d\b|[QWMHST]\d{1,2}[-. /]\d{4}$` +
		`|(18|19|20)\d{2}(年|년|[-/. ](I{1,3}|IV)$)|(I{1,3}|IV)[-/. ](18|19|20)\d{2}$|[1-4]Q[-. /]?\d{2,4}$|(FY|CY) ?'?\d{2}(\d{2})?$|(18|19|20)\d{2}[-/]\d{2}(\d{2})?$|(19|20)\d{6}[-_ T]\d{4,6}$` +
		`|((mo|tu|we|th|fr|sa|su|di|mi|do|so|lu|ma|me|je|ve)[a-zé]*[.,]* *)?(\d{1,2}[-. ]*)?(` + monthWords + `)[-/ .,]+'?\d)`)
})

// monthWords are the names of months in some languages.
const monthWords = `jan(uary|uar|vier|v)?|feb(ruary|ruar|rero)?|f[ée]vr?(rier|ier)?|mar(ch|s|zo)?|märz?|mrz|apr(ile?)?|avr(il)?|abr(il)?|may|mai|mei|mayo` +
	`|june?|juni|junio|juin|july?|juli|julio|juil(let)?|aug(ust)?|ao[uû]t?|ago(sto)?|sept?(ember|embre|iembre)?|oct(ober|obre|ubre)?|okt(ober)?|ott(obre)?` +
	`|nov(ember|embre|iembre)?|d[eé]c(ember|embre)?|dez(ember)?|dic(embre|iembre)?|ene(ro)?|giu(gno)?|lug(lio)?`

// namedByTimes returns an error if most columns are named by times, the months of a year or dates
// one after the other, and none by what its rows' times are: such a table has a column for each time.
func (t *table) namedByTimes() error {
	months, dates := 0, &packed.Column{}
	var first, last string
	for _, name := range t.names {
		switch rank, _ := timeRank(name); normal(name) {
		case "year", "month", "quarter", "week", "day":
		default:
			if rank > 0 {
				return nil // whose rows are times
			}
		}
		year := len(name) == 4 && name >= "1600" && name < "2200"
		switch {
		case monthName().MatchString(name):
			months++
		case !year && !dateLike().MatchString(name) && !stamp.Like(name):
			continue
		default:
			dates.Append([]byte(name))
		}
		if last = name; first == "" {
			first = name
		}
	}
	n := max(months, dates.Len())
	if n < fewestNamed || 2*n <= len(t.names) {
		return nil
	}
	if n > months {
		of := &table{names: []string{""}, cells: []*packed.Column{dates}}
		for range n {
			of.lines.append(1)
		}
		times, err := of.parseTimes(0, timeReading{calendar: true})
		if err != nil || !increasing(times.times) {
			return nil
		}
	}
	return &ParseError{Name: t.name, Line: 1, Err: fmt.Errorf(
		"%w: %d columns from %q to %q are named by times, one for each; tsgen reads a row for each time: turn the table (melt in pandas, pivot_longer in R, reshape in Miller), or name what is meant by --time and --target",
		ErrColumns, n, first, last)}
}

// fewestNamed is the number of columns named by times from which on the table has one for each.
const fewestNamed = 4

// monthName is the name of a month alone.
var monthName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^(` + monthWords + `)[.]?$`) })

// unreadTime returns an error if the table has a column without another role whose
// texts all begin like dates: without it the rows would be taken as equally spaced.
func (t *table) unreadTime(r *roles, free func(c int) bool, na absence) error {
	for c, cells := range t.cells {
		if !free(c) || slices.Contains(r.known, c) || cells.Len() < 2 || !varies(cells) {
			continue
		}
		dates := true
		for row := range min(cells.Len(), 100) {
			s := cells.Text(row)
			_, k := parseNumber(s, na)
			dates = dates && k == text && dateLike().MatchString(s)
		}
		if !dates {
			continue
		}
		if _, err := stamp.Infer(cells, stamp.AnyOrder, nil); err != nil {
			return t.inferError(c, err)
		}
	}
	return nil
}

// calendarNumbers says what the plain numbers of a column of times may have been
// meant as, or "".
func (t *table) calendarNumbers(r *roles) string {
	if r.times == nil || r.times.axis.Layout != LayoutNumber || len(r.times.times) == 0 {
		return ""
	}
	meant := map[string]string{"200601": "months", "20060102": "days", "2006010215": "hours", "200601021504": "minutes", "20060102150405": "seconds",
		LayoutUnix: "seconds since 1970", LayoutUnixMilli: "milliseconds since 1970",
		LayoutUnixMicro: "microseconds since 1970", LayoutUnixNano: "nanoseconds since 1970", LayoutDecimal: "years with a fraction"}
	what, ok := meant[numberLayout(t.cells[r.time], r.times.times, timeReading{})]
	if !ok {
		return ""
	}
	return fmt.Sprintf("the times %q are taken as plain numbers; if they mean %s, say so: --time %s", t.names[r.time], what, t.names[r.time])
}
