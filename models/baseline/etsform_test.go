package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// wave returns n positive values with a trend, a season and noise, and with
// some values missing.
func wave(n, period int, missing ...int) []float64 {
	rng := rand.New(rand.NewPCG(5, uint64(n)))
	y := make([]float64, n)
	for t := range y {
		y[t] = 10 + 0.05*float64(t) + 2*math.Sin(2*math.Pi*float64(t)/float64(period)) + 0.4*rng.NormFloat64()
	}
	for _, t := range missing {
		y[t] = math.NaN()
	}
	return y
}

// textbook returns the value of etsRun.forward by the equations of Hyndman,
// Koehler, Ord and Snyder (2008), tables 2.2 and 2.3, written out by form: with
// x = l + phi b,
//
//	N: l = x + alpha k, b = phi b + beta k, s = -
//	A: the same, s = s + gamma k
//	M: l = x + alpha k/s, b = phi b + beta k/s, s = s + gamma k/x
//
// where k is the error e of an additive form and mu e of a multiplicative one.
func textbook(form etsForm, y []float64, p etsParams) float64 {
	l, b := p.level, p.slope
	season := append([]float64(nil), p.season...)
	n, sse, logs := 0.0, 0.0, 0.0
	for t, v := range y {
		x := l + p.phi*b
		mu := x
		s := &season[t%form.period]
		switch form.season {
		case additive:
			mu = x + *s
		case multiplicative:
			mu = x * *s
		}
		e := v - mu
		if form.err == multiplicative {
			e = (v - mu) / mu
		}
		if math.IsNaN(v) {
			e = 0
		} else {
			n++
			sse += e * e
			if form.err == multiplicative {
				logs += math.Log(mu)
			}
		}
		k := e
		if form.err == multiplicative {
			k = mu * e
		}
		switch form.season {
		case none:
			l, b = x+p.alpha*k, p.phi*b+p.beta*k
		case additive:
			l, b, *s = x+p.alpha*k, p.phi*b+p.beta*k, *s+p.gamma*k
		case multiplicative:
			l, b, *s = x + p.alpha*k / *s, p.phi*b + p.beta*k / *s, *s+p.gamma*k/x
		}
	}
	return n*math.Log(sse) + 2*logs
}

// The likelihood is that of the textbook's equations and its gradient that of
// central differences, for every form.
func TestETSLikelihood(t *testing.T) {
	const period = 4
	forms := append(etsForms(period), etsForm{additive, damped, multiplicative, period})
	for _, form := range forms {
		t.Run(fmt.Sprint(form), func(t *testing.T) {
			y := wave(30, period, 3, 17, 18)
			s := &etsSearch{run: newETSRun(form, y), p: etsParams{season: make([]float64, form.period)}, g: etsParams{season: make([]float64, form.period)}}
			x := s.start(0.3, 0.2, startETS(y, form))
			for i := range x {
				x[i] += 0.1 * math.Sin(float64(i))
			}
			g := make([]float64, len(x))
			v := s.value(x, g)
			if want := textbook(form, y, s.p); math.Abs(v-want) > 1e-9*math.Abs(want) {
				t.Fatalf("value %v, want %v", v, want)
			}
			scratch := make([]float64, len(x))
			for i := range x {
				const h = 1e-6
				at := x[i]
				x[i] = at + h
				up := s.value(x, scratch)
				x[i] = at - h
				down := s.value(x, scratch)
				x[i] = at
				if want := (up - down) / (2 * h); math.Abs(g[i]-want) > 1e-5*(1+math.Abs(want)) {
					t.Errorf("derivative %d: %v, want %v", i, g[i], want)
				}
			}
			if form.unknowns() != len(x) {
				t.Errorf("%d unknowns, %d variables", form.unknowns(), len(x))
			}
		})
	}
}

// A form is not defined where a forecast that it divides by is not positive.
func TestETSUndefined(t *testing.T) {
	y := wave(20, 4)
	for _, form := range []etsForm{{multiplicative, none, none, 1}, {multiplicative, additive, additive, 4}, {multiplicative, none, multiplicative, 4}} {
		p := etsParams{alpha: 0.1, phi: 1, level: -10, season: make([]float64, form.period)}
		if v, _ := newETSRun(form, y).forward(&p); !math.IsInf(v, 1) {
			t.Errorf("%v: %v at a negative level", form, v)
		}
	}
}
