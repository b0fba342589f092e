package ode

import (
	"context"
	"errors"
	"math"
	"testing"
)

// TestVJPCheck finds wrong products and passes right ones.
func TestVJPCheck(t *testing.T) {
	theta := []float64{1.5, 1, 3, 1}
	right := lotkaVolterra(theta)
	wrongY, wrongP := right, right
	wrongY.VJP = func(dy, dp []float64, t float64, y, a []float64) error {
		err := right.VJP(dy, dp, t, y, a)
		dy[1] += 0.01 * a[0]
		return err
	}
	wrongP.VJP = func(dy, dp []float64, t float64, y, a []float64) error {
		err := right.VJP(dy, dp, t, y, a)
		if dp != nil {
			dp[2] = -dp[2]
		}
		return err
	}
	for _, tt := range []struct {
		name  string
		f     Field
		theta bool
		trust bool
		want  error
	}{
		{"right", right, false, false, nil},
		{"right with parameters", right, true, false, nil},
		{"wrong in y", wrongY, false, false, ErrVJP},
		{"wrong in y, trusted", wrongY, false, true, nil},
		{"wrong in θ", wrongP, true, false, ErrVJP},
		{"wrong in θ, unseen", wrongP, false, false, nil},
	} {
		if tt.theta {
			tt.f.Theta = theta
		}
		s, err := Solve(context.Background(), Problem{Field: tt.f, Y0: []float64{1, 2}, Times: []float64{1}}, Dopri5{}, &Options{TrustVJP: tt.trust})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Gradient(Loss{States: []float64{1, 1}}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	same(t, "parameters after the check", theta, []float64{1.5, 1, 3, 1})
}

// TestDifferences compares a VJP by differences with the exact one, and
// forward sensitivities with the adjoint.
func TestDifferences(t *testing.T) {
	for _, pr := range gradientProblems() {
		if pr.name == "stiff decay" {
			continue // its product at y = cos t is lost in rounding
		}
		f := pr.field(pr.p)
		f.Theta = pr.p
		g := f
		g.VJP = nil
		g, err := Differences(g)
		if err != nil {
			t.Fatal(err)
		}
		a := make([]float64, f.Dim)
		for i := range a {
			a[i] = 1 - float64(i)/3
		}
		var got, want [2][]float64
		for i, n := range []int{f.Dim, f.Params} {
			got[i], want[i] = make([]float64, n), make([]float64, n)
		}
		if err := errors.Join(g.VJP(got[0], got[1], 0.3, pr.y0, a), f.VJP(want[0], want[1], 0.3, pr.y0, a)); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if e := off(got[i], want[i]); e > 1e-9 {
				t.Errorf("%s: part %d is off by %g", pr.name, i, e)
			}
		}
	}
	if _, err := Differences(lotkaVolterra(make([]float64, 4))); !errors.Is(err, ErrDimension) {
		t.Errorf("without Theta: %v, want %v", err, ErrDimension)
	}
}

// TestSensitivity holds the Jacobians of the variational equations against the
// differences that the adjoints are held against.
func TestSensitivity(t *testing.T) {
	for _, pr := range gradientProblems() {
		opt := &Options{RTol: 1e-9, ATol: 1e-9}
		s, err := SolveSensitivity(context.Background(), pr.problem(), DOP853{}, opt)
		if err != nil {
			t.Fatal(err)
		}
		_, g := pr.loss(&Solution{batch: &Batch{field: BatchField{Dim: len(pr.y0)}, out: states(s)}})
		var y0, p []float64
		n := len(pr.y0) + len(pr.p)
		for j := range n {
			v := 0.0
			for k := range pr.times {
				for i := range pr.y0 {
					v += g[k*len(pr.y0)+i] * s.Jacobian(k)[i*n+j]
				}
			}
			if j < len(pr.y0) {
				y0 = append(y0, v)
			} else {
				p = append(p, v)
			}
		}
		want := pr.truth(t)
		if a, b := off(y0, want.Y0), off(p, want.Params); a > 1e-7 || b > 1e-7 {
			t.Errorf("%s: off by %g in y0 and %g in the parameters", pr.name, a, b)
		}
	}
}

func states(s *Sensitivity) []float64 {
	var y []float64
	for k := range s.Times {
		y = append(y, s.State(k)...)
	}
	return y
}

// TestStepCost compares the gradient of a loss and of what its steps cost with
// differences over the same steps.
func TestStepCost(t *testing.T) {
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}} {
		for _, memory := range []int{0, 400} {
			p := []float64{1.5, 1, 3, 1}
			y0 := []float64{1, 0.7}
			opt := &Options{RTol: 1e-3, ATol: 1e-3, Memory: memory, StepCost: func(_ int, _, h float64, e, de []float64) float64 {
				c := 0.0
				for i := range e {
					c += 1e4 * e[i] * e[i] * math.Abs(h)
					de[i] = 2e4 * e[i] * math.Abs(h)
				}
				return c
			}}
			b := newBatch(t, lotka(p), m, opt)
			times := [][]float64{{0.4, 2}}
			solve(t, b, []float64{0}, y0, times)
			dy := [][]float64{{0, 1, 1, 0}}
			loss := func() float64 {
				if err := b.Resolve(context.Background(), y0); err != nil {
					t.Fatal(err)
				}
				return b.Cost(0) + inner(dy[0], b.Y(0))
			}
			before := b.Cost(0)
			loss()
			if b.Cost(0) != before || before == 0 {
				t.Errorf("a cost of %v, and once more of %v", before, b.Cost(0))
			}
			dy0, dp := make([]float64, 2), make([]float64, 4)
			if err := b.Backward(dy0, dp, dy); err != nil {
				t.Fatal(err)
			}
			for i := range y0 {
				if want := difference(loss, &y0[i]); math.Abs(dy0[i]-want) > 1e-8*(1+math.Abs(want)) {
					t.Errorf("%s: dy0[%d] is %v, want %v", m.tableau().name, i, dy0[i], want)
				}
			}
			for i := range p {
				if want := difference(loss, &p[i]); math.Abs(dp[i]-want) > 1e-8*(1+math.Abs(want)) {
					t.Errorf("%s: dp[%d] is %v, want %v", m.tableau().name, i, dp[i], want)
				}
			}
		}
	}
}

