package support

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestWholesAreKept protects that channels which sum to the same do so in what is drawn, on their grid, and that others are
// left alone.
func TestWholesAreKept(t *testing.T) {
	rounded := func(places float64, rest bool) func(bool, *rand.Rand) []float64 {
		return func(_ bool, rng *rand.Rand) []float64 {
			row := []float64{rng.ExpFloat64(), rng.ExpFloat64(), rng.ExpFloat64() * float64(rng.IntN(2))}
			sum := row[0] + row[1] + row[2]
			for j, x := range row {
				row[j] = math.Round(100*places*x/sum) / places
			}
			if rest {
				row[1] = math.Round(places*(100-row[0]-row[2])) / places
			}
			return row
		}
	}
	for _, test := range []struct {
		name string
		next func(bool, *rand.Rand) []float64
		want float64 // 0 for none
	}{
		{"percentages", rounded(10, true), 100},
		{"rounded each by itself", rounded(10, false), 100},
		{"parts", func(start bool, rng *rand.Rand) []float64 {
			x := rng.Float64()
			return []float64{x, 1 - x}
		}, 1},
		{"prices", prices(), 0},
		{"counts", func(_ bool, rng *rand.Rand) []float64 { return []float64{float64(rng.IntN(3)), float64(rng.IntN(3))} }, 0},
	} {
		all := Of(rowsOf(4, 100, test.next))
		if all[0].Whole == nil {
			if test.want != 0 {
				t.Errorf("%s: no whole is found", test.name)
			}
			continue
		}
		if math.Abs(*all[0].Whole-test.want) > 1e-9 {
			t.Errorf("%s: the whole is %v, want %v", test.name, *all[0].Whole, test.want)
		}
		rng := rand.New(rand.NewPCG(3, 3))
		var drawn []float64
		for range 100 {
			for _, x := range test.next(false, rng) {
				drawn = append(drawn, max(0, x*(1+0.1*rng.NormFloat64())))
			}
		}
		Snap(all, Cuts(all, nil), drawn, true)
		for c := len(all); len(drawn) > 0; drawn = drawn[c:] {
			sum := 0.0
			for j, x := range drawn[:c] {
				if sum += x; all[j].part(x) != x {
					t.Errorf("%s: %v is off the grid", test.name, x)
				}
			}
			if math.Abs(sum-test.want) > 1e-9 {
				t.Errorf("%s: %v sum to %v", test.name, drawn[:c], sum)
			}
		}
	}
}
