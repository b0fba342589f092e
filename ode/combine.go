package ode

import "tsgen/internal/kernel"

// wide is the dimension from which on a vector kernel pays for its call.
const wide = 12

// combine sets dst to base + h Σᵢ l.c[i]·x[l.j[i]], the elements of x being
// taken from lo on. dst may be base.
func combine(dst, base []float64, h float64, l *linear, x [][]float64, lo int) {
	n := len(dst)
	base = base[:n]
	if l.d != nil {
		combine(dst[:n/2], base[:n/2], h, &linear{j: l.j, c: l.c}, x, lo)
		combine(dst[n/2:], base[n/2:], h, &linear{j: l.j, c: l.d}, x, lo+n/2)
		return
	}
	j, c := l.j, l.c
	if len(j) == 0 {
		copy(dst, base)
		return
	}
	if n >= wide {
		combineWide(dst, base, h, l, x, lo)
		return
	}
	for {
		switch len(j) {
		case 1:
			combine1(dst, base, h*c[0], x[j[0]][lo:])
			return
		case 2:
			combine2(dst, base, h*c[0], h*c[1], x[j[0]][lo:], x[j[1]][lo:])
			return
		case 3:
			combine3(dst, base, h*c[0], h*c[1], h*c[2], x[j[0]][lo:], x[j[1]][lo:], x[j[2]][lo:])
			return
		case 4:
			combine4(dst, base, h*c[0], h*c[1], h*c[2], h*c[3], x[j[0]][lo:], x[j[1]][lo:], x[j[2]][lo:], x[j[3]][lo:])
			return
		case 5:
			combine5(dst, base, h*c[0], h*c[1], h*c[2], h*c[3], h*c[4], x[j[0]][lo:], x[j[1]][lo:], x[j[2]][lo:], x[j[3]][lo:], x[j[4]][lo:])
			return
		}
		combine6(dst, base, h*c[0], h*c[1], h*c[2], h*c[3], h*c[4], h*c[5],
			x[j[0]][lo:], x[j[1]][lo:], x[j[2]][lo:], x[j[3]][lo:], x[j[4]][lo:], x[j[5]][lo:])
		if len(j) == 6 {
			return
		}
		base, j, c = dst, j[6:], c[6:]
	}
}

// maxTerms is the most terms that a method has in a combination.
const maxTerms = 16

func combineWide(dst, base []float64, h float64, l *linear, x [][]float64, lo int) {
	var c [maxTerms]float64
	var terms [maxTerms][]float64
	m := len(l.j)
	for i, j := range l.j {
		c[i], terms[i] = h*l.c[i], x[j][lo:lo+len(dst)]
	}
	kernel.Combine(dst, base, c[:m], terms[:m])
}

// combineRows sets row i of dst to that of base + slots[i].try times the
// combination of those of x, for rows of d numbers.
func combineRows(dst, base []float64, slots []slot, l *linear, x [][]float64, d int) {
	j, c := l.j, l.c
	if d >= wide || l.d != nil {
		for i := range slots {
			combine(dst[i*d:i*d+d], base[i*d:i*d+d], slots[i].try, l, x, i*d)
		}
		return
	}
	switch len(j) {
	case 1:
		p, a := x[j[0]], c[0]
		for i := range slots {
			lo, hi, h := i*d, i*d+d, slots[i].try
			combine1(dst[lo:hi], base[lo:hi], h*a, p[lo:hi])
		}
	case 2:
		p, q, a, b := x[j[0]], x[j[1]], c[0], c[1]
		for i := range slots {
			lo, hi, h := i*d, i*d+d, slots[i].try
			combine2(dst[lo:hi], base[lo:hi], h*a, h*b, p[lo:hi], q[lo:hi])
		}
	case 3:
		p, q, r, c0, c1, c2 := x[j[0]], x[j[1]], x[j[2]], c[0], c[1], c[2]
		for i := range slots {
			lo, hi, h := i*d, i*d+d, slots[i].try
			combine3(dst[lo:hi], base[lo:hi], h*c0, h*c1, h*c2, p[lo:hi], q[lo:hi], r[lo:hi])
		}
	case 4:
		p, q, r, s, c := x[j[0]], x[j[1]], x[j[2]], x[j[3]], c[:4]
		for i := range slots {
			lo, hi, h := i*d, i*d+d, slots[i].try
			combine4(dst[lo:hi], base[lo:hi], h*c[0], h*c[1], h*c[2], h*c[3], p[lo:hi], q[lo:hi], r[lo:hi], s[lo:hi])
		}
	case 5:
		p, q, r, s, t, c := x[j[0]], x[j[1]], x[j[2]], x[j[3]], x[j[4]], c[:5]
		for i := range slots {
			lo, hi, h := i*d, i*d+d, slots[i].try
			combine5(dst[lo:hi], base[lo:hi], h*c[0], h*c[1], h*c[2], h*c[3], h*c[4], p[lo:hi], q[lo:hi], r[lo:hi], s[lo:hi], t[lo:hi])
		}
	default:
		for i := range slots {
			lo, hi := i*d, i*d+d
			combine(dst[lo:hi], base[lo:hi], slots[i].try, l, x, lo)
		}
	}
}

func combine1(dst, base []float64, a float64, p []float64) {
	base, p = base[:len(dst)], p[:len(dst)]
	for i := range dst {
		dst[i] = base[i] + a*p[i]
	}
}

func combine2(dst, base []float64, a, b float64, p, q []float64) {
	base, p, q = base[:len(dst)], p[:len(dst)], q[:len(dst)]
	for i := range dst {
		dst[i] = base[i] + (a*p[i] + b*q[i])
	}
}

func combine3(dst, base []float64, a, b, c float64, p, q, r []float64) {
	base, p, q, r = base[:len(dst)], p[:len(dst)], q[:len(dst)], r[:len(dst)]
	for i := range dst {
		dst[i] = base[i] + (a*p[i] + b*q[i] + c*r[i])
	}
}

func combine4(dst, base []float64, a, b, c, d float64, p, q, r, s []float64) {
	base, p, q, r, s = base[:len(dst)], p[:len(dst)], q[:len(dst)], r[:len(dst)], s[:len(dst)]
	for i := range dst {
		dst[i] = base[i] + (a*p[i] + b*q[i] + (c*r[i] + d*s[i]))
	}
}

func combine5(dst, base []float64, a, b, c, d, e float64, p, q, r, s, t []float64) {
	base, p, q, r, s, t = base[:len(dst)], p[:len(dst)], q[:len(dst)], r[:len(dst)], s[:len(dst)], t[:len(dst)]
	for i := range dst {
		dst[i] = base[i] + (a*p[i] + b*q[i] + (c*r[i] + d*s[i]) + e*t[i])
	}
}

func combine6(dst, base []float64, a, b, c, d, e, f float64, p, q, r, s, t, u []float64) {
	base, p, q, r, s, t, u = base[:len(dst)], p[:len(dst)], q[:len(dst)], r[:len(dst)], s[:len(dst)], t[:len(dst)], u[:len(dst)]
	for i := range dst {
		dst[i] = base[i] + (a*p[i] + b*q[i] + (c*r[i] + d*s[i]) + (e*t[i] + f*u[i]))
	}
}