// TestSensitivityInput checks what SolveSensitivity makes of events and of bad
// input.
func TestSensitivityInput(t *testing.T) {
	theta := []float64{1.5, 1, 3, 1}
	pr := Problem{Field: lotkaVolterra(theta), Y0: []float64{1, 1}, Times: []float64{1, 5}}
	peak := Event{Terminal: true, Direction: -1, Func: func(_ float64, y []float64) float64 {
		if len(y) != 2 {
			t.Errorf("the event sees a state of %d", len(y))
		}
		return theta[0] - theta[1]*y[1] // where y[0] is greatest
	}}
	opt := &Options{Events: []Event{peak}, RTolEach: []float64{1e-6, 1e-8}}
	plain, err := Solve(context.Background(), pr, Dopri5{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	s, err := SolveSensitivity(context.Background(), pr, Dopri5{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Times) != 1 || len(s.Hits) != 1 || len(s.Hits[0].Y) != 2 || math.Abs(s.Hits[0].T-plain.Hits[0].T) > 1e-5 {
		t.Errorf("reached %v and hit %+v, want %+v", s.Times, s.Hits, plain.Hits)
	}
	blind, short := pr, pr
	blind.VJP = nil
	short.Y0 = []float64{1}
	for _, tt := range []struct {
		name string
		p    Problem
		opt  *Options
		want error
	}{
		{"no VJP", blind, nil, ErrNoGradient},
		{"short state", short, nil, ErrDimension},
		{"tolerance", pr, &Options{RTol: -1}, ErrTolerance},
		{"times", Problem{Field: pr.Field, Y0: pr.Y0}, nil, ErrTimes},
	} {
		if s, err := SolveSensitivity(context.Background(), tt.p, Dopri5{}, tt.opt); !errors.Is(err, tt.want) || s != nil {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
