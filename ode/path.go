package ode

import (
	"fmt"
	"math"
	"sort"

	"tsgen/internal/solver"
)

// A Path is a control X(t) that drives a field: a curve through values at
// knots, of its own for each trajectory.
type Path struct {
	channels int
	knots    []float64
	// Piece k, from knots[k] to knots[k+1], is a + s·b + s²·c + s³·d with s the
	// time since knots[k]; b, c and d of all pieces lie behind each other.
	piece []float64
}

func newPath(knots, values []float64, least int) (*Path, int, error) {
	n := len(knots)
	if n < least || len(values) == 0 || len(values)%n != 0 {
		return nil, 0, fmt.Errorf("ode: %w: a path of %d knots and %d values", ErrDimension, n, len(values))
	}
	for k, t := range knots {
		if 0*t != 0 || k > 0 && t <= knots[k-1] {
			return nil, 0, fmt.Errorf("ode: %w: knot %d of a path is %g, but knots must be finite and increase", ErrTimes, k, t)
		}
	}
	if j := solver.FirstBad(values); j >= 0 {
		return nil, 0, fmt.Errorf("ode: %w: value %d of a path is %g", ErrNonFiniteState, j, values[j])
	}
	c := len(values) / n
	return &Path{channels: c, knots: append([]float64(nil), knots...), piece: make([]float64, (n-1)*4*c)}, c, nil
}

// LinearPath returns the path of straight lines through the rows of values
// (len(knots) × channels). Its derivative jumps at the knots: give those to
// [Row.Jumps].
func LinearPath(knots, values []float64) (*Path, error) {
	p, c, err := newPath(knots, values, 2)
	if err != nil {
		return nil, err
	}
	for k := range len(knots) - 1 {
		h := knots[k+1] - knots[k]
		for j := range c {
			piece := p.piece[(k*c+j)*4:]
			piece[0] = values[k*c+j]
			piece[1] = (values[(k+1)*c+j] - values[k*c+j]) / h
		}
	}
	return p, nil
}

// HermitePath returns the cubic Hermite path with backward differences through
// the rows of values (Morrill et al., On the Choice of Interpolation Scheme for
// Neural CDEs, 2022): once differentiable, and up to a knot it depends on the
// values up to the next one alone.
func HermitePath(knots, values []float64) (*Path, error) {
	p, c, err := newPath(knots, values, 2)
	if err != nil {
		return nil, err
	}
	for k := range len(knots) - 1 {
		h := knots[k+1] - knots[k]
		for j := range c {
			x, y := values[k*c+j], values[(k+1)*c+j]
			slope := (y - x) / h
			before := slope
			if k > 0 {
				before = (x - values[(k-1)*c+j]) / (knots[k] - knots[k-1])
			}
			// From x with the slope before to y with the slope of the piece.
			piece := p.piece[(k*c+j)*4:]
			piece[0], piece[1] = x, before
			piece[2] = 2 * (slope - before) / h
			piece[3] = (before - slope) / (h * h)
		}
	}
	return p, nil
}

// RectilinearPath returns the path that first waits and then moves: its first
// channel is the time of the observations, which goes from one knot to the next
// while the values rest, and then the values jump there in a straight line (the
// same, "rectilinear"). It has 1 + channels channels and the parameter of its
// knots runs over 0, 1, ..., 2·(len(knots)-1), so that what it is up to a knot
// depends on nothing later.
func RectilinearPath(knots, values []float64) (*Path, error) {
	if _, _, err := newPath(knots, values, 2); err != nil {
		return nil, err
	}
	n := len(knots)
	c := len(values) / n
	var at, rows []float64
	for k := range n {
		if k > 0 { // time has moved, the values have not
			at = append(at, float64(2*k-1))
			rows = append(append(rows, knots[k]), values[(k-1)*c:k*c]...)
		}
		at = append(at, float64(2*k))
		rows = append(append(rows, knots[k]), values[k*c:(k+1)*c]...)
	}
	return LinearPath(at, rows)
}

