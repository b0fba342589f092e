package ad

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// StudentLogDensity returns, for every row i, the logarithm of the density of
// the observed values of x under independent Student's t distributions with
// location μ, scale s and ν degrees of freedom,
//
//	Σ_j log Γ((ν_j+1)/2) - log Γ(ν_j/2) - ½ log(π ν_j) - log s_ij - ½(ν_j+1) log(1 + z_ij²/ν_j)
//
// with z = (x - μ)/s, over the columns j in which x is not NaN. x, location and
// scale are m×n and dof is 1×n; x has no gradient. The result is m×1.
//
//	dμ += dy q z/s,  ds += dy (q z² - 1)/s,  q = (ν+1)/(ν+z²)
//	dν_j += Σ_i dy_i ½ (ψ((ν+1)/2) - ψ(ν/2) - log(1 + z²/ν) + (z² - 1)/(ν + z²))
func (t *TapeOf[T]) StudentLogDensity(x, location, scale, dof *NodeOf[T]) *NodeOf[T] {
	sameShape("Student density", x, location)
	sameShape("Student density", x, scale)
	if dof.Rows != 1 || dof.Cols != x.Cols {
		panic(fmt.Sprintf("ad: Student density of a %d×%d matrix under %d×%d degrees of freedom", x.Rows, x.Cols, dof.Rows, dof.Cols))
	}
	n := t.record(x.Rows, 1, studentBack[T]{}, location, scale, dof, x)
	norm := t.workspace(x.Cols)
	for j, v := range dof.Val {
		nu := float64(v)
		a, _ := math.Lgamma((nu + 1) / 2)
		b, _ := math.Lgamma(nu / 2)
		norm[j] = T(a - b - 0.5*math.Log(math.Pi*nu))
	}
	for i := range n.Val {
		sum := 0.0
		for j, v := range dof.Val {
			k := i*x.Cols + j
			at, s, nu := float64(x.Val[k]), float64(scale.Val[k]), float64(v)
			if math.IsNaN(at) {
				continue
			}
			z := (at - float64(location.Val[k])) / s
			sum += float64(norm[j]) - math.Log(s) - 0.5*(nu+1)*math.Log1p(z*z/nu)
		}
		n.Val[i] = T(sum)
	}
	return n
}

type studentBack[T Float] struct{}

func (studentBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	location, scale, dof, x := n.in[0], n.in[1], n.in[2], n.in[3]
	slope := t.workspace(x.Cols)
	if dof.Grad != nil {
		for j, v := range dof.Val {
			nu := float64(v)
			slope[j] = T(mathext.Digamma((nu+1)/2) - mathext.Digamma(nu/2))
		}
	}
	for k, v := range x.Val {
		if v != v {
			continue
		}
		j, g := k%x.Cols, n.Grad[k/x.Cols]
		s, nu := scale.Val[k], dof.Val[j]
		z := (v - location.Val[k]) / s
		q := (nu + 1) / (nu + z*z)
		if location.Grad != nil {
			location.Grad[k] += g * q * z / s
		}
		if scale.Grad != nil {
			scale.Grad[k] += g * (q*z*z - 1) / s
		}
		if dof.Grad != nil {
			dof.Grad[j] += 0.5 * g * (slope[j] - T(math.Log1p(float64(z*z/nu))) + (z*z-1)/(nu+z*z))
		}
	}
}

// PoissonLogDensity returns, for every row i, the logarithm of the probability
// of the observed counts of x under independent Poisson distributions with the
// logarithms η of their means,
//
//	Σ_j x_ij η_ij - e^η_ij - log x_ij!
//	dη += dy (x - e^η)
//
// over the columns j in which x is not NaN. x and logMean are m×n; x has no
// gradient. The result is m×1.
func (t *TapeOf[T]) PoissonLogDensity(x, logMean *NodeOf[T]) *NodeOf[T] {
	sameShape("Poisson density", x, logMean)
	n := t.record(x.Rows, 1, poissonBack[T]{}, logMean, x)
	for i := range n.Val {
		sum := 0.0
		for k := i * x.Cols; k < (i+1)*x.Cols; k++ {
			if v, eta := float64(x.Val[k]), float64(logMean.Val[k]); !math.IsNaN(v) {
				sum += v*eta - math.Exp(eta) - logFactorial(v)
			}
		}
		n.Val[i] = T(sum)
	}
	return n
}

type poissonBack[T Float] struct{}

func (poissonBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	logMean, x := n.in[0], n.in[1]
	for k, v := range x.Val {
		if v == v {
			logMean.Grad[k] += n.Grad[k/x.Cols] * (v - T(math.Exp(float64(logMean.Val[k]))))
		}
	}
}

// NegativeBinomialLogDensity returns, for every row i, the logarithm of the
// probability of the observed counts of x under independent negative binomial
// distributions with the logarithms η of their means and the shapes r: Poisson
// distributions whose means are Gamma distributed, with variance μ + μ²/r for
// the mean μ = e^η,
//
//	Σ_j log Γ(x+r) - log Γ(r) - log x! - x log(1 + e^-a) - r log(1 + e^a),  a = η - log r
//	dη += dy (x (1-s) - r s),  s = σ(a) = μ/(μ+r)
//	dr += dy (ψ(x+r) - ψ(r) - log(1 + e^a) + s - (1-s) x/r)
//
// over the columns j in which x is not NaN. All arguments are m×n; x has no
// gradient. The result is m×1.
func (t *TapeOf[T]) NegativeBinomialLogDensity(x, logMean, shape *NodeOf[T]) *NodeOf[T] {
	sameShape("negative binomial density", x, logMean)
	sameShape("negative binomial density", x, shape)
	n := t.record(x.Rows, 1, negativeBinomialBack[T]{}, logMean, shape, x)
	for i := range n.Val {
		sum := 0.0
		for k := i * x.Cols; k < (i+1)*x.Cols; k++ {
			v, eta, r := float64(x.Val[k]), float64(logMean.Val[k]), float64(shape.Val[k])
			if math.IsNaN(v) {
				continue
			}
			a, _ := math.Lgamma(v + r)
			b, _ := math.Lgamma(r)
			odds := eta - math.Log(r)
			sum += a - b - logFactorial(v) - r*softplus(odds) - v*softplus(-odds)
		}
		n.Val[i] = T(sum)
	}
	return n
}

type negativeBinomialBack[T Float] struct{}

func (negativeBinomialBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	logMean, shape, x := n.in[0], n.in[1], n.in[2]
	for k := range x.Val {
		v := float64(x.Val[k])
		if math.IsNaN(v) {
			continue
		}
		g, r := float64(n.Grad[k/x.Cols]), float64(shape.Val[k])
		odds := float64(logMean.Val[k]) - math.Log(r)
		share, rest := 1/(1+math.Exp(-odds)), 1/(1+math.Exp(odds))
		if logMean.Grad != nil {
			logMean.Grad[k] += T(g * (v*rest - r*share))
		}
		if shape.Grad != nil {
			shape.Grad[k] += T(g * (mathext.Digamma(v+r) - mathext.Digamma(r) - softplus(odds) + share - rest*v/r))
		}
	}
}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func logFactorial(n float64) float64 {
	v, _ := math.Lgamma(n + 1)
	return v
}
