package ode

import (
	"context"
	"testing"
)

// TestSimultaneousResets protects balls that meet the floor at one time, or
// nearly so: each bounces as it does alone, and the gradient is that of each
// alone.
func TestSimultaneousResets(t *testing.T) {
	p := []float64{9.81, 0.9, 0}
	one, floor := bouncing(p)
	pair := Field{Dim: 4, Params: 3, Func: func(dst []float64, at float64, y []float64) error {
		if err := one.Func(dst[:2], at, y[:2]); err != nil {
			return err
		}
		return one.Func(dst[2:], at, y[2:])
	}, VJP: func(dy, dp []float64, at float64, y, a []float64) error {
		if err := one.VJP(dy[:2], dp, at, y[:2], a[:2]); err != nil {
			return err
		}
		return one.VJP(dy[2:], dp, at, y[2:], a[2:])
	}}
	var events []Event
	for _, lo := range []int{0, 2} {
		events = append(events, Event{
			Direction: -1,
			Func:      func(at float64, y []float64) float64 { return floor.Func(at, y[lo:lo+2]) },
			GradientRow: func(dy, dp []float64, row int, at float64, y []float64) float64 {
				return floor.GradientRow(dy[lo:lo+2], dp, row, at, y[lo:lo+2])
			},
			Reset: func(row int, at float64, y []float64) { floor.Reset(row, at, y[lo:lo+2]) },
			ResetVJP: func(dy, dp []float64, row int, at float64, y, a []float64) float64 {
				copyAdd(dy[2-lo:4-lo], a[2-lo:4-lo])
				return floor.ResetVJP(dy[lo:lo+2], dp, row, at, y[lo:lo+2], a[lo:lo+2])
			},
		})
	}
	for _, m := range []Method{Dopri5{}, Tsit5{}, DOP853{}, Rodas5P{}, Kvaerno5{}, RK4{Step: 0.01, Dense: true}} {
		alone := newBatch(t, one.Batch(), m, &Options{Events: []Event{floor}})
		solve(t, alone, []float64{0}, []float64{1, 0}, [][]float64{{2}})
		dy, dp := make([]float64, 2), make([]float64, 3)
		if err := alone.Backward(dy, dp, [][]float64{{1, 0.5}}); err != nil {
			t.Fatal(err)
		}
		for _, higher := range []float64{0, 1e-16, 1e-15, 1e-12} {
			both := newBatch(t, pair.Batch(), m, &Options{Events: events})
			solve(t, both, []float64{0}, []float64{1, 0, 1 + higher, 0}, [][]float64{{2}})
			y := both.Y(0)
			if len(both.Hits(0)) != 2*len(alone.Hits(0)) || off(y[:2], alone.Y(0)) > 1e-6 || off(y[2:], alone.Y(0)) > 1e-6 {
				t.Errorf("%s, %g: %v after %d bounces, want %v twice after %d", name(m), higher, y, len(both.Hits(0)), alone.Y(0), 2*len(alone.Hits(0)))
				continue
			}
			gy, gp := make([]float64, 4), make([]float64, 3)
			if err := both.Backward(gy, gp, [][]float64{{1, 0.5, 1, 0.5}}); err != nil {
				t.Fatal(err)
			}
			for i := range gp {
				gp[i] /= 2
			}
			if off(gy[:2], dy) > 1e-5 || off(gy[2:], dy) > 1e-5 || off(gp, dp) > 1e-5 {
				t.Errorf("%s, %g: gradients %v and %v, want %v twice and %v", name(m), higher, gy, gp, dy, dp)
			}
			if err := both.Resolve(context.Background(), []float64{1, 0, 1 + higher, 0}); err != nil {
				t.Fatal(err)
			}
			if err := both.Err(0); err != nil || off(both.Y(0), y) > 1e-9 {
				t.Errorf("%s, %g: once more %v (%v), want %v", name(m), higher, both.Y(0), err, y)
			}
		}
	}
}

func copyAdd(dst, x []float64) {
	for i := range dst {
		dst[i] += x[i]
	}
}

// TestDosesOfTheClock protects events of time alone at times whose neighbours lie
// far apart: each of two doses is given once, and a plain event of the same time
// is seen.
func TestDosesOfTheClock(t *testing.T) {
	still := plain(2, func(dst []float64, _ float64, _ []float64) { dst[0], dst[1] = 0, 0 })
	for _, t0 := range []float64{0, 1.7e9, 1.7e12} {
		for _, after := range []float64{0.9, 1.1, 1.2, 1.3, 1.7} {
			due := func(at float64, _ []float64) float64 { return at - t0 - after }
			dose := func(i int) Event {
				return Event{Func: due, Reset: func(_ int, _ float64, y []float64) { y[i]++ }}
			}
			for _, m := range []Method{Dopri5{}, DOP853{}, Rodas5P{}, RK4{Step: 0.01, Dense: true}} {
				b := newBatch(t, still.Batch(), m, &Options{Events: []Event{dose(0), {Func: due}, dose(1)}})
				solve(t, b, []float64{t0}, []float64{0, 0}, [][]float64{{t0 + 20}})
				if y := b.Y(0); y[0] != 1 || y[1] != 1 || len(b.Hits(0)) != 3 {
					t.Errorf("%s, dose %g after %g: %v given, %d events, want one each and 3", name(m), after, t0, y, len(b.Hits(0)))
				}
			}
		}
	}
}
