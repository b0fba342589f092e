package main

import (
	"math"

	"tsgen/forecast"
	"tsgen/series"
)

// A belief is the distribution of the oscillator's state: mean and covariance.
type belief struct{ a, b, aa, ab, bb float64 }

const damping = 0.97

// move takes a belief one step on.
func (z belief) move() belief {
	sin, cos := math.Sincos(2 * math.Pi / 12)
	c, s := damping*cos, damping*sin
	return belief{
		a: c*z.a - s*z.b, b: s*z.a + c*z.b,
		aa: c*c*z.aa - 2*c*s*z.ab + s*s*z.bb + 0.05,
		ab: c*s*z.aa + (c*c-s*s)*z.ab - c*s*z.bb,
		bb: s*s*z.aa + 2*c*s*z.ab + c*c*z.bb + 0.02,
	}
}

// observation returns mean and variance of what is observed.
func (z belief) observation() (mean, variance float64) {
	return z.a + 0.3*z.b, z.aa + 0.6*z.ab + 0.09*z.bb + 0.1
}

// given returns the belief after an observation (Kalman 1960).
func (z belief) given(x float64) belief {
	mean, variance := z.observation()
	ga, gb := (z.aa+0.3*z.ab)/variance, (z.ab+0.3*z.bb)/variance
	e := x - mean
	return belief{
		a: z.a + ga*e, b: z.b + gb*e,
		aa: z.aa - ga*ga*variance, ab: z.ab - ga*gb*variance, bb: z.bb - gb*gb*variance,
	}
}

// filter returns the negative log-likelihood of the series a step, and the mean
// CRPS of the exact forecasts of their last steps.
func filter(p *series.Panel, ahead int) (nats, crps float64) {
	var stationary belief
	for range 2000 {
		stationary = stationary.move()
	}
	steps, scored := 0, 0
	for _, s := range p.Series {
		z := stationary
		known := s.Len() - ahead
		fork := z
		for t, x := range s.Values {
			mean, variance := z.observation()
			nats += 0.5 * (math.Log(2*math.Pi*variance) + (x-mean)*(x-mean)/variance)
			steps++
			z = z.given(x).move()
			if t == known-1 {
				fork = z
			}
			if t >= known {
				mean, variance := fork.observation()
				crps += forecast.GaussianCRPS(x, mean, math.Sqrt(variance))
				scored++
				fork = fork.move()
			}
		}
	}
	return nats / float64(steps), crps / float64(scored)
}
