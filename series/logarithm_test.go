package series

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The logarithm is taken where the swings grow with the level, and neither of
// steady values nor of negative ones.
func TestLogarithmFits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := &Panel{Channels: []string{"growing", "steady", "mixed"}, Series: []*Series{{}}}
	s := p.Series[0]
	for i := range 120 {
		s.Times = append(s.Times, float64(i))
		season := math.Sin(2 * math.Pi * float64(i) / 12)
		s.Values = append(s.Values,
			math.Exp(0.05*float64(i)+0.3*season+0.05*rng.NormFloat64()),
			100+float64(i)+10*season+rng.NormFloat64(),
			rng.NormFloat64())
	}
	s.Values[30] = math.NaN()
	for j, want := range [][2]bool{{true, true}, {true, false}, {false, false}} {
		if positive, likelier := p.LogarithmFits(j, 12); positive != want[0] || likelier != want[1] {
			t.Errorf("%s: positive %v, likelier %v, want %v", p.Channels[j], positive, likelier, want)
		}
	}
	p.Series = nil
	if _, likelier := p.LogarithmFits(0, 1); likelier {
		t.Error("the logarithm is likelier for no values")
	}
}
