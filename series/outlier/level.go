package outlier

import "slices"

// levelOf returns the centered mean of whole seasons, with half the weight for the ends of an
// even number of values, along its last line at either end.
func levelOf(z []float64, season int) []float64 {
	n := len(z)
	width := (leastLevel + season - 1) / season * season
	half := width / 2
	if n < 2*width+2 {
		half = 0
	}
	level := make([]float64, n)
	inner := 2*half + 1 // values that have all their weight
	if width%2 == 0 && half > 0 {
		inner = width - 1
	}
	sums := windowSums(z, inner)
	for t := half; t < n-half; t++ {
		if inner == 2*half+1 {
			level[t] = sums[t-half] / float64(inner)
		} else {
			level[t] = ((z[t-half]+z[t+half])/2 + sums[t-half+1]) / float64(width)
		}
	}
	first, last := half, n-1-half
	for t := range half {
		level[t] = level[first] - (level[first+half]-level[first])*float64(first-t)/float64(half)
		end := n - 1 - t
		level[end] = level[last] + (level[last]-level[last-half])*float64(end-last)/float64(half)
	}
	return level
}

// windowSums returns the sums of width values from each on. Each is of the end of a stretch of that width and the beginning
// of the next, so that no rounding errors add up.
func windowSums(z []float64, width int) []float64 {
	n := len(z)
	begin, end := slices.Clone(z), slices.Clone(z) // sums from the beginning of the stretch, and to its end
	for t := range z {
		if t%width > 0 {
			begin[t] += begin[t-1]
		}
		if k := n - 1 - t; k+1 < n && (k+1)%width > 0 {
			end[k] += end[k+1]
		}
	}
	sums := end[:n-width+1]
	for t := range sums {
		if t%width > 0 {
			sums[t] += begin[t+width-1]
		}
	}
	return sums
}
