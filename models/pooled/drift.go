package pooled

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Few series without a curve in common may be on their way somewhere, and a process that forgets then returns to their middle.
// The slopes that they had may go on or not.

// mostDrifting is the number of series below which their own slopes tell how far they may go; second halves do of more.
const mostDrifting = 20

// drift returns the mean square of the slopes of lines through what series deviate from the mean by.
func (f *channelFit) drift(all []course) float64 {
	if len(all) >= mostDrifting || len(f.Mean.Knots) > 0 {
		return 0
	}
	sum, n := 0.0, 0
	for _, c := range all {
		if len(c.t) < leastBefore {
			continue
		}
		_, b := stat.LinearRegression(c.t, c.from(&f.Mean).y, nil, false)
		sum += b * b
		n++
	}
	return sum / float64(max(n, 1))
}

// drifted returns what a slope of one standard deviation, of which nothing is known, adds to what comes at some times outside of
// those that were seen: how far a line is from what the process makes of it.
func (f *channelFit) drifted(seen deviation, at []float64) []float64 {
	added, n := make([]float64, len(at)), len(seen.t)
	if f.Drift == 0 || n == 0 {
		return added
	}
	middle := stat.Mean(seen.t, nil)
	line := deviation{course{seen.start, seen.t, make([]float64, n)}, seen.beside}
	for i, t := range seen.t {
		line.y[i] = t - middle
	}
	forecast, _ := f.Kernel.smooth(line, at)
	for i, t := range at {
		if t < seen.t[0] || t > seen.t[n-1] {
			added[i] = math.Sqrt(f.Drift) * (t - middle - forecast[i])
		}
	}
	return added
}
