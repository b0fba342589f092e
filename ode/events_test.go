package ode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
)

// TestEvents drops a ball and compares the hits with their closed form.
func TestEvents(t *testing.T) {
	ball := plain(2, func(dst []float64, _ float64, y []float64) { dst[0], dst[1] = y[1], -10 })
	height := func(at float64) Event {
		return Event{Func: func(_ float64, y []float64) float64 { return y[0] - at }}
	}
	up, down, floor := height(3), height(3), height(0)
	up.Direction, down.Direction, floor.Terminal = 1, -1, true
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}, RK4{Step: 0.05, Dense: true}} {
		// y = 10t - 5t²: at 3 at 1∓√0.4, at 0 at 2.
		s, err := Solve(context.Background(), Problem{Field: ball, Y0: []float64{0, 10}, Times: []float64{0, 1, 1.9, 2.1}}, m, &Options{MaxStep: 0.3, Events: []Event{up, down, height(3), floor}})
		if err != nil {
			t.Fatal(err)
		}
		r := math.Sqrt(0.4)
		want := []Hit{{0, 1 - r, []float64{3, 10 * r}}, {2, 1 - r, []float64{3, 10 * r}}, {1, 1 + r, []float64{3, -10 * r}}, {2, 1 + r, []float64{3, -10 * r}}, {3, 2, []float64{0, -10}}}
		if len(s.Hits) != len(want) {
			t.Fatalf("%s: hits %v, want %v", name(m), s.Hits, want)
		}
		for i, h := range s.Hits {
			if h.Event != want[i].Event || math.Abs(h.T-want[i].T) > 1e-10 || math.Abs(h.Y[0]-want[i].Y[0]) > 1e-9 || math.Abs(h.Y[1]-want[i].Y[1]) > 1e-9 {
				t.Errorf("%s: hit %d is %+v, want %+v", name(m), i, h, want[i])
			}
		}
		if len(s.Times) != 3 || math.Abs(s.Y(2)[0]-0.95) > 1e-9 {
			t.Errorf("%s: reached %v", name(m), s.Times)
		}
	}
	bad := Event{Func: func(t float64, _ []float64) float64 { return math.Sqrt(0.5 - t) }}
	if _, err := Solve(context.Background(), Problem{Field: ball, Y0: []float64{0, 10}, Times: []float64{1}}, Dopri5{}, &Options{Events: []Event{bad}}); !errors.Is(err, ErrEvent) {
		t.Errorf("%v, want %v", err, ErrEvent)
	}
}

// TestEventGradient differentiates the times and the places where damped
// oscillations come through a line, alone and in a batch, with states asked
// for before, between and after the events.
func TestEventGradient(t *testing.T) {
	p := []float64{0.3, 2}
	y0 := []float64{1, 0.4, -0.5, 1}
	t0 := []float64{0, 0.25}
	times := [][]float64{{0.5, 2, 20}, {0.5, 1, 3, 20}}
	field := one(2, 2, func(dst []float64, _ float64, y []float64) {
		dst[0], dst[1] = y[1], -p[0]*y[1]-p[1]*y[0]
	}, func(dy, dp []float64, _ float64, y, a []float64) {
		dy[0] -= a[1] * p[1]
		dy[1] += a[0] - a[1]*p[0]
		if dp != nil {
			dp[0] -= a[1] * y[1]
			dp[1] -= a[1] * y[0]
		}
	})
	down := Event{
		Func:      func(t float64, y []float64) float64 { return y[0] - 0.1*t },
		Gradient:  func(dy []float64, _ float64, _ []float64) float64 { dy[0], dy[1] = 1, 0; return -0.1 },
		Direction: -1,
	}
	up := down
	up.Direction, up.Terminal = 1, true
	solved := func(adj Adjoint, m Method, tol float64) *Batch {
		b := newBatch(t, field.Batch(), m, &Options{RTol: tol, ATol: tol, Events: []Event{down, up}, Adjoint: adj})
		solve(t, b, t0, y0, times)
		return b
	}
	// Weights of the hits' times and states, and of the outputs.
	const wt = 0.7
	wy := []float64{-1, 3}
	loss := func() float64 {
		b := solved(Discrete, DOP853{}, 1e-13)
		s := 0.0
		for i := range t0 {
			for _, h := range b.Hits(i) {
				s += wt*h.T + inner(wy, h.Y)
			}
			for _, y := range b.Y(i) {
				s += y
			}
		}
		return s
	}
	for _, adj := range []Adjoint{Discrete, Interpolating, Backsolve} {
		for _, m := range []Method{Dopri5{}, DOP853{}} {
			b := solved(adj, m, 1e-10)
			var dy [][]float64
			for i := range t0 {
				hits := b.Hits(i)
				if n := len(hits); n < 1 || hits[n-1].Event != 1 || len(b.Y(i)) == 0 || len(b.Y(i)) == 2*len(times[i]) {
					t.Fatalf("trajectory %d has hits %v and reaches %d states", i, hits, len(b.Y(i))/2)
				}
				for j := range hits {
					if err := b.SeedHit(i, j, wy, wt); err != nil {
						t.Fatal(err)
					}
				}
				ones := make([]float64, len(b.Y(i)))
				for k := range ones {
					ones[k] = 1
				}
				dy = append(dy, ones)
			}
			dy0, dp := make([]float64, 4), make([]float64, 2)
			if err := b.Backward(dy0, dp, dy); err != nil {
				t.Fatal(err)
			}
			for i := range y0 {
				if want := difference(loss, &y0[i]); math.Abs(dy0[i]-want) > 1e-6 {
					t.Errorf("adjoint %d, %s: dy0[%d] is %v, want %v", adj, name(m), i, dy0[i], want)
				}
			}
			for i := range p {
				if want := difference(loss, &p[i]); math.Abs(dp[i]-want) > 1e-6 {
					t.Errorf("adjoint %d, %s: dp[%d] is %v, want %v", adj, name(m), i, dp[i], want)
				}
			}
			// The seeds are used up.
			again := make([]float64, 4)
			for i := range dy {
				clear(dy[i])
			}
			if err := b.Backward(again, nil, dy); err != nil {
				t.Fatal(err)
			}
			same(t, "a second gradient", again, make([]float64, 4))
		}
	}
}

