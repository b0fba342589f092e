package main

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"

	"tsgen/ode"
	"tsgen/series"
)

// A stiff kind of panels has series of dynamics in which something happens far faster than all else, with rates of each
// series' own, observed with noise at times of which the last are to be forecast.
type stiff struct {
	name          string
	channels      []string
	series, after int
	horizon       int // observations ahead to train for; 0: that of the model
	system        func(rng *rand.Rand) (start []float64, field func(dst, y []float64))
	times         func(rng *rand.Rand) []float64
	observed      func(y []float64, rng *rand.Rand) []float64
}

const (
	stiffOwn      = 0.3 // deviation of the logarithms of rates between series
	stiffError    = 0.02
	stiffAccuracy = 1e-7
)

// stiffs returns the kinds: a substance that follows another within a three-hundredth to a thousandth of the time in which
// that decays; the reactions of Robertson (1966); and relaxation oscillations (van der Pol 1926), which creep and jump.
func stiffs() []stiff {
	own := func(rng *rand.Rand, usual float64) float64 { return usual * math.Exp(stiffOwn*rng.NormFloat64()) }
	blurred := func(x float64, rng *rand.Rand) float64 {
		return x*(1+stiffError*rng.NormFloat64()) + stiffError*rng.NormFloat64()
	}
	return []stiff{
		{
			name: "two-scales", channels: []string{"fast", "slow"}, series: 16, after: 3,
			system: func(rng *rand.Rand) ([]float64, func(dst, y []float64)) {
				slow := own(rng, 0.3)
				fast := slow * 300 * math.Exp(1.2*rng.Float64())
				return []float64{own(rng, 0.2), own(rng, 1)}, func(dst, y []float64) {
					dst[0], dst[1] = fast*(y[1]-y[0]), -slow*y[1]
				}
			},
			times:    func(rng *rand.Rand) []float64 { return decades(rng, 1e-3, 10, 15) },
			observed: func(y []float64, rng *rand.Rand) []float64 { return []float64{blurred(y[0], rng), blurred(y[1], rng)} },
		},
		{
			name: "robertson", channels: []string{"a", "b", "c"}, series: 20, after: 4,
			system: func(rng *rand.Rand) ([]float64, func(dst, y []float64)) {
				k1, k2, k3 := own(rng, 0.04), own(rng, 3e7), own(rng, 1e4)
				return []float64{1, 0, 0}, func(dst, y []float64) {
					dst[0] = -k1*y[0] + k3*y[1]*y[2]
					dst[2] = k2 * y[1] * y[1]
					dst[1] = -dst[0] - dst[2]
				}
			},
			times: func(rng *rand.Rand) []float64 { return decades(rng, 1e-2, 1e5, 20) },
			observed: func(y []float64, rng *rand.Rand) []float64 {
				return []float64{blurred(y[0], rng), blurred(2e4*y[1], rng), blurred(y[2], rng)}
			},
		},
		{
			name: "relaxation", channels: []string{"x", "y"}, series: 40, after: 12, horizon: 12,
			system: func(rng *rand.Rand) ([]float64, func(dst, y []float64)) {
				rate, pace := 100*math.Exp(2*rng.Float64()), own(rng, 1)
				return []float64{2 * rng.NormFloat64(), 0.5 * rng.NormFloat64()}, func(dst, y []float64) {
					dst[0], dst[1] = pace*rate*(y[1]+y[0]-y[0]*y[0]*y[0]/3), -pace*y[0]
				}
			},
			times:    func(rng *rand.Rand) []float64 { return irregular(rng, 0, 5, 12) },
			observed: func(y []float64, rng *rand.Rand) []float64 { return []float64{blurred(y[0], rng), blurred(y[1], rng)} },
		},
	}
}

// decades returns n times whose logarithms are spread evenly but for some chance.
func decades(rng *rand.Rand, from, to float64, n int) []float64 {
	all := make([]float64, n)
	step := math.Log(to/from) / float64(n-1)
	for i := range all {
		all[i] = from * math.Exp(step*(float64(i)+0.5*(rng.Float64()-0.5)))
	}
	return all
}

// task returns the panel of a seed and what comes after it.
func (k stiff) task(seed uint64) (*task, error) {
	rng := rand.New(rand.NewPCG(seed, 83))
	head := &series.Panel{Channels: k.channels, IDColumn: "series", TimeColumn: "time"}
	tail := head.With(nil)
	for i := range k.series {
		start, field := k.system(rng)
		times := k.times(rng)
		s, err := ode.Solve(context.Background(), ode.Problem{
			Field: ode.Field{Dim: len(start), Func: func(dst []float64, _ float64, y []float64) error { field(dst, y); return nil }},
			Y0:    start, Times: times,
		}, ode.Kvaerno5{}, &ode.Options{RTol: stiffAccuracy, ATol: stiffAccuracy * stiffAccuracy})
		if err != nil {
			return nil, err
		}
		cut := len(times) - k.after
		parts := [2]series.Series{{ID: strconv.Itoa(i)}, {ID: strconv.Itoa(i)}}
		for n, t := range times {
			p := &parts[0]
			if n >= cut {
				p = &parts[1]
			}
			p.Times, p.Values = append(p.Times, t), append(p.Values, k.observed(s.Y(n), rng)...)
		}
		head.Series, tail.Series = append(head.Series, &parts[0]), append(tail.Series, &parts[1])
	}
	t := continued(head, tail)
	t.horizon = k.horizon
	return t, nil
}
