package baseline

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// An arimaForm is the form of a seasonal ARIMA model, (p, d, q)(P, D, Q) with a season of
// period steps.
type arimaForm struct {
	p, d, q, sp, sd, sq int
	period              int
	constant            bool // a mean, or with one difference a drift
}

// unknowns is the number of coefficients.
func (f arimaForm) unknowns() int {
	k := f.p + f.q + f.sp + f.sq
	if f.constant {
		k++
	}
	return k
}

// lost is the number of values that differences take.
func (f arimaForm) lost() int { return f.d + f.sd*f.period }

// differences returns the coefficients of the values before in the difference that the form
// takes: w_t = y_t - sum of c_j y_(t-1-j).
func (f arimaForm) differences() []float64 {
	c := []float64{1} // of the polynomial
	for range f.d {
		c = multiply(c, []float64{1, -1})
	}
	for range f.sd {
		s := make([]float64, f.period+1)
		s[0], s[f.period] = 1, -1
		c = multiply(c, s)
	}
	return negated(c)
}

// multiply returns the product of two polynomials.
func multiply(a, b []float64) []float64 {
	c := make([]float64, len(a)+len(b)-1)
	for i, x := range a {
		for j, y := range b {
			c[i+j] += x * y
		}
	}
	return c
}

// negated returns the coefficients after the first with their signs changed.
func negated(c []float64) []float64 {
	n := make([]float64, len(c)-1)
	for i := range n {
		n[i] = -c[i+1]
	}
	return n
}

// An armaProcess is w_t = mean + sum phi_j (w_(t-1-j) - mean) + e_t + sum theta_j e_(t-1-j), a
// seasonal one multiplied out.
type armaProcess struct {
	phi, theta []float64
	mean       float64
}

// process returns the process of the form with coefficients of which those of
// autoregression and moving average are given by partial autocorrelations, whose inverse
// hyperbolic tangents x holds, so that it is stationary and invertible whatever they are
// (Barndorff-Nielsen and Schou 1973, Monahan 1984). The constant is x times scale from center.
func (f arimaForm) process(x []float64, center, scale float64) armaProcess {
	take := func(n int) []float64 {
		c := fromPartial(x[:n])
		x = x[n:]
		return c
	}
	phi, theta, sphi, stheta := take(f.p), take(f.q), take(f.sp), take(f.sq)
	a := armaProcess{
		phi:   negated(multiply(polynomial(phi, 1, -1), polynomial(sphi, f.period, -1))),
		theta: multiply(polynomial(theta, 1, -1), polynomial(stheta, f.period, -1))[1:],
	}
	if f.constant {
		a.mean = center + scale*x[0]
	}
	return a
}

// polynomial returns 1 + sign (c_1 z^step + c_2 z^(2 step) + ...).
func polynomial(c []float64, step int, sign float64) []float64 {
	p := make([]float64, len(c)*step+1)
	p[0] = 1
	for i, v := range c {
		p[(i+1)*step] = sign * v
	}
	return p
}

// fromPartial returns the coefficients with the partial autocorrelations tanh(x).
func fromPartial(x []float64) []float64 {
	c := make([]float64, len(x))
	old := make([]float64, len(x))
	for k, v := range x {
		r := math.Tanh(v)
		copy(old, c)
		c[k] = r
		for j := range k {
			c[j] = old[j] - r*old[k-1-j]
		}
	}
	return c
}

// An arimaSeries is a series with its differences under way: where a value is missing it is
// taken to have come as forecast.
type arimaSeries struct {
	y     []float64 // filled before the first difference
	seen  []bool
	past  []float64 // arimaForm.differences
	level []float64 // y with what is missing filled, scratch
	w, e  []float64 // differences less their mean, and errors of their forecasts
	v     []float64 // variances of the errors, in those of the process
}

func newARIMASeries(y []float64, f arimaForm) *arimaSeries {
	n := len(y)
	s := &arimaSeries{
		y: filled(y), seen: make([]bool, n), past: f.differences(), level: make([]float64, n),
		w: make([]float64, n), e: make([]float64, n), v: make([]float64, n),
	}
	for t, v := range y {
		s.seen[t] = isObserved(v)
	}
	return s
}

