package baseline

import "math"

// loess smooths y, whose values lie one apart, by local regression of degree 0
// or 1 over windows of a width (Cleveland 1979), and writes the values at the
// positions first, first+1 ... to dst. A position outside y is extrapolated
// from the window next to it. weight, if not nil, weighs the values beside
// their distance. A side of a window on which fewer values have a weight than are
// in a quarter of it grows until as many have, so that a line through the few values
// beside a gap does not go on across it; where nothing weighs anything the
// nearest value of y stands in.
//
// Of a window of hundreds of values only every hundredth part is fitted and the
// values between are interpolated.
func loess(dst, y []float64, first, window, degree int, weight []float64) {
	n := len(y)
	jump, last := max(1, min(window, n)/100), 0
	weighed := weighedBefore(weight)
	for i := range dst {
		if i%jump != 0 && i != len(dst)-1 {
			continue
		}
		at := first + i
		left, right := 0, n-1
		if window < n {
			left = min(max(at-(window-1)/2, 0), n-window)
			right = left + window - 1
			if weight != nil {
				here := min(max(at, 0), n-1)
				for left > 0 && weighed[here]-weighed[left] < window/4 {
					left--
				}
				for right < n-1 && weighed[right+1]-weighed[here] < window/4 {
					right++
				}
			}
		}
		v, ok := localFit(y, at, left, right, window, degree, weight)
		if !ok {
			v = y[min(max(at, 0), n-1)]
		}
		dst[i] = v
		for k := last + 1; k < i; k++ {
			dst[k] = between(dst[last], v, float64(k-last)/float64(i-last))
		}
		last = i
	}
}

// weighedBefore returns how many of the weights before each place, and in all, are not zero.
func weighedBefore(weight []float64) []int {
	if weight == nil {
		return nil
	}
	n := make([]int, len(weight)+1)
	for i, w := range weight {
		n[i+1] = n[i]
		if w > 0 {
			n[i+1]++
		}
	}
	return n
}

// localFit returns the local regression at a position over y[left:right+1],
// with tricube weights that vanish at the farther end of the window, or half of
// what the window exceeds y farther away. Weights are 1 within a thousandth and
// 0 beyond 999 thousandths of that distance, as in the authors' program.
func localFit(y []float64, at, left, right, window, degree int, weight []float64) (v float64, ok bool) {
	n := len(y)
	h := float64(max(at-left, right-at))
	if window > n {
		h += float64((window - n) / 2)
	}
	kernel := func(j int) float64 {
		r := math.Abs(float64(j - at))
		w := 0.0
		switch {
		case r <= 0.001*h:
			w = 1
		case r <= 0.999*h:
			c := r / h
			c = 1 - c*c*c
			w = c * c * c
		}
		if weight != nil {
			w *= weight[j]
		}
		return w
	}
	var sum, mean, value float64
	for j := left; j <= right; j++ {
		w := kernel(j)
		sum += w
		mean += w * float64(j)
		value += w * y[j]
	}
	if !(sum > 0) {
		return 0, false
	}
	mean /= sum
	value /= sum
	if degree == 0 || h == 0 {
		return value, true
	}
	var spread, slope float64
	for j := left; j <= right; j++ {
		w, d := kernel(j), float64(j)-mean
		spread += w * d * d
		slope += w * d * y[j]
	}
	// A window of values at one place has no slope.
	if math.Sqrt(spread/sum) > 0.001*float64(n-1) {
		value += slope / spread * (float64(at) - mean)
	}
	return value, true
}

// movingAverage writes the means of windows of y to dst, which has one value
// for each.
func movingAverage(dst, y []float64) {
	window := len(y) - len(dst) + 1
	sum := 0.0
	for _, v := range y[:window] {
		sum += v
	}
	for i := range dst {
		if i > 0 {
			sum += y[i+window-1] - y[i-1]
		}
		dst[i] = sum / float64(window)
	}
}
