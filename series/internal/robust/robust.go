// Package robust has measures of location and spread that few values far off do not move.
package robust

import (
	"math"
	"slices"
)

// Median returns the median of y.
func Median(y []float64) float64 {
	s := slices.Clone(y)
	slices.Sort(s)
	return s[(len(s)-1)/2]/2 + s[len(s)/2]/2
}

// Deviation returns the standard deviation of normal values about zero that have the median size of x.
func Deviation(x []float64) float64 {
	const ofSize = 1.4826 // deviation of normal values over their median size
	sizes := make([]float64, len(x))
	for i, v := range x {
		sizes[i] = math.Abs(v)
	}
	return ofSize * Median(sizes)
}

// RunningMedian returns the medians of width values around each, of the first or the
// last ones near the ends.
func RunningMedian(y []float64, width int) []float64 {
	n := len(y)
	width = min(width, n)
	window := slices.Clone(y[:width])
	slices.Sort(window)
	level := make([]float64, n)
	from := 0
	for i := range y {
		for from < i-width/2 && from+width < n {
			k, _ := slices.BinarySearch(window, y[from])
			window = slices.Delete(window, k, k+1)
			k, _ = slices.BinarySearch(window, y[from+width])
			window = slices.Insert(window, k, y[from+width])
			from++
		}
		level[i] = window[(width-1)/2]/2 + window[width/2]/2
	}
	return level
}
