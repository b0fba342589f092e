package baseline

import (
	"math"
	"slices"
)

// A filter is what is known of the last values of a process, latest first: their
// joint Gaussian distribution given all observations since the last unbroken run as long
// as the order. It is the Kalman filter of the companion form, whose
// observations are free of noise.
type filter struct {
	process *Process
	mean    []float64
	cov     []float64 // p x p
	exact   bool      // all of cov is zero
	column  []float64 // scratch
}

// newFilter returns the state after the last of y. If y has no unbroken run of
// observations as long as the order, the state starts from the mean and the
// variance of the data.
func newFilter(q *Process, y []float64) *filter {
	p := len(q.Coef)
	f := &filter{process: q, mean: make([]float64, p), cov: make([]float64, p*p), column: make([]float64, p)}
	start, run := -1, 0
	for t := len(y) - 1; t >= 0 && run < p; t-- {
		if math.IsNaN(y[t]) {
			run = 0
			continue
		}
		if run == 0 {
			start = t + 1
		}
		run++
	}
	if run == p {
		for j := range f.mean {
			f.mean[j] = y[start-1-j]
		}
		f.exact = true
	} else {
		start = 0
		z := newStandard(y)
		for j := range f.mean {
			f.mean[j] = z.center
			f.cov[j*p+j] = z.scale * z.scale
		}
	}
	for _, v := range y[start:] {
		f.predict()
		if !math.IsNaN(v) {
			f.observe(v)
		}
	}
	return f
}

// predict moves the state one step on.
func (f *filter) predict() {
	q := f.process
	p := len(f.mean)
	m := q.Intercept + dot(q.Coef, f.mean)
	push(f.mean, m)

	cross := f.column // covariance of the new value with the old ones
	v := q.Variance
	if f.exact {
		clear(cross)
	} else {
		for i := range cross {
			cross[i] = dot(f.cov[i*p:(i+1)*p], q.Coef)
		}
		v += dot(q.Coef, cross)
	}
	for i := p - 1; i > 0; i-- {
		copy(f.cov[i*p+1:(i+1)*p], f.cov[(i-1)*p:])
		f.cov[i*p] = cross[i-1]
	}
	f.cov[0] = v
	copy(f.cov[1:p], cross)
	f.exact = false
}

// observe conditions the state on the latest value.
func (f *filter) observe(y float64) {
	p := len(f.mean)
	if v := f.cov[0]; v > 0 {
		gain := f.column
		for i := range gain {
			gain[i] = f.cov[i*p] / v
		}
		e := y - f.mean[0]
		for i, g := range gain {
			f.mean[i] += g * e
			for j := range p {
				f.cov[i*p+j] -= g * gain[j] * v
			}
		}
	}
	f.mean[0] = y
	for i := range p { // exactly known, whatever rounding left
		f.cov[i], f.cov[i*p] = 0, 0
	}
}

// An outlook is the distribution of the values of a process that continues a series, one
// step after the other. With F the companion matrix and P the covariance of the
// state at the end of the series, the variance k steps ahead is
//
//	Variance (psi_0^2 + ... + psi_(k-1)^2) + e_1' F^k P F'^k e_1
//
// where psi_k, the weight of the error k steps before, is the first entry of
// e_1' F^k (Brockwell and Davis 1991, section 5.5).
type outlook struct {
	from  *filter
	mean  []float64 // of the last values, latest first
	row   []float64 // e_1' F^k
	noise float64   // psi_0^2 + ... + psi_(k-1)^2
}

// newOutlook returns the outlook at the last of y.
func newOutlook(q *Process, y []float64) *outlook {
	f := newFilter(q, y)
	o := &outlook{from: f, mean: slices.Clone(f.mean), row: make([]float64, len(f.mean))}
	o.row[0] = 1
	return o
}

// step moves one step on.
func (o *outlook) step() {
	q := o.from.process
	push(o.mean, q.Intercept+dot(q.Coef, o.mean))
	psi := o.row[0]
	o.noise += psi * psi
	for j, c := range q.Coef {
		next := 0.0
		if j+1 < len(o.row) {
			next = o.row[j+1]
		}
		o.row[j] = psi*c + next
	}
}

// distribution returns the mean and the standard deviation of the value.
func (o *outlook) distribution() (mean, sd float64) {
	v := o.from.process.Variance * o.noise
	if f := o.from; !f.exact {
		p := len(o.row)
		for i, x := range o.row {
			v += x * dot(f.cov[i*p:(i+1)*p], o.row)
		}
	}
	return o.mean[0], math.Sqrt(math.Max(v, 0))
}
