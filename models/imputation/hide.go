// Package imputation chooses the model that fills gaps: the one that tells best what values
// were that it did not see.
package imputation

import (
	"cmp"
	"math"
	"slices"

	"tsgen/internal/joint"
	"tsgen/series"
)

const (
	// hiddenShare is the part of a channel's values that is hidden at most, mostHidden the
	// number of values of all series about which it ends.
	hiddenShare, mostHidden = 0.1, 2000

	// leastKept is the number of values of a channel that are not hidden at least.
	leastKept = 8
)

// A gap is a number of values, one after another, that are missing.
type gap struct {
	length int
	rows   bool // of all channels at once
}

// Hide returns a panel of the same rows some of whose values are missing, and one of these rows with
// those values alone. They are hidden in stretches as long as the gaps that the panel has between
// its values, in all channels at once where those are; one by one if it has none. A tenth of
// the values is hidden at most. The same seed and identifiers give the same values.
func Hide(p *series.Panel, seed uint64) (seen, hidden *series.Panel) {
	gaps := gapsOf(p)
	seenSeries, hiddenSeries := make([]*series.Series, len(p.Series)), make([]*series.Series, len(p.Series))
	left := mostHidden
	for i, s := range p.Series {
		rng := joint.Source(seed, s.ID)
		values := slices.Clone(s.Values)
		w := p.Width()
		allowed := make([]int, w) // values of a channel that may still be hidden
		for c := range w {
			n := 0
			for r := range s.Len() {
				if !math.IsNaN(s.Values[r*w+c]) {
					n++
				}
			}
			allowed[c] = min(int(math.Ceil(hiddenShare*float64(n))), n-leastKept)
		}
		share := (left + len(p.Series) - i - 1) / (len(p.Series) - i)
		count := 0
		for tries := 0; tries < 4*s.Len() && count < share && slices.Max(allowed) > 0; tries++ {
			g := gaps[rng.IntN(len(gaps))]
			from, to := rng.IntN(w), 0
			if to = from + 1; g.rows {
				from, to = 0, w
			}
			n := min(g.length, max(1, allowed[from]))
			first := 1 + rng.IntN(max(1, s.Len()-n-1))
			for c := from; c < to && first+n < s.Len(); c++ {
				if !stretch(values, w, c, first-1, first+n+1) || allowed[c] < n {
					continue
				}
				for r := first; r < first+n; r++ {
					values[r*w+c] = math.NaN()
				}
				allowed[c], count = allowed[c]-n, count+n
			}
		}
		left -= count
		seenSeries[i], hiddenSeries[i] = with(s, s.Times, values), taken(s, values, w)
	}
	return p.With(seenSeries), p.With(hiddenSeries)
}

// stretch reports whether all values of a channel in some rows are there.
func stretch(values []float64, width, c, from, to int) bool {
	for r := from; r < to; r++ {
		if math.IsNaN(values[r*width+c]) {
			return false
		}
	}
	return true
}

// with returns a series like s with other times and values.
func with(s *series.Series, times, values []float64) *series.Series {
	t := *s
	t.Times, t.Values = times, values
	return &t
}

// taken returns the rows of s of which values are missing that s has, with these alone.
func taken(s *series.Series, values []float64, width int) *series.Series {
	var times, held []float64
	for r, t := range s.Times {
		row, any := make([]float64, width), false
		for c := range row {
			row[c] = math.NaN()
			if v := s.Values[r*width+c]; !math.IsNaN(v) && math.IsNaN(values[r*width+c]) {
				row[c], any = v, true
			}
		}
		if any {
			times, held = append(times, t), append(held, row...)
		}
	}
	return with(s, times, held)
}

// gapsOf returns the gaps of a panel between values that are there, or a single value.
func gapsOf(p *series.Panel) []gap {
	var all []gap
	w := p.Width()
	for _, s := range p.Series {
		for r := 1; r < s.Len(); r++ {
			if own := p.For(s); own.Step.Regular() {
				if skipped := int(math.Round(own.Coordinate(s.Times[r])-own.Coordinate(s.Times[r-1]))) - 1; skipped > 0 {
					all = append(all, gap{skipped, true})
				}
			}
		}
		for c := range w {
			run, whole := 0, true
			begun := false
			for r := range s.Len() {
				row := s.Row(r)
				if math.IsNaN(row[c]) {
					run, whole = run+1, whole && !slices.ContainsFunc(row, func(v float64) bool { return !math.IsNaN(v) })
					continue
				}
				if run > 0 && begun && (c == 0 || !whole) {
					all = append(all, gap{run, whole})
				}
				run, whole, begun = 0, true, true
			}
		}
	}
	if len(all) == 0 {
		return []gap{{1, false}}
	}
	slices.SortFunc(all, func(a, b gap) int { return cmp.Compare(a.length, b.length) })
	return all
}
