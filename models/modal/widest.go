package modal

import (
	"math"
	"slices"

	"tsgen/internal/mixture"
)

// A widest is the greatest variance of what lies ahead of a record up to a time, by channel. It is told at whole units
// of time that nobody asks for too: what is said of one time does not depend on which others are asked for.
type widest struct {
	times []float64         // still to come
	laws  []mixture.Mixture // at these, len(times) x channels
	most  []float64
}

// mostUnasked bounds the number of times that are told beside those that are asked for.
const mostUnasked = 256

// unasked returns the times that are whole units after the last value of r, up to the last of asked, and not among these;
// of very many every second, fourth, and so on.
func unasked(r *record, asked []float64) []float64 {
	if len(r.t) == 0 || len(asked) == 0 {
		return nil
	}
	last := r.t[len(r.t)-1]
	units := math.Floor(asked[len(asked)-1] - last)
	step := 1.0
	for units/step > mostUnasked {
		step *= 2
	}
	var times []float64
	for u := step; u <= units; u += step {
		if _, found := slices.BinarySearch(asked, last+u); !found {
			times = append(times, last+u)
		}
	}
	return times
}

// until returns the greatest variance of channel j up to t, where it is the given one. Times must not fall from call to call.
func (w *widest) until(t float64, j int, variance float64) float64 {
	for ; len(w.times) > 0 && w.times[0] < t; w.times, w.laws = w.times[1:], w.laws[len(w.most):] {
		for c := range w.most {
			_, between, within := w.laws[c].Moments()
			w.most[c] = max(w.most[c], between+within)
		}
	}
	w.most[j] = max(w.most[j], variance)
	return w.most[j]
}
