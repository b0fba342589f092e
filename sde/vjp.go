package sde

import (
	"fmt"
	"math"
)

// differenceStep balances the errors of central differences: the cube root of
// the unit roundoff.
const differenceStep = 6e-6

// checkVJP compares the products of drift and diffusion at the start of a
// trajectory with central differences, along directions in which every
// component has a part.
func (b *Batch) checkVJP(row int) error {
	d := b.sys.Dim
	c := vjpCheck{
		rows: []int{row}, t: []float64{b.traj[row].t0}, y: b.y0[row*d : (row+1)*d], theta: b.sys.Theta,
		x: make([]float64, d), stats: &b.traj[row].stats,
	}
	if err := c.compare("DriftVJP", d, b.sys.Drift, b.sys.DriftVJP, &c.stats.Drifts); err != nil {
		return err
	}
	return c.compare("DiffusionVJP", b.width, b.sys.Diffusion, b.sys.DiffusionVJP, &c.stats.Diffusions)
}

// A vjpCheck is where the products are compared with differences.
type vjpCheck struct {
	rows     []int
	t, y     []float64
	theta, x []float64
	stats    *Stats
}

// direction returns a vector in which every component has a part.
func direction(x []float64, n, seed int) []float64 {
	u := make([]float64, n)
	for i := range u {
		u[i] = math.Cos(float64(seed*i + 1))
		if x != nil {
			u[i] *= 1 + math.Abs(x[i])
		}
	}
	return u
}

// compare checks the product of one function, of width values.
func (c *vjpCheck) compare(name string, width int, f func(dst []float64, rows []int, t, y []float64) error,
	vjp func(dy, dp []float64, rows []int, t, y, a []float64) error, calls *int) error {
	a := direction(nil, width, 3)
	gy, gp := make([]float64, len(c.y)), make([]float64, len(c.theta))
	u, v := direction(c.y, len(c.y), 2), direction(c.theta, len(c.theta), 5)
	if c.theta == nil {
		gp = nil
	}
	c.stats.VJPs++
	if err := systemError(vjp(gy, gp, c.rows, c.t, c.y, a)); err != nil {
		return err
	}
	up, down := make([]float64, width), make([]float64, width)
	at := func(x, from, dir []float64, e float64) error {
		for _, side := range []struct {
			dst []float64
			e   float64
		}{{up, e}, {down, -e}} {
			for i := range x {
				x[i] = from[i] + side.e*dir[i]
			}
			*calls++
			if err := systemError(f(side.dst, c.rows, c.t, c.x)); err != nil {
				return err
			}
		}
		return nil
	}
	try := func(what string, g, x, from, dir []float64) error {
		exact, size := 0.0, 0.0
		for i := range g {
			exact += g[i] * dir[i]
			size += math.Abs(g[i] * dir[i])
		}
		got := 0.0
		for e := differenceStep; e > 1e-9; e /= 30 {
			if err := at(x, from, dir, e); err != nil {
				return err
			}
			noise := 0.0
			got = 0
			for i := range a {
				got += a[i] * (up[i] - down[i]) / (2 * e)
				noise += math.Abs(a[i]) * (math.Abs(up[i]) + math.Abs(down[i])) * 1e-14 / e
			}
			if !(math.Abs(got-exact) > 1e-4*(math.Abs(got)+size)+noise) {
				return nil // or not a number, which is no fault of the product's
			}
		}
		return fmt.Errorf("sde: %w: along a direction of %s %s is %.6g, where differences say %.6g "+
			"(at t = %g, trajectory %d); Options.TrustVJP leaves out this check", ErrVJP, what, name, exact, got, c.t[0], c.rows[0])
	}
	if err := try("y", gy, c.x, c.y, u); err != nil || c.theta == nil {
		return err
	}
	keep := append([]float64(nil), c.theta...)
	defer copy(c.theta, keep)
	copy(c.x, c.y)
	return try("θ", gp, c.theta, keep, v)
}
