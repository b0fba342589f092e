package variational

import (
	"fmt"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// minPosteriorSD keeps the posterior's deviations from zero.
const minPosteriorSD = 1e-3

// A Posterior is a posterior in float64.
type Posterior = PosteriorOf[float64]

// A PosteriorOf is a Gaussian with a diagonal covariance over the latent
// variables of each row of a batch: mean and standard deviation, both
// batch×latent.
type PosteriorOf[T ad.Float] struct{ Mean, SD *ad.NodeOf[T] }

// NewPosterior reads a posterior off head, batch×2·latent: the mean, and the
// deviation before a softplus.
func NewPosterior[T ad.Float](p *nn.PassOf[T], head *ad.NodeOf[T]) PosteriorOf[T] {
	n := head.Cols / 2
	if head.Cols != 2*n {
		panic(fmt.Sprintf("variational: a posterior head of %d columns", head.Cols))
	}
	return PosteriorOf[T]{
		Mean: p.Columns(head, 0, n),
		SD:   p.SoftplusAbove(minPosteriorSD, p.Columns(head, n, 2*n)),
	}
}

// Sample returns one reparameterised draw a row, batch×latent.
func (q PosteriorOf[T]) Sample(p *nn.PassOf[T], rng *rand.Rand) *ad.NodeOf[T] {
	noise := p.Buffer(len(q.Mean.Val))
	for i := range noise {
		noise[i] = T(rng.NormFloat64())
	}
	return p.Reparameterise(q.Mean, q.SD, p.Const(q.Mean.Rows, q.Mean.Cols, noise))
}

// KL returns the divergence from the standard normal prior summed over the
// batch, in nats.
func (q PosteriorOf[T]) KL(p *nn.PassOf[T]) *ad.NodeOf[T] { return p.Sum(p.KLStandard(q.Mean, q.SD)) }

// An Annealing is the course of the divergence's weight in the bound: from
// Start to 1 in equal steps over the first Updates updates (Bowman et al. 2016,
// section 3.1).
type Annealing struct {
	Start   float64
	Updates int
}

// At returns the weight at update k, counted from 0.
func (a Annealing) At(k int) float64 {
	if k >= a.Updates {
		return 1
	}
	return a.Start + (1-a.Start)*float64(k)/float64(a.Updates)
}
