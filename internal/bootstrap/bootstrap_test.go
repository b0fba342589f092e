package bootstrap

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestMoments protects what sets a smoothed bootstrap apart from plain noise on
// points: draws have the mean, the variances and the correlation of the points, and
// yet are none of them.
func TestMoments(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	points := make([][]float64, 40)
	for i := range points {
		x := rng.NormFloat64()
		points[i] = []float64{5 + x, 3*x + rng.NormFloat64(), 2}
	}
	s, err := New(points)
	if err != nil {
		t.Fatal(err)
	}
	moments := func(n int, x func(i int) []float64) (m [5]float64) {
		for i := range n {
			v := x(i)
			for k, y := range []float64{v[0], v[1], v[0] * v[0], v[1] * v[1], v[0] * v[1]} {
				m[k] += y / float64(n)
			}
		}
		return [5]float64{m[0], m[1], m[2] - m[0]*m[0], m[3] - m[1]*m[1], m[4] - m[0]*m[1]}
	}
	want := moments(len(points), func(i int) []float64 { return points[i] })
	dst, nearest := make([]float64, 3), math.Inf(1)
	got := moments(40_000, func(i int) []float64 {
		s.Draw(dst, i%len(points), rng)
		nearest = min(nearest, math.Abs(dst[0]-points[i%len(points)][0]))
		return dst
	})
	for k := range want {
		if math.Abs(got[k]-want[k]) > 0.05*(1+math.Abs(want[k])) {
			t.Errorf("moment %d is %.3f, of the points %.3f", k, got[k], want[k])
		}
	}
	if nearest == 0 || math.Abs(dst[2]-2) > 1e-3 {
		t.Errorf("a draw %v at a distance of %v from its point", dst, nearest)
	}
}

// TestScore holds the derivatives of the logarithm of a density of two clusters against difference quotients of
// kernels summed one by one, and far away against the pull of the kernels' least deviation.
func TestScore(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	points := make([][]float64, 30)
	for i := range points {
		x := float64(2*(i%2)-1) + 0.3*rng.NormFloat64()
		points[i] = []float64{x, x + 0.2*rng.NormFloat64(), 1} // of the last all are the same
	}
	const least = 0.1
	d, err := NewDensity(points, least)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(points)
	if err != nil {
		t.Fatal(err)
	}
	var cov, inverse mat.Dense
	cov.Mul(&s.factor, s.factor.T())
	for j := range 3 {
		cov.Set(j, j, cov.At(j, j)+least*least)
	}
	if err := inverse.Inverse(&cov); err != nil {
		t.Fatal(err)
	}
	logDensity := func(z []float64) float64 {
		sum := 0.0
		for _, x := range points {
			e := mat.NewVecDense(3, nil)
			for j := range z {
				e.SetVec(j, z[j]-s.mean[j]-s.keep*(x[j]-s.mean[j]))
			}
			sum += math.Exp(-mat.Inner(e, &inverse, e) / 2)
		}
		return math.Log(sum)
	}
	got := make([]float64, 3)
	for _, z := range [][]float64{{0.1, -0.2, 1}, {1, 1.1, 1.05}, {-1.4, -1, 0.9}} {
		d.Score(got, z)
		for j := range z {
			const h = 1e-5
			up, down := slices.Clone(z), slices.Clone(z)
			up[j] += h
			down[j] -= h
			if want := (logDensity(up) - logDensity(down)) / (2 * h); math.Abs(got[j]-want) > 1e-5*(1+math.Abs(want)) {
				t.Errorf("at %v component %d: %v, want %v", z, j, got[j], want)
			}
		}
	}
	d.Score(got, []float64{1, 1, 3})
	if want := -2 / (least * least); math.Abs(got[2]-want) > 0.1*math.Abs(want) || d.Steepness() < 0.9/(least*least) {
		t.Errorf("the score is %v, want %v; the steepness is %v", got[2], want, d.Steepness())
	}
}
