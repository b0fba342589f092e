package forecast

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Weighted quantiles, for which many values are put in bins first, are those of sorting them all: of many
// sizes, with ties, zeros and infinities.
func TestWeightedQuantile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 200 {
		var seen []originResiduals
		var sorted []weighted
		for o := range 4 {
			seen = append(seen, originResiduals{weight: weightOf(o, 4)})
		}
		most := 300
		if trial%4 == 0 {
			most = 20000 // so many are put in bins
		}
		for range 1 + r.IntN(most) {
			v := math.Exp(3 * r.NormFloat64())
			switch r.IntN(8) {
			case 0:
				v = 0
			case 1:
				v = math.Inf(1)
			case 2:
				v = 1.5
			case 3:
				v = math.NaN()
			}
			o := &seen[r.IntN(4)]
			o.values = append(o.values, calibrationResidual{size: v})
			if !math.IsNaN(v) {
				sorted = append(sorted, weighted{v, o.weight})
			}
		}
		slices.SortFunc(sorted, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
		total := 0.0
		for _, s := range sorted {
			total += s.weight
		}
		fresh := float64(trial % 2)
		probabilities := []float64{0.5, 0.8, 0.95, 0.999}
		quantiles := weightedQuantiles(selection{origins: seen}, fresh, probabilities, size)
		if (quantiles != nil) != (len(sorted) > 0) {
			t.Fatalf("trial %d: quantiles %v of %d values", trial, quantiles, len(sorted))
		}
		for i, got := range quantiles {
			p := probabilities[i]
			k, sum := 0, sorted[0].weight
			for ; sum < (total+fresh)*p-1e-9 && k < len(sorted)-1; sum += sorted[k].weight {
				k++
			}
			if got != sorted[k].value {
				t.Errorf("trial %d: the quantile for %v is %v, want %v", trial, p, got, sorted[k].value)
			}
		}
	}
}
