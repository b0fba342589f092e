package ode

import (
	"math"

	"tsgen/internal/solver"
)

// factor replaces the n×n matrix a (in rows) by its LU factors with partial
// pivoting and sets piv to the rows' exchanges. It reports whether a is
// regular.
func factor(a []float64, piv []int, n int) bool {
	for k := range n {
		p, top := k, math.Abs(a[k*n+k])
		for i := k + 1; i < n; i++ {
			if x := math.Abs(a[i*n+k]); x > top {
				p, top = i, x
			}
		}
		piv[k] = p
		if !(top > 0) || math.IsInf(top, 0) {
			return false
		}
		if p != k {
			for j := range n {
				a[k*n+j], a[p*n+j] = a[p*n+j], a[k*n+j]
			}
		}
		row := a[k*n+k+1 : (k+1)*n]
		for i := k + 1; i < n; i++ {
			m := a[i*n+k]
			if m == 0 {
				continue
			}
			m /= a[k*n+k]
			a[i*n+k] = m
			solver.AddScaled(a[i*n+k+1:(i+1)*n], -m, row)
		}
	}
	return true
}

// solveLU replaces x by a⁻¹x, for the factors a.
func solveLU(a []float64, piv []int, x []float64) {
	n := len(x)
	for k, p := range piv[:n] {
		x[k], x[p] = x[p], x[k]
	}
	for i := 1; i < n; i++ {
		x[i] -= inner(a[i*n:i*n+i], x)
	}
	for i := n - 1; i >= 0; i-- {
		x[i] = (x[i] - inner(a[i*n+i+1:(i+1)*n], x[i+1:])) / a[i*n+i]
	}
}

// solveTransposed replaces x by a⁻ᵀx, for the factors a.
func solveTransposed(a []float64, piv []int, x []float64) {
	n := len(x)
	for i := range n {
		x[i] /= a[i*n+i]
		solver.AddScaled(x[i+1:], -x[i], a[i*n+i+1:(i+1)*n])
	}
	for i := n - 1; i > 0; i-- {
		solver.AddScaled(x[:i], -x[i], a[i*n:i*n+i])
	}
	for k := n - 1; k >= 0; k-- {
		p := piv[k]
		x[k], x[p] = x[p], x[k]
	}
}