// TestSeedHitErrors asks for gradients that do not exist.
func TestSeedHitErrors(t *testing.T) {
	touch := Event{
		Func:     func(t float64, y []float64) float64 { return t - 1 },
		Gradient: func(dy []float64, _ float64, _ []float64) float64 { clear(dy); return 0 },
	}
	blind := touch
	blind.Gradient = nil
	b := newBatch(t, lotka([]float64{1.5, 1, 3, 1}), Dopri5{}, &Options{Events: []Event{touch, blind}})
	solve(t, b, []float64{0}, []float64{1, 1}, [][]float64{{2}})
	for _, tt := range []struct {
		name string
		i, j int
		dy   []float64
		want error
	}{
		{"no slope", 0, 0, nil, ErrNoGradient},
		{"no Gradient", 0, 1, nil, ErrNoGradient},
		{"no such event", 0, 2, nil, ErrDimension},
		{"dimension", 0, 0, []float64{1}, ErrDimension},
	} {
		if err := b.SeedHit(tt.i, tt.j, tt.dy, 1); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	s, err := Solve(context.Background(), Problem{Field: lotkaVolterra([]float64{1.5, 1, 3, 1}), Y0: []float64{1, 1}, Times: []float64{2}}, Dopri5{}, &Options{Events: []Event{touch}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Gradient(Loss{HitTimes: []float64{1}}); !errors.Is(err, ErrNoGradient) {
		t.Errorf("%v, want %v", err, ErrNoGradient)
	}
	if _, err := s.Gradient(Loss{HitTimes: []float64{1, 1}}); !errors.Is(err, ErrDimension) {
		t.Errorf("%v, want %v", err, ErrDimension)
	}
}

// TestBatchAt reads the interpolants of a batch in any order, and compares
// them with those of the trajectories alone.
func TestBatchAt(t *testing.T) {
	t0, y0, times := crowd(9)
	opt := &Options{Dense: true}
	f := lotka([]float64{1.5, 1, 3, 1})
	all, one := newBatch(t, f, Dopri5{}, opt), newBatch(t, f, Dopri5{}, opt)
	solve(t, all, t0, y0, times)
	for i := range t0 {
		solve(t, one, t0[i:i+1], y0[2*i:2*i+2], times[i:i+1])
		n := len(times[i])
		if n == 0 {
			if err := all.At(i, make([]float64, 2), t0[i]); !errors.Is(err, ErrTimes) {
				t.Errorf("a trajectory without times: %v, want %v", err, ErrTimes)
			}
			continue
		}
		a, b := make([]float64, 2), make([]float64, 2)
		for k := range 40 {
			at := t0[i] + (times[i][n-1]-t0[i])*float64(k*17%40)/40
			if err := errors.Join(all.At(i, a, at), one.At(0, b, at)); err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprint("trajectory ", i, " at ", at), a, b)
		}
	}
	if err := all.At(0, make([]float64, 3), t0[0]); !errors.Is(err, ErrDimension) {
		t.Errorf("%v, want %v", err, ErrDimension)
	}
	if err := newBatch(t, f, Dopri5{}, nil).At(0, nil, 0); !errors.Is(err, ErrOption) {
		t.Errorf("%v, want %v", err, ErrOption)
	}
}
