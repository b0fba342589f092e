package support

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// A Tie says how often a channel equals another that it is never below, as a price is often the day's highest.
type Tie struct {
	With  int     `json:"with"`
	Share float64 `json:"share"` // of the rows
	// Gaps are quantiles of the gaps that there are otherwise, as Amounts of values: of the differences, and of positive
	// channels as Ratio says of those of the logarithms.
	Gaps  []float64 `json:"gaps"`
	Ratio bool      `json:"ratio,omitempty"`
}

// gap returns that of channel j of a row.
func (t *Tie) gap(row []float64, j int) float64 {
	if low := row[t.With]; !t.Ratio || low <= 0 {
		return row[j] - low
	}
	return math.Log(row[j] / row[t.With])
}

// learnTies sets the ties of the channels of a panel with the values.
func learnTies(all []Channel, values []float64) {
	c, in := len(all), inTotals(all)
	for j := range all {
		for _, i := range all[j].Over {
			if in[i] || in[j] {
				continue // a tie would break the total
			}
			t := Tie{With: i, Ratio: len(all[i].Seen) > 0 && all[i].Seen[0] > 0}
			same, n := 0.0, 0.0
			var gaps []float64
			for k := 0; k < len(values); k += c {
				switch d := t.gap(values[k:k+c], j); {
				case d == 0:
					same++
					n++
				case d > 0:
					gaps = append(gaps, d)
					n++
				}
			}
			slices.Sort(gaps)
			t.Share, t.Gaps = same/max(1, n), spread(gaps)
			if same > 2 && t.Share >= atom && t.Gaps != nil {
				all[j].Ties = append(all[j].Ties, t)
			}
		}
	}
}

// check says what is wrong with a tie of one of a number of channels that was read.
func (t *Tie) check(channels int) error {
	if t.With < 0 || t.With >= channels || !(t.Share >= 0 && t.Share <= 1) || len(t.Gaps) != amounts || !slices.IsSorted(t.Gaps) {
		return fmt.Errorf("a share %v of ties with channel %d of %d, beside %d gaps", t.Share, t.With, channels, len(t.Gaps))
	}
	return nil
}

// bin returns that of a gap: the number of the quantile above which it lies.
func (t *Tie) bin(d float64) int {
	return min(max(0, sort.SearchFloat64s(t.Gaps, d)-1), len(t.Gaps)-2)
}

// closings returns the probabilities, bin by bin, by which gaps in drawn, rows of a value a channel, are to
// become ties: what is drawn there too often for the data, so that small ones that stand for ties become such and
// those that are left are as large as they should be. It is nil if as many are ties as should be.
func (t *Tie) closings(drawn []float64, channels, j int) []float64 {
	bins := len(t.Gaps) - 1
	data, made, closing := make([]float64, bins), make([]float64, bins), make([]float64, bins)
	for b := range bins {
		data[t.bin((t.Gaps[b]+t.Gaps[b+1])/2)] += (1 - t.Share) / float64(bins)
	}
	part := float64(channels) / float64(len(drawn))
	missing := t.Share
	for k := 0; k < len(drawn); k += channels {
		if d := t.gap(drawn[k:k+channels], j); d > 0 {
			made[t.bin(d)] += part
		} else {
			missing -= part
		}
	}
	if missing <= 0 {
		return nil
	}
	sum := 0.0
	for b, m := range made {
		if m > data[b] {
			closing[b] = 1 - data[b]/m
			sum += m - data[b]
		}
	}
	for b := range closing {
		closing[b] *= min(1, missing/sum)
	}
	return closing
}

// tie has gaps in the rows of values become ties as the cuts say, a channel once in a row, where orders
// and supports stay kept.
func tie(all []Channel, cuts []Cut, values []float64, rng *rand.Rand) {
	c := len(all)
	tied := make([]bool, c)
	for ; len(values) >= c && c > 0; values = values[c:] {
		row := values[:c]
		clear(tied)
		for j := range all {
			for n := range cuts[j].closings {
				t := &all[j].Ties[n]
				i, closing := t.With, cuts[j].closings[n]
				d := t.gap(row, j)
				if closing == nil || !(d > 0) || tied[i] || tied[j] || rng.Float64() >= closing[t.bin(d)] {
					continue
				}
				tied[i] = equal(all, row, i, row[j]) || equal(all, row, j, row[i])
				tied[j] = tied[i]
			}
		}
	}
}

// equal sets channel j of a row to x if that is one of its values and keeps the orders, and reports whether.
func equal(all []Channel, row []float64, j int, x float64) bool {
	if all[j].Nearest(x) != x {
		return false
	}
	for k, other := range all {
		if slices.Contains(all[j].Over, k) && row[k] > x || slices.Contains(other.Over, j) && row[k] < x {
			return false
		}
	}
	row[j] = x
	return true
}