// Channels returns the number of channels.
func (p *Path) Channels() int { return p.channels }

// Knots returns the knots, which must not be changed.
func (p *Path) Knots() []float64 { return p.knots }

// Value sets dst (channels) to X(t). Beyond its ends the first and the last
// piece go on.
func (p *Path) Value(dst []float64, t float64) {
	s, piece := p.at(t)
	for j := range dst[:p.channels] {
		q := piece[4*j : 4*j+4]
		dst[j] = q[0] + s*(q[1]+s*(q[2]+s*q[3]))
	}
}

// Derivative sets dst (channels) to X'(t), at a knot to that of the piece after
// it.
func (p *Path) Derivative(dst []float64, t float64) {
	s, piece := p.at(t)
	for j := range dst[:p.channels] {
		q := piece[4*j : 4*j+4]
		dst[j] = q[1] + s*(2*q[2]+s*3*q[3])
	}
}

func (p *Path) at(t float64) (since float64, piece []float64) {
	k := sort.SearchFloat64s(p.knots, math.Nextafter(t, math.Inf(1))) - 1
	k = min(max(k, 0), len(p.knots)-2)
	return t - p.knots[k], p.piece[k*4*p.channels:]
}

// A ControlledField is the right-hand side of a controlled differential
// equation, dy = F(t, y; θ) dX, for many trajectories (Kidger et al., Neural
// Controlled Differential Equations for Irregular Time Series, 2020).
type ControlledField struct {
	Dim, Channels, Params int

	// Theta and Func are those of [BatchField], but that a row of dst is the
	// matrix F, Dim×Channels.
	Theta []float64
	Func  func(dst []float64, rows []int, t, y []float64) error

	// VJP adds Aᵢ·∂F/∂y to row i of dy and the sum over the rows of Aᵢ·∂F/∂θ to
	// dp, which may be nil, for Aᵢ in row i of a (Dim×Channels).
	VJP func(dy, dp []float64, rows []int, t, y, a []float64) error
}

// Drive returns the field y' = F(t, y)·X'(t), in which trajectory i is driven by
// paths[i], for a [Batch] of len(paths) trajectories and to be used by one
// goroutine. Linear paths want their knots as the rows' Jumps ([PathRows]).
func Drive(f ControlledField, paths []*Path) (BatchField, error) {
	d, c := f.Dim, f.Channels
	for i, p := range paths {
		if p.channels != c {
			return BatchField{}, fmt.Errorf("ode: %w: path %d has %d channels, the field %d", ErrDimension, i, p.channels, c)
		}
	}
	var m, dx []float64
	b := BatchField{Dim: d, Params: f.Params, Theta: f.Theta}
	b.Func = func(dst []float64, rows []int, t, y []float64) error {
		m, dx = solver.Resize(m, len(rows)*d*c), solver.Resize(dx, c)
		if err := f.Func(m, rows, t, y); err != nil {
			return err
		}
		for i, row := range rows {
			paths[row].Derivative(dx, t[i])
			for j := range d {
				dst[i*d+j] = inner(m[(i*d+j)*c:(i*d+j+1)*c], dx)
			}
		}
		return nil
	}
	if f.VJP != nil {
		b.VJP = func(dy, dp []float64, rows []int, t, y, a []float64) error {
			m, dx = solver.Resize(m, len(rows)*d*c), solver.Resize(dx, c)
			for i, row := range rows {
				paths[row].Derivative(dx, t[i])
				for j := range d {
					for k, x := range dx {
						m[(i*d+j)*c+k] = a[i*d+j] * x
					}
				}
			}
			return f.VJP(dy, dp, rows, t, y, m)
		}
	}
	return b, nil
}

// PathRows returns rows that declare the knots of their paths as jumps, for
// [Batch.SetRows].
func PathRows(paths []*Path) []Row {
	rows := make([]Row, len(paths))
	for i, p := range paths {
		rows[i].Jumps = p.knots
	}
	return rows
}
