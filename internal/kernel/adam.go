package kernel

import "math"

// Adam takes one step of Kingma & Ba (2015), algorithm 1, on parameters p with
// gradient g and moments m and v, all of one length:
//
//	m = β1·m + (1-β1)·g,  v = β2·v + (1-β2)·g²
//	p -= rate · (m/correct1) / (sqrt(v/correct2) + eps)
//
// correctK is 1 - βK^t at step t = 1, 2, ...
func Adam(p, g, m, v []float64, rate, beta1, beta2, eps, correct1, correct2 float64) {
	sameLength("Adam", "g", len(g), len(p))
	sameLength("Adam", "m", len(m), len(p))
	sameLength("Adam", "v", len(v), len(p))
	adam(p, g, m, v, adamStep{
		beta1: beta1, rest1: 1 - beta1,
		beta2: beta2, rest2: 1 - beta2,
		rate: -rate / correct1, scale2: 1 / correct2, eps: eps,
	})
}

// adamStep is what one step has in common for all parameters.
type adamStep struct {
	beta1, rest1, beta2, rest2, rate, scale2, eps float64
}

func adamGo(p, g, m, v []float64, s adamStep) {
	for i, d := range g {
		m[i] = math.FMA(s.beta1, m[i], s.rest1*d)
		v[i] = math.FMA(s.beta2, v[i], float64(s.rest2*d)*d)
		p[i] = math.FMA(s.rate, m[i]/(math.Sqrt(float64(v[i]*s.scale2))+s.eps), p[i])
	}
}
