package ode

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"tsgen/internal/clock"
)

// TestZerosWithinSteps protects events from long steps: every zero is found,
// however many lie in one, at its place.
func TestZerosWithinSteps(t *testing.T) {
	cubic := plain(1, func(dst []float64, t float64, _ []float64) { dst[0] = 3*t*t + 12*t - 4 })
	rest := plain(1, func(dst []float64, _ float64, _ []float64) { dst[0] = 0 })
	state := func(_ float64, y []float64) float64 { return y[0] }
	var halves []float64
	for k := 1; k <= 12; k++ {
		halves = append(halves, float64(k)*math.Pi/10)
	}
	for _, tt := range []struct {
		name     string
		f        Field
		t0, y0   float64
		end      float64
		g        func(t float64, y []float64) float64
		dir      int
		want     []float64
		accurate float64
	}{
		{"cubic", cubic, -8, -120, 4, state, 0, []float64{-6, -2, 2}, 1e-9},
		{"cubic, falling", cubic, -8, -120, 4, state, -1, []float64{-2}, 1e-9},
		{"near a touch", rest, 0, 0, 10, func(t float64, _ []float64) float64 { return (t-3.30)*(t-3.34) + 1e-9 }, 0, []float64{3.3, 3.34}, 1e-6},
		{"near a touch at the start", rest, 0, 0, 10, func(t float64, _ []float64) float64 { return (t - 0.01) * (t - 0.02) }, 0, []float64{0.01, 0.02}, 1e-9},
		{"waves", rest, 0, 0, 3.8, func(t float64, _ []float64) float64 { return math.Sin(10 * t) }, 0, halves, 1e-9},
		{"no zero", rest, 0, 0, 10, func(t float64, _ []float64) float64 { return (t-3)*(t-3) + 1e-3 }, 0, nil, 0},
		{"a jump", rest, 0, 0, 10, func(t float64, _ []float64) float64 { return math.Copysign(1, t-4.3) }, 1, []float64{4.3}, 1e-9},
	} {
		for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, BogackiShampine{}, RK4{Step: 20, Dense: true}} {
			s, err := Solve(context.Background(), Problem{Field: tt.f, T0: tt.t0, Y0: []float64{tt.y0}, Times: []float64{tt.end}}, m,
				&Options{RTol: 1e-3, ATol: 1e-3, Events: []Event{{Func: tt.g, Direction: tt.dir}}})
			if err != nil {
				t.Fatal(err)
			}
			ok := len(s.Hits) == len(tt.want)
			for k, h := range s.Hits {
				ok = ok && math.Abs(h.T-tt.want[k]) < tt.accurate
			}
			if !ok {
				t.Errorf("%s, %s: hits %v in %d steps, want %v", tt.name, name(m), s.Hits, s.Stats().Accepted, tt.want)
			}
		}
	}
}

// TestSamplingCosts protects the promise that looking for zeros within steps
// takes no evaluations of the field.
func TestSamplingCosts(t *testing.T) {
	for _, m := range []Method{Dopri5{}, Tsit5{}, BogackiShampine{}} {
		var calls [2]int
		for i, events := range [][]Event{nil, {{Func: func(t float64, y []float64) float64 { return y[0] - 1.3 }}}} {
			s, err := Solve(context.Background(), Problem{Field: lotkaVolterra([]float64{1.5, 1, 3, 1}), Y0: []float64{1, 1}, Times: []float64{20}}, m, &Options{Events: events})
			if err != nil {
				t.Fatal(err)
			}
			calls[i] = s.Stats().Calls
		}
		if calls[0] != calls[1] {
			t.Errorf("%s: %d evaluations with events, %d without", name(m), calls[1], calls[0])
		}
	}
}

