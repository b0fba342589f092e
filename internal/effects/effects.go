// Package effects estimates what covariates do to the values of series.
package effects

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

const (
	passes            = 3 // of the estimation, each given the autocorrelation before
	ridge             = 1e-8
	productCovariates = 4 // others, with which products are tried
	rowsForColumns    = 3 // observations for each column at least
)

// A Record is what is seen of a series, in the order of its times.
type Record struct {
	X []float64 // a row for each value: the covariates, and after them waves of the season
	Y []float64 // values, two or more
}

// Estimate returns the effects of that many covariates, the first columns of X, by the
// regression of Y on X beside a level of each record, with errors of the first order's
// autocorrelation (Cochrane & Orcutt 1949). An effect b with the standard error s is drawn
// towards zero by the factor 1 - s²/b², and is none where that is negative. Too few
// observations have no effects.
//
// Linear says that the squares of the covariates and their products with each other and
// the season explain no more than Schwarz's criterion wants of them.
func Estimate(records []Record, covariates, waves int) (effects []float64, linear bool) {
	width := covariates + waves
	effects = make([]float64, covariates)
	var fit regression
	correlation := 0.0
	for range passes {
		if fit = leastSquares(records, width, correlation); fit.b == nil {
			return effects, false
		}
		correlation = residualCorrelation(records, fit.b)
	}
	for i := range effects {
		if t := fit.b[i] / fit.sd[i]; t*t > 1 {
			effects[i] = fit.b[i] * (1 - 1/(t*t))
		}
	}
	extra := len(appendProducts(nil, make([]float64, covariates), make([]float64, waves)))
	wide := make([]Record, len(records))
	for s, r := range records {
		wide[s].Y = r.Y
		for row := range slices.Chunk(r.X, width) {
			wide[s].X = appendProducts(append(wide[s].X, row...), row[:covariates], row[covariates:])
		}
	}
	all := leastSquares(wide, width+extra, correlation)
	n := float64(fit.n)
	more := all.b != nil && n*math.Log(fit.left/all.left) > float64(extra)*math.Log(n)
	return effects, !more
}

// appendProducts appends the squares of known covariates and their products with each other
// and with the first waves.
func appendProducts(dst, known, waves []float64) []float64 {
	for i, x := range known {
		dst = append(dst, x*x)
		for h := range min(len(waves), productWaves) {
			dst = append(dst, x*waves[h])
		}
		for h := range min(i, productCovariates) {
			dst = append(dst, x*known[h])
		}
	}
	return dst
}

// A regression is coefficients, their standard errors, the squares that are left and the
// number of rows.
type regression struct {
	b, sd []float64
	left  float64
	n     int
}

// leastSquares returns the regression of the values on rows of that width, after each row has lost so much of the
// one before and each record its mean; none of too few rows.
func leastSquares(records []Record, width int, correlation float64) (r regression) {
	all, n := newGram(width), 0
	for _, s := range records {
		n += addTo(all, s, correlation)
	}
	if n < rowsForColumns*width+len(records) {
		return r
	}
	gram, moment := mat.NewSymDense(width, nil), mat.NewVecDense(width, nil)
	for i := range width {
		for k := i; k < width; k++ {
			gram.SetSym(i, k, all.Data[i*(width+1)+k])
		}
		moment.SetVec(i, all.Data[i*(width+1)+width])
	}
	square := all.Data[len(all.Data)-1]
	scale := mat.Trace(gram) / float64(width)
	for i := range width {
		gram.SetSym(i, i, gram.At(i, i)+ridge*scale)
	}
	var chol mat.Cholesky
	var solved mat.VecDense
	var inverse mat.SymDense
	if !(scale > 0) || !chol.Factorize(gram) || chol.SolveVecTo(&solved, moment) != nil || chol.InverseTo(&inverse) != nil {
		return r
	}
	r = regression{b: solved.RawVector().Data, left: math.Max(square-mat.Dot(&solved, moment), 1e-12*square), n: n}
	for i := range r.b {
		r.sd = append(r.sd, math.Sqrt(r.left/float64(n-width-len(records))*inverse.At(i, i)))
	}
	return r
}

// newGram returns the products of so many columns and the values with each other, none yet.
func newGram(width int) blas64.Symmetric {
	return blas64.Symmetric{N: width + 1, Stride: width + 1, Data: make([]float64, (width+1)*(width+1)), Uplo: blas.Upper}
}

// addTo adds the products of a record, whose rows have lost so much of the one before and their mean, and returns how
// many rows that are.
func addTo(all blas64.Symmetric, s Record, correlation float64) int {
	rows, n := len(s.Y)-1, all.N
	width := n - 1
	d := make([]float64, rows*n)
	mean := make([]float64, n)
	for t := range rows {
		row := d[t*n : (t+1)*n]
		for i := range width {
			row[i] = s.X[(t+1)*width+i] - correlation*s.X[t*width+i]
		}
		row[width] = s.Y[t+1] - correlation*s.Y[t]
		for i, v := range row {
			mean[i] += v / float64(rows)
		}
	}
	for t := range rows {
		for i, v := range mean {
			d[t*n+i] -= v
		}
	}
	blas64.Syrk(blas.Trans, 1, blas64.General{Rows: rows, Cols: n, Stride: n, Data: d}, 1, all)
	return rows
}

// residualCorrelation returns that at lag 1 of what b leaves of the values, from 0 to 1.
func residualCorrelation(records []Record, b []float64) float64 {
	var product, square float64
	for _, s := range records {
		e := make([]float64, len(s.Y))
		mean := 0.0
		for t, v := range s.Y {
			for i, w := range b {
				v -= w * s.X[t*len(b)+i]
			}
			e[t] = v
			mean += v / float64(len(s.Y))
		}
		for t := 1; t < len(e); t++ {
			product += (e[t] - mean) * (e[t-1] - mean)
			square += (e[t-1] - mean) * (e[t-1] - mean)
		}
	}
	if !(square > 0) {
		return 0
	}
	return math.Min(math.Max(product/square, 0), 1)
}
