package pooled

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestSlopes protects what is said of the spread ahead of series that go somewhere each its own way: the
// mean squared error of ten steps ahead is about the variance; without the slopes it is nearly four times that.
func TestSlopes(t *testing.T) {
	const seen, ahead = 15, 10
	for _, deviation := range []float64{0, 0.4} {
		var all []course
		var future []float64
		for i := range 300 {
			rng := rand.New(rand.NewPCG(4, uint64(i)))
			slope := deviation * rng.NormFloat64()
			value := func(k int) float64 { return 20 + slope*float64(k) + 2*rng.NormFloat64() }
			c := course{}
			for k := range seen {
				c.t, c.y = append(c.t, float64(k)), append(c.y, value(k))
			}
			all, future = append(all, c), append(future, value(seen-1+ahead))
		}
		f, err := fitChannel(context.Background(), all, true)
		if err != nil {
			t.Fatal(err)
		}
		ratio, at := 0.0, []float64{seen - 1 + ahead}
		for i, c := range all {
			c = f.scaled(c)
			center, beyond := f.Mean.at(at[0], c.start)
			mean, variance := f.Kernel.smooth(c.from(&f.Mean), at)
			e := f.transform(future[i]) - center - mean[0]
			ratio += e * e / (variance[0] + beyond + f.Kernel.Noise + f.sloped(c, at[0])) / float64(len(all))
			if within := f.sloped(c, 7); within != 0 {
				t.Fatalf("a time among the values has %v more variance", within)
			}
		}
		if ratio < 0.67 || ratio > 1.7 {
			t.Errorf("slopes of deviation %v: the squared errors are %.2f times the variance", deviation, ratio)
		}
	}
}
