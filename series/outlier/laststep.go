package outlier

import (
	"math"

	"tsgen/series/internal/robust"
)

const (
	// A step so few values before the end that they tell no level of their own is a break if it is clearLast times as high as any other
	// change from the level to as many values, which lie together by less than together of its height.
	clearLast, together = 3, 0.8
)

// lastStep returns the step of the level of y fewer than side values before its end, but leastRun at least, if there is one
// beyond doubt: as high as none before, at once, and all that comes after it is there.
func lastStep(y []float64, side int) (s step, ok bool) {
	n := len(y)
	if n < leastStretches*side {
		return step{}, false
	}
	wrong := math.Inf(1) // the least that values near the end are off levels before and after a step
	for at := n - leastRun; at > n-side; at-- {
		before, after, off := robust.Median(y[at-side:at]), robust.Median(y[at:]), 0.0
		for i := n - 2*side; i < n; i++ {
			if i < at {
				off += math.Abs(y[i] - before)
			} else {
				off += math.Abs(y[i] - after)
			}
		}
		if off < wrong {
			s, wrong = step{at: at, before: before, after: after}, off
		}
	}
	height := s.after - s.before
	if !(math.Abs(height)*float64(2*side) > overNoise*wrong) || (y[s.at-1]-s.before)/height > 1-sharp {
		return step{}, false
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range y[s.at:] {
		part := (v - s.before) / height
		lo, hi = math.Min(lo, part), math.Max(hi, part)
	}
	if lo < sharp || hi-lo > together {
		return step{}, false
	}
	few := n - s.at
	levels, others := sideMedians(y[:s.at], side), sideMedians(y[:s.at], few)
	for t := side; t+few <= s.at; t++ {
		if clearLast*math.Abs(others[t]-levels[t-side]) > math.Abs(height) {
			return step{}, false
		}
	}
	return s, true
}
