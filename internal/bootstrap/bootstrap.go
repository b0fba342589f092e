// Package bootstrap draws new points like given ones, such as the latent states of
// training windows: what a model generates from, where its prior is not what these
// states follow (Ghosh et al. 2020 call that ex-post density estimation).
package bootstrap

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// A Smoothed is a kernel density of points that has their mean and covariance: each
// is drawn towards the mean by as much as the kernel widens them (Silverman & Young
// 1987, section 2.3).
type Smoothed struct {
	points [][]float64
	mean   []float64
	factor mat.TriDense // of the kernel's covariance
	keep   float64
}

// ridge is added to the variances of the points, as a part of their mean.
const ridge = 1e-9

// New returns the density of points, rows of the same length of which there is at
// least one. The width of the kernel is Silverman's for a normal distribution.
func New(points [][]float64) (*Smoothed, error) {
	n, d := len(points), len(points[0])
	s := &Smoothed{points: points, mean: make([]float64, d)}
	for _, x := range points {
		for j, v := range x {
			s.mean[j] += v / float64(n)
		}
	}
	h := min(1, math.Pow(4/(float64(d+2)*float64(n)), 1/float64(d+4)))
	s.keep = math.Sqrt(1 - h*h)
	cov := mat.NewSymDense(d, nil)
	total := 0.0
	for _, x := range points {
		for i := range d {
			for j := i; j < d; j++ {
				c := (x[i] - s.mean[i]) * (x[j] - s.mean[j]) / float64(n) * h * h
				cov.SetSym(i, j, cov.At(i, j)+c)
				if i == j {
					total += c
				}
			}
		}
	}
	for i := range d {
		cov.SetSym(i, i, cov.At(i, i)+ridge*(1+total/float64(d)))
	}
	var c mat.Cholesky
	if !c.Factorize(cov) {
		return nil, fmt.Errorf("the covariance of %d points of %d numbers is not positive definite", n, d)
	}
	c.LTo(&s.factor)
	return s, nil
}

// Draw sets dst to a draw about point i.
func (s *Smoothed) Draw(dst []float64, i int, rng *rand.Rand) {
	d := len(dst)
	e := make([]float64, d)
	for k := range e {
		e[k] = rng.NormFloat64()
	}
	for j := range dst {
		dst[j] = s.mean[j] + s.keep*(s.points[i][j]-s.mean[j])
		for k := range j + 1 {
			dst[j] += s.factor.At(j, k) * e[k]
		}
	}
}
