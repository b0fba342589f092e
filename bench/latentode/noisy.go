package main

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"tsgen/forecast"
	"tsgen/sde"
	"tsgen/series"
)

// A noisy is a stochastic differential equation with diagonal noise that is observed with noise, of which
// panels are made: noisySeries series of irregular times, noisySeen observations of each to learn from and
// noisyBeyond more to forecast.
type noisy struct {
	name     string
	channels []string
	start    func(rng *rand.Rand) []float64
	drift    func(dst, y []float64)
	noise    func(dst, y []float64) // its diffusion, element i a function of component i
	observed func(y, e float64) float64
	// likelihood is the logarithm of the density of an observation x of y, up to a constant.
	likelihood func(x, y float64) float64
}

const (
	noisySeries, noisySeen, noisyBeyond = 100, 60, 10

	noisyGap   = 0.25  // the mean of the exponential gaps between observations
	noisyWarm  = 10    // time before the first observation
	noisyStep  = 0.005 // of the simulation
	noisyError = 0.15  // deviation of the noise of observations
)

// noisies returns the equations: an Ornstein-Uhlenbeck process, a double well between whose minima a
// path moves every few units of time, and predators and their prey with growth rates that are noisy (Lotka-Volterra),
// whose numbers are observed with an error that is a part of them.
func noisies() []noisy {
	plain := func(y, e float64) float64 { return y + noisyError*e }
	gaussian := func(x, y float64) float64 { return -0.5 * (x - y) * (x - y) / (noisyError * noisyError) }
	const part = noisyError / 3
	return []noisy{
		{
			name: "ou", channels: []string{"x"},
			start:    func(*rand.Rand) []float64 { return []float64{2} },
			drift:    func(dst, y []float64) { dst[0] = 2 - y[0] },
			noise:    func(dst, _ []float64) { dst[0] = 1 },
			observed: plain, likelihood: gaussian,
		},
		{
			name: "well", channels: []string{"x"},
			start:    func(rng *rand.Rand) []float64 { return []float64{float64(2*rng.IntN(2) - 1)} },
			drift:    func(dst, y []float64) { dst[0] = 2 * (y[0] - y[0]*y[0]*y[0]) },
			noise:    func(dst, _ []float64) { dst[0] = 0.9 },
			observed: plain, likelihood: gaussian,
		},
		{
			name: "volterra", channels: []string{"prey", "predators"},
			start:    func(rng *rand.Rand) []float64 { return []float64{0.5 + rng.Float64(), 0.5 + rng.Float64()} },
			drift:    func(dst, y []float64) { dst[0], dst[1] = y[0]*(1-y[1]), y[1]*(y[0]-1) },
			noise:    func(dst, y []float64) { dst[0], dst[1] = 0.2*y[0], 0.2*y[1] },
			observed: func(y, e float64) float64 { return y * math.Exp(part*e) },
			likelihood: func(x, y float64) float64 {
				z := math.Log(x/y) / part
				return -0.5 * z * z
			},
		},
	}
}

// task returns the panel of a seed and what comes after it.
func (n noisy) task(seed uint64) (*task, error) {
	rng := rand.New(rand.NewPCG(seed, 18))
	head := &series.Panel{Channels: n.channels, IDColumn: "series", TimeColumn: "time"}
	tail := head.With(nil)
	system := sde.System{
		Dim:       len(n.channels),
		Drift:     func(dst []float64, _ float64, y []float64) error { n.drift(dst, y); return nil },
		Diffusion: func(dst []float64, _ float64, y []float64) error { n.noise(dst, y); return nil },
	}
	for i := range noisySeries {
		times := make([]float64, noisySeen+noisyBeyond)
		at := float64(noisyWarm)
		for k := range times {
			at += math.Ceil(100*noisyGap*rng.ExpFloat64()) / 100
			times[k] = at
		}
		s, err := sde.Solve(context.Background(), sde.Problem{System: system, Y0: n.start(rng), Times: times, Seed: rng.Uint64()}, sde.Milstein{Step: noisyStep}, nil)
		if err != nil {
			return nil, err
		}
		parts := [2]series.Series{{ID: strconv.Itoa(i)}, {ID: strconv.Itoa(i)}}
		for k, t := range times {
			p := &parts[0]
			if k >= noisySeen {
				p = &parts[1]
			}
			p.Times = append(p.Times, t)
			for _, y := range s.Y(k) {
				p.Values = append(p.Values, n.observed(y, rng.NormFloat64()))
			}
		}
		head.Series, tail.Series = append(head.Series, &parts[0]), append(tail.Series, &parts[1])
	}
	t := continued(head, tail)
	t.horizon = noisyBeyond
	return t, nil
}

