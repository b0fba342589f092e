// Package solver holds what the solvers of ordinary and of stochastic
// differential equations share: the reasons for which both fail, the checks of
// what a batch of trajectories is given, and vectors of numbers.
//
// Its errors wrap a reason and carry no package's name: a solver puts its own
// before them.
package solver

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Reasons for which a solve fails.
var (
	ErrDimension         = errors.New("wrong dimension")
	ErrTimes             = errors.New("bad times")
	ErrTolerance         = errors.New("bad tolerance")
	ErrOption            = errors.New("bad option")
	ErrNonFiniteState    = errors.New("initial state is not finite")
	ErrUnderflow         = errors.New("step size underflow")
	ErrMaxSteps          = errors.New("step budget spent")
	ErrCanceled          = errors.New("canceled")
	ErrVJP               = errors.New("vector-Jacobian product is wrong")
	ErrNoGradient        = errors.New("no gradient")
	ErrNonFiniteGradient = errors.New("gradient is not finite")
)

// CheckTimes reports what is wrong with the output times of the trajectory
// with number row, which starts at t0. They go one way, and forwards unless
// backwards may be too.
func CheckTimes(row int, t0 float64, times []float64, backwards bool) error {
	if !Finite([]float64{t0}) {
		return fmt.Errorf("%w: trajectory %d starts at %g", ErrTimes, row, t0)
	}
	if len(times) == 0 {
		return nil
	}
	last := times[len(times)-1]
	down := backwards && last < t0
	before := t0
	for k, t := range times {
		switch {
		case !Finite([]float64{t}):
			return fmt.Errorf("%w: time %d of trajectory %d is %g", ErrTimes, k, row, t)
		case (t < before) == down || t == before:
		case backwards:
			return fmt.Errorf("%w: trajectory %d goes from %g to %g, but its time %d is %g after %g", ErrTimes, row, t0, last, k, t, before)
		default:
			return fmt.Errorf("%w: trajectory %d starts at %g and goes forwards, but its time %d is %g after %g", ErrTimes, row, t0, k, t, before)
		}
		before = t
	}
	return nil
}

// A Tolerance bounds the error of component i by Absolute_i + Relative_i·|y_i|;
// the lists, where they are not nil, stand in place of the numbers.
type Tolerance struct {
	Relative, Absolute         float64
	RelativeEach, AbsoluteEach []float64
}

// Each returns the tolerances of each of dim components, otherwise standing
// for a number that is 0 and least for a relative tolerance below it.
func (o Tolerance) Each(dim int, otherwise, least float64) (rtol, atol []float64, err error) {
	if rtol, err = eachTolerance("RTol", o.RelativeEach, o.Relative, dim, otherwise); err != nil {
		return nil, nil, err
	}
	if atol, err = eachTolerance("ATol", o.AbsoluteEach, o.Absolute, dim, otherwise); err != nil {
		return nil, nil, err
	}
	for i := range rtol {
		if rtol[i] == 0 && atol[i] == 0 {
			return nil, nil, fmt.Errorf("%w: RTol and ATol of component %d are both 0", ErrTolerance, i)
		}
		rtol[i] = max(rtol[i], least)
	}
	return rtol, atol, nil
}

func eachTolerance(name string, each []float64, all float64, dim int, otherwise float64) ([]float64, error) {
	switch {
	case each == nil && all == 0:
		each = slices.Repeat([]float64{otherwise}, dim)
	case each == nil:
		each = slices.Repeat([]float64{all}, dim)
	case len(each) != dim:
		return nil, fmt.Errorf("%w: %sEach has %d elements for a state of %d", ErrDimension, name, len(each), dim)
	default:
		each = slices.Clone(each)
	}
	for i, x := range each {
		if !(x >= 0) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%w: %s is %g for component %d, but must be finite and not negative", ErrTolerance, name, x, i)
		}
	}
	return each, nil
}

// CheckSize reports an option that is no finite size, 0 included.
func CheckSize(name string, value float64) error {
	if !(value >= 0) || math.IsInf(value, 0) {
		return fmt.Errorf("%w: %s is %g, but must be finite and not negative", ErrOption, name, value)
	}
	return nil
}

// CheckGradient reports what is wrong with the arguments of a backward pass
// over trajectories of dim components that reached so many outputs each, with
// params parameters (0: any number): dy0 and dp, that are added to, and the
// gradients dy with respect to the outputs, any of them nil.
func CheckGradient(dy0, dp []float64, dy [][]float64, reached []int, dim, params int) error {
	n := len(reached)
	switch {
	case dy0 != nil && len(dy0) != n*dim:
		return fmt.Errorf("%w: dy0 has %d elements for %d states of %d", ErrDimension, len(dy0), n, dim)
	case dp != nil && params != 0 && len(dp) != params:
		return fmt.Errorf("%w: dp has %d elements for %d parameters", ErrDimension, len(dp), params)
	case len(dy) != n:
		return fmt.Errorf("%w: dy has gradients of %d trajectories, but there are %d", ErrDimension, len(dy), n)
	}
	for i, g := range dy {
		if g != nil && len(g) != reached[i]*dim {
			return fmt.Errorf("%w: dy[%d] has %d elements for %d states of %d", ErrDimension, i, len(g), reached[i], dim)
		}
		if k := FirstBad(g); k >= 0 {
			return fmt.Errorf("%w: dy[%d] has %g as element %d", ErrNonFiniteGradient, i, g[k], k)
		}
	}
	return nil
}

// Finite reports whether no element of x is infinite or NaN.
func Finite(x []float64) bool {
	s := 0.0
	for _, v := range x {
		s += 0 * v
	}
	return s == 0
}

// FirstBad returns the index of the first element of x that is infinite or
// NaN, or -1.
func FirstBad(x []float64) int {
	return slices.IndexFunc(x, func(v float64) bool { return 0*v != 0 })
}

// AddScaled adds c·x to dst.
func AddScaled(dst []float64, c float64, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += c * x[i]
	}
}

// Resize returns a slice of n elements whose content is of no matter, s itself
// if it has room.
func Resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// page is the number of float64s in a page of memory, and stagger by how many
// the starts of vectors of that length or more lie apart in it. A processor
// loads streams that begin at one place of their pages less than half as fast.
const (
	page    = 512
	stagger = 72
)

// ResizeAll is Resize for all vectors of the groups, which then lie together.
func ResizeAll(n int, groups ...[][]float64) {
	count, fits := 0, true
	for _, g := range groups {
		count += len(g)
		for _, v := range g {
			fits = fits && cap(v) >= n
		}
	}
	stride, slab := n, []float64(nil)
	if !fits {
		if n >= page {
			stride = (n+page-1)/page*page + stagger
		}
		slab = make([]float64, count*stride)
	}
	for _, g := range groups {
		for i := range g {
			if fits {
				g[i] = g[i][:n]
				continue
			}
			g[i], slab = slab[:n:n], slab[stride:]
		}
	}
}
