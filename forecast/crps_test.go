package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
)

// The closed form agrees with the integral that defines the score.
func TestGaussianCRPS(t *testing.T) {
	// The definition: the integral of (F(z) - 1{z >= x})^2.
	integral := func(x, mean, sd float64) float64 {
		const n = 200000
		lo, hi := math.Min(x, mean-9*sd), math.Max(x, mean+9*sd)
		h := (hi - lo) / n
		sum := 0.0
		for i := range n {
			z := lo + (float64(i)+0.5)*h
			f := 0.5 * math.Erfc((mean-z)/(sd*math.Sqrt2))
			if z >= x {
				f--
			}
			sum += f * f * h
		}
		return sum
	}
	for _, tt := range []struct{ x, mean, sd float64 }{
		{0, 0, 1}, {1, 0, 1}, {-2.5, 0, 1}, {3, 5, 0.25}, {100, 90, 20}, {8, -1, 1},
	} {
		got, want := forecast.GaussianCRPS(tt.x, tt.mean, tt.sd), integral(tt.x, tt.mean, tt.sd)
		if math.Abs(got-want) > 1e-4*want {
			t.Errorf("CRPS of %v under N(%v, %v): %v, want %v", tt.x, tt.mean, tt.sd, got, want)
		}
	}
	if got, want := forecast.GaussianCRPS(7, 7, 2), 2*(math.Sqrt2-1)/math.Sqrt(math.Pi); math.Abs(got-want) > 1e-15 {
		t.Errorf("CRPS at the mean: %v, want %v", got, want)
	}
	if got := forecast.GaussianCRPS(3, 5, 0); got != 2 {
		t.Errorf("CRPS of a point 2 away: %v", got)
	}
}

// The score by sorting equals the unbiased sum over all pairs of draws.
func TestSampleCRPS(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := 2; n < 30; n += 3 {
		sample := make([]float64, n)
		for i := range sample {
			sample[i] = 100 + rng.NormFloat64()
		}
		x := 100 + 2*rng.NormFloat64()
		dist, pairs := 0.0, 0.0
		for i, a := range sample {
			dist += math.Abs(a - x)
			for _, b := range sample[:i] {
				pairs += math.Abs(a - b)
			}
		}
		want := dist/float64(n) - pairs/float64(n*(n-1)/2)/2
		if got := forecast.SampleCRPS(x, sample); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d draws: %v, want %v", n, got, want)
		}
	}
	if got := forecast.SampleCRPS(3, []float64{5}); got != 2 {
		t.Errorf("CRPS of a point 2 away: %v", got)
	}
}

// Over all samples of n throws of a fair coin, the score is that of the coin:
// 1/2 - 1/4 for either outcome.
func TestSampleCRPSUnbiased(t *testing.T) {
	for n := 2; n <= 6; n++ {
		sum := 0.0
		for bits := range 1 << n {
			sample := make([]float64, n)
			for i := range sample {
				sample[i] = float64(bits >> i & 1)
			}
			sum += forecast.SampleCRPS(1, sample)
		}
		if got := sum / float64(int(1)<<n); math.Abs(got-0.25) > 1e-14 {
			t.Errorf("%d draws: %v on average, want 0.25", n, got)
		}
	}
}
