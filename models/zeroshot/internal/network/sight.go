package network

import (
	"math"

	"tsgen/internal/kernel"
)

// A sight is rows of numbers that the network sees. Logarithms of numbers come into their
// places when the rows are whole, all at once.
type sight struct {
	rows   []float64
	of     []float64 // numbers whose logarithms are to come
	factor []float64 // by which these are multiplied
	places []int     // in rows
}

// empty takes the rows out.
func (s *sight) empty() {
	s.rows, s.of, s.factor, s.places = s.rows[:0], s.of[:0], s.factor[:0], s.places[:0]
}

// add appends numbers as they are.
func (s *sight) add(x ...float64) { s.rows = append(s.rows, x...) }

// log appends the logarithm of x times a factor.
func (s *sight) log(x, factor float64) {
	s.of, s.factor, s.places = append(s.of, x), append(s.factor, factor), append(s.places, len(s.rows))
	s.rows = append(s.rows, 0)
}

// squash appends asinh x times a factor, which is positive; x is held to what the network
// has seen.
func (s *sight) squash(x, factor float64) {
	a := math.Abs(x)
	if a > 1e4 {
		a = 1e4
	}
	s.log(a+math.Sqrt(a*a+1), math.Copysign(factor, x))
}

// difference squashes a difference in units of the scale, or appends 0 where it is missing.
func (s *sight) difference(d, scale float64) {
	if math.IsNaN(d) {
		s.rows = append(s.rows, 0)
		return
	}
	s.squash(d/scale, 1)
}

// masked is difference, followed by whether it is there.
func (s *sight) masked(d, scale float64) {
	if math.IsNaN(d) {
		s.rows = append(s.rows, 0, 0)
		return
	}
	s.squash(d/scale, 1)
	s.rows = append(s.rows, 1)
}

// whole returns the rows with all logarithms.
func (s *sight) whole() []float64 {
	kernel.Log(s.of, s.of)
	for i, x := range s.of {
		s.rows[s.places[i]] = s.factor[i] * x
	}
	s.of, s.factor, s.places = s.of[:0], s.factor[:0], s.places[:0]
	return s.rows
}
