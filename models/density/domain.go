package density

import (
	"fmt"
	"math"
	"slices"
)

// A Domain is the set of values that a distribution of observations can treat. It also
// says what may be done to values before: real values may be centred and
// scaled, positive ones scaled, and counts and binary values must stay as they
// are.
type Domain int

// The domains.
const (
	Real     Domain = iota // any number
	Positive               // numbers above zero
	Count                  // whole numbers from 0 up
	Unit                   // numbers from 0 to 1: binary values, or shades between them
)

// String returns the domain in words.
func (d Domain) String() string {
	switch d {
	case Real:
		return "any number"
	case Positive:
		return "numbers above zero"
	case Count:
		return "whole numbers from 0 up"
	case Unit:
		return "numbers from 0 to 1"
	}
	return fmt.Sprintf("Domain(%d)", int(d))
}

func (d Domain) has(x float64) bool {
	switch {
	case math.IsInf(x, 0):
		return false
	case d == Positive:
		return x > 0
	case d == Count:
		return x >= 0 && x == math.Trunc(x)
	case d == Unit:
		return x >= 0 && x <= 1
	}
	return true
}

// A DomainError is the error of a value that the distribution of observations gives no
// probability.
type DomainError struct {
	Family Family
	Index  int // of the value among those examined
	Value  float64
}

func (e *DomainError) Error() string {
	return fmt.Sprintf("density: a %s likelihood treats %v, not %v", e.Family, e.Family.Domain(), e.Value)
}

// A Family names a distribution of observations.
type Family string

// The families. Each has for every observation the parameters that its comment
// names read off the decoder's head, and where said some that all observations
// share.
const (
	// Gaussian has a mean and a deviation for each channel.
	Gaussian Family = "gaussian"

	// SharedGaussian has a mean for each channel, and deviations that are
	// shared.
	SharedGaussian Family = "gaussian-shared"

	// StudentT has a location and a scale for each channel, and degrees of
	// freedom that are shared.
	StudentT Family = "student-t"

	// LogNormal is the distribution of a positive value whose logarithm is Gaussian,
	// with a mean and a deviation of the logarithm for each channel.
	LogNormal Family = "log-normal"

	// Mixture is a mixture of Gaussians with independent channels: weights,
	// and for each component a mean and a deviation for each channel.
	Mixture Family = "mixture"

	// Poisson has the logarithm of the mean count for each channel.
	Poisson Family = "poisson"

	// NegativeBinomial has the logarithm of the mean count and a shape r for
	// each channel; the variance is μ + μ²/r.
	NegativeBinomial Family = "negative-binomial"

	// Bernoulli has a logit for each channel. Its negative log-likelihood is
	// the cross-entropy.
	Bernoulli Family = "bernoulli"

	// ChainBernoulli gives each channel a logit that the channels before it
	// shift, by weights that are shared: a fully visible sigmoid belief
	// network (Neal 1992) on top of the head.
	ChainBernoulli Family = "bernoulli-chain"
)

// Families returns all families.
func Families() []Family {
	return []Family{Gaussian, SharedGaussian, StudentT, LogNormal, Mixture, Poisson, NegativeBinomial, Bernoulli, ChainBernoulli}
}

// Domain returns the values that the family treats.
func (f Family) Domain() Domain {
	switch f {
	case LogNormal:
		return Positive
	case Poisson, NegativeBinomial:
		return Count
	case Bernoulli, ChainBernoulli:
		return Unit
	}
	return Real
}

// Check returns an error that names the family and those there are if f is
// none.
func (f Family) Check() error {
	if !slices.Contains(Families(), f) {
		return fmt.Errorf("density: there is no likelihood %q; there are %v", string(f), Families())
	}
	return nil
}

// CheckValues returns a [DomainError] if one of values, of which NaN is missing,
// is outside the family's domain.
func (f Family) CheckValues(values []float64) error {
	d := f.Domain()
	for i, x := range values {
		if !math.IsNaN(x) && !d.has(x) {
			return &DomainError{Family: f, Index: i, Value: x}
		}
	}
	return nil
}

// Size returns the width of the head of the family's distribution of the given channels,
// and the number of parameters that observations share.
func (f Family) Size(channels, components int) (outputs, shared int) {
	switch f {
	case SharedGaussian:
		return channels, channels
	case StudentT:
		return 2 * channels, channels
	case Mixture:
		return components * (1 + 2*channels), 0
	case Poisson, Bernoulli:
		return channels, 0
	case ChainBernoulli:
		return channels, channels * channels
	}
	return 2 * channels, 0
}
