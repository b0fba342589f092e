package density

import (
	"math"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

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
		n.level.In(s.Values)[i] = InverseSoftplus(max(sd-floor, 0.1*sd))
		n.drift.In(s.Values)[i] = InverseSoftplus(0.5 * sd)
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

// InverseSoftplus returns the x whose softplus log(1 + exp(x)) is y, a positive number.
func InverseSoftplus(y float64) float64 { return y + math.Log(-math.Expm1(-y)) }
