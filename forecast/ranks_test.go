package forecast

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The values of the ranks that are sought are those of the whole sample in order, whatever ties
// it has and however it is ordered before.
func TestSortRanks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		x := make([]float64, 1+rnd.IntN(400))
		for i := range x {
			x[i] = float64(rnd.IntN(1 + rnd.IntN(1000)))
		}
		if rnd.IntN(4) == 0 {
			slices.Sort(x)
		}
		want := slices.Sorted(slices.Values(x))
		ranks := ranksOf(len(x), []float64{0.5, rnd.Float64(), 0.025, 0.975})
		sortRanks(x, 0, ranks)
		for _, r := range ranks {
			if x[r] != want[r] {
				t.Fatalf("rank %d of %d is %v, want %v", r, len(x), x[r], want[r])
			}
		}
	}
}
