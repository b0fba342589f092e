package ode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"tsgen/internal/solver"
)

// plain makes a Field of a function without errors and derivatives.
func plain(dim int, f func(dst []float64, t float64, y []float64)) Field {
	return Field{Dim: dim, Func: func(dst []float64, t float64, y []float64) error { f(dst, t, y); return nil }}
}

func decay(dst []float64, _ float64, y []float64) { dst[0] = -y[0] }

// TestOutputs asks for times in every arrangement, and expects the work not to
// depend on their number.
func TestOutputs(t *testing.T) {
	many := make([]float64, 401)
	for i := range many {
		many[i] = 4 * float64(i) / 400
	}
	calls := map[string]int{}
	for _, m := range []Method{Dopri5{}, Tsit5{}, BogackiShampine{}, RK4{Step: 0.1, Dense: true}} {
		for _, tt := range []struct {
			name  string
			t0    float64
			times []float64
		}{
			{"end", 0, []float64{4}},
			{"start and end", 0, []float64{0, 0, 4, 4}},
			{"many", 0, many},
			{"repeated", 0, []float64{0.1, 1, 1, 1, 2.5, 4}},
			{"backward", 3, []float64{3, 2.9, 1, 1, -1}},
			{"start alone", 2, []float64{2, 2}},
			{"short", 1e6, []float64{1e6 + 1e-9}},
		} {
			y0 := math.Exp(-tt.t0)
			if tt.name == "short" {
				y0 = 1
			}
			s, err := Solve(context.Background(), Problem{Field: plain(1, decay), T0: tt.t0, Y0: []float64{y0}, Times: tt.times}, m, nil)
			if err != nil {
				t.Errorf("%s, %s: %v", name(m), tt.name, err)
				continue
			}
			for k, at := range tt.times {
				want := math.Exp(-at)
				if tt.name == "short" {
					want = math.Exp(-1e-9)
				}
				if got := s.Y(k)[0]; math.Abs(got-want) > 5e-5*max(1, want) {
					t.Errorf("%s, %s: y(%g) is %v, want %v", name(m), tt.name, at, got, want)
				}
			}
			switch n := s.Stats().Calls; tt.name {
			case "end":
				calls[name(m)] = n
			case "many", "repeated", "start and end":
				if n > calls[name(m)]+1 {
					t.Errorf("%s, %s: %d evaluations, but %d for the end alone", name(m), tt.name, n, calls[name(m)])
				}
			case "start alone":
				if n != 0 {
					t.Errorf("%s: %d evaluations to go nowhere", name(m), n)
				}
			}
		}
	}
}

// TestQuadrature integrates a polynomial of degree 4, which methods of order 5
// do exactly at the ends of their steps.
func TestQuadrature(t *testing.T) {
	f := plain(1, func(dst []float64, t float64, _ []float64) { dst[0] = 5 * t * t * t * t })
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}} {
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{0.5, 2}}, m, &Options{StepAt: []float64{0.5}})
		if err != nil {
			t.Fatal(err)
		}
		for k, at := range s.Times {
			if got, want := s.Y(k)[0], math.Pow(at, 5); math.Abs(got-want) > 1e-14*max(1, want) {
				t.Errorf("%s: %v at %g, want %v", m.tableau().name, got, at, want)
			}
		}
	}
}

// TestWide solves a system that is wide enough for vector kernels, of decays that
// do not know of each other, and compares states and interpolants with the
// solutions.
func TestWide(t *testing.T) {
	const d = 5*wide + 3
	f := plain(d, func(dst []float64, _ float64, y []float64) {
		for i := range dst {
			dst[i] = -(0.5 + float64(i)/d) * y[i]
		}
	})
	y0 := make([]float64, d)
	for i := range y0 {
		y0[i] = 1 + float64(i)
	}
	for _, m := range methods {
		tol := 1e-5
		if e, ok := m.(Euler); ok {
			tol = 2 * e.Step
		}
		if m.tableau().order == 2 {
			tol = 2e-3
		}
		s, err := Solve(context.Background(), Problem{Field: f, Y0: y0, Times: []float64{0.3, 1, 2}}, m, &Options{Dense: true})
		if err != nil {
			t.Fatal(err)
		}
		y := make([]float64, d)
		for k := range 21 {
			at := 0.1 * float64(k)
			if err := s.At(y, at); err != nil {
				t.Fatal(err)
			}
			for i, v := range y {
				if want := y0[i] * math.Exp(-(0.5+float64(i)/d)*at); math.Abs(v-want) > tol*y0[i] {
					t.Fatalf("%s: component %d at %g is %v, want %v", name(m), i, at, v, want)
				}
			}
		}
	}
}

