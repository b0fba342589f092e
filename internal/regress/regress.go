// Package regress holds linear regressions of many values on a few, such as of the shape of a series on its
// level.
package regress

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Centred takes their means from the columns of rows, and divides them by their deviations, where they have
// one, if scaled.
func Centred(rows [][]float64, scaled bool) (mean, sd []float64) {
	mean, sd = make([]float64, len(rows[0])), make([]float64, len(rows[0]))
	for j := range mean {
		for _, r := range rows {
			mean[j] += r[j] / float64(len(rows))
		}
		for _, r := range rows {
			r[j] -= mean[j]
			sd[j] += r[j] * r[j] / float64(len(rows))
		}
		if sd[j] = math.Sqrt(sd[j]); !scaled || !(sd[j] > 1e-12*math.Abs(mean[j])) {
			sd[j] = 1
		}
		for _, r := range rows {
			r[j] /= sd[j]
		}
	}
	return mean, sd
}

// Gain returns the weights, values × regressors, of the linear regression of rows y on rows x, both about
// their means. The more regressors there are for each row, the less goes with them.
func Gain(x, y [][]float64) (*mat.Dense, error) {
	k, n, count := len(x[0]), len(y[0]), float64(len(x))
	square, product := mat.NewSymDense(k, nil), mat.NewDense(k, n, nil)
	for i, l := range x {
		square.SymRankOne(square, 1/count, mat.NewVecDense(k, l))
		product.RankOne(product, 1/count, mat.NewVecDense(k, l), mat.NewVecDense(n, y[i]))
	}
	for i := range k {
		square.SetSym(i, i, square.At(i, i)+float64(k)/count)
	}
	var c mat.Cholesky
	var gain mat.Dense
	if !c.Factorize(square) {
		return nil, errors.New("the covariance of regressors is not positive definite")
	}
	if err := c.SolveTo(&gain, product); err != nil {
		return nil, fmt.Errorf("the covariance of regressors: %w", err)
	}
	return mat.DenseCopyOf(gain.T()), nil
}

// Told returns the part of the variance of rows y that goes with rows x by the weights.
func Told(gain *mat.Dense, x, y [][]float64) float64 {
	total, left := 0.0, 0.0
	for i, z := range y {
		var rest mat.VecDense
		v := mat.NewVecDense(len(z), z)
		rest.MulVec(gain, mat.NewVecDense(len(x[i]), x[i]))
		rest.SubVec(v, &rest)
		total, left = total+mat.Dot(v, v), left+mat.Dot(&rest, &rest)
	}
	if !(total > 0) {
		return 0
	}
	return 1 - left/total
}
