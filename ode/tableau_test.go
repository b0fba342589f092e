package ode

import (
	"math"
	"math/big"
	"testing"
)

// A tree is a rooted tree, made of smaller ones that hang on its root.
type tree struct {
	children []int
	order    int
	gamma    int64 // density (Hairer, Nørsett and Wanner 1993, II.2)
}

// trees returns the rooted trees of up to n nodes; children come before what
// they are part of.
func trees(n int) []tree {
	all := []tree{{nil, 1, 1}}
	for order := 2; order <= n; order++ {
		known := len(all)
		var grow func(left, from int, children []int)
		grow = func(left, from int, children []int) {
			if left == 0 {
				t := tree{append([]int(nil), children...), order, int64(order)}
				for _, c := range children {
					t.gamma *= all[c].gamma
				}
				all = append(all, t)
				return
			}
			for c := from; c < known; c++ {
				if all[c].order <= left {
					grow(left-all[c].order, c, append(children, c))
				}
			}
		}
		grow(order-1, 0, nil)
	}
	return all
}

// rational returns the number with the least denominator that rounds to x
// (by the convergents of its continued fraction), exactly what was meant if
// that is a fraction with a denominator below 2^26.
func rational(x float64) *big.Rat {
	rest := new(big.Rat).SetFloat64(x)
	p0, q0, p1, q1 := big.NewInt(0), big.NewInt(1), big.NewInt(1), big.NewInt(0)
	for {
		whole := new(big.Int).Div(rest.Num(), rest.Denom())
		p0, p1 = p1, new(big.Int).Add(new(big.Int).Mul(whole, p1), p0)
		q0, q1 = q1, new(big.Int).Add(new(big.Int).Mul(whole, q1), q0)
		r := new(big.Rat).SetFrac(p1, q1)
		if f, _ := r.Float64(); f == x {
			return r
		}
		rest.Sub(rest, new(big.Rat).SetInt(whole))
		rest.Inv(rest)
	}
}

// elementary returns Φᵢ of each tree: for each stage the product over the
// root's children of the sum that hangs on them.
func elementary(ts []tree, a [][]*big.Rat) [][]*big.Rat {
	phi := make([][]*big.Rat, len(ts))
	for k, t := range ts {
		phi[k] = make([]*big.Rat, len(a))
		for i := range a {
			p := big.NewRat(1, 1)
			for _, c := range t.children {
				p.Mul(p, dot(a[i], phi[c]))
			}
			phi[k][i] = p
		}
	}
	return phi
}

func dot(a, b []*big.Rat) *big.Rat {
	s := new(big.Rat)
	for i := range a {
		s.Add(s, new(big.Rat).Mul(a[i], b[i]))
	}
	return s
}

func rationals(x []float64, as func(float64) *big.Rat) []*big.Rat {
	r := make([]*big.Rat, len(x))
	for i := range x {
		r[i] = as(x[i])
	}
	return r
}

// TestTableaux checks every order condition of every method: those of the
// methods with fractions for coefficients exactly, those of the methods given
// in decimals to their last digits.
func TestTableaux(t *testing.T) {
	decimal := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	tests := []struct {
		m     Method
		as    func(float64) *big.Rat
		tol   float64
		est   int // order of the solution that the error estimate compares with
		dense int // order of the interpolant
	}{
		{Dopri5{}, rational, 0, 4, 4},
		{BogackiShampine{}, rational, 0, 2, 3},
		{RK4{}, rational, 0, 0, 3},
		{Heun{}, rational, 0, 0, 2},
		{Midpoint{}, rational, 0, 0, 2},
		{Euler{}, rational, 0, 0, 1},
		{Tsit5{}, decimal, 2e-14, 4, 4},
		{DOP853{}, decimal, 1e-14, 5, 7},
	}
	for _, tt := range tests {
		tab := tt.m.tableau()
		t.Run(tab.name, func(t *testing.T) {
			close := func(what string, got, want *big.Rat, tol float64) {
				t.Helper()
				if d, _ := new(big.Rat).Sub(got, want).Float64(); !(math.Abs(d) <= tol) {
					t.Errorf("%s is off by %g", what, d)
				}
			}
			var a [][]*big.Rat
			for i, row := range tab.a {
				r := rationals(row, tt.as)
				sum := new(big.Rat)
				for _, x := range r {
					sum.Add(sum, x)
				}
				close("the sum of a row", sum, tt.as(tab.c[i]), 10*tt.tol)
				a = append(a, r)
			}
			ts := trees(tab.order)
			// Stages before i alone enter stage i.
			phi := elementaryLower(ts, a)
			b := a[tab.s]
			for k, tr := range ts {
				close("an order condition", dot(b, phi[k][:tab.s]), big.NewRat(1, tr.gamma), tt.tol)
				if tr.order <= tt.est && tab.e != nil {
					e := rationals(tab.e, tt.as)
					close("a condition of the estimate", dot(e, phi[k]), new(big.Rat), tt.tol)
				}
				if tr.order <= tt.dense {
					for _, theta := range []float64{0, 0.125, 0.25, 0.5, 0.6875, 0.75, 0.875, 1} {
						w := make([]float64, len(tab.c))
						tab.weights(w, theta)
						want, _ := big.NewRat(1, tr.gamma).Float64()
						want *= math.Pow(theta, float64(tr.order))
						close("a condition of the interpolant", dot(rationals(w, decimal), phi[k]), decimal(want), 1e-13)
					}
				}
			}
		})
	}
}

// elementaryLower is elementary for a lower triangular a.
func elementaryLower(ts []tree, a [][]*big.Rat) [][]*big.Rat {
	full := make([][]*big.Rat, len(a))
	for i, row := range a {
		full[i] = append([]*big.Rat(nil), row...)
		for len(full[i]) < len(a) {
			full[i] = append(full[i], new(big.Rat))
		}
	}
	return elementary(ts, full)
}
