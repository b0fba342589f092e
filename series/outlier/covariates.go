package outlier

import (
	"math"
	"slices"
	"sort"

	"tsgen/series"
	"tsgen/series/internal/robust"
)

// A channel responds to a value of a covariate if it is then responds times as far from what is usual as in the
// median.
const responds = 4

// inCovariates returns the absurd values of the covariates of series i that are known ahead, up to its last
// observation: those that a channel responds to, as sales to a price for one day, are meant, and so is a value
// that the last observations have.
func inCovariates(p *series.Panel, i int, s *series.Series, steps []int, season int, drifting bool) []Finding {
	k := len(p.Known)
	if k == len(p.Static)+len(p.Events) || s.Len() == 0 {
		return nil
	}
	past := sort.Search(len(s.Known.Times), func(t int) bool { return s.Known.Times[t] > s.Times[s.Len()-1] })
	if past < leastValues {
		return nil
	}
	rows := make([]int, past)
	for t := range rows {
		rows[t] = t
	}
	var found []Finding
	for l := len(p.Static); l < k-len(p.Events); l++ {
		x := &channel{season: 1, rows: rows, steps: rows, values: series.Column(s.Known.Values[:past*k], l, k), meansAll: true}
		if isIndicator(x.values) {
			continue
		}
		absurd := x.absurd()
		if n := len(absurd); n == 0 || absurd[n-1] == past-1 || meant(p, s, absurd, steps, season, drifting) {
			continue
		}
		for _, t := range absurd {
			found = append(found, Finding{Series: i, Channel: l, Row: t, Value: x.values[t], Usual: x.usual[t], Known: true})
		}
	}
	return found
}

// isIndicator reports whether there are no more than two different values.
func isIndicator(values []float64) bool {
	lo, hi := slices.Min(values), slices.Max(values)
	return !slices.ContainsFunc(values, func(v float64) bool { return v > lo && v < hi })
}

// meant reports whether a channel responds at half of some places in the track of the covariates.
func meant(p *series.Panel, s *series.Series, places, steps []int, season int, drifting bool) bool {
	for c := range p.Width() {
		x := channelOf(steps, s, c, season, drifting)
		if len(x.values) < leastValues {
			continue
		}
		x.absurd()
		off := make([]float64, len(x.values))
		for j, v := range x.values {
			off[j] = math.Abs(v - x.usual[j])
		}
		far, responses := responds*robust.Median(off), 0
		for _, t := range places {
			row, there := slices.BinarySearch(s.Times, s.Known.Times[t])
			if j, seen := slices.BinarySearch(x.rows, row); there && seen && off[j] > far {
				responses++
			}
		}
		if 2*responses >= len(places) {
			return true
		}
	}
	return false
}
