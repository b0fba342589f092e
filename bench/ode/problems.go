package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"tsgen/internal/clock"
	"tsgen/ode"
)

// A problem is one of the six of bench/peers/ode/ode.py (Hairer, Nørsett &
// Wanner 1993, sections I.16, II.0 and II.10, but for the last).
type problem struct {
	name string
	f    func(dst []float64, t float64, y []float64) error
	y0   []float64
	end  float64
}

var problems = []problem{
	{"lorenz", lorenz, []float64{1, 1, 1}, 10},
	{"vdp", vdp, []float64{2, 0}, 20},
	{"pleiades", pleiades, []float64{3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0}, 3},
	{"arenstorf", arenstorf, []float64{0.994, 0, 0, -2.00158510637908252240537862224}, 17.0652165601579625588917206249},
	{"brusselator", brusselator, reaction(), 2},
	{"spiral", spiral, []float64{2, 0}, 25},
}

func lorenz(dst []float64, _ float64, y []float64) error {
	dst[0] = 10 * (y[1] - y[0])
	dst[1] = y[0]*(28-y[2]) - y[1]
	dst[2] = y[0]*y[1] - 8./3*y[2]
	return nil
}

func vdp(dst []float64, _ float64, y []float64) error {
	dst[0] = y[1]
	dst[1] = 5*(1-y[0]*y[0])*y[1] - y[0]
	return nil
}

func pleiades(dst []float64, _ float64, y []float64) error {
	copy(dst, y[14:])
	x, v := y[:7], y[7:14]
	ax, ay := dst[14:21], dst[21:28]
	clear(dst[14:])
	for i := range x {
		for j := range i { // what a pair exerts on each other
			dx, dy := x[j]-x[i], v[j]-v[i]
			s := dx*dx + dy*dy
			m := 1 / (s * math.Sqrt(s))
			dx, dy = m*dx, m*dy
			ax[i] += float64(j+1) * dx
			ay[i] += float64(j+1) * dy
			ax[j] -= float64(i+1) * dx
			ay[j] -= float64(i+1) * dy
		}
	}
	return nil
}

func arenstorf(dst []float64, _ float64, y []float64) error {
	const mu = 0.012277471
	const nu = 1 - mu
	a, b, s := y[0]+mu, y[0]-nu, y[1]*y[1]
	d1, d2 := (a*a+s)*math.Sqrt(a*a+s), (b*b+s)*math.Sqrt(b*b+s)
	dst[0], dst[1] = y[2], y[3]
	dst[2] = y[0] + 2*y[3] - nu*a/d1 - mu*b/d2
	dst[3] = y[1] - 2*y[2] - nu*y[1]/d1 - mu*y[1]/d2
	return nil
}

const points = 200 // of the Brusselator

func reaction() []float64 {
	y := make([]float64, 2*points)
	for i := range points {
		y[i], y[points+i] = 1+math.Sin(2*math.Pi*float64(i+1)/(points+1)), 3
	}
	return y
}

func brusselator(dst []float64, _ float64, y []float64) error {
	const c = 0.02 * (points + 1) * (points + 1)
	u, v, du, dv := y[:points], y[points:2*points], dst[:points], dst[points:2*points]
	for i := range u {
		ul, ur, vl, vr := 1.0, 1.0, 3.0, 3.0
		if i > 0 {
			ul, vl = u[i-1], v[i-1]
		}
		if i < points-1 {
			ur, vr = u[i+1], v[i+1]
		}
		w := u[i] * u[i] * v[i]
		du[i] = 1 + w - 4*u[i] + c*(ul-2*u[i]+ur)
		dv[i] = 3*u[i] - w + c*(vl-2*v[i]+vr)
	}
	return nil
}

func spiral(dst []float64, _ float64, y []float64) error {
	a, b := y[0]*y[0]*y[0], y[1]*y[1]*y[1]
	dst[0], dst[1] = -0.1*a+2*b, -2*a-0.1*b
	return nil
}

// ours adds to best what package ode makes of the problems: the least of three
// measurements of 20 ms each.
func ours(references map[string][]float64, best map[key]solution) error {
	ctx := context.Background()
	for _, p := range problems {
		exact := references[p.name]
		if len(exact) != len(p.y0) {
			return fmt.Errorf("a reference of %d values for %s, want %d", len(exact), p.name, len(p.y0))
		}
		for _, tolerance := range tolerances {
			tol, err := strconv.ParseFloat(tolerance, 64)
			if err != nil {
				return err
			}
			field := ode.Field{Dim: len(p.y0), Func: p.f}
			s, err := ode.NewBatch(field.Batch(), ode.Dopri5{}, &ode.Options{RTol: tol, ATol: tol, NoGradient: true, MaxSteps: 1 << 20})
			if err != nil {
				return err
			}
			t0, times := []float64{0}, [][]float64{{p.end}}
			solve := func(repeats int) (time.Duration, error) {
				from := clock.Processor()
				for range repeats {
					if err := s.Solve(ctx, t0, p.y0, times); err != nil {
						return 0, err
					}
					if err := s.Err(0); err != nil {
						return 0, fmt.Errorf("%s at %s: %w", p.name, tolerance, err)
					}
				}
				return (clock.Processor() - from) / time.Duration(repeats), nil
			}
			once, err := solve(3)
			if err != nil {
				return err
			}
			repeats := max(1, int(20*time.Millisecond/max(once, time.Microsecond)))
			r := solution{calls: s.Stats(0).Calls}
			for i, y := range s.Y(0) {
				r.err = max(r.err, math.Abs(y-exact[i])/(1+math.Abs(exact[i])))
			}
			for range 3 {
				d, err := solve(repeats)
				if err != nil {
					return err
				}
				r.seconds = d.Seconds()
				take(best, key{p.name, tolerance, "tsgen"}, r)
			}
		}
	}
	return nil
}
