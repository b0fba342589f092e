package bootstrap

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// A Density is that of a Smoothed whose kernel has a least deviation in every direction.
type Density struct {
	centers [][]float64 // of the kernels, in units of these
	root    [][]float64 // the lower one of the kernel's covariance, by rows
	steep   float64

	at, weights []float64
}

// NewDensity returns that of points, rows of the same length of which there is at least one. It is not safe for
// concurrent use.
func NewDensity(points [][]float64, least float64) (*Density, error) {
	s, err := New(points)
	if err != nil {
		return nil, err
	}
	n := len(s.mean)
	cov := mat.NewSymDense(n, nil)
	cov.SymOuterK(1, &s.factor)
	for j := range n {
		cov.SetSym(j, j, cov.At(j, j)+least*least)
	}
	var values mat.EigenSym
	var root mat.Cholesky
	if !values.Factorize(cov, false) || !root.Factorize(cov) {
		return nil, fmt.Errorf("the kernel of %d points of %d numbers is not positive definite", len(points), n)
	}
	d := &Density{steep: 1 / values.Values(nil)[0], at: make([]float64, n), weights: make([]float64, len(points))}
	var lower mat.TriDense
	root.LTo(&lower)
	for i := range n {
		row := make([]float64, i+1)
		for j := range row {
			row[j] = lower.At(i, j)
		}
		d.root = append(d.root, row)
	}
	for _, x := range points {
		c := make([]float64, n)
		for j, v := range x {
			c[j] = s.mean[j] + s.keep*(v-s.mean[j])
		}
		d.scale(c)
		d.centers = append(d.centers, c)
	}
	return d, nil
}

// Steepness bounds how fast the score falls: by so much in a unit of length.
func (d *Density) Steepness() float64 { return d.steep }

// Score sets dst to the derivatives of the logarithm of the density at z.
func (d *Density) Score(dst, z []float64) {
	copy(d.at, z)
	d.scale(d.at)
	for i, c := range d.centers {
		square := 0.0
		for j, v := range c {
			square += (v - d.at[j]) * (v - d.at[j])
		}
		d.weights[i] = -square / 2
	}
	most, total := floats.Max(d.weights), 0.0
	clear(dst)
	for i, c := range d.centers {
		w := math.Exp(d.weights[i] - most)
		total += w
		floats.AddScaled(dst, w, c)
	}
	floats.Scale(1/total, dst)
	floats.Sub(dst, d.at)
	for i := len(dst) - 1; i >= 0; i-- { // the transposed root's inverse
		dst[i] /= d.root[i][i]
		floats.AddScaled(dst[:i], -dst[i], d.root[i][:i])
	}
}

// scale brings x to units of the kernels.
func (d *Density) scale(x []float64) {
	for i, row := range d.root {
		x[i] = (x[i] - floats.Dot(row[:i], x[:i])) / row[i]
	}
}
