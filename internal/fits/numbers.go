package fits

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Writer puts estimates down as numbers, one after the other.
type Writer struct{ Numbers []float64 }

// Finite reports whether all that was written is.
func (w *Writer) Finite() bool {
	return !slices.ContainsFunc(w.Numbers, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}

// Float writes a number.
func (w *Writer) Float(x float64) { w.Numbers = append(w.Numbers, x) }

// Int writes a whole number.
func (w *Writer) Int(n int) { w.Float(float64(n)) }

// Bool writes a truth value.
func (w *Writer) Bool(b bool) {
	if b {
		w.Int(1)
	} else {
		w.Int(0)
	}
}

// Floats writes some numbers, and how many they are.
func (w *Writer) Floats(x []float64) {
	w.Int(len(x))
	w.Numbers = append(w.Numbers, x...)
}

// Ints writes some whole numbers, and how many they are.
func (w *Writer) Ints(x []int) {
	w.Int(len(x))
	for _, n := range x {
		w.Int(n)
	}
}

// A Reader reads what a Writer wrote. After a mistake it reads zeros, and Err tells.
type Reader struct {
	left []float64
	err  error
}

// NewReader returns a Reader of some numbers.
func NewReader(numbers []float64) *Reader { return &Reader{left: numbers} }

// Fail makes err the mistake, if there was none before.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err, r.left = err, nil
	}
}

// Failf is Fail with a text.
func (r *Reader) Failf(format string, args ...any) { r.Fail(fmt.Errorf(format, args...)) }

// Err returns the first mistake: a number out of its bounds, too few numbers, or, once all
// has been read, too many.
func (r *Reader) Err() error { return r.err }

// Left returns how many numbers are left.
func (r *Reader) Left() int { return len(r.left) }

// End makes numbers that are left a mistake.
func (r *Reader) End() error {
	if len(r.left) > 0 {
		r.Fail(fmt.Errorf("%d numbers too many", len(r.left)))
	}
	return r.err
}

// Float reads a number from lo to hi.
func (r *Reader) Float(lo, hi float64) float64 {
	if len(r.left) == 0 {
		r.Fail(errors.New("too few numbers"))
		return 0
	}
	x := r.left[0]
	if !(x >= lo && x <= hi) {
		r.Fail(fmt.Errorf("a number %v, want %v to %v", x, lo, hi))
		return 0
	}
	r.left = r.left[1:]
	return x
}

// Any reads a finite number.
func (r *Reader) Any() float64 { return r.Float(-math.MaxFloat64, math.MaxFloat64) }

// Positive reads a number that is not negative.
func (r *Reader) Positive() float64 { return r.Float(0, math.MaxFloat64) }

// Int reads a whole number from lo to hi.
func (r *Reader) Int(lo, hi int) int {
	x := r.Float(float64(lo), float64(hi))
	if x != math.Trunc(x) {
		r.Fail(fmt.Errorf("a number %v that is not whole", x))
		return 0
	}
	return int(x)
}

// Bool reads a truth value.
func (r *Reader) Bool() bool { return r.Int(0, 1) == 1 }

// Floats reads finite numbers and how many they are.
func (r *Reader) Floats() []float64 {
	n := r.Int(0, len(r.left))
	if n > len(r.left) {
		r.Fail(errors.New("too few numbers"))
		return nil
	}
	x := slices.Clone(r.left[:n])
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			r.Fail(fmt.Errorf("a number %v", v))
			return nil
		}
	}
	if r.err == nil {
		r.left = r.left[n:]
	}
	return x
}

// Ints reads whole numbers from lo to hi and how many they are.
func (r *Reader) Ints(lo, hi int) []int {
	var all []int
	for range r.Int(0, len(r.left)) {
		all = append(all, r.Int(lo, hi))
	}
	return all
}
