package ode

import (
	"fmt"
	"math"
	"slices"

	"tsgen/internal/solver"
)

// A sample is a value of an event's function within a step.
type sample struct{ theta, g float64 }

const (
	leastSamples = 8   // parts of a step at whose ends an event is evaluated
	mostSamples  = 256 // where it takes that many to follow it
)

// locate appends the zeros of the events in slot i's accepted step to b.hits,
// and keeps the events' values at its end. It fails the trajectory and returns
// false if an event has no value or a pole.
func (b *Batch) locate(i int) bool {
	s, d, n := &b.slots[i], b.field.Dim, len(b.opt.Events)
	const width = leastSamples + 1
	b.grid = solver.Resize(b.grid, n*width)
	b.probe = solver.Resize(b.probe, d)
	for j := 1; j <= leastSamples; j++ {
		theta := float64(j) / leastSamples
		y, t := b.probe, s.at(theta)
		if j == leastSamples {
			y, t = b.y[b.scheme.s][i*d:(i+1)*d], s.end
		} else {
			b.state(y, i, theta)
		}
		for e := range b.opt.Events {
			b.grid[e*width+j] = b.opt.Events[e].value(s.row, t, y)
		}
	}
	for e := range b.opt.Events {
		g := b.grid[e*width : (e+1)*width]
		g[0] = b.signs[s.row*n+e]
		b.signs[s.row*n+e] = g[leastSamples]
		b.samples = b.samples[:0]
		for j, x := range g {
			b.samples = append(b.samples, sample{float64(j) / leastSamples, x})
		}
		if !b.zeros(i, e) {
			return false
		}
	}
	return true
}

// eventScale returns the greatest magnitude of event e in the step under way.
func (b *Batch) eventScale(e int) float64 {
	top := 0.0
	for _, g := range b.grid[e*(leastSamples+1) : (e+1)*(leastSamples+1)] {
		top = max(top, math.Abs(g))
	}
	return top
}

// zeros appends the zeros of event e to b.hits, from its values at even
// distances in b.samples.
func (b *Batch) zeros(i, e int) bool {
	s, ev := &b.slots[i], &b.opt.Events[e]
	value := func(theta float64) float64 {
		b.state(b.probe, i, theta)
		return ev.value(s.row, s.at(theta), b.probe)
	}
	// Halve the distances until the function is followed.
	for len(b.samples) <= mostSamples && !resolved(b.samples) {
		m := len(b.samples) - 1
		b.samples = slices.Grow(b.samples, m)[:2*m+1]
		for j := m; j >= 0; j-- {
			b.samples[2*j] = b.samples[j]
		}
		for j := 1; j < 2*m; j += 2 {
			theta := float64(j) / float64(2*m)
			b.samples[j] = sample{theta, value(theta)}
		}
	}
	for _, x := range b.samples {
		if math.IsNaN(x.g) {
			b.fail(i, ErrEvent, fmt.Errorf("event %d is NaN at t = %g", e, s.at(x.theta)))
			return false
		}
	}
	b.dips(value)
	if b.leave(i, e, value) && b.flights[s.row*len(b.opt.Events)+e].closer >= 2 {
		b.fail(i, ErrEvent, fmt.Errorf("the resets of event %d come ever closer and accumulate: "+
			"end the trajectory before by a Terminal event", e))
		return false
	}
	before := b.samples[0]
	for _, now := range b.samples[1:] {
		if before.g != 0 && ev.crossed(before.g, now.g) {
			theta, pole := root(value, before, now)
			t := s.at(theta)
			if theta == 1 {
				t = s.end
			}
			if pole {
				b.fail(i, ErrEvent, fmt.Errorf("event %d changes its sign at t = %g, where it has a pole and no zero", e, t))
				return false
			}
			b.hits = append(b.hits, hit{row: s.row, event: e, t: t, theta: theta, from: before.g, seed: -1})
		}
		before = now
	}
	return true
}

// resolved reports whether every second of the samples is about what a cubic
// through its neighbours says.
func resolved(x []sample) bool {
	top, off := 0.0, 0.0
	for _, s := range x {
		top = max(top, math.Abs(s.g))
	}
	m := len(x) - 1
	for j := 1; j < m; j += 2 {
		var guess float64
		switch j {
		case 1:
			guess = (5*x[0].g + 15*x[2].g - 5*x[4].g + x[6].g) / 16
		case m - 1:
			guess = (5*x[m].g + 15*x[m-2].g - 5*x[m-4].g + x[m-6].g) / 16
		default:
			guess = (9*(x[j-1].g+x[j+1].g) - x[j-3].g - x[j+3].g) / 16
		}
		off = max(off, math.Abs(guess-x[j].g))
	}
	return !(off > 0.05*top) || math.IsInf(top, 0)
}

