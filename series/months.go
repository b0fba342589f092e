package series

import (
	"strings"
	"sync"
	"unicode"

	"tsgen/series/internal/packed"
)

// monthsByWord returns the names of the months, by their number from 0, and what they are shortened to: in English, German, French,
// Spanish, Italian, Portuguese, Dutch, Swedish, and Danish and Norwegian. None is that of another month in another of
// these languages.
var monthsByWord = sync.OnceValue(func() map[string]int {
	all := make(map[string]int)
	for month, words := range [...]string{
		"january jan januar jänner jän janvier janv enero ene gennaio gen genn janeiro januari",
		"february feb februar feber février fevrier févr fevr fév febrero febbraio febbr fevereiro fev februari",
		"march mar märz maerz mär mrz mars marzo março marco maart mrt marts",
		"april apr avril avr abril abr aprile",
		"may mai mayo maggio mag maio mei maj",
		"june jun juni juin junio giugno giu junho",
		"july jul juli juillet juil julio luglio lug julho",
		"august aug août aout agosto ago augustus augusti",
		"september sep sept septembre septiembre setiembre settembre sett set setembro",
		"october oct oktober okt octobre octubre ottobre ott outubro out",
		"november nov novembre noviembre novembro",
		"december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
	} {
		for word := range strings.FieldsSeq(words) {
			all[word] = month
		}
	}
	return all
})

var englishNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// englishMonth returns a cell with the English name of its month, and without what stands between the words of a
// date in Spanish or Portuguese and the point of a shortened name; ok is false if it has no name of a month.
func englishMonth(cell string) (english string, ok bool) {
	plain := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(cell), " de ", " "), " del ", " ")
	start := strings.IndexFunc(plain, unicode.IsLetter)
	if start < 0 {
		return "", false
	}
	word := plain[start:]
	if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		word = word[:end]
	}
	month, ok := monthsByWord()[word]
	if !ok {
		return "", false
	}
	return plain[:start] + englishNames[month] + strings.TrimPrefix(plain[start+len(word):], "."), true
}

// englishMonths returns a column with the English names of its months; ok is false if a cell has no name of one.
func englishMonths(cells *packed.Column) (english *packed.Column, ok bool) {
	named := func(s string) bool {
		_, ok := englishMonth(s)
		return ok
	}
	if cells.Any(func(s string) bool { return !named(s) }) {
		return nil, false
	}
	return cells.Map(func(dst, text []byte) []byte {
		name, _ := englishMonth(string(text))
		return append(dst, name...)
	}), true
}
