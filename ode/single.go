package ode

import "math"

// A single trajectory in few dimensions, the commonest problem of all, spends
// more time on the way to its arithmetic than on it. What follows does the same
// arithmetic, to the last bit, as is done for batches, on the first slot alone.

// single reports whether one narrow trajectory alone is at work.
func (b *Batch) single() bool { return len(b.slots) == 1 && b.field.Dim < wide }

// singleStages goes through the stages of the step under way.
func (b *Batch) singleStages() error {
	s, sch, n := &b.slots[0], b.scheme, b.field.Dim
	ts, rows := b.ts[:1], b.rows[:1]
	for st := 1; st <= sch.s; st++ {
		c := sch.c[st]
		ts[0] = s.t + c*s.try
		if s.jump != 0 || c == 1 {
			ts[0] = stageTime(c, s.t, s.try, s.end, s.jump)
		}
		y := b.y[st][:n]
		b.singleCombine(y, b.y[0][:n], &sch.row[st])
		if st < sch.s || sch.early {
			if err := b.field.Func(b.k[st][:n], rows, ts, y); err != nil {
				return fieldError(err)
			}
		}
	}
	return nil
}

// singleCombine sets dst to base plus the step times the combination l of the
// stages.
func (b *Batch) singleCombine(dst, base []float64, l *linear) {
	h, x, j, c := b.slots[0].try, b.k, l.j, l.c
	switch len(j) {
	case 1:
		combine1(dst, base, h*c[0], x[j[0]])
	case 2:
		c = c[:2]
		combine2(dst, base, h*c[0], h*c[1], x[j[0]], x[j[1]])
	case 3:
		c = c[:3]
		combine3(dst, base, h*c[0], h*c[1], h*c[2], x[j[0]], x[j[1]], x[j[2]])
	case 4:
		c = c[:4]
		combine4(dst, base, h*c[0], h*c[1], h*c[2], h*c[3], x[j[0]], x[j[1]], x[j[2]], x[j[3]])
	case 5:
		c = c[:5]
		combine5(dst, base, h*c[0], h*c[1], h*c[2], h*c[3], h*c[4], x[j[0]], x[j[1]], x[j[2]], x[j[3]], x[j[4]])
	default:
		combine(dst, base, h, l, x, 0)
	}
}

// singleError is errorSquare for an estimate of six terms, such as Dopri5's, in
// the root of the mean square.
func (b *Batch) singleError() float64 {
	h, l, x, n := b.slots[0].try, &b.scheme.err, b.k, b.field.Dim
	j, c := l.j[:6], l.c[:6]
	p, q, r, s, t, u := x[j[0]][:n], x[j[1]][:n], x[j[2]][:n], x[j[3]][:n], x[j[4]][:n], x[j[5]][:n]
	c0, c1, c2, c3, c4, c5 := h*c[0], h*c[1], h*c[2], h*c[3], h*c[4], h*c[5]
	y, z := b.y[0][:n], b.y[b.scheme.s][:n]
	rtol, atol := b.slots[0].rtol[:n], b.slots[0].atol[:n]
	square, scale := 0.0, 0.0
	for i := range p {
		e := c0*p[i] + c1*q[i] + (c2*r[i] + c3*s[i]) + (c4*t[i] + c5*u[i])
		tol := atol[i] + rtol[i]*max(math.Abs(y[i]), math.Abs(z[i]))
		scale += tol
		e /= tol
		square += e * e
	}
	return square*b.perDim + 0*scale
}
