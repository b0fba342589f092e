package pooled

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// normal holds the normal equations of generalised least squares: of the values by the
// regressors of a mean, both whitened by the filter.
type normal struct {
	n        int
	logS, yy float64
	xx       []float64 // columns x columns
	xy       []float64
}

// whiten runs the filter over all courses.
func whiten(all []course, k kernel, m *mean) *normal {
	cols := m.columns()
	q := &normal{xx: make([]float64, cols*cols), xy: make([]float64, cols)}
	row := make([]float64, 1+cols)
	for _, c := range all {
		f := newFilter(k, c.t[0], 1+cols)
		for i, t := range c.t {
			row[0] = c.y[i]
			m.regressors(row[1:], t, c.start)
			f.advance(t)
			s := f.observe(row, 0)
			q.n++
			q.logS += math.Log(s)
			q.yy += row[0] * row[0] / s
			for a, x := range row[1:] {
				q.xy[a] += x * row[0] / s
				for b, z := range row[1 : 2+a] {
					q.xx[a*cols+b] += x * z / s
				}
			}
		}
	}
	return q
}

// ridge holds the coefficients of the mean, which are about 1 in size.
const ridge = 1e-3

// solve returns the coefficients and the log-likelihood under them.
func (q *normal) solve() (coefficients []float64, logL float64, ok bool) {
	n := len(q.xy)
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			a.SetSym(i, j, q.xx[i*n+j])
		}
		a.SetSym(i, i, q.xx[i*n+i]+ridge)
	}
	var c mat.Cholesky
	if !c.Factorize(a) {
		return nil, 0, false
	}
	var b mat.VecDense
	if err := c.SolveVecTo(&b, mat.NewVecDense(n, q.xy)); err != nil {
		return nil, 0, false
	}
	rest := q.yy
	for i, x := range b.RawVector().Data {
		rest -= x * q.xy[i]
	}
	logL = -0.5 * (float64(q.n)*math.Log(2*math.Pi) + q.logS + rest)
	return b.RawVector().Data, logL, !math.IsNaN(logL)
}
