package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/series"
)

// Of a panel of concentrations after one dose by mouth each subject has rates and volumes of its own, log-normal
// about what is usual, and a measurement an error that is partly a part of the concentration.
const (
	kineticSubjects = 12
	kineticOwn      = 0.35 // deviation of the logarithms of rates and volumes between subjects
	kineticPart     = 0.1  // of an error in units of the concentration
	kineticError    = 0.02 // and in those of the greatest usual one
	kineticBeyond   = 3    // the last times, which are to be forecast
)

// kineticTimes are the hours at which it is measured, but for some minutes.
var kineticTimes = []float64{0.25, 0.5, 1, 2, 3.5, 5, 7, 9, 12, 18, 24, 36}

// kinetics returns the panel of a seed of concentrations in bodies of one or two compartments (Gibaldi & Perrier 1982) and
// what comes after it.
func kinetics(compartments int, seed uint64) *task {
	rng := rand.New(rand.NewPCG(seed, uint64(80+compartments)))
	head := &series.Panel{Channels: []string{"concentration"}, IDColumn: "subject", TimeColumn: "hours"}
	tail := head.With(nil)
	own := func(usual float64) float64 { return usual * math.Exp(kineticOwn*rng.NormFloat64()) }
	for i := range kineticSubjects {
		curve := oneCompartment(own(1.2), own(0.08), own(1))
		if compartments == 2 {
			curve = twoCompartments(own(1.2), own(0.12), own(0.3), own(0.12), own(1))
		}
		parts := [2]series.Series{{ID: fmt.Sprint(i)}, {ID: fmt.Sprint(i)}}
		for k, t := range kineticTimes {
			t = math.Round(100*t*(1+0.05*rng.NormFloat64())) / 100
			c := curve(t)
			x := math.Max(0, c+kineticPart*c*rng.NormFloat64()+kineticError*rng.NormFloat64())
			p := &parts[0]
			if k >= len(kineticTimes)-kineticBeyond {
				p = &parts[1]
			}
			p.Times, p.Values = append(p.Times, t), append(p.Values, x)
		}
		head.Series, tail.Series = append(head.Series, &parts[0]), append(tail.Series, &parts[1])
	}
	return continued(head, tail)
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
