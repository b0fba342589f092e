package ad

import (
	"fmt"
	"math"
)

const halfLog2Pi = 0.918938533204672741780329736405617639861

// GaussianLogDensity returns, for every row i, the logarithm of the density of
// the observed values of x under independent Gaussians,
//
//	Σ_j -½ ((x_ij - μ_ij)/σ_j)² - log σ_j - ½ log 2π
//
// over the columns j in which x is not NaN. x and mean are m×n; x has no
// gradient. sd is 1×n, shared by all rows, or m×n. The result is m×1.
//
//	dμ += dy z/σ,  dσ += dy (z² - 1)/σ,  z = (x - μ)/σ
func (t *TapeOf[T]) GaussianLogDensity(x, mean, sd *NodeOf[T]) *NodeOf[T] {
	sameShape("Gaussian density", x, mean)
	if sd.Cols != mean.Cols || sd.Rows != 1 && sd.Rows != mean.Rows {
		panic(fmt.Sprintf("ad: Gaussian density under a %d×%d mean and a %d×%d deviation",
			mean.Rows, mean.Cols, sd.Rows, sd.Cols))
	}
	n := t.record(mean.Rows, 1, gaussianBack[T]{}, mean, sd, x)
	c := mean.Cols
	var logs logarithms
	for i := range mean.Rows {
		sum := 0.0
		scales := sd.Val
		if sd.Rows > 1 {
			scales = sd.Val[i*c : (i+1)*c]
		}
		for j, s := range scales[:c] {
			k := i*c + j
			if v, s := float64(x.Val[k]), float64(s); v == v {
				z := (v - float64(mean.Val[k])) / s
				sum -= 0.5*z*z + logs.of(j, s) + halfLog2Pi
			}
		}
		n.Val[i] = T(sum)
	}
	return n
}

// logarithms remembers the last logarithm of some columns: deviations are often those of the row before.
type logarithms [8]struct{ x, log float64 }

// of returns the logarithm of x, an element of column j.
func (l *logarithms) of(j int, x float64) float64 {
	e := &l[j%len(l)]
	if e.x != x || x == 0 {
		e.x, e.log = x, math.Log(x)
	}
	return e.log
}

type gaussianBack[T Float] struct{}

func (gaussianBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	mean, sd, x := n.in[0], n.in[1], n.in[2]
	for i, dy := range n.Grad {
		first := 0 // of the deviations of the row
		if sd.Rows > 1 {
			first = i * x.Cols
		}
		for j := range x.Cols {
			k := i*x.Cols + j
			v, s := x.Val[k], sd.Val[first+j]
			if v != v {
				continue
			}
			z := (v - mean.Val[k]) / s
			g := dy / s
			if mean.Grad != nil {
				mean.Grad[k] += g * z
			}
			if sd.Grad != nil {
				sd.Grad[first+j] += g * (z*z - 1)
			}
		}
	}
}

// Reparameterise returns μ + σ ⊙ ε, a sample of the Gaussian with mean μ and
// deviation σ made of the standard normal noise ε (Kingma & Welling 2014,
// section 2.4). All are of one shape; ε has no gradient.
//
//	dμ += dz,  dσ += dz ⊙ ε
func (t *TapeOf[T]) Reparameterise(mean, sd, noise *NodeOf[T]) *NodeOf[T] {
	sameShape("sample", mean, sd)
	sameShape("sample", mean, noise)
	n := t.record(mean.Rows, mean.Cols, reparameteriseBack[T]{}, mean, sd, noise)
	for i, m := range mean.Val {
		n.Val[i] = m + sd.Val[i]*noise.Val[i]
	}
	return n
}

type reparameteriseBack[T Float] struct{}

func (reparameteriseBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	mean, sd, noise := n.in[0], n.in[1], n.in[2]
	for i, g := range n.Grad {
		if mean.Grad != nil {
			mean.Grad[i] += g
		}
		if sd.Grad != nil {
			sd.Grad[i] += g * noise.Val[i]
		}
	}
}

// SoftplusAbove returns c + log(1+eˣ) of each element: a positive quantity
// with the floor c.
//
//	dX += dY ⊙ σ(X)
func (t *TapeOf[T]) SoftplusAbove(c T, x *NodeOf[T]) *NodeOf[T] {
	n := t.Softplus(x)
	for i := range n.Val {
		n.Val[i] += c
	}
	return n
}

// GrowingDeviation returns the deviations of a noise whose variance grows with
// the lead time, as that of a random walk seen through noise: for a and b of
// 1×n and lead of m×1, all leads non-negative,
//
//	σ_ij = √(a_j² + b_j² lead_i)
//	da_j += Σ_i dσ_ij a_j/σ_ij,  db_j += Σ_i dσ_ij b_j lead_i/σ_ij
//
// lead has no gradient, and a must not be zero.
func (t *TapeOf[T]) GrowingDeviation(a, b, lead *NodeOf[T]) *NodeOf[T] {
	sameShape("growing deviation", a, b)
	n := t.record(lead.Rows, a.Cols, growingDeviationBack[T]{}, a, b, lead)
	for i, l := range lead.Val {
		row := n.Val[i*n.Cols : (i+1)*n.Cols]
		for j, aj := range a.Val {
			bj := b.Val[j]
			row[j] = T(math.Sqrt(float64(aj*aj + bj*bj*l)))
		}
	}
	return n
}

type growingDeviationBack[T Float] struct{}

func (growingDeviationBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	a, b, lead := n.in[0], n.in[1], n.in[2]
	for i, g := range n.Grad {
		j := i % n.Cols
		if a.Grad != nil {
			a.Grad[j] += g * a.Val[j] / n.Val[i]
		}
		if b.Grad != nil {
			b.Grad[j] += g * b.Val[j] * lead.Val[i/n.Cols] / n.Val[i]
		}
	}
}
