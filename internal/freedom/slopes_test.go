package freedom

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSlopes protects the estimate: errors of variance 4 about slopes of variance 0.09 give those, errors
// without slopes next to none, and few series none at all.
func TestSlopes(t *testing.T) {
	draw := func(series int, deviation float64) [][]Miss {
		rng := rand.New(rand.NewPCG(1, 2))
		all := make([][]Miss, series)
		for i := range all {
			slope := deviation * rng.NormFloat64()
			for since := 5.0; since < 15; since++ {
				e := slope*since + 2*rng.NormFloat64()
				all[i] = append(all[i], Miss{e * e, 4, since * since})
			}
		}
		return all
	}
	if v := Slopes(draw(2000, 0.3)); math.Abs(v-0.09) > 0.01 {
		t.Errorf("slopes of variance 0.09 are estimated as %v", v)
	}
	if v := Slopes(draw(2000, 0)); v > 0.002 {
		t.Errorf("without slopes a variance of %v", v)
	}
	if v := Slopes(draw(leastSeries-1, 0.3)); v != 0 {
		t.Errorf("so few series have slopes of variance %v", v)
	}
}
