package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/series"
)

// An oscillating kind of panels has series that are sums of damped oscillations, each with frequencies, dampings and
// phases of its own, which are observed with noise at irregular times.
type oscillating struct {
	name     string
	channels int
	modes    func(rng *rand.Rand) []mode // of a series
	times    func(rng *rand.Rand) []float64
	seen     []float64 // the part of the times at which each channel is observed
}

// A mode is exp(-damping t) (cosine cos + sine sin)(frequency t) in each channel.
type mode struct {
	frequency, damping float64
	cosine, sine       []float64
}

const (
	oscillatingLearned, oscillatingTested = 150, 50

	oscillatingSpan   = 12  // time that is seen
	oscillatingBeyond = 6   // and that to be continued
	oscillatingError  = 0.1 // deviation of the noise
)

// oscillators returns the kinds: frequencies from 0.7 to 10, hardly to strongly damped; drives within a fifth of the
// resonance of oscillators that are hardly damped, as position, speed and a drive that is seen rarely; three and four coupled modes;
// and those of the first kind seen in bursts.
func oscillators() []oscillating {
	free := func(rng *rand.Rand) []mode {
		w := 0.7 * math.Exp(2.7*rng.Float64())
		return []mode{random(rng, w, w*(0.01+0.15*rng.Float64()), 2)}
	}
	steady := func(rng *rand.Rand) []float64 { return irregular(rng, 0, oscillatingSpan, 4) }
	return []oscillating{
		{name: "spread", channels: 2, modes: free, times: steady, seen: []float64{0.85, 0.85}},
		{name: "resonant", channels: 3, modes: driven, times: steady, seen: []float64{0.85, 0.85, 0.3}},
		{name: "three-modes", channels: 2, modes: coupled(3), times: steady, seen: []float64{0.85, 0.85}},
		{name: "four-modes", channels: 2, modes: coupled(4), times: steady, seen: []float64{0.85, 0.85}},
		{name: "bursts", channels: 2, modes: free, seen: []float64{0.85, 0.85}, times: func(rng *rand.Rand) []float64 {
			var all []float64
			for from := rng.Float64(); from < oscillatingSpan-1; from += 2 + 2*rng.Float64() {
				all = append(all, irregular(rng, from, from+1, 10)...)
			}
			return all
		}},
	}
}

// coupled returns what makes n modes, the faster the smaller.
func coupled(n int) func(rng *rand.Rand) []mode {
	return func(rng *rand.Rand) []mode {
		var all []mode
		for k, usual := range []float64{0.9, 2.1, 4.3, 7}[:n] {
			m := random(rng, usual*math.Exp(0.12*rng.NormFloat64()), 0.02+0.08*rng.Float64(), 2)
			for j := range m.cosine {
				m.cosine[j] /= 1 + 0.5*float64(k)
				m.sine[j] /= 1 + 0.5*float64(k)
			}
			all = append(all, m)
		}
		return all
	}
}

// random returns a mode of random amplitudes.
func random(rng *rand.Rand, frequency, damping float64, channels int) mode {
	m := mode{frequency: frequency, damping: damping}
	for range channels {
		m.cosine, m.sine = append(m.cosine, rng.NormFloat64()), append(m.sine, rng.NormFloat64())
	}
	return m
}

// driven returns the modes of x″ + 2 s x′ + w² x = u, u = F cos(v t + φ), in the channels x, x′ / w and u: that of the
// drive, and the free one that starts at random.
func driven(rng *rand.Rand) []mode {
	w, s := 0.7+0.8*rng.Float64(), 0.005*math.Exp(math.Log(10)*rng.Float64())
	v := w * (0.8 + 0.4*rng.Float64())
	drive := complex((0.1+0.3*rng.Float64())*w*w, 0) * unit(2*math.Pi*rng.Float64())
	forced := drive / complex(w*w-v*v, 2*s*v)
	turn := complex(0, v)
	free := math.Sqrt(w*w - s*s)
	// x = Re((C e^(-s + i free) t) + forced e^(i v t)), of which the start gives C.
	x, speed := rng.NormFloat64()-real(forced), w*rng.NormFloat64()-real(turn*forced)
	c := complex(x, -(speed+s*x)/free)
	out := mode{frequency: free, damping: s}
	in := mode{frequency: v}
	for _, part := range []struct {
		m    *mode
		each [3]complex128
	}{{&out, [3]complex128{c, c * complex(-s, free) / complex(w, 0), 0}}, {&in, [3]complex128{forced, turn * forced / complex(w, 0), drive}}} {
		for _, a := range part.each {
			part.m.cosine, part.m.sine = append(part.m.cosine, real(a)), append(part.m.sine, -imag(a))
		}
	}
	return []mode{out, in}
}

func unit(angle float64) complex128 {
	sin, cos := math.Sincos(angle)
	return complex(cos, sin)
}

// irregular returns times of a Poisson process, to three digits after the point.
func irregular(rng *rand.Rand, from, to, rate float64) []float64 {
	var all []float64
	for t := from; ; {
		t += math.Ceil(1000*rng.ExpFloat64()/rate) / 1000
		if t >= to {
			return all
		}
		all = append(all, t)
	}
}

// task returns the panel of a seed, and others to continue.
func (o oscillating) task(seed uint64) (*task, error) {
	rng := rand.New(rand.NewPCG(seed, 57))
	t := &task{cut: oscillatingSpan, samples: 200, measure: againstTruth, horizon: oscillatingBeyond * 4}
	t.train = &series.Panel{IDColumn: "series", TimeColumn: "time"}
	for j := range o.channels {
		t.train.Channels = append(t.train.Channels, fmt.Sprintf("c%d", j))
	}
	t.test = t.train.With(nil)
	for i := range oscillatingLearned + oscillatingTested {
		modes, s := o.modes(rng), &series.Series{ID: fmt.Sprint(i), Times: o.times(rng)}
		for _, u := range s.Times {
			for j, x := range signal(modes, o.channels, u) {
				if x += oscillatingError * rng.NormFloat64(); rng.Float64() > o.seen[j] {
					x = math.NaN()
				}
				s.Values = append(s.Values, x)
			}
		}
		if i < oscillatingLearned {
			t.train.Series = append(t.train.Series, s)
			continue
		}
		t.test.Series = append(t.test.Series, s)
		times, truth := slices.Clone(s.Times), []float64(nil)
		for k := range oscillatingBeyond * 4 {
			times = append(times, oscillatingSpan+0.25*float64(k+1))
		}
		for _, u := range times {
			truth = append(truth, signal(modes, o.channels, u)...)
		}
		t.times, t.truth = append(t.times, times), append(t.truth, truth)
	}
	return t, nil
}

// signal returns what the modes are at a time in each channel.
func signal(modes []mode, channels int, t float64) []float64 {
	x := make([]float64, channels)
	for _, m := range modes {
		e := math.Exp(-m.damping * t)
		sin, cos := math.Sincos(m.frequency * t)
		for j := range x {
			x[j] += e * (m.cosine[j]*cos + m.sine[j]*sin)
		}
	}
	return x
}
