package ode

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// bouncing returns a ball under the gravity p[0] that keeps p[1] of its speed
// when it meets the floor, whose height is p[2].
func bouncing(p []float64) (Field, Event) {
	return one(2, 3, func(dst []float64, _ float64, y []float64) { dst[0], dst[1] = y[1], -p[0] },
			func(dy, dp []float64, _ float64, _, a []float64) {
				dy[1] += a[0]
				if dp != nil {
					dp[0] -= a[1]
				}
			}), Event{
			Func: func(_ float64, y []float64) float64 { return y[0] - p[2] },
			GradientRow: func(dy, dp []float64, _ int, _ float64, _ []float64) float64 {
				dy[0] = 1
				if dp != nil {
					dp[2] = -1
				}
				return 0
			},
			Direction: -1,
			Reset:     func(_ int, _ float64, y []float64) { y[1] *= -p[1] },
			ResetVJP: func(dy, dp []float64, _ int, _ float64, y, a []float64) float64 {
				dy[0] += a[0]
				dy[1] -= a[1] * p[1]
				if dp != nil {
					dp[1] -= a[1] * y[1]
				}
				return 0
			},
		}
}

// TestBounces protects resets and their gradients against the closed form of a
// bouncing ball, in both directions of the adjoint and under a bound on memory.
func TestBounces(t *testing.T) {
	p := []float64{9.81, 0.8, 0.25}
	y0 := []float64{1.5, 0.3}
	times := []float64{0.2, 0.6, 1.1, 1.8}
	// height returns the height at t, from bounce to bounce.
	height := func(t float64) float64 {
		h, v, at := y0[0]-p[2], y0[1], 0.0
		for {
			fall := (v + math.Sqrt(v*v+2*p[0]*h)) / p[0]
			if at+fall > t {
				dt := t - at
				return p[2] + h + v*dt - p[0]*dt*dt/2
			}
			at += fall
			h, v = 0, -p[1]*(v-p[0]*fall)
		}
	}
	loss := func() float64 {
		s := 0.0
		for k, at := range times {
			s += float64(k+1) * height(at)
		}
		return s
	}
	for _, tt := range []struct {
		name string
		m    Method
		opt  Options
	}{
		{"Dopri5", Dopri5{}, Options{}},
		{"Tsit5, little memory", Tsit5{}, Options{Memory: 500, MaxStep: 0.01}},
		{"DOP853", DOP853{}, Options{}},
		{"Rodas5P", Rodas5P{}, Options{RTol: 1e-10, ATol: 1e-10}},
		{"Kvaerno5", Kvaerno5{}, Options{RTol: 1e-10, ATol: 1e-10}},
		{"RK4", RK4{Step: 0.01, Dense: true}, Options{}},
		{"Interpolating", Dopri5{}, Options{Adjoint: Interpolating, RTol: 1e-10, ATol: 1e-10}},
		{"Backsolve", Dopri5{}, Options{Adjoint: Backsolve, RTol: 1e-10, ATol: 1e-10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, ev := bouncing(p)
			tt.opt.Events, tt.opt.Dense = []Event{ev}, tt.opt.Memory == 0 && tt.opt.Adjoint != Backsolve
			s, err := Solve(context.Background(), Problem{Field: f, Y0: y0, Times: times}, tt.m, &tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Hits) != 2 {
				t.Fatalf("%d bounces, want 2", len(s.Hits))
			}
			g := make([]float64, 2*len(times))
			for k, at := range times {
				if math.Abs(s.Y(k)[0]-height(at)) > 1e-9 {
					t.Errorf("at %g the height is %v, want %v", at, s.Y(k)[0], height(at))
				}
				g[2*k] = float64(k + 1)
			}
			if tt.opt.Dense {
				y := make([]float64, 2)
				for at := 0.01; at < 1.8; at += 0.03 {
					if err := s.At(y, at); err != nil || math.Abs(y[0]-height(at)) > 1e-9 {
						t.Errorf("At(%g) is %v (%v), want %v", at, y[0], err, height(at))
					}
				}
			}
			grad, err := s.Gradient(Loss{States: g})
			if err != nil {
				t.Fatal(err)
			}
			for i := range y0 {
				if want := difference(loss, &y0[i]); math.Abs(grad.Y0[i]-want) > 1e-7*(1+math.Abs(want)) {
					t.Errorf("d/dy0[%d] is %v, want %v", i, grad.Y0[i], want)
				}
			}
			for i := range p {
				if want := difference(loss, &p[i]); math.Abs(grad.Params[i]-want) > 1e-7*(1+math.Abs(want)) {
					t.Errorf("d/dp[%d] is %v, want %v", i, grad.Params[i], want)
				}
			}
		})
	}
}

