package ad

import (
	"math"

	"tsgen/internal/kernel"
)

// KLStandard returns the divergence of the Gaussian with mean μ and deviation
// σ, both m×n, from the standard normal distribution, element by element
// (Kingma & Welling 2014, appendix B):
//
//	½ (μ² + σ² - 1) - log σ
//	dμ += dy μ,  dσ += dy (σ - 1/σ)
func (t *TapeOf[T]) KLStandard(mean, sd *NodeOf[T]) *NodeOf[T] {
	sameShape("divergence", mean, sd)
	n := t.record(mean.Rows, mean.Cols, klStandardBack[T]{}, mean, sd)
	for i, m := range mean.Val {
		s := sd.Val[i]
		n.Val[i] = 0.5*(m*m+s*s-1) - T(math.Log(float64(s)))
	}
	return n
}

type klStandardBack[T Float] struct{}

func (klStandardBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	mean, sd := n.in[0], n.in[1]
	for i, g := range n.Grad {
		if mean.Grad != nil {
			mean.Grad[i] += g * mean.Val[i]
		}
		if sd.Grad != nil {
			sd.Grad[i] += g * (sd.Val[i] - 1/sd.Val[i])
		}
	}
}

// KLGaussian returns the divergence of the Gaussian q with mean μ and deviation
// σ from the Gaussian p with mean ν and deviation τ, element by element; all
// four are m×n:
//
//	½ (d² + s² - 1) - log s,  d = (μ-ν)/τ,  s = σ/τ
//	dμ += dy d/τ,  dσ += dy (s - 1/s)/τ
//	dν -= dy d/τ,  dτ -= dy (d² + s² - 1)/τ
func (t *TapeOf[T]) KLGaussian(mean, sd, priorMean, priorSD *NodeOf[T]) *NodeOf[T] {
	sameShape("divergence", mean, sd)
	sameShape("divergence", mean, priorMean)
	sameShape("divergence", mean, priorSD)
	n := t.record(mean.Rows, mean.Cols, klGaussianBack[T]{}, mean, sd, priorMean, priorSD)
	for i, tau := range priorSD.Val {
		n.Val[i] = sd.Val[i] / tau
	}
	logs := t.workspace(len(n.Val))
	kernel.Log(logs, n.Val)
	for i, s := range n.Val {
		d := (mean.Val[i] - priorMean.Val[i]) / priorSD.Val[i]
		n.Val[i] = 0.5*(d*d+s*s-1) - logs[i]
	}
	return n
}

type klGaussianBack[T Float] struct{}

func (klGaussianBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	mean, sd, priorMean, priorSD := n.in[0], n.in[1], n.in[2], n.in[3]
	for i, g := range n.Grad {
		w := 1 / priorSD.Val[i]
		d, s := (mean.Val[i]-priorMean.Val[i])*w, sd.Val[i]*w
		g *= w
		if mean.Grad != nil {
			mean.Grad[i] += g * d
		}
		if sd.Grad != nil {
			sd.Grad[i] += g * (s - 1/s)
		}
		if priorMean.Grad != nil {
			priorMean.Grad[i] -= g * d
		}
		if priorSD.Grad != nil {
			priorSD.Grad[i] -= g * (d*d + s*s - 1)
		}
	}
}
