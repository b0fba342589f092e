package ode

import (
	"math"
	"math/big"
	"testing"
)

// precise returns x as a number of 200 bits.
func precise(x float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(x) }

func preciseDot(a, b []*big.Float) *big.Float {
	s := precise(0)
	for i := range a {
		s.Add(s, precise(0).Mul(a[i], b[i]))
	}
	return s
}

// TestImplicitTableaux protects the digits of the implicit methods: every
// condition of their order, of their error estimates and of their interpolants,
// in arithmetic of 200 bits, to the last digits that are given. Those of a
// Rosenbrock method are Hairer and Wanner's (1996, IV.7): with α and Γ from the
// coefficients without products, a node with one branch has α+Γ, others α.
func TestImplicitTableaux(t *testing.T) {
	for _, tt := range []struct {
		m          Method
		est, dense int
		tol        float64
	}{
		{Rodas5P{}, 4, 4, 3e-13},
		{Kvaerno5{}, 4, 3, 3e-14},
	} {
		tab := tt.m.tableau()
		n := tab.s
		if tab.diag != 0 {
			n++
		}
		alpha, beta := make([][]*big.Float, n), make([][]*big.Float, n)
		gamma := make([][]*big.Float, n)
		for i := range n {
			alpha[i], beta[i], gamma[i] = make([]*big.Float, n), make([]*big.Float, n), make([]*big.Float, n)
			for j := range n {
				alpha[i][j], gamma[i][j] = precise(0), precise(0)
				if j < len(tab.a[i]) {
					alpha[i][j] = precise(tab.a[i][j])
				}
				if i == j && i > 0 && tab.diag != 0 {
					alpha[i][j] = precise(tab.diag)
				}
			}
		}
		outer := func(w []float64) []*big.Float { // the weights of the original stages
			x := make([]*big.Float, n)
			for j := range n {
				x[j] = precise(w[j])
			}
			if tab.linear == nil {
				return x
			}
			y := make([]*big.Float, n)
			for j := range n {
				y[j] = precise(0)
				for i := range n {
					y[j].Add(y[j], precise(0).Mul(x[i], gamma[i][j]))
				}
			}
			return y
		}
		if ros := tab.linear; ros != nil {
			// Γ is the inverse of 1/γ - coupling, by forward substitution.
			g := precise(ros.gamma)
			for j := range n {
				for i := j; i < n; i++ {
					s := precise(0)
					if i == j {
						s = precise(1)
					}
					for k := j; k < i; k++ {
						s.Add(s, precise(0).Mul(precise(ros.coupling[i][k]), gamma[k][j]))
					}
					gamma[i][j] = s.Mul(s, g)
				}
			}
			a := make([][]*big.Float, n)
			for i := range n {
				a[i] = make([]*big.Float, n)
				sum := precise(0)
				for j := range n {
					a[i][j] = precise(0)
					for k := range n {
						a[i][j].Add(a[i][j], precise(0).Mul(alpha[i][k], gamma[k][j]))
					}
					sum.Add(sum, gamma[i][j])
				}
				if d, _ := sum.Sub(sum, precise(ros.rate[i])).Float64(); math.Abs(d) > tt.tol {
					t.Errorf("%s: the rate of stage %d is off by %g", tab.name, i, d)
				}
			}
			alpha = a
		}
		for i := range n {
			sum := precise(0)
			for j := range n {
				beta[i][j] = precise(0).Add(alpha[i][j], gamma[i][j])
				sum.Add(sum, alpha[i][j])
			}
			if d, _ := sum.Sub(sum, precise(tab.c[i])).Float64(); math.Abs(d) > tt.tol {
				t.Errorf("%s: the time of stage %d is off by %g", tab.name, i, d)
			}
		}
		weights := append([]float64(nil), tab.a[tab.s]...)
		if tab.diag != 0 {
			weights = append(weights, tab.diag)
		}
		ts := trees(tab.order)
		phi := make([][]*big.Float, len(ts))
		for k, tr := range ts {
			phi[k] = make([]*big.Float, n)
			for i := range n {
				x := precise(1)
				for _, c := range tr.children {
					row := alpha[i]
					if len(tr.children) == 1 {
						row = beta[i]
					}
					x.Mul(x, preciseDot(row, phi[c]))
				}
				phi[k][i] = x
			}
			check := func(what string, w []float64, want float64) {
				got, _ := preciseDot(outer(w), phi[k]).Float64()
				if math.Abs(got-want) > tt.tol {
					t.Errorf("%s: %s of order %d is off by %g", tab.name, what, tr.order, got-want)
				}
			}
			check("a condition", weights, 1/float64(tr.gamma))
			if tr.order <= tt.est {
				check("a condition of the estimate", tab.e, 0)
			}
			if tr.order <= tt.dense {
				for _, theta := range []float64{0.125, 0.4, 0.6875, 1} {
					w := make([]float64, len(tab.c))
					tab.weights(w, theta)
					check("a condition of the interpolant", w, math.Pow(theta, float64(tr.order))/float64(tr.gamma))
				}
			}
		}
	}
}
