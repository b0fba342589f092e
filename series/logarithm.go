package series

import (
	"math"

	"tsgen/internal/moments"
)

// LogarithmFits reports whether all values of channel j are positive, and
// whether the differences lag steps apart, or lag observations where times are irregular, of the logarithms are likelier
// under one Gaussian than those of the values, the densities being those of the
// values (Box & Cox 1964, section 3, for the powers 0 and 1): a series whose
// movements grow with its level is best modelled by its logarithm.
func (p *Panel) LogarithmFits(j, lag int) (positive, likelier bool) {
	var plain, logged moments.Moments
	jacobian := 0.0
	c := p.Width()
	for _, s := range p.Series {
		step := p.stepsOf(s)
		from := 0
		for i := range s.Len() {
			x := s.Values[i*c+j]
			if x <= 0 {
				return false, false
			}
			for step(from) < step(i)-lag {
				from++
			}
			if step(from) > step(i)-lag {
				continue
			}
			before := s.Values[from*c+j]
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

// stepsOf returns the step of each row of a series of a regular panel, counted from the first, and the number of
// the row of others.
func (p *Panel) stepsOf(s *Series) func(row int) int {
	if s.Len() > 0 {
		if steps, err := p.StepsFrom(s.Times[0], s.Times); err == nil {
			return func(row int) int { return steps[row] }
		}
	}
	return func(row int) int { return row }
}
