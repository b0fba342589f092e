// Package effects estimates what covariates do to the values of series.
package effects

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

const (
	passes            = 3 // of the estimation, each given the autocorrelation before
	productWaves      = 4 // of the season, with which products are tried
	productCovariates = 4 // others, with which products are tried
)

// A Record is what is seen of a series, in the order of its times.
type Record struct {
	X []float64 // a row for each value: the covariates, and after them waves of the season
	Y []float64 // values, two or more
}

// Estimate returns the effects of that many covariates, the first columns of X, by the
// regression of Y on X beside a level of each record, with errors of the first order's
// autocorrelation (Cochrane & Orcutt 1949). Covariates are taken one by one, as long as one
// explains more than noise would, and of those that tell the same one is; effects are drawn towards zero the more,
// the less they explain. Too few observations have no effects.
//
// Linear says that the squares of the covariates and their products with each other and
// the season explain no more than Schwarz's criterion wants of them.
func Estimate(records []Record, covariates, waves int) (effects []float64, linear bool) {
	width := covariates + waves
	wide := make([]Record, len(records))
	for s, r := range records {
		wide[s].Y = r.Y
		for row := range slices.Chunk(r.X, width) {
			wide[s].X = appendProducts(append(wide[s].X, row[:covariates]...), row[:covariates], row[covariates:])
			wide[s].X = append(wide[s].X, row[covariates:]...)
		}
	}
	if len(wide) == 0 {
		return make([]float64, covariates), false
	}
	f := regress(wide, waves, columns(0, covariates), nil)
	effects = slices.Clone(f.drawn[:covariates])
	if f.free <= leastFree {
		return effects, false
	}
	lines := f.squares()
	products := f.takeAll(covariates, len(wide[0].X)/len(wide[0].Y)-waves, len(wide[0].X))
	return effects, float64(f.rows)*math.Log(lines/f.squares()) <= float64(products)*f.schwarz()
}

// columns returns those from one to another (exclusive).
func columns(from, to int) (all []int) {
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// appendProducts appends the squares of known covariates and their products with each other
// and with the first waves.
func appendProducts(dst, known, waves []float64) []float64 {
	for i, x := range known {
		dst = appendBends(dst, x, true, waves)
		for h := range min(i, productCovariates) {
			dst = append(dst, x*known[h])
		}
	}
	return dst
}

// appendBends appends the square of x, if it is curved, and its products with the first waves.
func appendBends(dst []float64, x float64, curved bool, waves []float64) []float64 {
	if curved {
		dst = append(dst, x*x)
	}
	for _, w := range waves[:min(len(waves), productWaves)] {
		dst = append(dst, x*w)
	}
	return dst
}

// regress returns the regression of some records, with errors of the first order's autocorrelation: on as many waves,
// the last columns, then on lines, and then on bends, which have to be worth their number by Schwarz's
// criterion too.
func regress(records []Record, waves int, lines, bends []int) *forward {
	width := len(records[0].X) / len(records[0].Y)
	var f *forward
	for range passes {
		correlation := 0.0
		if f != nil {
			correlation = residualCorrelation(records, f.all)
		}
		products, rows := newGram(width), 0
		for _, r := range records {
			rows += addTo(products, r, correlation)
		}
		f = newForward(products, rows, len(records))
		f.takeAll(width-waves, width, rows/rowsAWave)
		f.choose(lines, 1)
		f.choose(bends, f.schwarz())
	}
	return f
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