// TestDoses protects events and resets of every trajectory's own: patients
// with a dose each, at a time of its own that is a parameter, alone and in a
// batch bitwise the same, against y = e^(-kt)·y0 + D·e^(-k(t-τ)).
func TestDoses(t *testing.T) {
	p := []float64{0.7, 3, 0.5, 1.25, 1.9} // rate, dose, times of dose
	const n = 3
	f := one(1, 5, func(dst []float64, _ float64, y []float64) { dst[0] = -p[0] * y[0] },
		func(dy, dp []float64, _ float64, y, a []float64) {
			dy[0] -= p[0] * a[0]
			if dp != nil {
				dp[0] -= a[0] * y[0]
			}
		})
	dose := Event{
		FuncRow: func(row int, t float64, _ []float64) float64 { return t - p[2+row] },
		GradientRow: func(_, dp []float64, row int, _ float64, _ []float64) float64 {
			if dp != nil {
				dp[2+row] = -1
			}
			return 1
		},
		Direction: 1,
		Reset:     func(row int, _ float64, y []float64) { y[0] += p[1] * float64(row+1) },
		ResetVJP: func(dy, dp []float64, row int, _ float64, _, a []float64) float64 {
			dy[0] += a[0]
			if dp != nil {
				dp[1] += a[0] * float64(row+1)
			}
			return 0
		},
	}
	t0, y0 := make([]float64, n), []float64{1, 2, 0.5}
	times := [][]float64{{0.3, 2, 4}, {1.2, 3}, {2.5}}
	exact := func(i int, at float64) float64 {
		y := y0[i] * math.Exp(-p[0]*at)
		if at > p[2+i] {
			y += p[1] * float64(i+1) * math.Exp(-p[0]*(at-p[2+i]))
		}
		return y
	}
	loss := func() float64 {
		s := 0.0
		for i := range times {
			for _, at := range times[i] {
				s += exact(i, at) * exact(i, at)
			}
		}
		return s
	}
	for _, adj := range []Adjoint{Discrete, Interpolating} {
		opt := &Options{RTol: 1e-11, ATol: 1e-11, Events: []Event{dose}, Adjoint: adj}
		b := newBatch(t, f.Batch(), Dopri5{}, opt)
		solve(t, b, t0, y0, times)
		var dy [][]float64
		for i := range times {
			dy = append(dy, nil)
			for k, at := range times[i] {
				if math.Abs(b.Y(i)[k]-exact(i, at)) > 1e-9 {
					t.Errorf("patient %d has %v at %g, want %v", i, b.Y(i)[k], at, exact(i, at))
				}
				dy[i] = append(dy[i], 2*b.Y(i)[k])
			}
		}
		dy0, dp := make([]float64, n), make([]float64, 5)
		if err := b.Backward(dy0, dp, dy); err != nil {
			t.Fatal(err)
		}
		for i := range dy0 {
			if want := difference(loss, &y0[i]); math.Abs(dy0[i]-want) > 1e-8*(1+math.Abs(want)) {
				t.Errorf("adjoint %d: dy0[%d] is %v, want %v", adj, i, dy0[i], want)
			}
		}
		for i := range dp {
			if want := difference(loss, &p[i]); math.Abs(dp[i]-want) > 1e-7*(1+math.Abs(want)) {
				t.Errorf("adjoint %d: dp[%d] is %v, want %v", adj, i, dp[i], want)
			}
		}
		if adj != Discrete {
			continue
		}
		// Once more, with the dose given elsewhere and from other states.
		p[3] += 0.01
		again := []float64{1.1, 2, 0.5}
		if err := b.Resolve(context.Background(), again); err != nil {
			t.Fatal(err)
		}
		y0, again = again, y0
		for i := range times {
			if b.Err(i) != nil {
				t.Fatal(b.Err(i))
			}
			for k, at := range times[i] {
				if math.Abs(b.Y(i)[k]-exact(i, at)) > 1e-6 {
					t.Errorf("resolved, patient %d has %v at %g, want %v", i, b.Y(i)[k], at, exact(i, at))
				}
			}
		}
		if h := b.Hits(1); len(h) != 1 || math.Abs(h[0].T-p[3]) > 1e-12 {
			t.Errorf("resolved, patient 1 is dosed at %v, want %v", h, p[3])
		}
		y0 = again
		p[3] -= 0.01
	}
}