// dips looks for changes of sign between samples of one sign: where the
// parabola through three has its vertex near zero, the extremum is looked up
// and taken among the samples if it is beyond zero.
func (b *Batch) dips(value func(theta float64) float64) {
	for j := 1; j+1 < len(b.samples); j++ {
		x, y, z := b.samples[j-1], b.samples[j], b.samples[j+1]
		if x.g*y.g <= 0 || y.g*z.g <= 0 {
			continue
		}
		sign := math.Copysign(1, y.g)
		bend := sign * (x.g - 2*y.g + z.g)
		slope := sign * (z.g - x.g) / 2
		if !(bend > 0) || math.Abs(slope) > 1.5*bend || sign*y.g-slope*slope/(2*bend) > bend/4 {
			continue
		}
		lowest := minimize(func(theta float64) float64 { return sign * value(theta) }, x.theta, z.theta)
		if lowest.g > 0 || math.IsNaN(lowest.g) {
			continue
		}
		lowest.g *= sign
		at := j
		if lowest.theta > y.theta {
			at = j + 1
		}
		b.samples = slices.Insert(b.samples, at, lowest)
		j++
	}
}

// leave puts a sample next to a start at which the function is 0, where on its
// way to the first sample it has the other sign before: a ball that meets the
// floor again early in the step. It halves the distance to the start until the
// slope there is known. It reports whether what it finds is too small to be told
// from rounding.
func (b *Batch) leave(i, e int, value func(theta float64) float64) (lost bool) {
	if b.samples[0].g != 0 {
		return false
	}
	top := 0.0
	for _, x := range b.samples {
		top = max(top, math.Abs(x.g))
	}
	first := b.samples[1]
	x := first
	for range 50 {
		half := sample{x.theta / 2, value(x.theta / 2)}
		if half.g*first.g < 0 {
			s, d := &b.slots[i], b.field.Dim
			if noise := b.opt.Events[e].grain(s.row, s.t, b.y[0][i*d:(i+1)*d]); math.Abs(half.g) <= max(1e-12*top, noise) {
				return true
			}
			b.samples = slices.Insert(b.samples, 1, half)
			return false
		}
		slope, before := half.g/half.theta, x.g/x.theta
		if !(math.Abs(slope-before) > math.Abs(slope)/2) {
			return false
		}
		x = half
	}
	return false
}

// minimize returns a point between a and b where f is not positive, or if there
// is none its minimum, by golden sections.
func minimize(f func(float64) float64, a, b float64) sample {
	const ratio = 0.6180339887498949
	l, r := b-ratio*(b-a), a+ratio*(b-a)
	fl, fr := f(l), f(r)
	for range 45 {
		if fl <= 0 {
			return sample{l, fl}
		}
		if fr <= 0 {
			return sample{r, fr}
		}
		if fl < fr {
			b, r, fr = r, l, fl
			l = b - ratio*(b-a)
			fl = f(l)
		} else {
			a, l, fl = l, r, fr
			r = a + ratio*(b-a)
			fr = f(r)
		}
	}
	if fl < fr {
		return sample{l, fl}
	}
	return sample{r, fr}
}

// root returns the zero of value between two samples of different signs, by
// Chandrupatla's method (Adv. Eng. Softw. 28, 1997) to the last bits. It
// reports a pole instead of a zero.
func root(value func(theta float64) float64, before, now sample) (theta float64, pole bool) {
	if now.g == 0 {
		return now.theta, false
	}
	const tol = 0x1p-48
	x1, x2, f1, f2 := now.theta, before.theta, now.g, before.g
	part := 0.5
	for range 200 {
		x := x1 + part*(x2-x1)
		f := value(x)
		x3, f3 := x2, f2
		if math.Signbit(f) == math.Signbit(f1) {
			x3, f3 = x1, f1
		} else {
			x2, f2 = x1, f1
		}
		x1, f1 = x, f
		if f1 == 0 {
			return x1, false
		}
		size := math.Abs(x2 - x1)
		if size <= tol || math.IsNaN(f1) {
			break
		}
		part = 0.5
		xi, phi := (x1-x2)/(x3-x2), (f1-f2)/(f3-f2)
		if 1-math.Sqrt(1-xi) < phi && phi < math.Sqrt(xi) {
			part = f1/(f2-f1)*(f3/(f2-f3)) + (x3-x1)/(x2-x1)*(f1/(f3-f1))*(f2/(f3-f2))
		}
		part = min(max(part, tol/size/2), 1-tol/size/2)
	}
	// Towards a zero the function becomes small, at a jump it stays.
	least := min(math.Abs(f1), math.Abs(f2))
	pole = !(least <= 100*max(math.Abs(before.g), math.Abs(now.g)))
	if math.Abs(f1) < math.Abs(f2) {
		return x1, pole
	}
	return x2, pole
}
