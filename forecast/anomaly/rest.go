package anomaly

import (
	"math"
	"slices"
)

const (
	restingPart   = 0.2 // of the values, at least, that lie at a value that a channel rests at
	fewestMoving  = 8   // values that do not, to tell anything of them
	mostOfTheRest = 0.5 // of the values that do not rest, the most that are found whatever the rate
)

// A rest is the least or the greatest value of a channel, at which many lie: no rain, no demand, all
// at work. Such a value is no anomaly, and says nothing of how far the others are off.
type rest struct {
	at   float64 // NaN where there is none
	part float64 // of the values that lie there
}

// restOf returns that of the values of a channel, of which NaN is none.
func restOf(values []float64) rest {
	if len(values) == 0 {
		return rest{at: math.NaN()}
	}
	best := rest{at: math.NaN()}
	for _, at := range []float64{slices.Min(values), slices.Max(values)} {
		n := 0
		for _, v := range values {
			if v == at {
				n++
			}
		}
		if part := float64(n) / float64(len(values)); part >= restingPart && part > best.part && len(values)-n >= fewestMoving {
			best = rest{at, part}
		}
	}
	return best
}

// rate returns the share of the values that do not rest that stands for a share of all.
func (r rest) rate(ofAll float64) float64 { return min(ofAll/(1-r.part), max(ofAll, mostOfTheRest)) }
