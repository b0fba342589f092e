package continuous

import (
	"math"
	"slices"
)

// mostUnasked bounds the number of times of Unasked.
const mostUnasked = 256

// Unasked returns the times that are whole units after last, up to the last of asked, which increase, and not among these; of
// very many every second, fourth, and so on. What is the greatest up to a time, told of these, too, does not depend on
// which others are asked for.
func Unasked(last float64, asked []float64) []float64 {
	if len(asked) == 0 {
		return nil
	}
	units, step := math.Floor(asked[len(asked)-1]-last), 1.0
	if math.IsInf(units, 0) {
		return nil
	}
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
