// Package vae holds what makes a variational autoencoder one, which the model
// families share, and the plain one over windows of series.
//
// Shared are the diagonal Gaussian posterior, its sample and its divergence from
// the prior, the laws of observations ([Likelihood]) and the bounds
//
//	log p(x) ≥ E_q(z|x)[log p(x|z)] - KL(q(z|x) ‖ p(z))
//
// (Kingma & Welling 2014, equation 3), the divergence weighted in the course
// of training by an [Annealing], and the importance-weighted one of several
// draws, [ImportanceBound].
//
// # Windows
//
// A [Model] learns the law of windows: of all runs of a number of steps of each
// series of a panel. It forecasts by completing the last window, and imputes,
// generates and weighs windows. Times must be equally spaced; values may be
// missing.
//
// A file whose rows are windows by themselves, such as images with a column for
// each pixel, is a panel of one series without times and is treated with the
// length 1: the channels are then the pixels, and the order of the rows means
// nothing. Values from 0 to 255 are shades of a Bernoulli law with the option
// top at 255.
package vae

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// minPosteriorSD keeps the posterior's deviations from zero.
const minPosteriorSD = 1e-3

// A Posterior is a Gaussian with a diagonal covariance over the latent
// variables of each row of a batch: mean and standard deviation, both
// batch×latent.
type Posterior struct{ Mean, SD *ad.Node }

// NewPosterior reads a posterior off head, batch×2·latent: the mean, and the
// deviation before a softplus.
func NewPosterior(p *nn.Pass, head *ad.Node) Posterior {
	n := head.Cols / 2
	if head.Cols != 2*n {
		panic(fmt.Sprintf("vae: a posterior head of %d columns", head.Cols))
	}
	return Posterior{
		Mean: p.Columns(head, 0, n),
		SD:   p.SoftplusAbove(minPosteriorSD, p.Columns(head, n, 2*n)),
	}
}

// Sample returns one reparameterised draw a row, batch×latent.
func (q Posterior) Sample(p *nn.Pass, rng *rand.Rand) *ad.Node {
	noise := p.Buffer(len(q.Mean.Val))
	for i := range noise {
		noise[i] = rng.NormFloat64()
	}
	return p.Reparameterise(q.Mean, q.SD, p.Const(q.Mean.Rows, q.Mean.Cols, noise))
}

// KL returns the divergence from the standard normal prior summed over the
// batch, in nats.
func (q Posterior) KL(p *nn.Pass) *ad.Node { return p.Sum(p.KLStandard(q.Mean, q.SD)) }

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

// Noise is the Gaussian noise of observations: independent, with a learned
// standard deviation for each channel that has a floor, and a part whose
// variance grows in proportion to the lead time. The latter is what a model
// with deterministic dynamics cannot know of the future.
type Noise struct {
	Floor        float64
	level, drift nn.Param
}

// NewNoise adds the noise of the given number of channels to s, with a
// deviation of about sd at no lead time and half of it added at lead time 1.
func NewNoise(s *nn.Params, name string, channels int, floor, sd float64) Noise {
	n := Noise{
		Floor: floor,
		level: s.Add(name+".level", 1, channels),
		drift: s.Add(name+".drift", 1, channels),
	}
	for i := range channels {
		n.level.In(s.Values)[i] = inverseSoftplus(max(sd-floor, 0.1*sd))
		n.drift.In(s.Values)[i] = inverseSoftplus(0.5 * sd)
	}
	return n
}

// SD returns the standard deviations at the lead times of lead, m×1 and not
// negative, one row for each and one column a channel.
func (n Noise) SD(p *nn.Pass, lead *ad.Node) *ad.Node {
	return p.GrowingDeviation(
		p.SoftplusAbove(n.Floor, p.Param(n.level)),
		p.Softplus(p.Param(n.drift)), lead)
}

func inverseSoftplus(y float64) float64 { return y + math.Log(-math.Expm1(-y)) }
