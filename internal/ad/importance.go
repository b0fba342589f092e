package ad

import "math"

// LogRatioStandard returns, for every row, the logarithm of the ratio of the
// standard normal density to that of the Gaussian with mean μ and deviation σ,
// at the sample z = μ + σ ⊙ ε of the latter,
//
//	Σ_j ½ ε² - ½ z² + log σ
//	dμ -= dy z,  dσ += dy (1/σ - z ε)
//
// whose mean is the divergence with its sign turned. All are m×n; ε has no
// gradient. The result is m×1.
func (t *TapeOf[T]) LogRatioStandard(mean, sd, noise *NodeOf[T]) *NodeOf[T] {
	sameShape("ratio of densities", mean, sd)
	sameShape("ratio of densities", mean, noise)
	n := t.record(mean.Rows, 1, logRatioStandardBack[T]{}, mean, sd, noise)
	for i := range n.Val {
		sum := 0.0
		for k := i * mean.Cols; k < (i+1)*mean.Cols; k++ {
			s, e := float64(sd.Val[k]), float64(noise.Val[k])
			z := float64(mean.Val[k]) + s*e
			sum += 0.5*(e*e-z*z) + math.Log(s)
		}
		n.Val[i] = T(sum)
	}
	return n
}

type logRatioStandardBack[T Float] struct{}

func (logRatioStandardBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	mean, sd, noise := n.in[0], n.in[1], n.in[2]
	for k, e := range noise.Val {
		g := n.Grad[k/mean.Cols]
		s := sd.Val[k]
		z := mean.Val[k] + s*e
		if mean.Grad != nil {
			mean.Grad[k] -= g * z
		}
		if sd.Grad != nil {
			sd.Grad[k] += g * (1/s - z*e)
		}
	}
}
