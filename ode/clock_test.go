package ode

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// oscillator is y” = -y, or with forced y” = -y + cos of the time since t0.
func oscillator(t0 float64, forced bool) Field {
	return plain(2, func(dst []float64, t float64, y []float64) {
		dst[0], dst[1] = y[1], -y[0]
		if forced {
			dst[1] += math.Cos(2 * (t - t0))
		}
	})
}

// TestLargeTimes protects solutions from the rounding of the clock: in epoch
// seconds and milliseconds an oscillation of 100 s ends where it does from 0.
func TestLargeTimes(t *testing.T) {
	for _, tt := range []struct {
		m   Method
		opt Options
		tol float64
	}{
		{Dopri5{}, Options{RTol: 1e-10, ATol: 1e-10}, 6e-9},
		{Tsit5{}, Options{RTol: 1e-10, ATol: 1e-10}, 6e-9},
		{DOP853{}, Options{RTol: 1e-10, ATol: 1e-10}, 6e-9},
		{BogackiShampine{}, Options{RTol: 1e-7, ATol: 1e-7}, 5e-5},
		{RK4{Step: 0.003}, Options{}, 1e-9},
		{RK4{Step: 0.003, Dense: true}, Options{}, 1e-9},
	} {
		for _, t0 := range []float64{0, 1.7e9, -1.7e9, 1.7e12} {
			for _, dir := range []float64{1, -1} {
				s, err := Solve(context.Background(), Problem{Field: oscillator(t0, false), T0: t0, Y0: []float64{0, 1}, Times: []float64{t0 + 50.25*dir, t0 + 100*dir}}, tt.m, &tt.opt)
				if err != nil {
					t.Fatal(err)
				}
				for k, at := range s.Times {
					if e := math.Hypot(s.Y(k)[0]-math.Sin(at-t0), s.Y(k)[1]-math.Cos(at-t0)); e > tt.tol {
						t.Errorf("%s from %g after %g: off by %.2g", name(tt.m), t0, at-t0, e)
					}
				}
			}
		}
	}
	// A field that reads the clock is as right as the clock.
	for _, t0 := range []float64{0, 1.7e9} {
		s, err := Solve(context.Background(), Problem{Field: oscillator(t0, true), T0: t0, Y0: []float64{0, 1}, Times: []float64{t0 + 10}}, Dopri5{}, &Options{RTol: 1e-9, ATol: 1e-9})
		if err != nil {
			t.Fatal(err)
		}
		// y = (cos t - cos 2t)/3 + sin t.
		if want := (math.Cos(10)-math.Cos(20))/3 + math.Sin(10); math.Abs(s.Y(0)[0]-want) > 5e-7 {
			t.Errorf("forced from %g: %v, want %v", t0, s.Y(0)[0], want)
		}
	}
}

// TestBelowTheClock asks for steps that the clock cannot make: that is said
// within few steps and with the remedy.
func TestBelowTheClock(t *testing.T) {
	const t0 = 1.7e12
	fast := plain(1, func(dst []float64, _ float64, y []float64) { dst[0] = -1e6 * (y[0] - 1) })
	for _, m := range []Method{Dopri5{}, RK4{Step: 1e-5}} {
		_, err := Solve(context.Background(), Problem{Field: fast, T0: t0, Y0: []float64{0}, Times: []float64{t0 + 1}}, m, nil)
		var e *Error
		if !errors.As(err, &e) || e.Reason != ErrUnderflow || e.Steps > 100 || !strings.Contains(err.Error(), "count time from nearer to the start") {
			t.Errorf("%s: %v", name(m), err)
		}
	}
}

// TestDiagnoses protects the reason that a failure is given: fields that cease
// to be numbers, solutions that blow up are told apart, and tolerances of nothing are no failure.
func TestDiagnoses(t *testing.T) {
	until := func(end float64, f func(y float64) float64) Field {
		return plain(1, func(dst []float64, t float64, y []float64) {
			dst[0] = f(y[0])
			if t > end {
				dst[0] = math.NaN()
			}
		})
	}
	always := math.Inf(1)
	none := Options{ATolEach: []float64{0}}
	for _, tt := range []struct {
		name string
		f    Field
		y0   float64
		opt  Options
		want error
	}{
		{"NaN, constant slope", until(1, func(float64) float64 { return 1 }), 0, Options{}, ErrNonFiniteStage},
		{"NaN, no slope", until(1, func(float64) float64 { return 0 }), 0, Options{}, ErrNonFiniteStage},
		{"NaN, decay", until(1, func(y float64) float64 { return -y }), 1, Options{}, ErrNonFiniteStage},
		{"NaN, growth", until(1.3, func(y float64) float64 { return 3 * y }), 1, Options{RTol: 1e-9}, ErrNonFiniteStage},
		{"square", until(always, func(y float64) float64 { return y * y }), 1, Options{}, ErrUnderflow},
		{"square and one", until(always, func(y float64) float64 { return 1 + y*y }), 0, Options{RTol: 1e-3}, ErrUnderflow},
		{"cube", until(always, func(y float64) float64 { return y * y * y }), 2, Options{}, ErrUnderflow},
		{"exponential", until(always, math.Exp), 0.1, Options{}, ErrUnderflow},
		{"rest without tolerance", until(always, func(float64) float64 { return 0 }), 0, none, nil},
		{"departure without tolerance", until(always, func(float64) float64 { return 1 }), 0, none, nil},
		{"too small for a tolerance", until(always, func(y float64) float64 { return -y }), 1e-320, none, nil},
	} {
		for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}} {
			s, err := Solve(context.Background(), Problem{Field: tt.f, Y0: []float64{tt.y0}, Times: []float64{0.1, 3}}, m, &tt.opt)
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("%s, %s: %v, want %v", tt.name, m.tableau().name, err, tt.want)
			}
			if s != nil && s.Stats().Calls > 20000 {
				t.Errorf("%s, %s: %d evaluations", tt.name, m.tableau().name, s.Stats().Calls)
			}
		}
	}
}

// TestLateResets protects resets at large times from the clock, which cannot
// tell when they happen: the ball goes on as from 0, forwards and backwards.
func TestLateResets(t *testing.T) {
	p := []float64{9.81, 0.9, 0}
	f, ev := bouncing(p)
	run := func(t0, dir float64, m Method) *Batch {
		g := f
		if dir < 0 {
			g = plain(2, func(dst []float64, _ float64, y []float64) { dst[0], dst[1] = -y[1], p[0] })
		}
		b := newBatch(t, g.Batch(), m, &Options{Events: []Event{ev}})
		solve(t, b, []float64{t0}, []float64{1, 0.5}, [][]float64{{t0 + dir*2, t0 + dir*4}})
		return b
	}
	for _, m := range []Method{Dopri5{}, DOP853{}, RK4{Step: 0.25, Dense: true}} {
		want := run(0, 1, m)
		for _, t0 := range []float64{1.7e9, -1.7e12} {
			for _, dir := range []float64{1, -1} {
				got := run(t0, dir, m)
				if e := off(got.Y(0), want.Y(0)); len(got.Hits(0)) != len(want.Hits(0)) || len(want.Hits(0)) < 4 || e > 1e-11 {
					t.Errorf("%s from %g, direction %g: off by %.2g after %d bounces", name(m), t0, dir, e, len(got.Hits(0)))
				}
			}
		}
	}
}
