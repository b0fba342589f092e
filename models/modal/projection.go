package modal

import (
	"math"
)

// A projection is the problem of one series: the most likely frequencies and dampings, the
// coefficients being those that are best for them.
type projection struct {
	*prior
	*record

	x      []float64 // len(t) x width: the basis at the last parameters
	last   []float64 // those, NaN before the first
	decay  []float64 // by mode that at the times: of many parameters that are tried few differ from the last
	root   []float64 // by channel the lower Cholesky root of the coefficients' precision, width x width
	coef   []float64 // by channel, width each
	logDet float64   // of the precisions
}

func newProjection(p *prior, r *record) *projection {
	q, c := p.width(), len(p.Noise)
	n := len(r.t)
	s := &projection{
		prior: p, record: r, x: make([]float64, n*q), last: make([]float64, 2*p.modes()), decay: make([]float64, n*p.modes()),
		root: make([]float64, c*q*q), coef: make([]float64, c*q),
	}
	for i := range s.last {
		s.last[i] = math.NaN()
	}
	for i := range n {
		s.x[i*q] = 1
	}
	return s
}

// size returns the number of residuals.
func (s *projection) size() int { return len(s.y) + len(s.coef) + 2*s.modes() }

// solve sets the coefficients that are best for the parameters, and what is known of them.
func (s *projection) solve(params []float64) {
	q, c := s.width(), len(s.Noise)
	s.base(params)
	s.logDet = 0
	for j := range c {
		a, b := s.root[j*q*q:(j+1)*q*q], s.coef[j*q:(j+1)*q]
		clear(a)
		clear(b)
		for k := range q {
			l := s.loading(j, k)
			a[k*q+k] = 1 / (l * l)
		}
		precision := 1 / (s.Noise[j] * s.Noise[j])
		for i := range s.t {
			y := s.y[i*c+j]
			if math.IsNaN(y) {
				continue
			}
			x := s.x[i*q : (i+1)*q]
			for k, v := range x {
				v *= precision
				b[k] += v * y
				for l, w := range x[:k+1] {
					a[k*q+l] += v * w
				}
			}
		}
		s.logDet += cholesky(a, q)
		forward(a, b, q)
		backward(a, b, q)
	}
}

// base sets the basis to that at the parameters.
func (s *projection) base(params []float64) {
	n, q := len(s.t), s.width()
	for k := range s.modes() {
		decay := s.decay[k*n : (k+1)*n]
		if params[2*k+1] != s.last[2*k+1] {
			rate := math.Exp(params[2*k+1])
			for i, t := range s.t {
				decay[i] = math.Exp(-rate * t)
			}
		} else if params[2*k] == s.last[2*k] {
			continue
		}
		frequency := math.Exp(params[2*k])
		for i, t := range s.t {
			oscillate(s.x[i*q+1+2*k:], decay[i], frequency*t)
		}
	}
	copy(s.last, params)
}

// residuals sets dst to what is left at the parameters: of the observations, the coefficients and
// the parameters, each in units of its deviation.
func (s *projection) residuals(dst, params []float64) {
	s.solve(params)
	q, c := s.width(), len(s.Noise)
	for i := range s.t {
		for j := range c {
			k := i*c + j
			dst[k] = 0
			if y := s.y[k]; !math.IsNaN(y) {
				dst[k] = (y - dot(s.x[i*q:(i+1)*q], s.coef[j*q:(j+1)*q])) / s.Noise[j]
			}
		}
	}
	dst = dst[len(s.y):]
	for k, b := range s.coef {
		dst[k] = b / s.loading(k/q, k%q)
	}
	dst = dst[len(s.coef):]
	for i, v := range params {
		dst[i] = (v - s.mean(i)) / s.deviation(i)
	}
}

// at returns the mean and the variance of the signal of channel j where the basis is x, given the
// parameters that were last solved for.
func (s *projection) at(x []float64, j int, work []float64) (mean, variance float64) {
	q := s.width()
	mean = dot(x, s.coef[j*q:(j+1)*q])
	copy(work, x)
	forward(s.root[j*q*q:(j+1)*q*q], work, q)
	return mean, dot(work, work)
}

// variance returns that of coefficient k of channel j.
func (s *projection) variance(j, k int, work []float64) float64 {
	q := s.width()
	clear(work)
	work[k] = 1
	forward(s.root[j*q*q:(j+1)*q*q], work, q)
	return dot(work, work)
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

// cholesky replaces the lower part of a, n x n and positive definite, by its root, and returns the
// logarithm of the determinant of a.
func cholesky(a []float64, n int) (logDet float64) {
	for i := range n {
		for j := range i + 1 {
			v := a[i*n+j] - dot(a[i*n:i*n+j], a[j*n:j*n+j])
			if i > j {
				a[i*n+j] = v / a[j*n+j]
				continue
			}
			a[i*n+i] = math.Sqrt(max(v, 1e-300))
			logDet += 2 * math.Log(a[i*n+i])
		}
	}
	return logDet
}

// forward solves with the lower root l, backward with its transpose, in place.
func forward(l, b []float64, n int) {
	for i := range n {
		b[i] = (b[i] - dot(l[i*n:i*n+i], b[:i])) / l[i*n+i]
	}
}

func backward(l, b []float64, n int) {
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= l[k*n+i] * b[k]
		}
		b[i] /= l[i*n+i]
	}
}
