package ode

import (
	"context"
	"errors"
	"math"
	"testing"
)

func kepler(dst []float64, _ float64, y []float64) {
	r := math.Hypot(y[0], y[1])
	dst[0], dst[1] = y[2], y[3]
	dst[2], dst[3] = -y[0]/(r*r*r), -y[1]/(r*r*r)
}

func keplerEnergy(y []float64) float64 {
	return (y[2]*y[2]+y[3]*y[3])/2 - 1/math.Hypot(y[0], y[1])
}

// TestSymplectic protects what the symplectic methods are for: over 1000
// periods of an ellipse the energy's error stays what it is in the first ten,
// where that of RK4 at the same step grows.
func TestSymplectic(t *testing.T) {
	const e = 0.3
	y0 := []float64{1 - e, 0, 0, math.Sqrt((1 + e) / (1 - e))}
	const step = 2 * math.Pi / 100
	worst := func(m Method, from, to int) float64 {
		top := 0.0
		var times []float64
		for k := from; k <= to; k++ {
			times = append(times, float64(k)*step*3)
		}
		s, err := Solve(context.Background(), Problem{Field: plain(4, kepler), Y0: y0, Times: times}, m, &Options{MaxSteps: 200000})
		if err != nil {
			t.Fatal(err)
		}
		for k := range times {
			top = max(top, math.Abs(keplerEnergy(s.Y(k))-keplerEnergy(y0)))
		}
		return top
	}
	last := 100 * 1000 / 3
	for _, m := range []Method{StormerVerlet{Step: step}, Yoshida4{Step: step}} {
		early, late := worst(m, 1, 333), worst(m, 1, last)
		t.Logf("%s: energy off by %.3g in 10 periods, %.3g in 1000", name(m), early, late)
		if late > 1.1*early {
			t.Errorf("%s: energy off by %g in 10 periods, by %g in 1000", name(m), early, late)
		}
	}
	if early, late := worst(RK4{Step: step}, 1, 333), worst(RK4{Step: step}, 1, last); late < 10*early {
		t.Errorf("RK4: energy off by %g and %g: the problem tells nothing", early, late)
	}
	if _, err := NewBatch(plain(3, lorenz).Batch(), StormerVerlet{Step: 1}, nil); !errors.Is(err, ErrDimension) {
		t.Errorf("%v, want %v", err, ErrDimension)
	}
}

// TestSymplecticOrder protects the orders 2 and 4, at the steps' ends and
// within, two evaluations a step, and the way back in time: a symmetric method
// undoes itself.
func TestSymplecticOrder(t *testing.T) {
	pendulum := plain(2, func(dst []float64, at float64, y []float64) { dst[0], dst[1] = y[1], -math.Sin(y[0])+0.1*math.Cos(at) })
	solved := func(m Method, times ...float64) *Solution {
		s, err := Solve(context.Background(), Problem{Field: pendulum, Y0: []float64{1, 0.2}, Times: times}, m, &Options{RTol: 1e-13, ATol: 1e-13})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	exact := solved(DOP853{}, 1.93, 4)
	for _, tt := range []struct {
		make  func(h float64) Method
		order float64
		calls int
	}{
		{func(h float64) Method { return StormerVerlet{Step: h, Dense: true} }, 2, 2},
		{func(h float64) Method { return Yoshida4{Step: h, Dense: true} }, 4, 6},
	} {
		var off [2][2]float64
		for i, n := range []float64{100, 200} {
			s := solved(tt.make(4/n), 1.93, 4)
			for k := range off[i] {
				off[i][k] = math.Abs(s.Y(k)[0] - exact.Y(k)[0])
			}
			if st := s.Stats(); st.Calls > st.Accepted*tt.calls+5 {
				t.Errorf("%d evaluations in %d steps", st.Calls, st.Accepted)
			}
		}
		for k := range off[0] {
			if order := math.Log2(off[0][k] / off[1][k]); math.Abs(order-tt.order) > 0.15 {
				t.Errorf("%s: order %.3g at output %d", name(tt.make(1)), order, k)
			}
		}
		there := solved(tt.make(0.05), 4)
		back, err := Solve(context.Background(), Problem{Field: pendulum, T0: 4, Y0: there.Y(0), Times: []float64{0}}, tt.make(0.05), nil)
		if err != nil {
			t.Fatal(err)
		}
		if y := back.Y(0); math.Hypot(y[0]-1, y[1]-0.2) > 1e-12 {
			t.Errorf("%s comes back to %v", name(tt.make(1)), y)
		}
	}
}

// TestSymplecticGradient holds the discrete adjoint of the symplectic methods,
// whose halves have weights of their own, against differences of the same steps,
// with outputs within steps and at their ends.
func TestSymplecticGradient(t *testing.T) {
	p := []float64{1.3, 0.2}
	f := one(4, 2, func(dst []float64, at float64, y []float64) {
		dst[0], dst[1] = y[2], 2*y[3]
		dst[2] = -p[0]*math.Sin(y[0]) + p[1]*math.Cos(at)*(y[1]-y[0])
		dst[3] = p[1] * math.Cos(at) * (y[0] - y[1])
	}, func(dy, dp []float64, at float64, y, a []float64) {
		c := math.Cos(at)
		dy[2] += a[0]
		dy[3] += 2 * a[1]
		dy[0] += a[2]*(-p[0]*math.Cos(y[0])-p[1]*c) + a[3]*p[1]*c
		dy[1] += (a[2] - a[3]) * p[1] * c
		if dp != nil {
			dp[0] -= a[2] * math.Sin(y[0])
			dp[1] += (a[2] - a[3]) * c * (y[1] - y[0])
		}
	})
	for _, m := range []Method{StormerVerlet{Step: 0.1, Dense: true}, Yoshida4{Step: 0.2, Dense: true}, Yoshida4{Step: 0.1}} {
		y0 := []float64{1, 0.5, -0.3, 0.2}
		b := newBatch(t, f.Batch(), m, nil)
		solve(t, b, []float64{0}, y0, [][]float64{{0.33, 1, 2}})
		g := make([]float64, 12)
		for i := range g {
			g[i] = math.Cos(float64(2*i) + 1)
		}
		dy0, dp := make([]float64, 4), make([]float64, 2)
		if err := b.Backward(dy0, dp, [][]float64{g}); err != nil {
			t.Fatal(err)
		}
		loss := func() float64 {
			if err := b.Resolve(context.Background(), y0); err != nil {
				t.Fatal(err)
			}
			return inner(g, b.Y(0))
		}
		for i := range y0 {
			if want := difference(loss, &y0[i]); math.Abs(dy0[i]-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("%s: dy0[%d] is %v, want %v", name(m), i, dy0[i], want)
			}
		}
		for i := range p {
			if want := difference(loss, &p[i]); math.Abs(dp[i]-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("%s: dp[%d] is %v, want %v", name(m), i, dp[i], want)
			}
		}
	}
}
