// Package kinetics simulates panels of concentrations after one dose by mouth, for benchmarks.
package kinetics

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/series"
)

// Each subject has rates and volumes of its own, log-normal
// about what is usual, and a measurement an error that is partly a part of the concentration.
const (
	between  = 0.35 // deviation of the logarithms of rates and volumes between subjects
	part     = 0.1  // of an error in units of the concentration
	constant = 0.02 // and in those of the greatest usual one
	late     = 0.05 // deviation of a time as a part of it
)

// hours returns those at which it is measured, but for some minutes.
func hours() []float64 { return []float64{0.25, 0.5, 1, 2, 3.5, 5, 7, 9, 12, 18, 24, 36} }

// Panel returns the panel of a seed of concentrations in so many bodies of one or two compartments (Gibaldi & Perrier 1982).
func Panel(subjects, compartments int, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, uint64(80+compartments)))
	p := &series.Panel{Channels: []string{"concentration"}, IDColumn: "subject", TimeColumn: "hours"}
	own := func(usual float64) float64 { return usual * math.Exp(between*rng.NormFloat64()) }
	for i := range subjects {
		curve := oneCompartment(own(1.2), own(0.08), own(1))
		if compartments == 2 {
			curve = twoCompartments(own(1.2), own(0.12), own(0.3), own(0.12), own(1))
		}
		s := &series.Series{ID: fmt.Sprint(i)}
		last := 0.0
		for _, t := range hours() {
			t = max(math.Round(100*t*(1+late*rng.NormFloat64())), last+1) / 100
			last = 100 * t
			c := curve(t)
			x := math.Max(0, c+part*c*rng.NormFloat64()+constant*rng.NormFloat64())
			s.Times, s.Values = append(s.Times, t), append(s.Values, x)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// oneCompartment returns the concentration in the course of time, absorbed and eliminated at rates.
func oneCompartment(absorbed, eliminated, volume float64) func(t float64) float64 {
	return func(t float64) float64 {
		return absorbed / (volume * (absorbed - eliminated)) * (math.Exp(-eliminated*t) - math.Exp(-absorbed*t))
	}
}

// twoCompartments returns that in the first of two, between which there are rates out and back.
func twoCompartments(absorbed, eliminated, out, back, volume float64) func(t float64) float64 {
	sum := out + back + eliminated
	root := math.Sqrt(sum*sum - 4*back*eliminated)
	fast, slow := (sum+root)/2, (sum-root)/2
	part := func(of, a, b, t float64) float64 { return (back - of) / ((a - of) * (b - of)) * math.Exp(-of*t) }
	return func(t float64) float64 {
		return absorbed / volume * (part(absorbed, fast, slow, t) + part(fast, absorbed, slow, t) + part(slow, absorbed, fast, t))
	}
}
