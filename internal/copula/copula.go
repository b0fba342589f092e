// Package copula makes draws from a joint distribution of draws from its
// marginals.
package copula

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// A Gaussian is a Gaussian copula of the values of some channels at some steps.
// The correlation of two normal scores is the product of one between their steps
// and one between their channels. Steps and Channels hold the lower triangular
// factors of these correlations.
type Gaussian struct{ Steps, Channels []float64 }

const (
	shrinkage = 0.1 // of correlations towards none
	most      = 4   // of a score in absolute value that is learned from
)

// Fit sets the copula, whose matrices have the right sizes, to the correlations of
// examples: rows of a score for each step, one row after the other for each
// channel, and example after example. A score that is NaN is missing and counts
// as 0, which is none.
func (g Gaussian) Fit(scores []float64) {
	n, c := side(g.Steps), side(g.Channels)
	x := mat.NewDense(len(scores)/n, n, nil)
	for k, z := range scores {
		if !math.IsNaN(z) {
			x.Set(k/n, k%n, max(-most, min(most, z)))
		}
	}
	var steps mat.SymDense
	steps.SymOuterK(1, x.T())
	factor(g.Steps, &steps)
	channels := mat.NewSymDense(c, nil)
	for example := 0; example < x.RawMatrix().Rows; example += c {
		for i := range c {
			for j := range i + 1 {
				channels.SetSym(i, j, channels.At(i, j)+floats.Dot(x.RawRowView(example+i), x.RawRowView(example+j)))
			}
		}
	}
	factor(g.Channels, channels)
}

func side(square []float64) int { return int(math.Round(math.Sqrt(float64(len(square))))) }

// factor sets dst to the lower factor of the correlations of a positive
// semidefinite matrix, which shrinkage makes positive definite.
func factor(dst []float64, products *mat.SymDense) {
	n := products.SymmetricDim()
	r := mat.NewSymDense(n, nil)
	for i := range n {
		r.SetSym(i, i, 1)
		for j := range i {
			if scale := math.Sqrt(products.At(i, i) * products.At(j, j)); scale > 0 {
				r.SetSym(i, j, (1-shrinkage)*products.At(i, j)/scale)
			}
		}
	}
	var c mat.Cholesky
	if !c.Factorize(r) {
		panic("copula: correlations of scores are not positive definite")
	}
	var l mat.TriDense
	c.LTo(&l)
	for i := range n {
		for j := range i + 1 {
			dst[i*n+j] = l.At(i, j)
		}
	}
}

// Draw sets dst, steps×channels, to normal scores drawn from the copula.
func (g Gaussian) Draw(dst []float64, rng *rand.Rand) {
	n, c := side(g.Steps), side(g.Channels)
	noise := make([]float64, n*c)
	for i := range noise {
		noise[i] = rng.NormFloat64()
	}
	var z mat.Dense
	z.Product(mat.NewDense(n, n, g.Steps), mat.NewDense(n, c, noise), mat.NewDense(c, c, g.Channels).T())
	copy(dst, z.RawMatrix().Data)
}
