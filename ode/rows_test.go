package ode

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
)

// TestOwnControls protects trajectories that have tolerances, steps and jumps
// of their own: each does bitwise what it does alone under Options that say the
// same, and nothing of another's.
func TestOwnControls(t *testing.T) {
	at := []float64{0.4, 0.9, math.Inf(1)} // where each row's forcing jumps
	f := each(1, 1, nil, nil)
	f.Func = func(dst []float64, rows []int, ts, y []float64) error {
		for i, row := range rows {
			dst[i] = -y[i]
			if ts[i] > at[row] {
				dst[i] += 2
			}
		}
		return nil
	}
	f.VJP = func(dy, dp []float64, rows []int, _, _, a []float64) error {
		for i := range rows {
			dy[i] -= a[i]
		}
		return nil
	}
	rows := []Row{
		{Jumps: []float64{at[0]}, RTol: 1e-9, ATol: 1e-9},
		{Jumps: []float64{at[1]}, StepAt: []float64{0.25}, MaxStep: 0.1, FirstStep: 0.01},
		{ATolEach: []float64{1e-4}},
	}
	options := []Options{
		{Jumps: []float64{at[0]}, RTol: 1e-9, ATol: 1e-9},
		{Jumps: []float64{at[1]}, StepAt: []float64{0.25}, MaxStep: 0.1, FirstStep: 0.01},
		{ATolEach: []float64{1e-4}},
	}
	t0, y0, times := []float64{0, 0.1, 0}, []float64{1, 0.5, 2}, [][]float64{{0.5, 2}, {1.5}, {3}}
	for _, adj := range []Adjoint{Discrete, Interpolating} {
		all := newBatch(t, f, Dopri5{}, &Options{Adjoint: adj, TrustVJP: true})
		if err := all.SetRows(rows); err != nil {
			t.Fatal(err)
		}
		solve(t, all, t0, y0, times)
		dy := [][]float64{{1, 1}, {1}, {1}}
		dy0 := make([]float64, 3)
		if err := all.Backward(dy0, nil, dy); err != nil {
			t.Fatal(err)
		}
		for i := range t0 {
			o := options[i]
			o.Adjoint, o.TrustVJP = adj, true
			// Alone, the trajectory is row 0: its forcing is moved there.
			keep := slices.Clone(at)
			at[0] = at[i]
			one := newBatch(t, f, Dopri5{}, &o)
			solve(t, one, t0[i:i+1], y0[i:i+1], times[i:i+1])
			same(t, "states", all.Y(i), one.Y(0))
			own := make([]float64, 1)
			if err := one.Backward(own, nil, dy[i:i+1]); err != nil {
				t.Fatal(err)
			}
			copy(at, keep)
			same(t, "gradient", dy0[i:i+1], own)
			if a, b := all.Stats(i), one.Stats(0); a != b {
				t.Errorf("trajectory %d: %+v in company, %+v alone", i, a, b)
			}
		}
		// y = 2 + (e^(-τ)·y₀ - 2)·e^(-(t-τ)) behind the jump at τ.
		if want := 2 + (math.Exp(-0.4)-2)*math.Exp(-1.6); math.Abs(all.Y(0)[1]-want) > 1e-8 {
			t.Errorf("behind its jump, trajectory 0 is %v, want %v", all.Y(0)[1], want)
		}
	}
	b := newBatch(t, f, Dopri5{}, nil)
	for _, bad := range []Row{{RTol: -1}, {RTolEach: []float64{1, 1}}, {Jumps: []float64{math.NaN()}}, {MaxStep: -1}} {
		if err := b.SetRows([]Row{bad}); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if err := b.SetRows(make([]Row, 2)); err != nil {
		t.Fatal(err)
	}
	if err := b.Solve(context.Background(), t0, y0, times); !errors.Is(err, ErrDimension) {
		t.Errorf("%v, want %v", err, ErrDimension)
	}
}

// TestObserve protects the sight of the steps: what is observed is the list of
// accepted steps, and an observer's error stops its trajectory alone.
func TestObserve(t *testing.T) {
	enough := errors.New("enough")
	var seen [2][]float64
	opt := &Options{KeepSteps: true, Observe: func(row int, at float64, y []float64) error {
		seen[row] = append(seen[row], at)
		if row == 1 && at > 1 {
			return enough
		}
		if want := math.Exp(-at); row == 0 && math.Abs(y[0]-want) > 1e-5 {
			t.Errorf("at %g: %v, want %v", at, y[0], want)
		}
		return nil
	}}
	b := newBatch(t, plain(1, decay).Batch(), Dopri5{}, opt)
	if err := b.Solve(context.Background(), []float64{0, 0}, []float64{1, 1}, [][]float64{{3}, {3}}); err != nil {
		t.Fatal(err)
	}
	steps, err := b.Steps(0)
	if err != nil || len(steps) != b.Stats(0).Accepted+1 || !slices.Equal(steps[1:], seen[0]) || steps[0] != 0 || steps[len(steps)-1] != 3 {
		t.Errorf("steps %v (%v), observed %v", steps, err, seen[0])
	}
	if err := b.Err(1); !errors.Is(err, enough) || !errors.Is(err, ErrCanceled) || seen[1][len(seen[1])-1] > 2 {
		t.Errorf("%v after %v, want %v", err, seen[1], enough)
	}
	blind := newBatch(t, plain(1, decay).Batch(), Dopri5{}, nil)
	if _, err := blind.Steps(0); !errors.Is(err, ErrOption) {
		t.Errorf("%v, want %v", err, ErrOption)
	}
	s, err := Solve(context.Background(), Problem{Field: plain(1, decay), Y0: []float64{1}, Times: []float64{1}}, Dopri5{}, nil)
	if err != nil || len(s.Steps()) != s.Stats().Accepted+1 {
		t.Errorf("a solution lists %v of %d steps (%v)", s.Steps(), s.Stats().Accepted, err)
	}
}

// TestBackwardCancel protects long backward passes from going on when nobody
// waits for them.
func TestBackwardCancel(t *testing.T) {
	for _, adj := range []Adjoint{Discrete, Interpolating, Backsolve} {
		b := newBatch(t, lotka([]float64{1.5, 1, 3, 1}), Dopri5{}, &Options{Adjoint: adj, TrustVJP: true})
		solve(t, b, []float64{0}, []float64{1, 1}, [][]float64{{10}})
		ctx, cancel := context.WithCancel(context.Background())
		products := b.Stats(0).VJPs
		cancel()
		if err := b.BackwardContext(ctx, nil, make([]float64, 4), [][]float64{{1, 1}}); !errors.Is(err, ErrCanceled) || !errors.Is(err, context.Canceled) {
			t.Errorf("adjoint %d: %v", adj, err)
		}
		if n := b.Stats(0).VJPs - products; n > 10 {
			t.Errorf("adjoint %d: %d products after the end", adj, n)
		}
		if err := b.Backward(nil, make([]float64, 4), [][]float64{{1, 1}}); err != nil {
			t.Errorf("adjoint %d, once more: %v", adj, err)
		}
	}
}
