package modal

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/mixture"
)

// draws is the number of draws about each optimum.
const draws = 16

// predict returns the distributions of the values of a record at some times, len(at) x channels: of
// observations, or without noise of what is observed. The source should be the same for all calls with the record.
func (p *prior) predict(r *record, at []float64, signal bool, rng *rand.Rand) []mixture.Mixture {
	s := newProjection(p, r)
	q, c, n := p.width(), len(p.Noise), 2*p.modes()
	x, work := make([]float64, q), make([]float64, q)
	all := make([]mixture.Mixture, len(at)*c)
	rest, e, params := make([]float64, s.size()), make([]float64, n), make([]float64, n)
	type component struct {
		logWeight float64
		mean, sd  []float64
	}
	var components []component
	highest := math.Inf(-1)
	for _, o := range s.optima(rng) {
		logDet := 0.0
		for i := range n {
			logDet += 2 * math.Log(o.root[i*n+i])
		}
		for range draws {
			square := 0.0
			for i := range e {
				e[i] = rng.NormFloat64()
				square += e[i] * e[i]
			}
			backward(o.root, e, n)
			for i := range params {
				params[i] = min(max(o.params[i]+e[i], s.mean(i)-most), s.mean(i)+most)
			}
			s.residuals(rest, params)
			g := component{logWeight: -0.5*(dot(rest, rest)+s.logDet+logDet) + 0.5*square}
			highest = max(highest, g.logWeight)
			for _, t := range at {
				basis(x, params, t)
				for j := range c {
					mean, variance := s.at(x, j, work)
					if !signal {
						variance += p.Noise[j] * p.Noise[j]
					}
					g.mean, g.sd = append(g.mean, mean), append(g.sd, math.Sqrt(variance))
				}
			}
			components = append(components, g)
		}
	}
	for _, g := range components {
		// A floor under the weights keeps single draws from being all there is.
		w := math.Exp(max(g.logWeight-highest, -4) * tempered)
		if g.logWeight < highest-negligible {
			continue
		}
		for k := range all {
			all[k].Add(w, g.mean[k], g.sd[k])
		}
	}
	return all
}

// Weights of draws are drawn together, for the model is not the truth; those so many nats below the best do not count.
const (
	tempered   = 0.5
	negligible = 12
)