// difference sets w at t, or, if the value is missing, the value that makes its forecast true.
func (s *arimaSeries) difference(t int, mean, forecast float64) {
	before := 0.0
	for j, c := range s.past {
		if c != 0 {
			before += c * s.level[t-1-j]
		}
	}
	if s.seen[t] {
		s.level[t] = s.y[t]
		s.w[t] = s.y[t] - before - mean
	} else {
		s.w[t] = forecast
		s.level[t] = before + mean + forecast
	}
	s.e[t] = s.w[t] - forecast
}

// deviance returns n log(variance) + sum of log v of the errors, the negative of twice the
// logarithm of the likelihood less n (1 + log 2π), at the variance that makes it least, and
// that variance; n values were observed. It is conditional on the first values if exact
// is false: errors before them are zero, and all v are one.
func (s *arimaSeries) deviance(a armaProcess, exact bool) (deviance, variance float64, n int) {
	start := len(s.past)
	copy(s.level, s.y[:start])
	if exact {
		if !s.innovations(a, start) {
			return math.Inf(1), 0, 0
		}
	} else {
		s.conditional(a, start)
		start += len(a.phi)
	}
	squares, logs := 0.0, 0.0
	for t := start; t < len(s.y); t++ {
		if s.seen[t] {
			squares += s.e[t] * s.e[t] / s.v[t]
			logs += math.Log(s.v[t])
			n++
		}
	}
	if n == 0 || !(squares > 0) || math.IsInf(squares, 1) {
		return math.Inf(1), 0, n
	}
	variance = squares / float64(n)
	return float64(n)*math.Log(variance) + logs, variance, n
}

// conditional fills in the errors given that they are zero before all values of the
// autoregression are there.
func (s *arimaSeries) conditional(a armaProcess, start int) {
	for t := start; t < len(s.y); t++ {
		s.v[t] = 1
		f := 0.0
		if t-start >= len(a.phi) {
			f = a.next(s.w[start:t], s.e[start:t])
		}
		s.difference(t, a.mean, f)
		if t-start < len(a.phi) {
			s.e[t] = 0
		}
	}
}

// next returns the forecast of the value after w, less the mean, with the errors e.
func (a armaProcess) next(w, e []float64) float64 {
	f, n := 0.0, len(w)
	for j, c := range a.phi[:min(len(a.phi), n)] {
		if c != 0 {
			f += c * w[n-1-j]
		}
	}
	for j, c := range a.theta[:min(len(a.theta), n)] {
		if c != 0 {
			f += c * e[n-1-j]
		}
	}
	return f
}

// settled is how near to one the variance of an error must be for the recursions to have
// come to their limit.
const settled = 1e-9

// innovations fills in the errors and their variances by the innovations algorithm
// (Brockwell and Davis 1991, section 5.3), exactly, and reports whether the process has
// a covariance.
func (s *arimaSeries) innovations(a armaProcess, start int) bool {
	m := max(len(a.phi), len(a.theta))
	gamma, ok := a.autocovariances(2 * m)
	if !ok {
		return false
	}
	q := len(a.theta)
	// Row t of coefficients holds those of the errors 1, 2 ... steps before, as many as matter.
	width := max(m, 1)
	rows := make([][]float64, width+1)
	for i := range rows {
		rows[i] = make([]float64, width)
	}
	n := len(s.y) - start
	moving := a.movingCovariances()
	for t := range n {
		at := start + t
		if t >= m && t > 0 && math.Abs(s.v[at-1]-1) < settled {
			s.v[at] = 1
			s.difference(at, a.mean, a.next(s.w[start:at], s.e[start:at]))
			continue
		}
		reach := q
		if t < m {
			reach = t
		}
		row := rows[t%len(rows)]
		clear(row)
		// Errors from the earliest that matters on: row[j-1] is the coefficient of the error j
		// steps before.
		for back := min(reach, t); back > 0; back-- {
			k := t - back
			sum := a.covariance(t, k, m, gamma, moving)
			earlier := rows[k%len(rows)]
			for i := max(0, t-min(reach, t)); i < k; i++ {
				if k-i <= width {
					sum -= earlier[k-i-1] * row[t-i-1] * s.v[start+i]
				}
			}
			row[back-1] = sum / s.v[start+k]
		}
		v := a.covariance(t, t, m, gamma, moving)
		f := 0.0
		for j := range min(reach, t) {
			v -= row[j] * row[j] * s.v[at-1-j]
			f += row[j] * s.e[at-1-j]
		}
		if t >= m {
			for j, c := range a.phi {
				f += c * s.w[at-1-j]
			}
		}
		if !(v > 0) {
			return false
		}
		s.v[at] = v
		s.difference(at, a.mean, f)
	}
	return true
}

