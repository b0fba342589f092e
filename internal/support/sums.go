package support

import (
	"math"
	"strings"
)

const (
	// constant is how many times the variances of channels together are that of their sum at least, for the channels
	// to be parts of a whole.
	constant = 1e4
	exact    = 1e-9 // of a whole, by which sums miss it as numbers are stored
)

// learnWhole sets Whole, of the channels of values, rows of a value a channel, if all are parts of a whole, such as
// percentages: in every complete row they sum to the same, but for their rounding.
func learnWhole(all []Channel, values []float64) {
	c := len(all)
	least, most, n := math.Inf(1), math.Inf(-1), 0
	mean, square := make([]float64, c+1), make([]float64, c+1) // the last are those of the sum
	for k := 0; k+c <= len(values); k += c {
		sum := 0.0
		for _, x := range values[k : k+c] {
			sum += x
		}
		if math.IsNaN(sum) {
			continue
		}
		n++
		least, most = min(least, sum), max(most, sum)
		for j := range mean {
			x := sum
			if j < c {
				x = values[k+j]
			}
			d := x - mean[j]
			mean[j] += d / float64(n)
			square[j] += d * (x - mean[j])
		}
	}
	rounding, apart, finest := 0.0, 0.0, all[0].Grid
	for j, s := range all {
		rounding += s.Grid / 2
		apart += square[j]
		finest = min(finest, s.Grid)
	}
	whole := (least + most) / 2
	if c < 2 || n < evidence || !(most-least <= 2*rounding+exact*math.Abs(whole)) || !(apart > constant*square[c]) {
		return
	}
	whole = Channel{Grid: finest}.Nearest(whole)
	for j := range all {
		all[j].Whole = &whole
	}
}

// keepWhole brings the rows of values to the whole of which their channels are parts, each by its size.
func keepWhole(all []Channel, values []float64) {
	c := len(all)
	if c == 0 || all[0].Whole == nil {
		return
	}
	for ; len(values) >= c; values = values[c:] {
		row := values[:c]
		sum, sizes, largest := 0.0, 0.0, 0
		for j, x := range row {
			sum, sizes = sum+x, sizes+math.Abs(x)
			if math.Abs(x) > math.Abs(row[largest]) {
				largest = j
			}
		}
		if sizes == 0 {
			continue
		}
		missing := *all[0].Whole - sum
		rest := *all[0].Whole
		for j, x := range row {
			row[j] = all[j].part(x + missing*math.Abs(x)/sizes)
			rest -= row[j]
		}
		row[largest] = all[largest].part(row[largest] + rest)
	}
}

// part returns the value next to x that a part may have, also one that was not seen.
func (c Channel) part(x float64) float64 {
	return Channel{Grid: c.Grid, Least: c.Least, Most: c.Most}.Nearest(x)
}

// Whole says in words what the named channels are parts of, "" if of nothing.
func Whole(all []Channel, names []string) string {
	if len(all) == 0 || all[0].Whole == nil {
		return ""
	}
	return strings.Join(names, ", ") + " sum to the same"
}
