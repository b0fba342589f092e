package freedom

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"tsgen/internal/seriestest"
)

// The 90 % quantiles of Student's distribution are those of printed tables.
func TestStudent(t *testing.T) {
	z := mathext.NormalQuantile(0.9)
	for degrees, want := range map[float64]float64{2: 1.886, 5: 1.476, 10: 1.372, 30: 1.310, 0: 1.886} {
		if got := Student(degrees) * z; math.Abs(got-want) > 5e-4 {
			t.Errorf("%v degrees: %v, want %v", degrees, got, want)
		}
	}
	if f := Student(1e9); math.Abs(f-1) > 1e-6 {
		t.Errorf("of a known variance %v", f)
	}
}

// The 80 % interval about the mean of n Gaussian values covers the next with
// probability 0.8 when it is widened, however few they are.
func TestWidening(t *testing.T) {
	seriestest.Long(t)
	const draws = 40000
	z := mathext.NormalQuantile(0.9)
	for _, n := range []int{4, 6, 12, 40} {
		rng := rand.New(rand.NewPCG(1, uint64(n)))
		in := 0
		for range draws {
			sum, squares := 0.0, 0.0
			for range n {
				x := rng.NormFloat64()
				sum, squares = sum+x, squares+x*x
			}
			mean := sum / float64(n)
			sd := math.Sqrt((squares - mean*sum) / float64(n-1))
			if math.Abs(rng.NormFloat64()-mean) < z*sd*Widening(float64(n), 1) {
				in++
			}
		}
		if share := float64(in) / draws; math.Abs(share-0.8) > 0.01 {
			t.Errorf("of %d values %v are covered, want 0.8", n, share)
		}
	}
}

// TestScore holds the scores against the quantiles of Student's distribution.
func TestScore(t *testing.T) {
	const z90 = 1.2815515655446004
	for _, degrees := range []float64{2, 2.4, 3, 5, 11, 30} {
		exact := distuv.StudentsT{Sigma: 1, Nu: degrees}
		for _, p := range []float64{0.005, 0.025, 0.1, 0.3, 0.5, 0.6, 0.9, 0.95, 0.995} {
			got, want := Score(distuv.UnitNormal.Quantile(p), degrees), exact.Quantile(p)/exact.Quantile(0.9)*z90
			if math.Abs(got-want) > 5e-3*math.Abs(want)+1e-9 {
				t.Errorf("%v degrees: the %v-quantile is %v, want %v", degrees, p, got, want)
			}
		}
	}
}
