package ode

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// TestPaths protects the curves: they meet their values, their derivatives are
// those of their values, and each has the property that it is chosen for.
func TestPaths(t *testing.T) {
	knots := []float64{0, 0.5, 2, 2.25}
	values := []float64{1, 10, 3, 10, 2, 8, 5, 8.5}
	linear, err1 := LinearPath(knots, values)
	hermite, err2 := HermitePath(knots, values)
	rectilinear, err3 := RectilinearPath(knots, values)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	x, up, down := make([]float64, 2), make([]float64, 2), make([]float64, 2)
	for _, p := range []*Path{linear, hermite} {
		for k, at := range knots {
			p.Value(x, at)
			for j := range x {
				if math.Abs(x[j]-values[2*k+j]) > 1e-14 {
					t.Errorf("at knot %d: %v, want %v", k, x, values[2*k:2*k+2])
				}
			}
		}
		for at := 0.01; at < 2.25; at += 0.03 {
			p.Derivative(x, at)
			p.Value(up, at+1e-6)
			p.Value(down, at-1e-6)
			for j := range x {
				if want := (up[j] - down[j]) / 2e-6; math.Abs(x[j]-want) > 1e-6 {
					t.Errorf("the derivative at %g is %v, want %v", at, x[j], want)
				}
			}
		}
	}
	// The Hermite path is smooth, its slope at a knot the backward difference.
	for k, want := range []float64{4, 4, -1. / 1.5, 12} {
		for _, side := range []float64{-1e-9, 1e-9} {
			hermite.Derivative(x, knots[k]+side)
			if math.Abs(x[0]-want) > 1e-6 {
				t.Errorf("the slope at knot %d is %v, want %v", k, x[0], want)
			}
		}
	}
	// The rectilinear one moves time and values by turns.
	y := make([]float64, 3)
	for at, want := range map[float64][]float64{0: {0, 1, 10}, 0.5: {0.25, 1, 10}, 1: {0.5, 1, 10}, 1.5: {0.5, 2, 10}, 2: {0.5, 3, 10}, 6: {2.25, 5, 8.5}} {
		if rectilinear.Value(y, at); !slices.Equal(y, want) {
			t.Errorf("at %g: %v, want %v", at, y, want)
		}
	}
	for _, bad := range [][2][]float64{{{0}, {1}}, {{0, 0}, {1, 2}}, {{0, 1}, {1, 2, 3}}, {{0, math.NaN()}, {1, 2}}, {{0, 1}, {1, math.Inf(1)}}} {
		if p, err := HermitePath(bad[0], bad[1]); err == nil {
			t.Errorf("%v gives %v", bad, p)
		}
	}
}

// TestDrive protects controlled equations with paths of each trajectory's own:
// dy = θ·y dX has the solution y₀·exp θ(X(t)-X(0)), whatever the path, and its
// gradient.
func TestDrive(t *testing.T) {
	p := []float64{0.4, -0.3}
	f := ControlledField{Dim: 1, Channels: 2, Params: 2,
		Func: func(dst []float64, rows []int, _, y []float64) error {
			for i := range rows {
				dst[2*i], dst[2*i+1] = p[0]*y[i], p[1]*y[i]
			}
			return nil
		},
		VJP: func(dy, dp []float64, rows []int, _, y, a []float64) error {
			for i := range rows {
				dy[i] += a[2*i]*p[0] + a[2*i+1]*p[1]
				if dp != nil {
					dp[0] += a[2*i] * y[i]
					dp[1] += a[2*i+1] * y[i]
				}
			}
			return nil
		},
	}
	knots := [][]float64{{0, 0.5, 2, 2.25}, {0, 1.1, 1.3}}
	values := [][]float64{{1, 0, 3, 1, 2, -1, 2.5, 0.5}, {0, 0, -1, 2, 1, 1}}
	for name, make2 := range map[string]func(knots, values []float64) (*Path, error){"linear": LinearPath, "Hermite": HermitePath} {
		var paths []*Path
		for i := range knots {
			path, err := make2(knots[i], values[i])
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
		field, err := Drive(f, paths)
		if err != nil {
			t.Fatal(err)
		}
		b := newBatch(t, field, Dopri5{}, &Options{RTol: 1e-9, ATol: 1e-9})
		if err := b.SetRows(PathRows(paths)); err != nil {
			t.Fatal(err)
		}
		y0 := []float64{1, 2}
		solve(t, b, []float64{0, 0}, y0, [][]float64{{2.25}, {1.3}})
		dy0, dp := make([]float64, 2), make([]float64, 2)
		if err := b.Backward(dy0, dp, [][]float64{{1}, {1}}); err != nil {
			t.Fatal(err)
		}
		var wantP [2]float64
		for i := range paths {
			n := len(values[i])
			d := [2]float64{values[i][n-2] - values[i][0], values[i][n-1] - values[i][1]}
			grow := math.Exp(p[0]*d[0] + p[1]*d[1])
			if got := b.Y(i)[0]; math.Abs(got-y0[i]*grow) > 1e-7 {
				t.Errorf("%s: trajectory %d ends at %v, want %v", name, i, got, y0[i]*grow)
			}
			if math.Abs(dy0[i]-grow) > 1e-7 {
				t.Errorf("%s: dy0[%d] is %v, want %v", name, i, dy0[i], grow)
			}
			wantP[0] += y0[i] * grow * d[0]
			wantP[1] += y0[i] * grow * d[1]
		}
		for j := range dp {
			if math.Abs(dp[j]-wantP[j]) > 1e-7 {
				t.Errorf("%s: dp[%d] is %v, want %v", name, j, dp[j], wantP[j])
			}
		}
		f := f
		f.Channels = 3
		if _, err := Drive(f, paths); !errors.Is(err, ErrDimension) {
			t.Errorf("%v, want %v", err, ErrDimension)
		}
	}
}
