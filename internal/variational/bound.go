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
func (q PosteriorOf[T]) SampleRatio(p *nn.PassOf[T], normal func() float64, k int) (z, logRatio *ad.NodeOf[T]) {
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
		noise[i] = T(normal())
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
func ImportanceBound[T ad.Float](p *nn.PassOf[T], logWeights *ad.NodeOf[T], k int) *ad.NodeOf[T] {
	if logWeights.Cols != 1 || k < 1 || logWeights.Rows%k != 0 {
		panic(fmt.Sprintf("variational: %d×%d weights for %d draws a row", logWeights.Rows, logWeights.Cols, k))
	}
	if k == 1 {
		return logWeights
	}
	n := logWeights.Rows / k
	shift := p.Buffer(n)
	for i := range shift {
		shift[i] = T(-math.Log(float64(k)))
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
func (q PosteriorOf[T]) FreeBits(p *nn.PassOf[T], free T) *ad.NodeOf[T] {
	means := p.ColumnMeans(p.KLStandard(q.Mean, q.SD))
	if free > 0 {
		means = p.AtLeast(free, means)
	}
	return p.Sum(means)
}
