package statespace

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// A design holds the columns of a regression whose errors have a number of lags:
// first what is explained, with NaN for missing values, then the regressors.
//
// A time is settled if it is observed and so are as many before it as there are
// lags: the state of the filter is known there, so that all that the likelihood
// takes from the settled times are the sums of products
//
//	S_ab = Σ_t x_{t-a} x_{t-b}ᵀ
//
// of lags a and b, which are the same for all φ.
type design struct {
	columns [][]float64
	lags    int
	settled []bool      // by time
	count   int         // of settled times
	sums    [][]float64 // upper triangles of S_aa and, for a < b, of S_ab + S_baᵀ
}

func newDesign(columns [][]float64, lags int) *design {
	d := &design{columns: columns, lags: lags}
	d.settle()
	width := len(columns)
	rows := make([]float64, len(d.settled)*width) // times × columns
	for t, y := range columns[0] {
		if math.IsNaN(y) {
			continue
		}
		for k, x := range columns {
			rows[t*width+k] = x[t]
		}
	}
	for a := range lags + 1 {
		for b := a; b <= lags; b++ {
			sums := make([]float64, width*(width+1)/2)
			for t, settled := range d.settled {
				if !settled {
					continue
				}
				x, y := rows[(t-a)*width:(t-a+1)*width], rows[(t-b)*width:(t-b+1)*width]
				if a == b {
					addProducts(sums, 1, x, x)
				} else {
					addProducts(sums, 1, x, y)
					addProducts(sums, 1, y, x)
				}
			}
			d.sums = append(d.sums, sums)
		}
	}
	return d
}

// settle finds the settled times.
func (d *design) settle() {
	d.settled = make([]bool, len(d.columns[0]))
	seen := 0 // times in a row
	for t, y := range d.columns[0] {
		if math.IsNaN(y) {
			seen = 0
			continue
		}
		if d.settled[t] = seen >= d.lags; d.settled[t] {
			d.count++
		}
		seen++
	}
}

// addProducts adds s x yᵀ, its upper triangle, to the sums.
func addProducts(sums []float64, s float64, x, y []float64) {
	for i, u := range x {
		row := y[i:]
		floats.AddScaled(sums[:len(row)], s*u, row)
		sums = sums[len(row):]
	}
}

// products returns the upper triangle of the sums of products of the innovations at
// the settled times, x_t - φ₁ x_{t-1} - ... for every column x.
func (d *design) products(phi []float64) []float64 {
	if d.sums == nil {
		return d.direct(phi)
	}
	total := make([]float64, len(d.sums[0]))
	weight := func(lag int) float64 {
		if lag == 0 {
			return 1
		}
		return -phi[lag-1]
	}
	pair := 0
	for a := range d.lags + 1 {
		for b := a; b <= d.lags; b++ {
			floats.AddScaled(total, weight(a)*weight(b), d.sums[pair])
			pair++
		}
	}
	return total
}

// A gls is a regression whose errors are an autoregression, for given partial
// autocorrelations: the coefficients and the variance that are likeliest.
type gls struct {
	*arFilter
	*filtered
	partial []float64
	beta    []float64
	sigma2  float64
	chol    mat.Cholesky // of the coefficients' precision, times sigma2
	logL    float64
	n       int
}

