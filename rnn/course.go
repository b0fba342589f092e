package rnn

import "tsgen/internal/neural"

// A course holds the values of a window that particles have seen, the same for all, and those
// that each path has drawn beyond its origin, in the window's level and scale.
type course struct {
	channels              int
	first, window, origin int       // the steps at which the values seen, the window and those drawn begin
	rows                  int       // paths
	history               []float64 // a row a step
	future                []float64 // for every step a row a path
}

// courseOf returns the values of w before its origin, which b has been filled with, and as many
// steps before w as the lags reach.
func (b *batch) courseOf(w *neural.Window) course {
	c, reach := len(b.Channels), 1
	for _, lag := range b.delays {
		reach = max(reach, lag)
	}
	v := course{channels: c, first: w.From - reach, window: w.From, origin: w.Origin}
	for i := v.first; i < v.origin; i++ {
		for j := range c {
			v.history = append(v.history, b.normal(0, j, w.Value(i, j, c)))
		}
	}
	return v
}

// beyond makes room for so many steps of a number of paths.
func (v *course) beyond(paths, steps int) {
	v.rows, v.future = paths, make([]float64, steps*paths*v.channels)
}

// at returns the values of path k at step i.
func (v *course) at(i, k int) []float64 {
	if i < v.origin {
		i -= v.first
		return v.history[i*v.channels : (i+1)*v.channels]
	}
	return v.drawnAt(i, k, k+1)
}

// drawnAt returns the values of the paths from from to to (exclusive) at step i, one beyond the
// origin.
func (v *course) drawnAt(i, from, to int) []float64 {
	row := (i - v.origin) * v.rows
	return v.future[(row+from)*v.channels : (row+to)*v.channels]
}

// tellPast sets known and past to what is known before step i of so many paths from from on.
func (r *particleFilter[T]) tellPast(i, from, rows int) {
	r.known, r.past = r.before(r.known[:0], r.past[:0], func(lag, j int) float64 { return r.at(i-lag, from)[j] })
	u, l, c := len(r.known), len(r.past), r.channels
	for range rows - 1 {
		r.known, r.past = append(r.known, r.known[:u]...), append(r.past, r.past[:l]...)
	}
	// What paths have drawn is theirs.
	for n, lag := range r.delays {
		if i-lag < r.origin {
			continue
		}
		for k, x := range r.drawnAt(i-lag, from, from+rows) {
			row, place := k/c, n*c+k%c
			r.past[row*l+place] = x
			r.known[row*u+len(r.delays)*c+place] = x
		}
	}
}
