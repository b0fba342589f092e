package network

import "tsgen/internal/kernel"

// Bounds of the search for a cycle.
const (
	leastForCycle = 48   // steps of a history
	cycleSteps    = 128  // to which it is brought at most
	leastCycle    = 0.25 // autocorrelation
)

// cycle returns the period of the cycle longer than two seasons that the autocorrelation
// of the values shows, once the season is averaged out and a line taken off, and that
// autocorrelation; 0 if there is none of at least two turns.
func (v *View) cycle() (period int, strength float64) {
	n := len(v.y)
	if n < leastForCycle {
		return 0, 0
	}
	width := max((n+cycleSteps-1)/cycleSteps, 1)
	x := v.room.take(cycleSteps)[:0]
	half := v.season / 2
	for end := n; end >= width; end -= width { // the last steps come first
		mean, _ := v.mean(end-width-half, end+half)
		x = append(x, (mean-v.last)/v.Scale)
	}
	straighten(x)
	r := correlations(v.room, x, len(x)/2)
	k := 1
	for k < len(r) && r[k] > 0 {
		k++
	}
	best := 0
	for k = max(k, 2*v.season/width+1, 3); k < len(r)-1; k++ {
		// A multiple of the period is hardly higher.
		if r[k] > r[k-1] && r[k] >= r[k+1] && r[k] > leastCycle && (best == 0 || r[k] > 1.15*r[best]) {
			best = k
		}
	}
	if best == 0 {
		return 0, 0
	}
	// The top of the parabola through the peak and its neighbours.
	a, b, c := r[best-1], r[best], r[best+1]
	top := float64(best) + 0.5*(a-c)/(a-2*b+c)
	return int(top*float64(width) + 0.5), min(r[best], 0.9)
}

// straighten takes the least squares line off.
func straighten(x []float64) {
	n := float64(len(x))
	var sum, weighted float64
	for i, v := range x {
		sum += v
		weighted += (float64(i) - (n-1)/2) * v
	}
	slope := weighted / (n * (n*n - 1) / 12)
	for i := range x {
		x[i] -= sum/n + slope*(float64(i)-(n-1)/2)
	}
}

// correlations returns the autocorrelations of x, which has the mean 0, up to a lag, each
// as of all values.
func correlations(room *room, x []float64, most int) []float64 {
	r := room.take(most + 1)
	for lag := range r {
		r[lag] = kernel.Dot(x[lag:], x[:len(x)-lag]) * float64(len(x)) / float64(len(x)-lag)
	}
	for lag := most; lag >= 0; lag-- {
		r[lag] /= r[0] + 1e-12
	}
	return r
}
