package doctor

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tsgen/series"
)

// leastApart is how many times the range of all other values a number must lie from them
// to stand for a missing value, leastBelow that of positive ones, which are not negative by habit.
const leastApart, leastBelow = 3.0, 1.0

// placeholder examines whether v, the least or the largest value of channel c, stands for
// a missing one: it is -99, -999, 999, 9999, ..., it occurs more than once, and it lies far
// from all other values.
func placeholder(p *series.Panel, c int, v float64) (Finding, bool) {
	digits := strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "-")
	if strings.Trim(digits, "9") != "" || v > 0 && len(digits) < 3 || len(digits) < 2 {
		return Finding{}, false
	}
	f := Finding{Code: Placeholder, Stop: true, Channel: p.Channels[c], Value: series.FormatNumber(v)}
	least, most, times := math.Inf(1), math.Inf(-1), 0
	for _, s := range p.Series {
		for i := range s.Times {
			switch x := s.Row(i)[c]; {
			case x == v:
				if times++; len(f.Lines) < MaxLines && s.Line(i) > 0 {
					f.Lines = append(f.Lines, s.Line(i))
				}
			case !math.IsNaN(x):
				least, most = math.Min(least, x), math.Max(most, x)
			}
		}
	}
	apart, far := math.Max(least-v, v-most), leastApart
	if v < 0 && least > 0 {
		far = leastBelow
	}
	if times < 2 || apart <= far*(most-least) {
		return Finding{}, false
	}
	f.Message = fmt.Sprintf("the value occurs %d times, and all others lie from %s to %s: it seems to stand for a missing one",
		times, series.FormatNumber(least), series.FormatNumber(most))
	f.Remedy = fmt.Sprintf("if it does, say --na=%s, else --accept %s", f.Value, Placeholder)
	return f, true
}
