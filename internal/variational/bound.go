package variational

import (
	"fmt"
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// SampleRatio returns k reparameterised draws for each row, one after another
// in rows of batch·k × latent, and the logarithm of the ratio of the standard
// normal prior's density to the posterior's at each, batch·k × 1. normal is a
// source of standard normal numbers.
func (q Posterior) SampleRatio(p *nn.Pass, normal func() float64, k int) (z, logRatio *ad.Node) {
	mean, sd := q.Mean, q.SD
	if k > 1 {
		index := make([]int, mean.Rows*k)
		for i := range index {
			index[i] = i / k
		}
		mean, sd = p.Rows(mean, index), p.Rows(sd, index)
	}
	noise := p.Buffer(len(mean.Val))
	for i := range noise {
		noise[i] = normal()
	}
	e := p.Const(mean.Rows, mean.Cols, noise)
	return p.Reparameterise(mean, sd, e), p.LogRatioStandard(mean, sd, e)
}

// ImportanceBound returns the importance-weighted bound on the log-likelihood of
// each row of a batch (Burda et al. 2016, equation 8),
//
//	log 1/k Σ_i w_i,  w_i = p(x|z_i) p(z_i) / q(z_i|x)
//
// from the logarithms of the weights of k draws for each row, one after another
// in rows of batch·k × 1: batch×1. In expectation it rises with k from the
// evidence lower bound, for one draw, to the log-likelihood.
func ImportanceBound(p *nn.Pass, logWeights *ad.Node, k int) *ad.Node {
	if logWeights.Cols != 1 || k < 1 || logWeights.Rows%k != 0 {
		panic(fmt.Sprintf("variational: %d×%d weights for %d draws a row", logWeights.Rows, logWeights.Cols, k))
	}
	if k == 1 {
		return logWeights
	}
	n := logWeights.Rows / k
	shift := p.Buffer(n)
	for i := range shift {
		shift[i] = -math.Log(float64(k))
	}
	return p.Add(p.LogSumExp(p.Reshape(logWeights, k)), p.Const(n, 1, shift))
}

// FreeBits returns the divergence that a training should pay for a batch of
// posteriors, in nats a row: that from the standard normal prior, of which every
// latent variable has the given number of nats free, on average over the batch
// (Kingma et al. 2016, appendix C.8),
//
//	Σ_j max(free, mean_i KL_ij)
//
// which keeps variables from being given up before they are used. It is 1×1.
func (q Posterior) FreeBits(p *nn.Pass, free float64) *ad.Node {
	means := p.ColumnMeans(p.KLStandard(q.Mean, q.SD))
	if free > 0 {
		means = p.AtLeast(free, means)
	}
	return p.Sum(means)
}
