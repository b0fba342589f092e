package statespace

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// An arFilter is the Kalman filter of a stationary autoregression
//
//	u_t = φ₁ u_{t-1} + ... + φ_p u_{t-p} + e_t,  Var e = 1
//
// over several columns at once, of which the same times are missing: the gains
// depend on the times alone. Its state is (u_t, ..., u_{t-p+1}), or nothing for
// p = 0.
type arFilter struct {
	phi   []float64
	gamma []float64 // autocovariances 0 ... p-1 under variance 1 of e
}

// newARFilter returns the filter of the process with the given partial
// autocorrelations, all within -1 and 1 (Barndorff-Nielsen & Schou 1973).
func newARFilter(partial []float64) *arFilter {
	p := len(partial)
	f := &arFilter{phi: make([]float64, p)}
	previous := make([]float64, p)
	variance := 1.0
	rho := make([]float64, p+1) // autocorrelations
	rho[0] = 1
	for k, r := range partial {
		// ρ_{k+1} = Σ φ_j ρ_{k+1-j} + r (1 - Σ φ_j ρ_j), with the coefficients of
		// order k; then those of order k+1 (Durbin 1960).
		copy(previous, f.phi)
		sum, left := 0.0, 1.0
		for j := range k {
			sum += previous[j] * rho[k-j]
			left -= previous[j] * rho[j+1]
		}
		rho[k+1] = sum + r*left
		f.phi[k] = r
		for j := range k {
			f.phi[j] = previous[j] - r*previous[k-1-j]
		}
		variance /= 1 - r*r
	}
	for k := range p {
		f.gamma = append(f.gamma, variance*rho[k])
	}
	return f
}

// filtered is what an arFilter makes of columns.
type filtered struct {
	innovations [][]float64 // by column, over the times observed
	squares     []float64   // their variances

	states [][]float64 // of each column after the last time
	cov    []float64   // p×p, of the state
}

// run filters the columns, of equal length; those times are missing at which the
// first is NaN.
func (f *arFilter) run(columns [][]float64) *filtered {
	p := len(f.phi)
	out := &filtered{innovations: make([][]float64, len(columns)), cov: make([]float64, p*p)}
	for range columns {
		out.states = append(out.states, make([]float64, p))
	}
	c := out.cov
	for i := range p {
		for j := range p {
			c[i*p+j] = f.gamma[max(i-j, j-i)]
		}
	}
	b := make([]float64, p)
	for t := range columns[0] {
		if t > 0 {
			f.advance(c)
			for _, z := range out.states {
				f.move(z)
			}
		}
		if math.IsNaN(columns[0][t]) {
			continue
		}
		if p == 0 {
			for k, x := range columns {
				out.innovations[k] = append(out.innovations[k], x[t])
			}
			out.squares = append(out.squares, 1)
			continue
		}
		v := c[0]
		copy(b, c[:p])
		for k, x := range columns {
			e := x[t] - out.states[k][0]
			out.innovations[k] = append(out.innovations[k], e)
			for i := range b {
				out.states[k][i] += b[i] / v * e
			}
		}
		out.squares = append(out.squares, v)
		for i := range p {
			for j := range p {
				c[i*p+j] -= b[i] * b[j] / v
			}
		}
	}
	return out
}

// move takes the state z one step on.
func (f *arFilter) move(z []float64) {
	if len(z) == 0 {
		return
	}
	next := 0.0
	for i, phi := range f.phi {
		next += phi * z[i]
	}
	copy(z[1:], z)
	z[0] = next
}

// advance takes the covariance of the state one step on.
func (f *arFilter) advance(c []float64) {
	p := len(f.phi)
	if p == 0 {
		return
	}
	row := make([]float64, p) // φᵀ C
	for j := range p {
		for i, phi := range f.phi {
			row[j] += phi * c[i*p+j]
		}
	}
	v := 1.0
	for j, phi := range f.phi {
		v += phi * row[j]
	}
	for i := p - 1; i > 0; i-- {
		for j := p - 1; j > 0; j-- {
			c[i*p+j] = c[(i-1)*p+j-1]
		}
	}
	c[0] = v
	for j := 1; j < p; j++ {
		c[j], c[j*p] = row[j-1], row[j-1]
	}
}

// A gls is a regression whose errors are an autoregression, for given partial
// autocorrelations: the coefficients and the variance that are likeliest.
type gls struct {
	*arFilter
	*filtered
	beta   []float64
	sigma2 float64
	chol   mat.Cholesky // of the coefficients' precision, times sigma2
	logL   float64
	n      int
}

// newGLS returns the regression of columns[0], with NaN for missing values, on the
// others. A ridge of the given precision, in units of the error's, holds the
// coefficients. It returns nil if the regressors are singular in spite of it.
func newGLS(partial []float64, columns [][]float64, ridge float64) *gls {
	g := &gls{arFilter: newARFilter(partial)}
	g.filtered = g.run(columns)
	k := len(columns) - 1
	g.n = len(g.squares)
	precision, cross := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	yy, logs := 0.0, 0.0
	for t, v := range g.squares {
		y := g.innovations[0][t]
		yy += y * y / v
		logs += math.Log(v)
		for i := range k {
			x := g.innovations[i+1][t]
			cross.SetVec(i, cross.AtVec(i)+x*y/v)
			for j := i; j < k; j++ {
				precision.SetSym(i, j, precision.At(i, j)+x*g.innovations[j+1][t]/v)
			}
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
	states := make([][]float64, len(g.states))
	for k, z := range g.states {
		states[k] = append([]float64(nil), z...)
	}
	c := append([]float64(nil), g.cov...)
	d := mat.NewVecDense(len(g.beta), nil)
	for _, row := range rows {
		g.advance(c)
		for _, z := range states {
			g.move(z)
		}
		// The regressors less what the states of theirs foretell.
		m, v := 0.0, 1.0
		if len(c) > 0 {
			m, v = states[0][0], c[0]
		}
		for i, x := range row {
			if len(c) > 0 {
				x -= states[i+1][0]
			}
			d.SetVec(i, x)
			m += x * g.beta[i]
		}
		var s mat.VecDense
		if err := g.chol.SolveVecTo(&s, d); err == nil {
			v += mat.Dot(d, &s)
		}
		mean, variance = append(mean, m), append(variance, g.sigma2*v)
	}
	return mean, variance
}