// movingCovariances returns those of the moving average at the lags from 0 up.
func (a armaProcess) movingCovariances() []float64 {
	theta := append([]float64{1}, a.theta...)
	c := make([]float64, len(theta))
	for k := range c {
		for j := 0; j+k < len(theta); j++ {
			c[k] += theta[j] * theta[j+k]
		}
	}
	return c
}

// covariance returns the covariance of the values t and k, from 0, k no later than t, of the
// process that is w for the first m values and then phi(B) w (Brockwell and Davis 1991,
// equation 5.3.5).
func (a armaProcess) covariance(t, k, m int, gamma, moving []float64) float64 {
	lag := t - k
	switch {
	case t < m:
		return gamma[lag]
	case k < m:
		if lag > m+len(a.phi) {
			return 0
		}
		sum := at(gamma, lag)
		for r, c := range a.phi {
			sum -= c * at(gamma, abs(r+1-lag))
		}
		return sum
	case lag < len(moving):
		return moving[lag]
	}
	return 0
}

func at(values []float64, i int) float64 {
	if i < len(values) {
		return values[i]
	}
	return 0
}

func abs(i int) int { return max(i, -i) }

// weightsOfErrors returns the first n of the psi weights, by which errors pass on.
func (a armaProcess) weightsOfErrors(n int) []float64 {
	psi := make([]float64, n)
	for k := range psi {
		switch {
		case k == 0:
			psi[0] = 1
			continue
		case k <= len(a.theta):
			psi[k] = a.theta[k-1]
		}
		for j, c := range a.phi[:min(len(a.phi), k)] {
			psi[k] += c * psi[k-1-j]
		}
	}
	return psi
}

// autocovariances returns those of the process at the lags 0 to n, and whether there are
// any: the first from the equations of Yule and Walker, the others by recursion.
func (a armaProcess) autocovariances(n int) ([]float64, bool) {
	p, q := len(a.phi), len(a.theta)
	psi := a.weightsOfErrors(q + 1)
	theta := append([]float64{1}, a.theta...)
	right := func(k int) float64 {
		sum := 0.0
		for j := k; j <= q; j++ {
			sum += theta[j] * psi[j-k]
		}
		return sum
	}
	gamma := make([]float64, max(n, p)+1)
	if p > 0 {
		system, b := mat.NewDense(p+1, p+1, nil), mat.NewVecDense(p+1, nil)
		for k := range p + 1 {
			system.Set(k, k, system.At(k, k)+1)
			for j, c := range a.phi {
				if c != 0 {
					i := abs(k - 1 - j)
					system.Set(k, i, system.At(k, i)-c)
				}
			}
			b.SetVec(k, right(k))
		}
		var x mat.VecDense
		if err := x.SolveVec(system, b); err != nil {
			return nil, false
		}
		copy(gamma, x.RawVector().Data)
	} else {
		gamma[0] = right(0)
	}
	for k := p + 1; k < len(gamma); k++ {
		gamma[k] = right(k)
		for j, c := range a.phi {
			gamma[k] += c * gamma[k-1-j]
		}
	}
	if p == 0 {
		for k := 1; k < len(gamma); k++ {
			gamma[k] = right(k)
		}
	}
	return gamma, gamma[0] > 0 && !math.IsInf(gamma[0], 1)
}
