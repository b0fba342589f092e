package ode

import (
	"math"

	"tsgen/internal/kernel"
	"tsgen/internal/solver"
)

// errorSquare returns the square of the norm of the error estimate of slot i's
// attempt, in units of the tolerance; NaN if the attempt is not finite.
func (b *Batch) errorSquare(i int) float64 {
	square := 0.0
	if b.sixTerms && b.single() {
		square = b.singleError()
	} else {
		square = b.estimateSquare(i)
	}
	if square-square != 0 {
		return b.carefulSquare(i)
	}
	return square
}

// carefulSquare is errorSquare where that is not finite: a component without
// an error has a part of 0, whatever its tolerance.
func (b *Batch) carefulSquare(i int) float64 {
	d := b.field.Dim
	lo := i * d
	s := &b.slots[i]
	y, z := b.y[0][lo:lo+d], b.y[b.scheme.s][lo:lo+d]
	combine(b.dif, b.zero, s.try, &b.scheme.err, b.k, lo)
	square := 0.0
	for j, e := range b.dif {
		tol := s.atol[j] + s.rtol[j]*max(math.Abs(y[j]), math.Abs(z[j]))
		if math.IsInf(tol, 0) {
			return math.Inf(1) // it would hide the error
		}
		r := 0.0
		if e != 0 {
			r = e / tol
		}
		if b.opt.Norm == NormMax {
			square = max(square, r*r)
		} else {
			square += r * r * b.perDim
		}
	}
	return square
}

// estimateSquare is errorSquare in the general case.
func (b *Batch) estimateSquare(i int) float64 {
	d := b.field.Dim
	if d >= wide && b.scheme.e3 == nil && b.scheme.err.d == nil && b.opt.Norm != NormMax {
		return b.wideSquare(i)
	}
	lo := i * d
	s := &b.slots[i]
	combine(b.dif, b.zero, s.try, &b.scheme.err, b.k, lo)
	y, z := b.y[0][lo:lo+d], b.y[b.scheme.s][lo:lo+d]
	err, scale := b.measure(s, b.dif, y, z)
	if b.scheme.e3 != nil && err > 0 {
		// Hairer, Nørsett and Wanner 1993, II.10.
		combine(b.dif3, b.zero, s.try, &b.scheme.err3, b.k, lo)
		err3, _ := b.measure(s, b.dif3, y, z)
		err *= err / (err + 0.01*err3)
	}
	return err + 0*scale // an infinite scale would hide the error
}

// wideBlock is the number of components whose errors stay in the first cache
// from their combination to their square.
const wideBlock = 256

// wideSquare is estimateSquare for many components, in the root of the mean
// square.
func (b *Batch) wideSquare(i int) float64 {
	d, s := b.field.Dim, &b.slots[i]
	square := 0.0
	for from := 0; from < d; from += wideBlock {
		n := min(wideBlock, d-from)
		lo := i*d + from
		e := b.dif[:n]
		combine(e, b.zero[:n], s.try, &b.scheme.err, b.k, lo)
		kernel.ToTolerance(e, e, b.y[0][lo:lo+n], b.y[b.scheme.s][lo:lo+n], s.atol[from:from+n], s.rtol[from:from+n])
		square += kernel.SumSq(e)
	}
	return square * b.perDim
}

// measure returns the square of the norm of the error e of a step from y to z,
// and the sum of the components' tolerances.
func (b *Batch) measure(s *slot, e, y, z []float64) (square, scale float64) {
	d := len(e)
	y, z = y[:d], z[:d]
	rtol, atol := s.rtol[:d], s.atol[:d]
	if b.opt.Norm == NormMax {
		for i, x := range e {
			tol := atol[i] + rtol[i]*max(math.Abs(y[i]), math.Abs(z[i]))
			scale += tol
			r := x / tol
			square = max(square, r*r)
		}
		return square, scale
	}
	for i, x := range e {
		tol := atol[i] + rtol[i]*max(math.Abs(y[i]), math.Abs(z[i]))
		scale += tol
		r := x / tol
		square += r * r
	}
	return square * b.perDim, scale
}

// worst returns the component of slot i that stands in its way, or -1.
func (b *Batch) worst(i int) int {
	d := b.field.Dim
	lo := i * d
	s := &b.slots[i]
	stages := b.scheme.s
	if s.attempts == 0 {
		stages = 1
	}
	for st := range stages {
		if j := solver.FirstBad(b.k[st][lo : lo+d]); j >= 0 && (s.bad || s.attempts == 0) {
			return j
		}
	}
	if s.bad && s.badPart >= 0 {
		return s.badPart
	}
	if b.scheme.e == nil || s.attempts == 0 {
		return -1
	}
	combine(b.dif, b.zero, s.ask, &b.scheme.err, b.k, lo)
	worst, top := -1, 0.0
	for j, x := range b.dif {
		y := b.y[0][lo+j]
		if r := math.Abs(x) / (s.atol[j] + s.rtol[j]*math.Abs(y)); r > top {
			worst, top = j, r
		}
	}
	return worst
}

// size returns the norm of x in units of the tolerances of c at y.
func (b *Batch) size(c *control, x, y []float64) float64 {
	sum, top := 0.0, 0.0
	for i := range x {
		if x[i] == 0 {
			continue // whatever the tolerance
		}
		r := math.Abs(x[i]) / (c.atol[i] + c.rtol[i]*math.Abs(y[i]))
		sum += r * r
		top = max(top, r) // NaN stays
	}
	if b.opt.Norm == NormMax {
		return top
	}
	return math.Sqrt(sum / float64(len(x)))
}