// TestPoles protects from events that are none: a function that changes its sign
// through infinity is an error, which names the event and the time.
func TestPoles(t *testing.T) {
	f := plain(1, func(dst []float64, _ float64, _ []float64) { dst[0] = 1 })
	for name, g := range map[string]func(t float64, y []float64) float64{
		"reciprocal": func(_ float64, y []float64) float64 { return 1 / (y[0] - 1) },
		"tangent":    func(_ float64, y []float64) float64 { return -math.Tan(y[0] * math.Pi / 2) },
		"root":       func(_ float64, y []float64) float64 { return 1 / math.Cbrt(y[0]-1) },
		"NaN":        func(_ float64, y []float64) float64 { return math.Sqrt(1 - y[0]) },
	} {
		_, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0.2}, Times: []float64{1.6}}, Dopri5{}, &Options{Events: []Event{{Func: g}}})
		if !errors.Is(err, ErrEvent) || !strings.Contains(err.Error(), "event 0") {
			t.Errorf("%s: %v, want %v", name, err, ErrEvent)
		}
	}
}

// TestAtEndsWithTrajectory protects At from answering for times that a
// trajectory, ended by an event, has not seen.
func TestAtEndsWithTrajectory(t *testing.T) {
	f := plain(1, func(dst []float64, _ float64, _ []float64) { dst[0] = 1 })
	half := Event{Terminal: true, Func: func(_ float64, y []float64) float64 { return y[0] - 0.5 }}
	s, err := Solve(context.Background(), Problem{Field: f, Y0: []float64{0}, Times: []float64{1}}, Dopri5{}, &Options{Dense: true, Events: []Event{half}})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 1)
	if err := s.At(y, 0.9); !errors.Is(err, ErrTimes) {
		t.Errorf("beyond the event: %v and %v, want %v", y, err, ErrTimes)
	}
	if err := s.At(y, 0.4); err != nil || math.Abs(y[0]-0.4) > 1e-12 {
		t.Errorf("before the event: %v and %v", y, err)
	}
}

// TestManyRowsOfEvents protects from work that grows with the square of the
// rows: reading and differentiating the events of 16 times as many takes about
// 16 times as long, where the square would be 256.
func TestManyRowsOfEvents(t *testing.T) {
	ev := Event{
		Func:     func(_ float64, y []float64) float64 { return y[0] - 0.5 },
		Gradient: func(dy []float64, _ float64, _ []float64) float64 { dy[0] = 1; return 0 },
	}
	f := each(1, 0, func(dst []float64, _ float64, y []float64) { dst[0] = -y[0] },
		func(dy, _ []float64, _ float64, _, a []float64) { dy[0] -= a[0] })
	work := func(n int) time.Duration {
		b := newBatch(t, f, Dopri5{}, &Options{RTol: 1e-3, ATol: 1e-3, Events: []Event{ev}})
		t0, y0, times := make([]float64, n), make([]float64, n), make([][]float64, n)
		dy := make([][]float64, n)
		for i := range y0 {
			y0[i], times[i], dy[i] = 1+float64(i)/float64(n), []float64{3}, []float64{0}
		}
		solve(t, b, t0, y0, times)
		least := time.Hour
		for range 3 {
			from := clock.Processor()
			for i := range n {
				if h := b.Hits(i); len(h) != 1 || math.Abs(h[0].T-math.Log(2*y0[i])) > 1e-2 {
					t.Fatalf("row %d hits %v", i, h)
				}
				if err := b.SeedHit(i, 0, nil, 1); err != nil {
					t.Fatal(err)
				}
			}
			dy0 := make([]float64, n)
			if err := b.Backward(dy0, nil, dy); err != nil {
				t.Fatal(err)
			}
			for i, g := range dy0 { // t = log 2y₀
				if math.Abs(g-1/y0[i]) > 1e-2 {
					t.Fatalf("row %d: %v, want %v", i, g, 1/y0[i])
				}
			}
			least = min(least, clock.Processor()-from)
		}
		return least
	}
	if few, many := work(1000), work(16000); many > 100*few {
		t.Errorf("%v for 1000 rows, %v for 16000", few, many)
	}
}
