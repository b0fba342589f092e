package nn

import (
	"math"

	"tsgen/internal/kernel"
)

// Adam is the optimiser of Kingma & Ba 2015, algorithm 1, with a bound on the
// gradient's norm.
type Adam struct {
	// Mean and Square are the running means of the gradient and of its square.
	Mean, Square []float64

	// Steps is the number of updates done.
	Steps int
}

const (
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-8
)

// Step changes values by one update at the given rate. A gradient longer than
// clip is shortened to it in place; clip of zero means no bound. Step returns
// the gradient's norm before that.
func (o *Adam) Step(values, grad []float64, rate, clip float64) (norm float64) {
	if o.Mean == nil {
		o.Mean, o.Square = make([]float64, len(values)), make([]float64, len(values))
	}
	norm = math.Sqrt(kernel.SumSq(grad))
	o.step(values, grad, rate, clip, norm, func(int, int) {})
	return norm
}

// blockSize is the number of parameters that are worked on at a time, in the first cache.
const blockSize = 512

// step is Step for a gradient of the given norm. It calls then with the first of each block
// of parameters and that behind the last, once they have their new values.
func (o *Adam) step(values, grad []float64, rate, clip, norm float64, then func(from, to int)) {
	o.Steps++
	c1, c2 := 1-math.Pow(beta1, float64(o.Steps)), 1-math.Pow(beta2, float64(o.Steps))
	for from := 0; from < len(values); from += blockSize {
		to := min(from+blockSize, len(values))
		if clip > 0 && norm > clip {
			kernel.Scale(grad[from:to], clip/norm)
		}
		kernel.Adam(values[from:to], grad[from:to], o.Mean[from:to], o.Square[from:to], rate, beta1, beta2, epsilon, c1, c2)
		then(from, to)
	}
}

// A Schedule is the course of the learning rate: a linear rise over the first
// WarmUp updates, then half a cosine from Rate down to Floor·Rate (Loshchilov &
// Hutter 2017, equation 5, without restarts).
type Schedule struct {
	Rate    float64
	Floor   float64
	WarmUp  int
	Updates int
}

// At returns the rate of update k, counted from 0.
func (s Schedule) At(k int) float64 {
	if k < s.WarmUp {
		return s.Rate * float64(k+1) / float64(s.WarmUp)
	}
	x := float64(k-s.WarmUp) / float64(max(1, s.Updates-s.WarmUp))
	return s.Rate * (s.Floor + (1-s.Floor)*0.5*(1+math.Cos(math.Pi*math.Min(1, x))))
}