// before returns the panel of a seed, the first noisyBeyond observations of each series hidden, and these: what came before is to
// be found.
func (n noisy) before(seed uint64) (*task, error) {
	t, err := n.task(seed)
	if err != nil {
		return nil, err
	}
	seen := t.train.With(nil)
	for i, s := range t.train.Series {
		seen.Series = append(seen.Series, s.Slice(noisyBeyond, s.Len()))
		t.times[i], t.truth[i] = s.Times[:noisyBeyond], s.Values[:noisyBeyond*len(n.channels)]
	}
	t.train, t.test, t.beyond, t.before = seen, seen, false, true
	return t, nil
}

// oracle returns what one who knows the equation says of what comes: draws of particles that the
// observations have weighted.
func (n noisy) oracle(t *task, seed uint64) *forecast.Forecast {
	const particles = 2000
	rng := rand.New(rand.NewPCG(seed, 81))
	f := &forecast.Forecast{Model: oracle, Channels: n.channels}
	for i, s := range t.test.Series {
		cloud := make([][]float64, particles)
		for k := range cloud {
			cloud[k] = n.start(rng)
		}
		at := 0.0
		for k, u := range s.Times {
			n.move(cloud, u-at, rng)
			at = u
			cloud = n.weighted(cloud, s.Row(k), rng)
		}
		d := &forecast.Distribution{ID: s.ID, Times: t.times[i], Paths: make([][]float64, particles)}
		for _, u := range t.times[i] {
			n.move(cloud, u-at, rng)
			at = u
			for k, y := range cloud {
				for _, v := range y {
					d.Paths[k] = append(d.Paths[k], n.observed(v, rng.NormFloat64()))
				}
			}
		}
		f.Series = append(f.Series, d)
	}
	return f
}

// move takes the particles on by a time, in steps of Euler and Maruyama.
func (n noisy) move(cloud [][]float64, time float64, rng *rand.Rand) {
	const longest = 4 * noisyStep
	steps := math.Ceil(time / longest)
	h := time / steps
	f, g := make([]float64, len(n.channels)), make([]float64, len(n.channels))
	for _, y := range cloud {
		for range int(steps) {
			n.drift(f, y)
			n.noise(g, y)
			for j := range y {
				y[j] += h*f[j] + math.Sqrt(h)*g[j]*rng.NormFloat64()
			}
		}
	}
}

// weighted returns as many particles, drawn by what an observation says of each.
func (n noisy) weighted(cloud [][]float64, x []float64, rng *rand.Rand) [][]float64 {
	weights := make([]float64, len(cloud))
	for k, y := range cloud {
		for j, v := range y {
			weights[k] += n.likelihood(x[j], v)
		}
	}
	most, total := slices.Max(weights), 0.0
	for k, w := range weights {
		weights[k] = math.Exp(w - most)
		total += weights[k]
	}
	drawn := make([][]float64, 0, len(cloud))
	at, passed := 0, weights[0]
	for k := range cloud {
		want := (float64(k) + rng.Float64()) / float64(len(cloud)) * total
		for passed < want && at < len(cloud)-1 {
			at++
			passed += weights[at]
		}
		drawn = append(drawn, slices.Clone(cloud[at]))
	}
	return drawn
}
