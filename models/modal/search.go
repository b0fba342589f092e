package modal

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	drawnStarts   = 40 // drawn from the prior
	scanned       = 32 // frequencies that a scan tries for each mode at least
	mostScanned   = 256
	turn          = math.Pi / 2 // over a series, of two frequencies that a scan tries one after the other, at most
	followed      = 4           // starts from which the search goes on
	mostSteps     = 25
	settled       = 1e-3 // nats by which a step must better the fit to be followed by another
	apart         = 0.05 // distance in deviations of the posterior from which on two optima are two
	difference    = 1e-4 // of a difference quotient
	mostPrecision = 1e12
)

// An optimum is a local one of a projection: the parameters, half the sum of the squared residuals, and
// the lower Cholesky root of its curvature.
type optimum struct {
	params []float64
	cost   float64
	root   []float64
}

// optima returns the best local optima that are found, the best first.
func (s *projection) optima(rng *rand.Rand) []optimum {
	n := 2 * s.modes()
	starts := s.scan()
	for range drawnStarts {
		p := make([]float64, n)
		for i := range p {
			p[i] = s.mean(i) + s.deviation(i)*rng.NormFloat64()
		}
		starts = append(starts, p)
	}
	r := make([]float64, s.size())
	costs, order := make([]float64, len(starts)), make([]int, len(starts))
	for i, p := range starts {
		s.residuals(r, p)
		costs[i], order[i] = dot(r, r), i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case costs[a] < costs[b]:
			return -1
		case costs[a] > costs[b]:
			return 1
		}
		return 0
	})
	var found []optimum
	for _, i := range order[:min(followed, len(order))] {
		o := s.climb(starts[i])
		if !slices.ContainsFunc(found, func(f optimum) bool { return f.near(o) }) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b optimum) int {
		if a.cost < b.cost {
			return -1
		}
		return 1
	})
	return found
}

// near reports whether two optima are the same.
func (o optimum) near(p optimum) bool {
	n := len(o.params)
	d := make([]float64, n)
	for i := range d {
		for k := i; k < n; k++ { // the transposed root
			d[i] += o.root[k*n+i] * (o.params[k] - p.params[k])
		}
	}
	return dot(d, d) < apart*apart*float64(n)
}

// scan returns starts that are built up mode by mode, in the order of the modes and in the reverse one: the
// frequency that fits best beside the modes before, of some spread over the prior, at its usual damping.
func (s *projection) scan() [][]float64 {
	n := s.modes()
	r := make([]float64, s.size())
	var starts [][]float64
	for _, backwards := range []bool{false, true} {
		p := make([]float64, 2*n)
		s.center(p)
		for range 2 { // the second time beside the other modes as they were found
			for i := range n {
				k := i
				if backwards {
					k = n - 1 - i
				}
				best, least := p[2*k], math.Inf(1)
				for _, p[2*k] = range s.frequencies(k) {
					s.residuals(r, p)
					if cost := dot(r, r); cost < least {
						best, least = p[2*k], cost
					}
				}
				p[2*k] = best
			}
		}
		starts = append(starts, p)
		if n == 1 {
			break
		}
	}
	return starts
}

// frequencies returns the logarithms of those that a scan tries for mode k: they cover the prior, and follow each other so closely
// that one of them is in the basin of any optimum.
func (s *projection) frequencies(k int) []float64 {
	low, high := s.Frequency[k]-2.5*s.FrequencySD[k], s.Frequency[k]+2.5*s.FrequencySD[k]
	span := 0.0
	if n := len(s.t); n > 0 {
		span = s.t[n-1] - s.t[0]
	}
	angle := max(turn, (math.Exp(high)-math.Exp(low))*span/mostScanned)
	var all []float64
	for f := low; f < high; {
		all = append(all, f)
		next := f + min((high-low)/(scanned-1), angle/(math.Exp(f)*span))
		if !(next > f) {
			break // the prior is narrower than numbers tell apart
		}
		f = next
	}
	return append(all, high)
}

// climb goes from a start to a local optimum, by the method of Levenberg and Marquardt.
func (s *projection) climb(start []float64) optimum {
	n, m := len(start), s.size()
	p, trial := slices.Clone(start), make([]float64, n)
	r, moved := make([]float64, m), make([]float64, m)
	jacobian := make([]float64, n*m)
	curvature, damped, step := make([]float64, n*n), make([]float64, n*n), make([]float64, n)
	gradient := make([]float64, n)
	s.residuals(r, p)
	cost := dot(r, r) / 2
	damping := 1e-2
	differentiate := func() {
		for i := range n {
			copy(trial, p)
			trial[i] += difference
			s.residuals(moved, trial)
			row := jacobian[i*m : (i+1)*m]
			for k, v := range moved {
				row[k] = (v - r[k]) / difference
			}
			gradient[i] = dot(row, r)
			for k := range i + 1 {
				curvature[i*n+k] = dot(row, jacobian[k*m:(k+1)*m])
			}
		}
	}
	differentiate()
	for range mostSteps {
		copy(damped, curvature)
		for i := range n {
			damped[i*n+i] = min(damped[i*n+i]*(1+damping), mostPrecision)
		}
		cholesky(damped, n)
		copy(step, gradient)
		forward(damped, step, n)
		backward(damped, step, n)
		for i := range trial {
			trial[i] = min(max(p[i]-step[i], s.mean(i)-most), s.mean(i)+most)
		}
		s.residuals(moved, trial)
		after := dot(moved, moved) / 2
		if !(after < cost) {
			if damping *= 8; damping > 1e8 {
				break
			}
			continue
		}
		better := cost - after
		copy(p, trial)
		copy(r, moved)
		cost, damping = after, damping/8
		differentiate()
		if better < settled {
			break
		}
	}
	cholesky(curvature, n)
	return optimum{p, cost, curvature}
}
