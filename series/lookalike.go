package series

import (
	"fmt"
	"regexp"
	"slices"

	"tsgen/series/internal/stamp"
)

// A dateLike text begins like a date, in whatever layout: three numbers with dashes,
// slashes or dots between, a month and a year, the name of a month in some language beside a
// number, or a year beside what tells its part.
var dateLike = regexp.MustCompile(`(?i)^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{1,2}[-/.]\d{4}$|\d{4}[-. :]?[QWM]\d{1,2}\b|(19|20)\d{2}[-. :/]?[HST]\d\b|[QWMHST]\d{1,2}[-. /]\d{4}$` +
	`|[1-4]Q[-. /]?\d{2,4}$|(FY|CY) ?'?\d{2}(\d{2})?$|(18|19|20)\d{2}[-/]\d{2}(\d{2})?$|(19|20)\d{6}[-_ T]\d{4,6}$` +
	`|((mo|tu|we|th|fr|sa|su|di|mi|do|so|lu|ma|me|je|ve)[a-zé]*[.,]* *)?(\d{1,2}[-. ]*)?(` + monthWords + `)[-/ .,]+'?\d)`)

// monthWords are the names of months in some languages.
const monthWords = `jan(uary|uar|vier|v)?|feb(ruary|ruar|rero)?|f[ée]vr?(rier|ier)?|mar(ch|s|zo)?|märz?|mrz|apr(ile?)?|avr(il)?|abr(il)?|may|mai|mei|mayo` +
	`|june?|juni|junio|juin|july?|juli|julio|juil(let)?|aug(ust)?|ao[uû]t?|ago(sto)?|sept?(ember|embre|iembre)?|oct(ober|obre|ubre)?|okt(ober)?|ott(obre)?` +
	`|nov(ember|embre|iembre)?|d[eé]c(ember|embre)?|dez(ember)?|dic(embre|iembre)?|ene(ro)?|giu(gno)?|lug(lio)?`

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
			dates = dates && k == text && dateLike.MatchString(s)
		}
		if !dates {
			continue
		}
		if _, err := stamp.Infer(cells, stamp.AnyOrder); err != nil {
			return t.inferError(c, err)
		}
	}
	return nil
}

// calendarNumbers says what the plain numbers of a column of times may have been
// meant as, or "".
func (t *table) calendarNumbers(r *roles) string {
	if r.times == nil || r.times.axis.Calendar() || len(r.times.times) == 0 {
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
