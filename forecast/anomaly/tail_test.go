package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"tsgen/internal/seriestest"
)

// TestTailsOfPanels protects the rate of false alarms on light and heavy tails, and on light ones with anomalies
// among them, of 30 series of 350 deviations, together and each alone: of what a tail takes for the bounds of a
// thousandth there lies about that much beyond in truth, and up to twice that where heavy tails are told by one series.
func TestTailsOfPanels(t *testing.T) {
	seriestest.Long(t)
	const rate, number, length = 0.001, 30, 350
	for _, tt := range []struct {
		name    string
		degrees float64
		planted float64 // part of the deviations that are anomalies
	}{{"Gaussian", math.Inf(1), 0}, {"Gaussian with anomalies", math.Inf(1), 0.02}, {"Student of 4", 4, 0}, {"Student of 5", 5, 0}, {"Student of 8", 8, 0}} {
		rng := rand.New(rand.NewPCG(1, 9))
		draw := func() float64 {
			z := rng.NormFloat64()
			if math.IsInf(tt.degrees, 1) {
				return z
			}
			return z / math.Sqrt(distuv.ChiSquared{K: tt.degrees, Src: rng}.Rand()/tt.degrees)
		}
		var bodies [][stages]body
		var weighed []weighing
		for range number {
			x := make([]float64, length)
			for i := range x {
				if x[i] = draw(); rng.Float64() < tt.planted {
					x[i] += math.Copysign(8, rng.NormFloat64())
				}
			}
			own := [stages]body{{}, bodyOf(x, 1, false)}
			bodies, weighed = append(bodies, own), append(weighed, weigh(own, [stages]int{0, length}))
		}
		weights, together, alone := posteriors(weighed), 0.0, 0.0
		for i := range bodies {
			beyond := func(weights []float64) float64 {
				lo, hi := tailsOf(bodies[i], weights)[1].interval(rate)
				exact := student{1, 1, tt.degrees}
				return (exact.p(math.Abs(lo)) + exact.p(math.Abs(hi))) / 2 / number
			}
			together += beyond(weights[i])
			alone += beyond(posteriors(weighed[i : i+1])[0])
		}
		if together < 0.4*rate || together > 1.5*rate {
			t.Errorf("%s: %.5f of the values are beyond the bounds of %v", tt.name, together, rate)
		}
		if alone < 0.2*rate || alone > 2*rate {
			t.Errorf("%s, each series alone: %.5f of the values are beyond the bounds of %v", tt.name, alone, rate)
		}
	}
}

// TestMostAreEqual demands that where most deviations are none, how far the others are off stays what it is about.
func TestMostAreEqual(t *testing.T) {
	x := make([]float64, 100)
	for i := 0; i < 100; i += 4 {
		x[i] = float64(1 + i%3)
	}
	if b := bodyOf(x, 1, false); !(b.scales[0] > 0.1) {
		t.Errorf("a scale of %v", b.scales[0])
	}
}