// newGLS returns the regression of the design under the given partial
// autocorrelations, as many as the design has lags. A ridge of the given precision,
// in units of the error's, holds the coefficients. It returns nil if the regressors
// are singular in spite of it.
func newGLS(partial []float64, d *design, ridge float64) *gls {
	g := &gls{arFilter: newARFilter(partial), partial: partial}
	g.filtered = g.run(d)
	g.n = d.count + len(g.squares)
	sums := d.products(g.phi)
	logs := 0.0
	for t, row := range g.rows {
		v := g.squares[t]
		logs += math.Log(v)
		addProducts(sums, 1/v, row, row)
	}
	k := len(d.columns) - 1
	yy := sums[0]
	cross := mat.NewVecDense(k, sums[1:k+1])
	precision := mat.NewSymDense(k, nil)
	at := k + 1
	for i := range k {
		for j := i; j < k; j++ {
			precision.SetSym(i, j, sums[at])
			at++
		}
	}
	for i := range k {
		precision.SetSym(i, i, precision.At(i, i)+ridge)
	}
	if !g.chol.Factorize(precision) {
		return nil
	}
	beta := mat.NewVecDense(k, nil)
	if err := g.chol.SolveVecTo(beta, cross); err != nil {
		return nil
	}
	g.beta = beta.RawVector().Data
	n := float64(g.n)
	g.sigma2 = math.Max(1e-300, (yy-mat.Dot(beta, cross))/n)
	g.logL = -0.5 * (n*(math.Log(2*math.Pi*g.sigma2)+1) + logs)
	return g
}

// ahead returns mean and variance of the next values, of whose regressors rows
// holds one each.
func (g *gls) ahead(rows [][]float64) (mean, variance []float64) {
	c := append([]float64(nil), g.cov...)
	d := mat.NewVecDense(len(g.beta), nil)
	g.foretell(rows, func(_ int, m float64, apart []float64) {
		g.advance(c)
		v := 1.0
		if len(c) > 0 {
			v = c[0]
		}
		for i, x := range apart {
			d.SetVec(i, x)
			m += x * g.beta[i]
		}
		var s mat.VecDense
		if err := g.chol.SolveVecTo(&s, d); err == nil {
			v += mat.Dot(d, &s)
		}
		mean, variance = append(mean, m), append(variance, g.sigma2*v)
	})
	return mean, variance
}

// foretell calls step for each of the next values, of whose regressors rows holds one each,
// with what the state foretells of it and with the regressors less what theirs foretell.
func (g *gls) foretell(rows [][]float64, step func(h int, value float64, apart []float64)) {
	states := make([][]float64, len(g.states))
	for k, z := range g.states {
		states[k] = append([]float64(nil), z...)
	}
	apart := make([]float64, len(g.beta))
	for h, row := range rows {
		for _, z := range states {
			g.move(z)
		}
		m := 0.0
		for i, x := range row {
			if len(g.cov) > 0 {
				m = states[0][0]
				x -= states[i+1][0]
			}
			apart[i] = x
		}
		step(h, m, apart)
	}
}

// likeliest returns the regression of y on the columns with errors of p lags whose
// likelihood is greatest, or nil if there is none. The partial autocorrelations are
// hyperbolic tangents of what is optimised.
func likeliest(y []float64, columns [][]float64, p int) *gls {
	all := [][]float64{y}
	for _, x := range columns {
		all = append(all, x[:len(y)])
	}
	d := newDesign(all, p)
	partial := mostLikely(d, p)
	if partial == nil && p > 0 {
		return nil
	}
	return newGLS(partial, d, ridge)
}

// mostLikely returns the partial autocorrelations of p lags under which the design is
// likeliest; nil if there are none.
func mostLikely(d *design, p int) []float64 {
	if p == 0 {
		return nil
	}
	partial := func(x []float64) []float64 {
		r := make([]float64, len(x))
		for i, v := range x {
			r[i] = 0.999 * math.Tanh(v)
		}
		return r
	}
	problem := optimize.Problem{Func: func(x []float64) float64 {
		g := newGLS(partial(x), d, ridge)
		if g == nil {
			return math.Inf(1)
		}
		return -g.logL
	}}
	start := make([]float64, p)
	start[0] = 0.5
	found, err := optimize.Minimize(problem, start, &optimize.Settings{
		FuncEvaluations: 60 + 60*p, Converger: &optimize.FunctionConverge{Absolute: 1e-3, Iterations: 10 + 5*p},
	}, &optimize.NelderMead{})
	if found == nil || err != nil && math.IsInf(found.F, 1) {
		return nil
	}
	return partial(found.X)
}
