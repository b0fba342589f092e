package baseline

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/moments"
	"tsgen/internal/walk"
	"tsgen/series"
)

// A Process is an autoregression of one series on its own past,
//
//	y_t = Intercept + sum_i Coef[i] y_(t-1-i) + e_t
//
// with independent errors e_t ~ N(0, Variance).
type Process struct {
	Coef      []float64
	Intercept float64
	Variance  float64

	// Asked is the order asked for, and Reason says why Coef has another.
	Asked  int
	Reason Reason

	walk bool // nothing was estimated but the variance
}

// A Reason says why a process has a lower order than asked for.
type Reason int

// The reasons.
const (
	AsAsked  Reason = iota // it has not
	Short                  // too few observations without gaps between
	Constant               // all observations are equal
	Unstable               // higher orders leave the range of the data
)

// String returns the reason in words.
func (r Reason) String() string {
	switch r {
	case AsAsked:
		return "as asked"
	case Short:
		return "too few observations"
	case Constant:
		return "constant"
	case Unstable:
		return "unstable at higher orders"
	}
	return fmt.Sprintf("Reason(%d)", int(r))
}

const (
	// rowsPerCoef is how many equations an estimate must have for each unknown.
	rowsPerCoef = 2

	// maxOrder and maxEntries bound the size of the system of equations.
	maxOrder   = 1023
	maxEntries = rowsPerCoef * (maxOrder + 1) * (maxOrder + 1)

	// jitter is the ridge, relative to the number of equations and in
	// standardised data, that makes the lags of exactly repeating series
	// solvable. It is too small to matter otherwise.
	jitter = 1e-10

	// reach is how far, in ranges of the data, a process may wander.
	reach = 3
)

// Estimate fits an autoregression of the given order to y, in which NaN marks a
// missing value, by maximum likelihood conditional on the first values: least
// squares by QR decomposition. Equations with a missing value are left out, and
// so are the earliest of more than 2^21 / (order+1). The variance is the
// residual sum of squares over the degrees of freedom.
//
// Orders above 1023 are taken as 1023. The order is lowered as far as needed to have two equations for each unknown.
// It is halved for as long as the process would carry its mean or its standard
// deviation further than three times the range of the data, within as many
// steps as the horizon and half as many as y has. Where not even order 1 will
// do, the process is a random walk.
//
// The error wraps forecast.ErrTooShort if y has fewer than two observations.
// Estimate panics if order is not positive.
func Estimate(y []float64, order, horizon int) (*Process, error) {
	if order < 1 {
		panic(fmt.Sprintf("baseline: an autoregression of order %d", order))
	}
	order = min(order, maxOrder)
	z := newStandard(y)
	if z.n < 2 {
		return nil, fmt.Errorf("%w: %d, an autoregression needs at least 2", forecast.ErrTooShort, z.n)
	}
	if z.scale == 0 {
		return newRandomWalk(y, order, Constant), nil
	}
	p, reason := longest(z.y, order), AsAsked
	if p < order {
		reason = Short
	}
	ahead := max(horizon, len(y)/2)
	for ; p > 0; p /= 2 {
		if q := z.fit(p); q != nil && q.bounded(y, z.lo, z.hi, ahead) {
			q.Asked, q.Reason = order, reason
			return q, nil
		}
		reason = Unstable
	}
	return newRandomWalk(y, order, reason), nil
}

// standard is a series with its mean and its scale taken out.
type standard struct {
	y             []float64
	n             int // observations
	center, scale float64
	lo, hi        float64 // range of the data
}

func newStandard(y []float64) standard {
	z := standard{lo: math.Inf(1), hi: math.Inf(-1)}
	var all moments.Moments
	for _, v := range y {
		if isObserved(v) {
			all.Add(v)
			z.lo, z.hi = math.Min(z.lo, v), math.Max(z.hi, v)
		}
	}
	z.n, z.center = int(all.N), all.Mean
	if z.lo < z.hi {
		z.scale = math.Sqrt(all.Variance())
	}
	z.y = scaled(y, z.center, z.scale)
	return z
}

// scaled returns y less a center, in units of a scale.
func scaled(y []float64, center, scale float64) []float64 {
	return series.Scaling{Center: []float64{center}, Scale: []float64{scale}}.Apply(nil, y)
}

