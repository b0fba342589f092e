package latentode

import (
	"math"
	"slices"
)

const (
	weightSteps = 8   // between the weights 0 and 1 of the network that are tried
	ownValues   = 100 // held-back values of a channel that count as much as those of all channels
)

// losses are the quantile losses of held-back values by the weight of the network beside its companion.
type losses struct {
	channels int
	series   map[string]int // its place in sums
	sums     [][][weightSteps + 1]float64
	counts   []float64 // of the values of each channel
}

// add adds those of a value of channel j.
func (l *losses) add(series string, j int, loss [weightSteps + 1]float64) {
	if l.series == nil {
		l.series, l.counts = make(map[string]int), make([]float64, l.channels)
	}
	i, ok := l.series[series]
	if !ok {
		i = len(l.sums)
		l.series[series] = i
		l.sums = append(l.sums, make([][weightSteps + 1]float64, l.channels))
	}
	for k, x := range loss {
		l.sums[i][j][k] += x
	}
	l.counts[j]++
}

// weights returns for each channel the weight by which its loss is least, drawn towards that by which
// the loss of all channels is. Where series do not agree that a weight is better than a smaller one, by a standard error
// of the difference, it is the smaller one: a companion has few parameters, and what is held back has
// chosen the network's already.
func (l *losses) weights() []float64 {
	weights := make([]float64, l.channels)
	if len(l.sums) == 0 {
		return weights
	}
	units, values := make([]float64, l.channels), 0.0
	for j, n := range l.counts {
		for _, s := range l.sums {
			units[j] += s[j][0]
		}
		units[j] /= n
		values += n
	}
	relative := make([][][weightSteps + 1]float64, len(l.sums)) // by series and channel, the last of all channels
	for i, s := range l.sums {
		relative[i] = make([][weightSteps + 1]float64, l.channels+1)
		for j, unit := range units {
			if !(unit > 0) {
				continue
			}
			for k, x := range s[j] {
				relative[i][j][k] = x / unit
				relative[i][l.channels][k] += x / unit / values
			}
		}
	}
	drawn := make([][weightSteps + 1]float64, len(l.sums))
	for j := range weights {
		for i, r := range relative {
			for k := range drawn[i] {
				drawn[i][k] = r[j][k] + ownValues*r[l.channels][k]
			}
		}
		weights[j] = float64(cautious(drawn)) / weightSteps
	}
	return weights
}

// cautious returns the least choice whose losses, summed over the series, are no more than a standard error of
// the difference above those of the best.
func cautious(losses [][weightSteps + 1]float64) int {
	var sum [weightSteps + 1]float64
	for _, l := range losses {
		for k, x := range l {
			sum[k] += x
		}
	}
	best := slices.Index(sum[:], slices.Min(sum[:]))
	for k := range best {
		difference := sum[k] - sum[best]
		square, n := 0.0, float64(len(losses))
		for _, l := range losses {
			d := l[k] - l[best] - difference/n
			square += d * d
		}
		if difference <= math.Sqrt(square*n/max(1, n-1)) {
			return k
		}
	}
	return best
}