// TestAt compares the interpolant with the solution, and with the outputs.
func TestAt(t *testing.T) {
	for _, m := range methods {
		tol := 1e-5
		if e, ok := m.(Euler); ok {
			tol = e.Step
		}
		if m.tableau().order == 2 {
			tol = 1e-3
		}
		for _, end := range []float64{3, -1.5} {
			s, err := Solve(context.Background(), Problem{Field: plain(1, decay), T0: 0.5, Y0: []float64{math.Exp(-0.5)}, Times: []float64{0.6 * end, end}}, m, &Options{Dense: true})
			if err != nil {
				t.Fatal(err)
			}
			y := make([]float64, 1)
			for k := range 101 {
				at := 0.5 + (end-0.5)*float64(k)/100
				if k == 100 {
					at = end
				}
				if err := s.At(y, at); err != nil {
					t.Fatal(err)
				}
				if want := math.Exp(-at); math.Abs(y[0]-want) > tol*max(1, want) {
					t.Errorf("%s: y(%g) is %v, want %v", name(m), at, y[0], want)
				}
			}
			for k, at := range s.Times {
				if err := s.At(y, at); err != nil || math.Abs(y[0]-s.Y(k)[0]) > 1e-14*math.Abs(y[0]) {
					t.Errorf("%s: the interpolant is %v at an output of %v, %v", name(m), y[0], s.Y(k)[0], err)
				}
			}
			for _, at := range []float64{end * 1.01, 0.5 - 1e-3*(end-0.5), math.NaN()} {
				if err := s.At(y, at); !errors.Is(err, ErrTimes) {
					t.Errorf("asked for y(%g): %v, want %v", at, err, ErrTimes)
				}
			}
		}
	}
}

// TestLatePulse is stepped over without a bound of the step, and found with
// one.
func TestLatePulse(t *testing.T) {
	f := plain(1, func(dst []float64, t float64, y []float64) {
		dst[0] = -y[0] + math.Exp(-50*(t-5)*(t-5))
	})
	s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{5.5}}, Dopri5{}, &Options{MaxStep: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	// ∫ exp(-(5.5-t)) exp(-50(t-5)²) dt, of a Gauss bell of variance 1/100.
	want := math.Sqrt(math.Pi/50) * math.Exp(-0.5+0.005)
	if got := s.Y(0)[0]; math.Abs(got-want) > 1e-5 {
		t.Errorf("%v, want %v", got, want)
	}
	if n := s.Stats().MaxStep; n > 0.2*(1+1e-15) {
		t.Errorf("a step of %v", n)
	}
}

// TestQuietField has nothing to go by until late, and is not stepped over
// where a tenth of the interval would find it.
func TestQuietField(t *testing.T) {
	f := plain(1, func(dst []float64, t float64, _ []float64) {
		dst[0] = 0
		if t > 5 && t < 6.5 {
			dst[0] = 1
		}
	})
	s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{10}}, Dopri5{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Y(0)[0]; math.Abs(got-1.5) > 1e-3 {
		t.Errorf("%v, want 1.5", got)
	}
}

// TestLanding asks for a stop to cost no more than the steps around it.
func TestLanding(t *testing.T) {
	calls := func(stops ...float64) int {
		f := plain(1, func(dst []float64, t float64, y []float64) { dst[0] = math.Cos(t) * y[0] })
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{1}, Times: []float64{10}}, Dopri5{}, &Options{StepAt: stops})
		if err != nil {
			t.Fatal(err)
		}
		return s.Stats().Calls
	}
	if free, bound := calls(), calls(5, 5+1e-7, 20); bound > free+3*6 {
		t.Errorf("%d evaluations with two stops, %d without", bound, free)
	}
}

// TestInside asks for no evaluation outside of the interval.
func TestInside(t *testing.T) {
	for _, m := range methods {
		for _, end := range []float64{2, 1 + 1e-7, 1 - 1e-7, -3} {
			lo, hi := math.Inf(1), math.Inf(-1)
			f := plain(1, func(dst []float64, t float64, y []float64) {
				lo, hi = min(lo, t), max(hi, t)
				dst[0] = -y[0]
			})
			if _, err := Solve(context.Background(), Problem{Field: f, T0: 1, Y0: []float64{1}, Times: []float64{end}}, m, nil); err != nil {
				t.Fatal(err)
			}
			if lo < min(1, end) || hi > max(1, end) {
				t.Errorf("%s from 1 to %g: evaluated from %g to %g", name(m), end, lo, hi)
			}
		}
	}
}

