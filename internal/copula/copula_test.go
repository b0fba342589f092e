package copula

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestGaussian demands that the copula draws what it was fitted to: scores that are
// standard normal and have known correlations between steps, some of them
// missing, and between channels.
func TestGaussian(t *testing.T) {
	const steps, channels, examples = 4, 2, 3000
	const persistence, together = 0.9, -0.6
	rng := rand.New(rand.NewPCG(1, 1))
	var scores []float64
	for range examples {
		var z [channels][steps]float64
		for k := range steps {
			a := rng.NormFloat64()
			noise := [channels]float64{a, together*a + math.Sqrt(1-together*together)*rng.NormFloat64()}
			for j := range z {
				z[j][k] = noise[j]
				if k > 0 {
					z[j][k] = persistence*z[j][k-1] + math.Sqrt(1-persistence*persistence)*noise[j]
				}
			}
		}
		z[0][2] = math.NaN()
		for j := range z {
			scores = append(scores, z[j][:]...)
		}
	}
	g := Gaussian{Steps: make([]float64, steps*steps), Channels: make([]float64, channels*channels)}
	g.Fit(scores)
	var sum [steps * channels][steps * channels]float64
	draw := make([]float64, steps*channels)
	const draws = 20000
	for range draws {
		g.Draw(draw, rng)
		for a, x := range draw {
			for b, y := range draw {
				sum[a][b] += x * y / draws
			}
		}
	}
	for _, c := range []struct {
		a, b int
		want float64
	}{
		{0, 0, 1}, {7, 7, 1}, {0, 2, persistence}, {1, 7, math.Pow(persistence, 3)}, {0, 1, together}, {0, 3, together * persistence},
	} {
		// Correlations are shrunk by a tenth each, and a missing score counts as none.
		least := c.want
		if c.a != c.b {
			least *= 0.7
		}
		if got := math.Abs(sum[c.a][c.b]); got < math.Abs(least)-0.03 || got > math.Abs(c.want)+0.05 || sum[c.a][c.b]*c.want < 0 {
			t.Errorf("correlation of %d and %d is %.3f, want %.3f or somewhat less", c.a, c.b, sum[c.a][c.b], c.want)
		}
	}
}

// TestNothingKnown demands that scores that are all missing or the same leave a copula of
// independent values.
func TestNothingKnown(t *testing.T) {
	for _, z := range []float64{0, math.NaN()} {
		g := Gaussian{Steps: make([]float64, 4), Channels: make([]float64, 1)}
		g.Fit([]float64{z, z, z, z})
		if g.Steps[0] != 1 || g.Steps[2] != 0 || g.Steps[3] != 1 || g.Channels[0] != 1 {
			t.Errorf("scores of %v make the factor %v", z, g.Steps)
		}
	}
}
