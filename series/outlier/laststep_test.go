package outlier

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/series/internal/robust"
)

// A level that moves for good a few values before the end is found near its place in nearly all draws, and what comes before is moved
// to it; a move that has been before and was over again is none.
func TestLastStep(t *testing.T) {
	for name, c := range map[string]struct {
		factor, sd float64
		days       int
		again      bool
		least      int // of 50
	}{
		"five days":           {1.6, 14, 5, false, 48},
		"four days by a half": {0.5, 14, 4, false, 45},
		"a third, eight days": {1.35, 14, 8, false, 45},
		"three days":          {1.6, 14, 3, false, 0},
		"no more":             {1, 14, 5, false, 0},
		"as before":           {1.6, 14, 5, true, 0},
	} {
		right := 0
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 35))
			n := 150 + rng.IntN(300)
			y := weekly(rng, n, 380, c.sd)
			for i := n - c.days; i < n; i++ {
				y[i] *= c.factor
			}
			if c.again {
				for i := range c.days {
					y[n/2+i] *= c.factor
				}
			}
			p := dated(y)
			for _, f := range Find(p, 7) {
				switch {
				case !f.Break:
				case f.Of != Level || math.Abs(float64(f.Row-(n-c.days))) > 1 || c.least == 0:
					t.Errorf("%s, draw %d: a break at %d of %d", name, seed, f.Row, n)
				default:
					right++
					level := robust.Median(Limit(p, []Finding{f}).Series[0].Values[:n-c.days])
					if math.Abs(level/(380*c.factor)-1) > 0.15 { // of so few values, not all of a week
						t.Errorf("%s, draw %d: what comes before is moved to %.0f", name, seed, level)
					}
				}
			}
		}
		if right < c.least {
			t.Errorf("%s: %d of 50 are found", name, right)
		}
	}
}