// equations returns the rows of y that are observed and whose p predecessors
// are.
func equations(y []float64, p int) []int {
	var rows []int
	run := 0
	for t, v := range y {
		if math.IsNaN(v) {
			run = 0
			continue
		}
		if run >= p {
			rows = append(rows, t)
		}
		run++
	}
	return rows
}

// longest returns the highest order up to p with enough equations, or 0.
func longest(y []float64, p int) int {
	for p = min(p, len(y)/(rowsPerCoef+1)); p > 0; p-- {
		if len(equations(y, p)) >= rowsPerCoef*(p+1) {
			break
		}
	}
	return p
}

// fit returns the process of order p in the unit of the data, or nil if the
// equations cannot be solved.
func (z standard) fit(p int) *Process {
	rows := equations(z.y, p)
	rows = rows[max(0, len(rows)-maxEntries/(p+1)):]
	n := len(rows)
	ridge := math.Sqrt(jitter * float64(n))
	a := mat.NewDense(n+p, p+1, nil)
	b := mat.NewDense(n+p, 1, nil)
	for i, t := range rows {
		row := a.RawRowView(i)
		row[0] = 1
		for j := range p {
			row[1+j] = z.y[t-1-j]
		}
		b.Set(i, 0, z.y[t])
	}
	for j := range p {
		a.Set(n+j, 1+j, ridge)
	}
	var qr mat.QR
	qr.Factorize(a)
	var x mat.Dense
	if err := qr.SolveTo(&x, false, b); err != nil {
		return nil
	}
	q := &Process{Coef: make([]float64, p)}
	rest := 1.0
	for j := range q.Coef {
		q.Coef[j] = x.At(1+j, 0)
		rest -= q.Coef[j]
	}
	q.Intercept = z.center*rest + z.scale*x.At(0, 0)
	ss := 0.0
	for i, t := range rows {
		e := z.y[t]
		for j, v := range a.RawRowView(i) {
			e -= v * x.At(j, 0)
		}
		ss += e * e
	}
	q.Variance = ss / float64(n-p-1) * z.scale * z.scale
	return q
}

// within reports whether the process that continues y stays within reach of it.
func (q *Process) within(y []float64, ahead int) bool {
	z := newStandard(y)
	return q.bounded(y, z.lo, z.hi, ahead)
}

func (q *Process) write(w *fits.Writer) {
	w.Int(int(q.Reason))
	w.Bool(q.walk)
	w.Float(q.Intercept)
	w.Float(q.Variance)
	w.Floats(q.Coef)
}

// readProcess reads what Process.write wrote of a process of which an order was asked for.
func readProcess(r *fits.Reader, asked int) *Process {
	q := &Process{
		Reason: Reason(r.Int(int(AsAsked), int(Unstable))), walk: r.Bool(),
		Intercept: r.Any(), Variance: r.Positive(), Coef: r.Floats(), Asked: asked,
	}
	if n := len(q.Coef); n < 1 || n > maxOrder {
		r.Failf("an autoregression of order %d", n)
		q.Coef = []float64{1}
	}
	return q
}

// newRandomWalk returns the process that stays at the last value of y.
func newRandomWalk(y []float64, asked int, reason Reason) *Process {
	var x walk.Increments
	last := -1
	for t, v := range y {
		if math.IsNaN(v) {
			continue
		}
		if last >= 0 {
			x.Add(v-y[last], float64(t-last))
		}
		last = t
	}
	return &Process{Coef: []float64{1}, Variance: x.Rate(), Asked: asked, Reason: reason, walk: true}
}

// bounded reports whether the process that continues y stays within reach of
// the range from lo to hi for as many steps as asked.
func (q *Process) bounded(y []float64, lo, hi float64, ahead int) bool {
	far := reach * (hi - lo)
	o := newOutlook(q, y)
	for range ahead {
		o.step()
		if m, sd := o.distribution(); !(math.Abs(m-(lo+hi)/2) <= far && sd <= far) {
			return false
		}
	}
	return true
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// push puts x before the first of the values, and drops the last.
func push(values []float64, x float64) {
	copy(values[1:], values)
	values[0] = x
}
