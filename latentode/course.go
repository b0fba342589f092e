package latentode

import (
	"math"
	"slices"

	"tsgen/internal/moments"
	"tsgen/internal/neural"
)

// Records that go the same way from the same time to the same time, as after a dose, have no time that is like an earlier
// one: whole series that are held back say nothing of what comes after the last time that any of them has. Those that go their own
// ways in one phase space have been wherever others will be.

const (
	aligned = 0.1 // of the mean span of records, the most that the deviations of their starts and of their ends are
	courses = 8   // parts of the times, of which each has as many observations as the others
	common  = 0.2 // of the variance of values, the least that the time tells: by chance it tells a twentieth of that of 20 series
)

// sameCourse reports whether the records go the same way.
func (c *config) sameCourse(records []neural.Record) bool {
	var starts, ends, spans moments.Moments
	var times []float64
	for _, r := range records {
		first, last := r.U[0], r.U[len(r.U)-1]
		starts.Add(first)
		ends.Add(last)
		spans.Add(last - first)
		times = append(times, r.U...)
	}
	if math.Sqrt(max(starts.Variance(), ends.Variance())) > aligned*spans.Mean {
		return false
	}
	slices.Sort(times)
	width := len(c.Channels)
	all, within := make([]moments.Moments, width), make([]moments.Moments, width*courses)
	for _, r := range records {
		for k, x := range r.X {
			if !math.IsNaN(x) {
				place, _ := slices.BinarySearch(times, r.U[k/width])
				all[k%width].Add(x)
				within[k%width*courses+place*courses/len(times)].Add(x)
			}
		}
	}
	told := 0.0
	for j, m := range all {
		left := 0.0
		for _, part := range within[j*courses : (j+1)*courses] {
			left += part.N * part.Variance()
		}
		if total := m.N * m.Variance(); total > 0 {
			told += (1 - left/total) / float64(width)
		}
	}
	return told >= common
}
