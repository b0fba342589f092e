package ode

import (
	"context"
	"errors"
	"math"
	"testing"
)

// TestGradientErrors asks for the right reason for everything that can be
// wrong with a gradient.
func TestGradientErrors(t *testing.T) {
	f := lotka([]float64{1.5, 1, 3, 1})
	blind := f
	blind.VJP = nil
	overflow := f
	overflow.VJP = func(dy, _ []float64, _ []int, _, _, _ []float64) error { dy[0] = math.Inf(1); return nil }
	fail := errors.New("out of order")
	broken := f
	broken.VJP = func(_, _ []float64, _ []int, _, _, _ []float64) error { return fail }
	dy := [][]float64{{1, 1}}
	for _, tt := range []struct {
		name    string
		f       BatchField
		opt     Options
		dy0, dp []float64
		dy      [][]float64
		want    error
	}{
		{"fine", f, Options{}, make([]float64, 2), make([]float64, 4), dy, nil},
		{"nothing asked", f, Options{}, nil, nil, dy, nil},
		{"no VJP", blind, Options{}, make([]float64, 2), nil, dy, ErrNoGradient},
		{"nothing kept", f, Options{NoGradient: true}, make([]float64, 2), nil, dy, ErrNoGradient},
		{"dy0", f, Options{}, make([]float64, 3), nil, dy, ErrDimension},
		{"dp", f, Options{}, nil, make([]float64, 3), dy, ErrDimension},
		{"dp, interpolating", f, Options{Adjoint: Interpolating}, nil, make([]float64, 3), dy, ErrDimension},
		{"rows of dy", f, Options{}, nil, nil, [][]float64{{1, 1}, {1, 1}}, ErrDimension},
		{"dy", f, Options{}, nil, nil, [][]float64{{1}}, ErrDimension},
		{"NaN in dy", f, Options{}, nil, nil, [][]float64{{1, math.NaN()}}, ErrNonFiniteGradient},
		{"overflow", overflow, Options{TrustVJP: true}, nil, nil, dy, ErrNonFiniteGradient},
		{"broken", broken, Options{}, nil, nil, dy, fail},
		{"broken, trusted", broken, Options{TrustVJP: true}, nil, nil, dy, fail},
	} {
		b := newBatch(t, tt.f, Dopri5{}, &tt.opt)
		solve(t, b, []float64{0}, []float64{1, 1}, [][]float64{{1}})
		if err := b.TimeGradient(nil, nil, dy); err == nil {
			t.Errorf("%s: a gradient with respect to times without Backward", tt.name)
		}
		if err := b.Backward(tt.dy0, tt.dp, tt.dy); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestBacksolveMemory expects Backsolve to keep nothing of the steps but the
// first.
func TestBacksolveMemory(t *testing.T) {
	b := newBatch(t, lotka([]float64{1.5, 1, 3, 1}), Dopri5{}, &Options{Adjoint: Backsolve})
	solve(t, b, []float64{0}, []float64{1, 1}, [][]float64{{5}})
	if n := b.Stats(0).Accepted; n < 20 || len(b.steps) != 1 || len(b.data) != 0 {
		t.Errorf("%d steps and %d numbers kept of %d steps", len(b.steps), len(b.data), n)
	}
	if err := b.Resolve(context.Background(), []float64{1, 1}); !errors.Is(err, ErrOption) {
		t.Errorf("%v, want %v", err, ErrOption)
	}
}

// TestOptionErrors protects solves from options that contradict each other or
// name what does not exist: each is refused, with the reason.
func TestOptionErrors(t *testing.T) {
	cost := func(int, float64, float64, []float64, []float64) float64 { return 0 }
	for _, tt := range []struct {
		name string
		m    Method
		opt  Options
		want error
	}{
		{"Memory with Dense", Dopri5{}, Options{Memory: 1, Dense: true}, ErrOption},
		{"Memory with Backsolve", Dopri5{}, Options{Memory: 1, Adjoint: Backsolve}, ErrOption},
		{"negative Memory", Dopri5{}, Options{Memory: -1}, ErrOption},
		{"StepCost of RK4", RK4{}, Options{StepCost: cost}, ErrOption},
		{"StepCost with Interpolating", Dopri5{}, Options{StepCost: cost, Adjoint: Interpolating}, ErrOption},
		{"Adjoint", Dopri5{}, Options{Adjoint: 3}, ErrOption},
		{"Control", Dopri5{}, Options{Control: -1}, ErrOption},
		{"Step", RK4{Step: -1}, Options{}, ErrOption},
		{"no method", nil, Options{}, ErrOption},
	} {
		if _, err := NewBatch(lotka(nil), tt.m, &tt.opt); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestBrokenBatch has the field fail in the middle, and uses the batch again.
func TestBrokenBatch(t *testing.T) {
	fail := errors.New("out of order")
	broken := true
	f := Field{Dim: 1, Func: func(dst []float64, t float64, y []float64) error {
		if broken && t > 1 {
			return fail
		}
		dst[0] = -y[0]
		return nil
	}}
	b := newBatch(t, f.Batch(), Dopri5{}, nil)
	t0, y0, times := []float64{0, 0}, []float64{1, 2}, [][]float64{{0.1}, {0.1, 2}}
	if err := b.Solve(context.Background(), t0, y0, times); !errors.Is(err, fail) || !errors.Is(err, ErrField) {
		t.Errorf("%v, want %v", err, fail)
	}
	if err := b.Err(1); !errors.Is(err, fail) {
		t.Errorf("the trajectory at work says %v, want %v", err, fail)
	}
	if y := b.Y(1); len(y) != 1 || math.Abs(y[0]-2*math.Exp(-0.1)) > 1e-5 {
		t.Errorf("it keeps %v", y)
	}
	if err := b.Solve(context.Background(), t0, y0, [][]float64{{1}, {math.NaN()}}); !errors.Is(err, ErrTimes) {
		t.Errorf("%v, want %v", err, ErrTimes)
	}
	broken = false
	solve(t, b, t0, y0, times)
	if y := b.Y(1); len(y) != 2 || math.Abs(y[1]-2*math.Exp(-2)) > 1e-5 {
		t.Errorf("solved again: %v", y)
	}
}

// TestLateNaN has a field that is not finite just where the error estimate of
// a method does not look, at the step's end, but its interpolant does.
func TestLateNaN(t *testing.T) {
	f := plain(1, func(dst []float64, t float64, _ []float64) {
		dst[0] = 1
		if t >= 1 {
			dst[0] = math.Inf(1)
		}
	})
	for _, m := range []Method{RK4{Step: 0.25, Dense: true}, DOP853{}, Dopri5{}, Euler{Step: 0.25, Dense: true}} {
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{0.4, 0.999, 1.5}}, m, nil)
		if !errors.Is(err, ErrNonFiniteStage) {
			t.Errorf("%s: %v, want %v", name(m), err, ErrNonFiniteStage)
		}
		for k, at := range s.Times {
			if math.Abs(s.Y(k)[0]-at) > 1e-12 {
				t.Errorf("%s: y(%g) is %v", name(m), at, s.Y(k))
			}
		}
	}
}

// TestBudgetInCompany spends the budgets of some trajectories while others
// fail, each after its own number of steps.
func TestBudgetInCompany(t *testing.T) {
	f := each(1, 0, func(dst []float64, _ float64, y []float64) { dst[0] = y[0] * y[0] }, nil)
	t0, y0 := make([]float64, 4), []float64{1, 2, 0.1, -1}
	times := [][]float64{{2}, {2}, {5}, {500}}
	opt := &Options{MaxSteps: 60}
	all, one := newBatch(t, f, Dopri5{}, opt), newBatch(t, f, Dopri5{}, opt)
	if err := all.Solve(context.Background(), t0, y0, times); err != nil {
		t.Fatal(err)
	}
	for i := range t0 {
		if err := one.Solve(context.Background(), t0[i:i+1], y0[i:i+1], times[i:i+1]); err != nil {
			t.Fatal(err)
		}
		if all.Stats(i) != one.Stats(0) {
			t.Errorf("trajectory %d: %+v in company, %+v alone", i, all.Stats(i), one.Stats(0))
		}
		var a, b *Error
		if errors.As(all.Err(i), &a) != errors.As(one.Err(0), &b) {
			t.Fatalf("trajectory %d: %v in company, %v alone", i, all.Err(i), one.Err(0))
		}
		if a != nil && (a.Reason != b.Reason || a.T != b.T || a.Steps != b.Steps) {
			t.Errorf("trajectory %d: %v in company, %v alone", i, a, b)
		}
	}
}

// TestHiddenNaN has a field that is not finite where the stages of DOP853 for
// outputs alone see it, at 0.1 of the first step.
func TestHiddenNaN(t *testing.T) {
	f := plain(1, func(dst []float64, t float64, _ []float64) {
		dst[0] = 1
		if math.Abs(t-0.1) < 1e-9 {
			dst[0] = math.NaN()
		}
	})
	s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{0.5, 1, 2}}, DOP853{}, &Options{FirstStep: 1, MaxStep: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k, at := range s.Times {
		if math.Abs(s.Y(k)[0]-at) > 1e-12 {
			t.Errorf("y(%g) is %v", at, s.Y(k))
		}
	}
	if s.Stats().Rejected == 0 {
		t.Error("the first step was not rejected")
	}
}
