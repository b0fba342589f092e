package series

import (
	"math"

	"tsgen/internal/moments"
)

// LogarithmFits reports whether all values of channel j are positive, and
// whether the differences lag observations apart of the logarithms are likelier
// under one Gaussian than those of the values, the densities being those of the
// values (Box & Cox 1964, section 3, for the powers 0 and 1): a series whose
// movements grow with its level is best modelled by its logarithm.
func (p *Panel) LogarithmFits(j, lag int) (positive, likelier bool) {
	var plain, logged moments.Moments
	jacobian := 0.0
	c := p.Width()
	for _, s := range p.Series {
		for i := range s.Len() {
			x := s.Values[i*c+j]
			if x <= 0 {
				return false, false
			}
			if i < lag {
				continue
			}
			before := s.Values[(i-lag)*c+j]
			if d := x - before; !math.IsNaN(d) {
				plain.Add(d)
				logged.Add(math.Log(x / before))
				jacobian += math.Log(x)
			}
		}
	}
	n := plain.N
	return true, n > 2 && plain.Variance() > 0 &&
		0.5*n*math.Log(plain.Variance()) > 0.5*n*math.Log(logged.Variance())+jacobian
}