// TestJumps has a field that jumps, and expects no error from that if it is
// told so, either way in time and wherever the jump lies.
func TestJumps(t *testing.T) {
	f := plain(1, func(dst []float64, t float64, y []float64) {
		dst[0] = -y[0]
		if t >= 0.5 {
			dst[0] += 3
		}
		if t >= 1 {
			dst[0] -= 4
		}
	})
	exact := func(t float64) float64 {
		step := func(at float64) float64 {
			if t < at {
				return 0
			}
			return 1 - math.Exp(at-t)
		}
		return math.Exp(-t) + 3*step(0.5) - 4*step(1)
	}
	jumps := []float64{1, 0.5}
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}, RK4{Step: 0.01, Dense: true}, RK4{Step: 0.01}} {
		for _, tt := range []struct {
			t0    float64
			times []float64
			first float64
		}{
			{0, []float64{0.25, 0.75, 2}, 0},
			{0, []float64{0.5, 1, 2}, 0},
			{0, []float64{2}, 0.5},
			{0.5, []float64{0.6, 1}, 0},
			{2, []float64{1.5, 0.75, 0}, 0},
			{2, []float64{1, 0.5}, 0},
			{1, []float64{0.9, 0.5, 0.1}, 0},
		} {
			s, err := Solve(context.Background(), Problem{Field: f, T0: tt.t0, Y0: []float64{exact(tt.t0)}, Times: tt.times}, m, &Options{RTol: 1e-6, ATol: 1e-6, Jumps: jumps, FirstStep: tt.first})
			if err != nil {
				t.Fatal(err)
			}
			for k, at := range tt.times {
				if got, want := s.Y(k)[0], exact(at); math.Abs(got-want) > 2e-5 {
					t.Errorf("%s from %g with first step %g: y(%g) is %v, want %v", name(m), tt.t0, tt.first, at, got, want)
				}
			}
		}
	}
}

// TestTolerances has a component without a say go wrong, and the norms and
// the raised tolerance show.
func TestTolerances(t *testing.T) {
	f := plain(2, func(dst []float64, t float64, y []float64) {
		dst[0] = -y[0]
		dst[1] = 20 * math.Cos(20*t)
	})
	calls := func(opt Options) int {
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{1, 0}, Times: []float64{3}}, Dopri5{}, &opt)
		if err != nil {
			t.Fatal(err)
		}
		return s.Stats().Calls
	}
	all := calls(Options{})
	if n := calls(Options{ATolEach: []float64{1e-6, 1e3}}); n > all/2 {
		t.Errorf("%d evaluations without the second component, %d with it", n, all)
	}
	if n := calls(Options{Norm: NormMax}); n <= all {
		t.Errorf("%d evaluations in the greatest norm, %d in the root mean square", n, all)
	}
	s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{1, 0}, Times: []float64{0.1}}, Dopri5{}, &Options{RTol: 1e-20})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Stats().RTol; got != leastRTol {
		t.Errorf("a relative tolerance of 1e-20 is raised to %g, want %g", got, leastRTol)
	}
}

// FuzzSolve looks for panics, for runs without end, and for results that are
// not finite without an error.
func FuzzSolve(f *testing.F) {
	f.Add(0.0, 1.0, 0.5, 1e-6, 1e-6, 0.0, uint8(0))
	f.Add(1.0, -1.0, 0.0, 1e-3, 1e-9, 0.1, uint8(1))
	f.Add(1e6, 1e6+1e-9, 1e6, 1e-6, 1e-6, 0.0, uint8(2))
	f.Add(0.0, math.Inf(1), math.NaN(), 1e-300, 1e300, -1.0, uint8(3))
	f.Add(-1e300, 1e300, 0.0, 1e-6, 1e-6, 1e-300, uint8(4))
	f.Fuzz(func(t *testing.T, t0, t1, mid, rtol, atol, step float64, kind uint8) {
		m := methods[int(kind/8)%len(methods)]
		if _, ok := m.(RK4); ok {
			m = RK4{Step: step}
		}
		field := plain(2, func(dst []float64, t float64, y []float64) {
			dst[0], dst[1] = y[1], -y[0]
			switch kind % 8 {
			case 1:
				dst[0] = math.Sqrt(y[0])
			case 2:
				dst[0] = 1 / (t - mid)
			case 3:
				dst[1] = y[1] * y[1]
			case 4:
				dst[1] = math.Inf(1)
			case 5:
				dst[0] = math.Exp(y[1] * t)
			}
		})
		opt := &Options{RTol: rtol, ATol: atol, FirstStep: step, MaxSteps: 2000, Jumps: []float64{mid}}
		s, err := Solve(context.Background(), Problem{Field: field, T0: t0, Y0: []float64{1, 0.5}, Times: []float64{mid, t1}}, m, opt)
		if err == nil && len(s.Times) != 2 {
			t.Fatalf("reached %v without an error", s.Times)
		}
		if s == nil {
			return
		}
		for k := range s.Times {
			if !solver.Finite(s.Y(k)) {
				t.Fatal(fmt.Sprint("a state of ", s.Y(k), ", ", err))
			}
		}
	})
}
