package modal

import "tsgen/internal/mixture"

// A widest is the greatest variance of what lies ahead of a record up to a time, by channel, also at times that
// nobody asks for (continuous.Unasked).
type widest struct {
	times []float64         // still to come
	laws  []mixture.Mixture // at these, len(times) x channels
	most  []float64
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