// TestSpikes protects resets that happen often: the leaky neuron
// v' = (p0 - v)/p1 that falls back to 0 from 1, whose period is known.
func TestSpikes(t *testing.T) {
	p := []float64{1.5, 0.4}
	f := plain(1, func(dst []float64, _ float64, y []float64) { dst[0] = (p[0] - y[0]) / p[1] })
	spike := Event{
		Func:      func(_ float64, y []float64) float64 { return y[0] - 1 },
		Direction: 1,
		Reset:     func(_ int, _ float64, y []float64) { y[0] = 0 },
	}
	period := p[1] * math.Log(p[0]/(p[0]-1))
	for _, m := range methods[:4] {
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{10}}, m, &Options{RTol: 1e-9, ATol: 1e-9, Events: []Event{spike}})
		if err != nil {
			t.Fatal(err)
		}
		if want := int(10 / period); len(s.Hits) != want {
			t.Errorf("%s: %d spikes, want %d", name(m), len(s.Hits), want)
		}
		for k, h := range s.Hits {
			if math.Abs(h.T-float64(k+1)*period) > 1e-6 {
				t.Errorf("%s: spike %d at %v, want %v", name(m), k, h.T, float64(k+1)*period)
			}
		}
		if _, err := s.Gradient(Loss{States: []float64{1}}); !errors.Is(err, ErrNoGradient) {
			t.Errorf("%v, want %v", err, ErrNoGradient)
		}
	}
}

// TestShortFlights protects bounces that are much shorter than the step: each is
// found, the gradient goes through all of them, also in the same steps, and
// where they accumulate the trajectory ends with an error and does not fall
// through the floor.
func TestShortFlights(t *testing.T) {
	p := []float64{9.81, 0.5, 0.25}
	f, ev := bouncing(p)
	fall := math.Sqrt(2 / p[0]) // from a height of 1
	rest := 3 * fall            // the flights take 1, 1, 1/2, 1/4, ...
	y0 := []float64{1.25, 0}
	for _, m := range []Method{Dopri5{}, DOP853{}, Rodas5P{}, RK4{Step: 5, Dense: true}} {
		b := newBatch(t, f.Batch(), m, &Options{Events: []Event{ev}, TrustVJP: true})
		at := rest - fall/16*1.5 // half of the flight that takes fall/16
		solve(t, b, []float64{0}, y0, [][]float64{{at}})
		v := p[0] * fall / 32
		top := p[2] + v*v/(2*p[0])
		if y := b.Y(0); len(b.Hits(0)) != 5 || math.Abs(y[0]-top) > 1e-9 || math.Abs(y[1]) > 1e-8 {
			t.Errorf("%s: %v after %d bounces, want height %v and no speed after 5", name(m), y, len(b.Hits(0)), top)
		}
		dy0, dp := make([]float64, 2), make([]float64, 3)
		if err := b.Backward(dy0, dp, [][]float64{{0, 1}}); err != nil {
			t.Fatal(err)
		}
		again := func() float64 {
			if err := b.Resolve(context.Background(), y0); err != nil {
				t.Fatal(err)
			}
			return b.Y(0)[1]
		}
		const h = 1e-6
		y0[0] += h
		up := again()
		y0[0] -= 2 * h
		want := (up - again()) / (2 * h)
		y0[0] += h
		if math.Abs(dy0[0]-want) > 1e-6*(1+math.Abs(want)) {
			t.Errorf("%s: the derivative with respect to the height is %v, want %v", name(m), dy0[0], want)
		}

		err := b.Solve(context.Background(), []float64{0}, y0, [][]float64{{1, 3}})
		if err != nil {
			t.Fatal(err)
		}
		var e *Error
		if !errors.As(b.Err(0), &e) || e.Reason != ErrEvent || math.Abs(e.T-rest) > 1e-3*rest || !strings.Contains(e.Error(), "accumulate") {
			t.Errorf("%s: after the time of rest, %v: %v", name(m), rest, b.Err(0))
		}
		for _, hit := range b.Hits(0) {
			if k := math.Round(math.Log2(fall / (rest - hit.T) * 2)); math.Abs(rest-hit.T-2*fall*math.Exp2(-k)) > 1e-8 {
				t.Errorf("%s: a bounce at %v", name(m), hit.T)
			}
		}
	}
}
