package ode

import (
	"context"
	"errors"
	"math"
	"testing"
)

// TestErrors asks for the right reason for everything that can go wrong.
func TestErrors(t *testing.T) {
	ok := plain(1, decay)
	nan := math.NaN()
	fail := errors.New("out of order")
	calls := 0
	limited := func(f func(dst []float64, t float64, y []float64)) Field {
		return plain(1, func(dst []float64, t float64, y []float64) { calls++; f(dst, t, y) })
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name  string
		ctx   context.Context
		f     Field
		t0    float64
		y0    []float64
		times []float64
		opt   *Options
		want  error
		calls int // at most; 0: no bound
	}{
		{name: "state", f: limited(decay), y0: []float64{nan}, times: []float64{1}, want: ErrNonFiniteState, calls: 1},
		{name: "infinite state", f: ok, y0: []float64{math.Inf(1)}, times: []float64{1}, want: ErrNonFiniteState},
		{name: "start", f: limited(func(dst []float64, _ float64, _ []float64) { dst[0] = nan }), y0: []float64{1}, times: []float64{1}, want: ErrNonFiniteStart, calls: 2},
		{name: "NaN after 1", f: limited(func(dst []float64, t float64, y []float64) {
			dst[0] = -y[0]
			if t > 1 {
				dst[0] = nan
			}
		}), y0: []float64{1}, times: []float64{0.5, 2}, want: ErrNonFiniteStage, calls: 1000},
		{name: "overflow", f: limited(func(dst []float64, _ float64, _ []float64) { dst[0] = 1e308 }), y0: []float64{1.7e308}, times: []float64{0.01, 1}, opt: &Options{MaxSteps: 500}, want: ErrMaxSteps},
		{name: "blow-up", f: limited(func(dst []float64, _ float64, y []float64) { dst[0] = y[0] * y[0] }), y0: []float64{1}, times: []float64{0.5, 2}, want: ErrUnderflow, calls: 5000},
		{name: "budget", f: ok, y0: []float64{1}, times: []float64{0.5, 20}, opt: &Options{MaxSteps: 10}, want: ErrMaxSteps},
		{name: "stiff", f: plain(1, func(dst []float64, t float64, y []float64) { dst[0] = -1e5 * (y[0] - math.Cos(t)) }), y0: []float64{1}, times: []float64{1e-5, 2}, opt: &Options{StopStiff: true}, want: ErrStiff},
		{name: "stiff budget", f: plain(1, func(dst []float64, t float64, y []float64) { dst[0] = -1e5 * (y[0] - math.Cos(t)) }), y0: []float64{1}, times: []float64{1e-5, 2}, opt: &Options{MaxSteps: 2000}, want: ErrStiff},
		{name: "negative", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{RTol: -1}, want: ErrTolerance},
		{name: "NaN tolerance", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{ATol: nan}, want: ErrTolerance},
		{name: "no tolerance", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{RTolEach: []float64{0}, ATolEach: []float64{0}}, want: ErrTolerance},
		{name: "tolerances", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{RTolEach: []float64{1, 1}}, want: ErrDimension},
		{name: "NaN time", f: ok, y0: []float64{1}, times: []float64{nan}, want: ErrTimes},
		{name: "both ways", f: ok, y0: []float64{1}, times: []float64{1, 2, 1.5}, want: ErrTimes},
		{name: "both sides", f: ok, t0: 1.5, y0: []float64{1}, times: []float64{1, 2}, want: ErrTimes},
		{name: "no times", f: ok, y0: []float64{1}, want: ErrTimes},
		{name: "NaN start", f: ok, t0: nan, y0: []float64{1}, times: []float64{1}, want: ErrTimes},
		{name: "NaN jump", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{Jumps: []float64{nan}}, want: ErrTimes},
		{name: "dimension", f: ok, y0: []float64{1, 2}, times: []float64{1}, want: ErrDimension},
		{name: "no dimension", f: Field{Func: ok.Func}, times: []float64{1}, want: ErrDimension},
		{name: "no field", f: Field{Dim: 1}, y0: []float64{1}, times: []float64{1}, want: ErrOption},
		{name: "step", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{FirstStep: -1}, want: ErrOption},
		{name: "norm", f: ok, y0: []float64{1}, times: []float64{1}, opt: &Options{Norm: 7}, want: ErrOption},
		{name: "field", f: Field{Dim: 1, Func: func([]float64, float64, []float64) error { return fail }}, y0: []float64{1}, times: []float64{1}, want: fail},
		{name: "canceled", ctx: canceled, f: ok, y0: []float64{1}, times: []float64{1}, want: context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			calls = 0
			if tt.ctx == nil {
				tt.ctx = context.Background()
			}
			s, err := Solve(tt.ctx, Problem{Field: tt.f, T0: tt.t0, Y0: tt.y0, Times: tt.times}, Dopri5{}, tt.opt)
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if tt.calls > 0 && calls > tt.calls {
				t.Errorf("noticed after %d evaluations", calls)
			}
			var e *Error
			if errors.As(err, &e) {
				if s == nil || len(s.Times) != 0 && len(s.Times) != len(tt.times)-1 {
					t.Errorf("the partial solution is %+v", s)
				}
				if len(e.Y) != 1 || e.Error() == "" {
					t.Errorf("%+v", e)
				}
			}
		})
	}
}

