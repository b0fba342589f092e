package support

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestTotalsAreKept protects that channels which are sums or differences of others are found, are so in what is drawn, and
// that what merely goes along with others is no total.
func TestTotalsAreKept(t *testing.T) {
	cents := func(x float64) float64 { return math.Round(100*x) / 100 }
	for _, test := range []struct {
		name string
		next func(rng *rand.Rand) []float64
		want string
	}{
		{"regions and countries", func(rng *rand.Rand) []float64 {
			n, s, w := cents(50*rng.ExpFloat64()), cents(80*rng.ExpFloat64()), cents(10*rng.ExpFloat64())
			return []float64{n + s, n, s, w, n + s + w}
		}, "a is b + c; e is b + c + d"},
		{"rounded each by itself", func(rng *rand.Rand) []float64 {
			x, y := 1000*rng.ExpFloat64(), 300*rng.ExpFloat64()
			return []float64{math.Round(x), math.Round(y), math.Round(x + y)}
		}, "c is a + b"},
		{"income, costs and profit", func(rng *rand.Rand) []float64 {
			costs, profit := 100+rng.NormFloat64(), 5*rng.NormFloat64()
			return []float64{costs + profit, costs, profit}
		}, "a is b + c"},
		{"a copy", func(rng *rand.Rand) []float64 {
			x := rng.NormFloat64()
			return []float64{x, x}
		}, "b is a"},
		{"parts of a whole", func(rng *rand.Rand) []float64 {
			x := rng.Float64()
			return []float64{x, 1 - x}
		}, ""},
		{"measured apart", func(rng *rand.Rand) []float64 {
			x, y := rng.ExpFloat64(), rng.ExpFloat64()
			return []float64{x, y, x + y + 0.01*rng.NormFloat64()}
		}, ""},
		{"degrees", func(rng *rand.Rand) []float64 {
			x := 20 * rng.NormFloat64()
			return []float64{x, 32 + 1.8*x}
		}, ""},
		{"small counts", func(rng *rand.Rand) []float64 {
			return []float64{float64(rng.IntN(2)), float64(rng.IntN(2)), float64(rng.IntN(3))}
		}, ""},
	} {
		all := Of(rowsOf(4, 100, func(_ bool, rng *rand.Rand) []float64 { return test.next(rng) }))
		if got := Totals(all, []string{"a", "b", "c", "d", "e"}); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		rng := rand.New(rand.NewPCG(3, 3))
		var drawn []float64
		for range 100 {
			for _, x := range test.next(rng) {
				drawn = append(drawn, x*(1+0.1*rng.NormFloat64()))
			}
		}
		Snap(all, Cuts(all, nil), drawn, true)
		for c := len(all); len(drawn) > 0; drawn = drawn[c:] {
			for j := range all {
				if total := all[j].Total; total != nil && math.Abs(drawn[j]-total.of(drawn[:c])) > 1e-9 {
					t.Errorf("%s: channel %d of %v is no total", test.name, j, drawn[:c])
				}
			}
		}
	}
}
