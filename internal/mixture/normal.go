package mixture

import "math"

// A normal is a table of the standard normal distribution function, between whose places Hermite's
// cubics, by the density, are off by less than 1e-8.
type normal struct{ below, density []float64 }

const (
	farthest = 8.5 // beyond it the probability is less than 1e-17
	places   = 32  // in a unit
)

func newNormal() *normal {
	count := int(2*farthest*places) + 2
	n := &normal{make([]float64, count), make([]float64, count)}
	for i := range count {
		z := float64(i)/places - farthest
		n.below[i] = math.Erfc(-z/math.Sqrt2) / 2
		n.density[i] = math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	}
	return n
}

// at returns the probability below z and the density there.
func (n *normal) at(z float64) (below, density float64) {
	switch {
	case z >= farthest:
		return 1, 0
	case !(z > -farthest):
		return 0, 0
	}
	at := (z + farthest) * places
	i := int(at)
	u := at - float64(i)
	p, q := n.below[i], n.below[i+1]
	d, e := n.density[i]/places, n.density[i+1]/places
	rise := q - p
	a, b := 3*rise-2*d-e, d+e-2*rise
	return p + u*(d+u*(a+u*b)), (d + u*(2*a+3*u*b)) * places
}
