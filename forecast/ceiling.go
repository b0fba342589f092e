package forecast

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"tsgen/series"
)

// What it takes to believe that values between 0 and 1 are shares, which cannot be more, and that whole numbers are of a
// scale that ends.
const (
	nearBound    = 0.05 // distance from 0 or 1 at which a share is near to it
	leastReturns = 3    // times that values come near to 1, or from the lower quarter into the upper, after having been away
	partUpper    = 0.05 // of the values that are in the upper quarter
	leastBeyond  = 5.   // values beyond the greatest that could be expected
)

// scaleEnds are the ends of scales from 1, shareWords words in names of shares, and otherRates those of rates and ratios that
// are none.
var (
	scaleEnds  = []float64{5, 7, 10}
	shareWords = []string{"share", "shares", "rate", "rates", "ratio", "percent", "percentage", "pct", "prob", "probability", "fraction", "frac",
		"proportion", "utilization", "utilisation", "occupancy", "availability", "coverage", "anteil", "auslastung", "taux", "tasa", "porcentaje"}
	otherRates = []string{"exchange", "fx", "forex", "currency", "interest", "price", "growth", "sharpe"}
)

// namedShare reports whether a channel's name says that it is a share.
func namedShare(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	one := func(of []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) })
	}
	return one(shareWords) && !one(otherRates)
}

// isShare reports whether channel c, whose values are between 0 and 1, is a share: by its name; by values that are both or
// 1 often, come near to both, or return to the upper end; and not because a price happens to be below 1.
func (e *extent) isShare(p *series.Panel, c int) bool {
	if namedShare(p.Channels[c]) || e.zeros > 0 && e.ones > 0 || e.ones >= leastCeiling || e.min <= nearBound && e.max >= 1-nearBound {
		return true
	}
	swings, returns, upper := 0, 0, 0
	for _, s := range p.Series {
		low, away := false, false
		for k := c; k < len(s.Values); k += p.Width() {
			v := s.Values[k]
			low, away = low || v <= 0.25, away || v < 1-2*nearBound
			if v >= 0.75 {
				upper++
				if low {
					swings, low = swings+1, false
				}
			}
			if away && v >= 1-nearBound {
				returns, away = returns+1, false
			}
		}
	}
	return returns >= leastReturns || swings >= leastReturns && float64(upper) >= partUpper*float64(e.n)
}

// parts reports which channels are parts of one whole: all of values between 0 and 1, which sum to 1 in every row but for
// decimals that are left out.
func parts(p *series.Panel, extents []*extent) []bool {
	const rounding = 0.005
	is, n := make([]bool, len(extents)), 0
	for c, e := range extents {
		if is[c] = e.min >= 0 && e.max <= 1 && e.between > 0; is[c] {
			n++
		}
	}
	rows := 0
	for _, s := range p.Series {
		for i := range s.Times {
			sum := 0.0
			for c, v := range s.Row(i) {
				if is[c] {
					sum += v
				}
			}
			if math.IsNaN(sum) {
				continue
			}
			if rows++; math.Abs(sum-1) > rounding*float64(n) {
				return make([]bool, len(extents))
			}
		}
	}
	if n < 2 || rows == 0 {
		return make([]bool, len(extents))
	}
	return is
}

// endsScale reports whether the greatest of a channel's whole numbers, from 1 to 5, 7 or 10, is the end of a scale, as of
// ratings: if it is there so often beside the one below that there would be some beyond it, and is returned to in
// the first half of the series and in the second.
func (e *extent) endsScale(p *series.Panel, c int) bool {
	if !e.whole || e.min < 1 || !slices.Contains(scaleEnds, e.max) || e.n < leastGrid {
		return false
	}
	most, below := 0, 0
	var visits [2]int
	for _, s := range p.Series {
		there := true // where a series begins tells of no return
		for i := range s.Times {
			switch v := s.Row(i)[c]; {
			case v == e.max:
				most++
				if !there {
					visits[2*i/s.Len()]++
				}
				there = true
			case v == e.max-1:
				below++
				there = false
			case v < e.max:
				there = false
			}
		}
	}
	return below > 0 && float64(most)*float64(most)/float64(below) >= leastBeyond && min(visits[0], visits[1]) >= leastReturns
}
