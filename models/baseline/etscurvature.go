package baseline

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"tsgen/internal/kernel"
)

// An etsTangent holds the derivatives of a run in the free variables of a search: of its
// parameters, its state and its errors.
type etsTangent struct {
	size                    int
	alpha, beta, gamma, phi []float64
	level, slope, expected  []float64
	season                  []float64 // by place × size
	errors                  []float64 // by step × size

	products []float64 // of the errors' derivatives
}

func newETSTangent(steps, period, size int) *etsTangent {
	t := &etsTangent{size: size, season: make([]float64, period*size), errors: make([]float64, steps*size), products: make([]float64, size*size)}
	for _, v := range []*[]float64{&t.alpha, &t.beta, &t.gamma, &t.phi, &t.level, &t.slope, &t.expected} {
		*v = make([]float64, size)
	}
	return t
}

// ridge is the least curvature of a variable: that of one which the values say nothing of.
const ridge = 0.5

// inverseCurvature fills h with the inverse of the Gauss-Newton approximation of the second
// derivatives of value at x (Nocedal and Wright, Numerical Optimization, 2nd ed., section
// 10.3): 2n/SSE times the products of the derivatives of the errors. It reports whether there
// is one.
func (s *etsSearch) inverseCurvature(x, h []float64) bool {
	s.set(x)
	_, sse := s.run.forward(&s.p)
	if !(sse > 0) {
		return false
	}
	n := len(x)
	if s.tangent == nil {
		s.tangent = newETSTangent(len(s.run.y), s.run.form.period, n)
	}
	t := s.tangent
	s.begin(x)
	s.run.errorsAlong(&s.p, t)
	kernel.MulTN(t.products, t.errors, t.errors, n, len(s.run.y), n, false)
	weight := 2 * float64(s.run.n) / sse
	for i := range h {
		h[i] = weight * t.products[i]
	}
	for i := range n {
		h[i*n+i] += ridge
	}
	curved := blas64.Symmetric{Uplo: blas.Upper, N: n, Data: h, Stride: n}
	factor, ok := lapack64.Potrf(curved)
	if !ok {
		return false
	}
	if _, ok := lapack64.Potri(factor); !ok {
		return false
	}
	for i := range n {
		for j := range i {
			h[i*n+j] = h[j*n+i]
		}
	}
	return true
}

// begin sets the derivatives of the parameters and of the initial state in the variables x.
func (s *etsSearch) begin(x []float64) {
	form, p, t := s.run.form, &s.p, s.tangent
	for _, v := range [][]float64{t.alpha, t.beta, t.gamma, t.phi, t.level, t.slope, t.season} {
		clear(v)
	}
	i := 1
	t.alpha[0] = smoothingSlope(x[0])
	if form.trend != none {
		t.beta[0] = t.alpha[0] * smoothing(x[i])
		t.beta[i] = p.alpha * smoothingSlope(x[i])
		i++
	}
	if form.season != none {
		t.gamma[0] = -t.alpha[0] * smoothing(x[i])
		t.gamma[i] = (1 - p.alpha) * smoothingSlope(x[i])
		i++
	}
	if form.trend == damped {
		w := logistic(x[i])
		t.phi[i] = (mostDamping - leastDamping) * w * (1 - w)
		i++
	}
	t.level[i] = 1
	i++
	if form.trend != none {
		t.slope[i] = 1
		i++
	}
	for k := i; k < len(x); k++ {
		t.season[(k-i)*t.size+k] = 1
		t.season[(form.period-1)*t.size+k] = -1
	}
}

// errorsAlong sets the derivatives of the errors of the last forward run, which was made with
// p; NaN of y has none.
func (r *etsRun) errorsAlong(p *etsParams, t *etsTangent) {
	n := t.size
	level, slope, expected := t.level, t.slope, t.expected
	place := 0
	for step, y := range r.y {
		q, b, s, f, rest := r.base[step], r.slope[step], r.effect[step], r.fc[step], r.rest[step]
		season, out := t.season[place*n:(place+1)*n], t.errors[step*n:(step+1)*n]
		if place++; place == r.form.period {
			place = 0
		}
		for k := range expected {
			expected[k] = level[k] + p.phi*slope[k] + t.phi[k]*b
			slope[k] = p.phi*slope[k] + t.phi[k]*b
		}
		if !isObserved(rest) {
			copy(level, expected)
			clear(out)
			continue
		}
		scale := -1.0
		if r.form.err == multiplicative {
			scale = -y / (f * f)
		}
		switch r.form.season {
		case none:
			for k, dq := range expected {
				level[k] = dq - p.alpha*dq + t.alpha[k]*rest
				slope[k] += t.beta[k]*rest - p.beta*dq
				out[k] = scale * dq
			}
		case additive:
			for k, dq := range expected {
				df := dq + season[k]
				level[k] = dq - p.alpha*df + t.alpha[k]*rest
				slope[k] += t.beta[k]*rest - p.beta*df
				season[k] += t.gamma[k]*rest - p.gamma*df
				out[k] = scale * df
			}
		case multiplicative:
			d, e := rest/s, rest/q
			for k, dq := range expected {
				df := dq*s + q*season[k]
				dd := -(df + d*season[k]) / s
				level[k] = dq + p.alpha*dd + t.alpha[k]*d
				slope[k] += t.beta[k]*d + p.beta*dd
				season[k] += t.gamma[k]*e - p.gamma*(df+e*dq)/q
				out[k] = scale * df
			}
		}
	}
}
