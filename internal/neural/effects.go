package neural

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

const (
	effectPasses      = 3 // of the estimation of effects, each given the autocorrelation before
	effectWaves       = 6 // harmonics of the season beside them
	effectRidge       = 1e-8
	productWaves      = 4 // of the season, with which products are tried
	productCovariates = 4 // others, with which they are
	rowsForColumns    = 3 // observations for each column at least
)

// learnEffects sets Effects to the regression of each channel on the known covariates
// beside a level of each record and the season, with errors of the first order's
// autocorrelation (Cochrane & Orcutt 1949). An effect b with the standard error s is drawn
// towards zero by the factor 1 - s²/b², and is none where that is negative. Too few
// observations have no effects.
//
// Linear is set if the squares of the covariates and their products with each other and
// the season explain no more than Schwarz's criterion wants of them.
func (f *Frame) learnEffects(records []Record) {
	k, c := len(f.Known), len(f.Channels)
	f.Effects, f.Linear = nil, false
	if k == 0 {
		return
	}
	f.Linear = true
	all := make([]float64, 0, c*k)
	for j := range c {
		b, more := f.regress(records, j)
		f.Linear = f.Linear && !more
		all = append(all, b...)
	}
	f.Effects = all
}

// regress returns the effects on channel j, zero if there are too few observations, and
// whether there is more to them than what is linear.
func (f *Frame) regress(records []Record, j int) (effects []float64, more bool) {
	k, c := len(f.Known), len(f.Channels)
	waves := f.Waves(effectWaves, effectWaves)
	width := k + waves
	var x, wide, y [][]float64 // of each record, its rows
	for i := range records {
		r := &records[i]
		var rows, wider, values []float64
		for t, u := range r.U {
			if v := r.X[t*c+j]; !math.IsNaN(v) {
				at := len(rows)
				rows = f.AppendWaves(f.AppendKnown(rows, r, u), u, effectWaves, effectWaves)
				wider = appendProducts(append(wider, rows[at:]...), rows[at:at+k], rows[at+k:])
				values = append(values, v)
			}
		}
		if len(values) > 1 {
			x, wide, y = append(x, rows), append(wide, wider), append(y, values)
		}
	}
	effects = make([]float64, k)
	var fit regression
	correlation := 0.0
	for range effectPasses {
		if fit = leastSquares(x, y, width, correlation); fit.b == nil {
			return effects, true
		}
		correlation = residualCorrelation(x, y, fit.b)
	}
	for i := range effects {
		if t := fit.b[i] / fit.sd[i]; t*t > 1 {
			effects[i] = fit.b[i] * (1 - 1/(t*t))
		}
	}
	extra := len(appendProducts(nil, make([]float64, k), make([]float64, waves)))
	all := leastSquares(wide, y, width+extra, correlation)
	n := float64(fit.n)
	return effects, all.b != nil && n*math.Log(fit.left/all.left) > float64(extra)*math.Log(n)
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

// leastSquares returns the regression of y on x, after each row has lost so much of the
// one before and each record its mean; none of too few rows.
func leastSquares(x, y [][]float64, width int, correlation float64) (r regression) {
	gram, moment := mat.NewSymDense(width, nil), mat.NewVecDense(width, nil)
	square, n := 0.0, 0
	for s, values := range y {
		rows := len(values) - 1
		d := make([]float64, rows*(width+1))
		mean := make([]float64, width+1)
		for t := range rows {
			row := d[t*(width+1) : (t+1)*(width+1)]
			for i := range width {
				row[i] = x[s][(t+1)*width+i] - correlation*x[s][t*width+i]
			}
			row[width] = values[t+1] - correlation*values[t]
			for i, v := range row {
				mean[i] += v / float64(rows)
			}
		}
		for t := range rows {
			row := d[t*(width+1) : (t+1)*(width+1)]
			for i := range row {
				row[i] -= mean[i]
			}
			v := mat.NewVecDense(width, row[:width])
			gram.SymRankOne(gram, 1, v)
			moment.AddScaledVec(moment, row[width], v)
			square += row[width] * row[width]
		}
		n += rows
	}
	if n < rowsForColumns*width+len(y) {
		return r
	}
	scale := mat.Trace(gram) / float64(width)
	for i := range width {
		gram.SetSym(i, i, gram.At(i, i)+effectRidge*scale)
	}
	var chol mat.Cholesky
	var solved mat.VecDense
	var inverse mat.SymDense
	if !(scale > 0) || !chol.Factorize(gram) || chol.SolveVecTo(&solved, moment) != nil || chol.InverseTo(&inverse) != nil {
		return r
	}
	r = regression{b: solved.RawVector().Data, left: math.Max(square-mat.Dot(&solved, moment), 1e-12*square), n: n}
	for i := range r.b {
		r.sd = append(r.sd, math.Sqrt(r.left/float64(n-width-len(y))*inverse.At(i, i)))
	}
	return r
}

// residualCorrelation returns that at lag 1 of what b leaves of y, from 0 to 1.
func residualCorrelation(x, y [][]float64, b []float64) float64 {
	var product, square float64
	for s, values := range y {
		e := make([]float64, len(values))
		mean := 0.0
		for t, v := range values {
			for i, w := range b {
				v -= w * x[s][t*len(b)+i]
			}
			e[t] = v
			mean += v / float64(len(values))
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

// AppendTold is AppendKnown for those covariates of which a network is to be told, Told
// their number: none where they are linear effects alone.
func (f *Frame) AppendTold(dst []float64, r *Record, u float64) []float64 {
	if f.Linear {
		return dst
	}
	return f.AppendKnown(dst, r, u)
}

// Told returns the number of values that AppendTold appends.
func (f *Frame) Told() int {
	if f.Linear {
		return 0
	}
	return len(f.Known)
}

// Effect returns what the covariates of r at the coordinate u add to channel j, in the
// unit of records, beside what they do at their means.
func (f *Frame) Effect(r *Record, u float64, j int) (sum float64) {
	if f.Effects == nil || len(r.KnownU) == 0 {
		return 0
	}
	k := len(f.Known)
	for i, x := range f.AppendKnown(make([]float64, 0, k), r, u) {
		sum += f.Effects[j*k+i] * x
	}
	return sum
}

// takeEffects takes the effects from the values of r.
func (f *Frame) takeEffects(r *Record) {
	if f.Effects == nil {
		return
	}
	c := len(f.Channels)
	for k := range r.X {
		r.X[k] -= f.Effect(r, r.U[k/c], k%c)
	}
	r.Less = true
}

// whole returns x, a value of channel j of a record at the coordinate u, with the effects
// that were taken from it.
func (f *Frame) whole(r *Record, u float64, j int, x float64) float64 {
	if r.Less {
		x += f.Effect(r, u, j)
	}
	return x
}

// RestoreAt undoes all that was done to x, a value of channel j of r at the coordinate u.
func (f *Frame) RestoreAt(r *Record, u float64, j int, x float64) float64 {
	return f.Restore(j, f.whole(r, u, j, x))
}
