// Package density holds the distributions of observations given what a network's
// decoder says: log densities that are differentiated, and draws.
package density

import (
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A Likelihood is the distribution of observations of some channels given what the
// decoder makes of the latent variables. A row of the decoder's output, the
// head, holds the parameters of one observation's distribution before they are made
// positive where they have to be.
//
// Params stands for the vector of parameters of the whole network, which holds
// those that observations share.
type Likelihood interface {
	// Outputs returns the width of the head.
	Outputs() int

	// LogDensity returns the logarithm of the probability, or its density, of
	// the observed channels of x, m×channels with NaN for what is missing,
	// given head, m×Outputs: m×1. A row without an observed channel has 0. x
	// has no gradient.
	LogDensity(p *nn.Pass, x, head *ad.Node) *ad.Node

	// Sample sets dst, of a value a channel, to a draw from the distribution of head, of
	// Outputs values.
	Sample(params, dst, head []float64, rng *rand.Rand)

	// Mean sets dst, of a value a channel, to the mean of the distribution of head, of
	// Outputs values.
	Mean(params, dst, head []float64)

	// Start sets head, and what of params is shared, to a distribution about as wide as
	// that of the rows of x, channels values each with NaN for what is missing:
	// where the biases of a decoder start well.
	Start(params, head, x []float64)
}

// LikelihoodOptions are the choices of a likelihood beside its family.
type LikelihoodOptions struct {
	// Floor is the least deviation or scale of a distribution of real values, in the
	// unit of the values, or of the logarithm of positive ones; zero means
	// 1e-3. Without one the likelihood of values that repeat has no bound.
	Floor float64

	// Components is the number of components of a mixture; zero means 5.
	Components int
}

// NewLikelihood returns a likelihood of the family for the given number of
// channels, and adds the parameters that observations share to s, their names
// beginning with name.
func NewLikelihood(s *nn.Params, name string, f Family, channels int, o LikelihoodOptions) (Likelihood, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if o.Floor == 0 {
		o.Floor = 1e-3
	}
	if o.Components == 0 {
		o.Components = 5
	}
	switch f {
	case SharedGaussian:
		return &sharedGaussian{channels, o.Floor, s.Add(name+".deviation", 1, channels)}, nil
	case StudentT:
		return &studentT{channels, o.Floor, s.Add(name+".dof", 1, channels)}, nil
	case LogNormal:
		return &logNormal{gaussian{channels, o.Floor}}, nil
	case Mixture:
		return &mixture{channels, o.Components, o.Floor}, nil
	case Poisson:
		return &poisson{channels}, nil
	case NegativeBinomial:
		return &negativeBinomial{channels}, nil
	case Bernoulli:
		return &bernoulli{channels}, nil
	case ChainBernoulli:
		return &chainBernoulli{bernoulli{channels}, s.Add(name+".chain", channels, channels)}, nil
	}
	return &gaussian{channels, o.Floor}, nil
}
