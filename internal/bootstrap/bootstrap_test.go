package bootstrap

import (
	"math"
	"math/rand/v2"
	"testing"
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
