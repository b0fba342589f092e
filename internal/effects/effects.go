// Package effects estimates what covariates do to the values of series.
package effects

import (
	"math"
	"slices"
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
	p := newProducts(records)
	width := p.n - 1
	var f *forward
	for range passes {
		correlation := 0.0
		if f != nil {
			correlation = p.correlation(f.all)
		}
		f = newForward(p.filtered(correlation), p.n, p.rows, len(records))
		f.takeAll(width-waves, width, p.rows/rowsAWave)
		f.choose(lines, 1)
		f.choose(bends, f.schwarz())
	}
	return f
}