// TestRecoverableNaN solves what is not defined beyond the solution.
func TestRecoverableNaN(t *testing.T) {
	f := plain(1, func(dst []float64, _ float64, y []float64) { dst[0] = -math.Sqrt(y[0]) })
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}} {
		s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{1}, Times: []float64{1.95}}, m, &Options{RTol: 1e-3, ATol: 1e-3})
		if err != nil {
			t.Fatalf("%s: %v", m.tableau().name, err)
		}
		if want := 0.025 * 0.025; math.Abs(s.Y(0)[0]-want) > 2e-2 {
			t.Errorf("%s: %v, want %v", m.tableau().name, s.Y(0)[0], want)
		}
	}
}

// TestWhere asks an error for the place and the culprit: the second of three
// components blows up at 1, or is not a number from 1 on.
func TestWhere(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    func(dst []float64, t float64, y []float64)
		want error
	}{
		{"blow-up", func(dst []float64, _ float64, y []float64) { dst[0], dst[1], dst[2] = -y[0], y[1]*y[1], y[0] }, ErrUnderflow},
		{"NaN", func(dst []float64, t float64, y []float64) {
			dst[0], dst[1], dst[2] = -y[0], 1, y[0]
			if t > 1 {
				dst[1] = math.NaN()
			}
		}, ErrNonFiniteStage},
	} {
		s, err := Solve(context.Background(), Problem{Field: plain(3, tt.f), Y0: []float64{1, 1, 1}, Times: []float64{0.5, 0.75, 3}}, Dopri5{}, nil)
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, tt.want) {
			t.Fatalf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if math.Abs(e.T-1) > 1e-4 || e.Component != 1 || e.Steps < 5 || !(e.H > 0) || len(e.Y) != 3 || math.Abs(e.Y[0]-math.Exp(-e.T)) > 1e-5 {
			t.Errorf("%s: %+v", tt.name, e)
		}
		if len(s.Times) != 2 || math.Abs(s.Y(1)[0]-math.Exp(-0.75)) > 1e-5 {
			t.Errorf("%s: reached %v", tt.name, s.Times)
		}
	}
}

// TestCancel cancels a solve on its way, which must end it within a step.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	after := 0
	f := plain(1, func(dst []float64, t float64, y []float64) {
		dst[0] = -y[0]
		if t > 1 {
			cancel()
			after++
		}
	})
	s, err := Solve(ctx, Problem{Field: f, Y0: []float64{1}, Times: []float64{0.5, 100}}, Dopri5{}, &Options{MaxStep: 0.1})
	if !errors.Is(err, ErrCanceled) || !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want %v", err, ErrCanceled)
	}
	if after > 6 {
		t.Errorf("%d evaluations after the end", after)
	}
	if len(s.Times) != 1 || math.Abs(s.Y(0)[0]-math.Exp(-0.5)) > 1e-5 {
		t.Errorf("reached %v", s.Times)
	}
}
