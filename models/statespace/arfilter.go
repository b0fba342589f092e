package statespace

import "math"

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

// filtered is what an arFilter makes of a design.
type filtered struct {
	rows    [][]float64 // innovations of all columns at the times that are observed but not settled
	squares []float64   // their variances

	states [][]float64 // of each column after the last time
	cov    []float64   // p×p, of the state
}

// run filters the columns of d at all times but those that are settled: there the
// state is known, and the innovation is what the last p values leave.
func (f *arFilter) run(d *design) *filtered {
	p := len(f.phi)
	out := &filtered{cov: make([]float64, p*p)}
	for range d.columns {
		out.states = append(out.states, make([]float64, p))
	}
	c := out.cov
	for i := range p {
		for j := range p {
			c[i*p+j] = f.gamma[max(i-j, j-i)]
		}
	}
	b := make([]float64, p)
	for t, settled := range d.settled {
		if settled {
			continue
		}
		if t > 0 {
			if d.settled[t-1] {
				out.know(d, t-1)
			}
			f.advance(c)
			for _, z := range out.states {
				f.move(z)
			}
		}
		if math.IsNaN(d.columns[0][t]) {
			continue
		}
		v := c[0]
		copy(b, c[:p])
		row := make([]float64, len(d.columns))
		for k, x := range d.columns {
			e := x[t] - out.states[k][0]
			row[k] = e
			for i := range b {
				out.states[k][i] += b[i] / v * e
			}
		}
		out.rows, out.squares = append(out.rows, row), append(out.squares, v)
		for i := range p {
			for j := range p {
				c[i*p+j] -= b[i] * b[j] / v
			}
		}
	}
	if last := len(d.settled) - 1; last >= 0 && d.settled[last] {
		out.know(d, last)
	}
	return out
}

// know sets the states to those after the settled time t.
func (out *filtered) know(d *design, t int) {
	clear(out.cov)
	for k, x := range d.columns {
		for i := range out.states[k] {
			out.states[k][i] = x[t-i]
		}
	}
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
