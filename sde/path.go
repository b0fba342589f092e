package sde

import (
	"fmt"
	"math"
	"slices"

	"tsgen/internal/solver"
)

// A Path is a set of independent Brownian motions that can be asked for their
// values at any times in any order: W(t0) is 0, and each answer depends on the
// seed, the motion's number, t0 and the times asked for alone. It is not safe
// for concurrent use, but two paths of one seed are the same path.
//
// It is a tree of cells [k·2^q, (k+1)·2^q) of time after t0, in the way of Li
// et al. (Scalable Gradients for Stochastic Differential Equations, 2020) and
// of Jelinčič et al. (Single-seed generation of Brownian paths and integrals,
// 2024). [0, 1), [1, 2), [2, 4) and so on are drawn; every smaller cell is half
// of one, drawn conditionally on its increment and its area. The generator is
// one of counters: what a cell is made of is a hash of the seed, the motion, k
// and q. Times are rounded to 44 binary digits after t0, and k ends at 20: a
// value within such a smallest cell is drawn conditionally on the cell by one
// draw for all. The law is that of Brownian motion as long as no two times
// share a smallest cell, that is, as long as steps are at least a millionth of the
// time since t0.
type Path struct {
	motions int
	seed    uint64
	t0      float64
	streams []uint64
	gen     *generator

	// The cursor stands at offset at, in the last of the cells, each of which
	// is half of the one before. It is at that cell's start, or within it if it
	// is a smallest one.
	at     float64
	within bool
	cells  []cell
	values []cellValue // of the cells, by cell and motion
	parts  []cellValue // of a smallest cell, what lies on either side of the cursor

	w, a []float64
}

// A cell is an interval of time after the path's start.
type cell struct {
	start, size float64
	root        float64 // of size
	left        bool    // is the left half of the cell before
}

// A cellValue is what a motion does in a cell: its increment w and its
// space-time Lévy area h, the mean of the motion less that of the chord
// (Foster, Lyons and Oberhauser 2020). next are those of the right half if the
// cell is the left one.
type cellValue struct{ w, h, nextW, nextH float64 }

const (
	cellBits  = 20 // binary digits of a smallest cell's k, besides the first
	timeBits  = 44 // of a time
	dropBits  = 53 - timeBits
	mostCells = 1 << cellBits

	sqrt3 = 1.732050807568877293527446341505872367
)

// NewPath returns the motions' path of a seed that starts at t0.
func NewPath(motions int, seed uint64, t0 float64) (*Path, error) {
	if motions <= 0 {
		return nil, fmt.Errorf("sde: %w: a path of %d motions", ErrDimension, motions)
	}
	if math.IsNaN(t0) || math.IsInf(t0, 0) {
		return nil, fmt.Errorf("sde: %w: a path starts at %g", ErrTimes, t0)
	}
	p := &Path{}
	p.reset(motions, seed, t0, newGenerator(newZiggurat()))
	return p, nil
}

// reset makes p the path of a seed, in the memory that it has.
func (p *Path) reset(motions int, seed uint64, t0 float64, gen *generator) {
	p.motions, p.seed, p.t0, p.gen = motions, seed, t0, gen
	p.streams, p.parts = solver.Resize(p.streams, motions), solver.Resize(p.parts, motions)
	p.w, p.a = solver.Resize(p.w, motions), solver.Resize(p.a, motions)
	for j := range p.streams {
		p.streams[j] = mix(mix(seed) + uint64(j))
	}
	p.root(0, 1)
}

// At sets w (motions) to the values at time t, which is t0 or later.
func (p *Path) At(w []float64, t float64) error { return p.Increment(w, nil, p.t0, t) }

// Increment sets w (motions) to the increments from time s to t and, unless it
// is nil, area to the integrals over time of W(r) - W(s) from s to t; these are
// (t-s)·(w/2 + H) with the space-time Lévy area H. Neither time may lie before
// the path's start, nor t before s.
func (p *Path) Increment(w, area []float64, s, t float64) error {
	if len(w) != p.motions || area != nil && len(area) != p.motions {
		return fmt.Errorf("sde: %w: %d and %d elements for %d motions", ErrDimension, len(w), len(area), p.motions)
	}
	if !(p.t0 <= s && s <= t) || math.IsInf(t, 0) {
		return fmt.Errorf("sde: %w: a path that starts at %g is asked for the increment from %g to %g", ErrTimes, p.t0, s, t)
	}
	p.increment(s, t)
	copy(w, p.w)
	if area != nil {
		copy(area, p.a)
	}
	return nil
}

// increment sets w and a to the increments and areas from s to t.
func (p *Path) increment(s, t float64) {
	if x := offset(s - p.t0); x != p.at {
		p.seek(x)
	}
	clear(p.w)
	clear(p.a)
	p.move(offset(t - p.t0))
}

// resolves reports whether times s and t lie in different smallest cells for
// certain.
func (p *Path) resolves(s, t float64) bool { return (t-s)*mostCells >= t-p.t0 }

// offset rounds a time after the start.
func offset(x float64) float64 {
	const half = 1 << (dropBits - 1)
	return math.Float64frombits((math.Float64bits(x) + half) &^ (1<<dropBits - 1))
}

// seek puts the cursor at x.
func (p *Path) seek(x float64) {
	top := len(p.cells) - 1
	for top > 0 && (!p.cells[top].holds(x) || p.cells[top-1].start == x) {
		top-- // to the largest cell that starts at x, if one does
	}
	if !p.cells[top].holds(x) {
		p.root(0, 1)
		p.move(x)
		return
	}
	p.cells, p.values = p.cells[:top+1], p.values[:(top+1)*p.motions]
	p.within = false
	p.descend(x)
}

func (c *cell) holds(x float64) bool { return c.start <= x && x < c.start+c.size }

// move takes the cursor on to x, and adds what the motions do on the way.
func (p *Path) move(x float64) {
	top := len(p.cells) - 1
	c := p.cells[top]
	if p.within && c.holds(x) {
		p.moveWithin(x)
		return
	}
	if !c.holds(x) {
		rest := c.start + c.size - p.at
		for j := range p.w {
			if p.within {
				p.add(j, rest, p.parts[j].nextW, p.parts[j].nextH)
			} else {
				v := &p.values[top*p.motions+j]
				p.add(j, rest, v.w, v.h)
			}
		}
		p.within = false
		for !c.holds(x) {
			end := c.start + c.size
			if c.left {
				// The right half takes the place of the left one.
				c.start, c.left = end, false
				p.cells[top] = c
				for j := range p.motions {
					v := &p.values[top*p.motions+j]
					v.w, v.h = v.nextW, v.nextH
				}
			} else if top > 0 {
				top--
				c = p.cells[top]
				continue
			} else {
				p.root(end, end)
				c = p.cells[0]
			}
			if c.holds(x) {
				break
			}
			for j := range p.w {
				v := &p.values[top*p.motions+j]
				p.add(j, c.size, v.w, v.h)
			}
		}
		p.cells, p.values = p.cells[:top+1], p.values[:(top+1)*p.motions]
	}
	p.descend(x)
}

// add appends a piece of time of size dt to what motion j has done.
func (p *Path) add(j int, dt, w, h float64) {
	p.a[j] += dt * (p.w[j] + (h + w/2))
	p.w[j] += w
}

// descend halves the last cell, from whose start the cursor goes on, until the
// cursor is at x.
func (p *Path) descend(x float64) {
	m := p.motions
	p.at = x
	for {
		top := len(p.cells) - 1
		c := p.cells[top]
		if x == c.start {
			return
		}
		id := c.id()
		if c.start >= mostCells*c.size {
			p.split(id, (x-c.start)/c.size, c.size)
			for j := range p.parts {
				p.add(j, x-c.start, p.parts[j].w, p.parts[j].h)
			}
			p.within = true
			return
		}
		half := cell{start: c.start, size: c.size / 2, root: c.root * math.Sqrt2 / 2, left: x < c.start+c.size/2}
		if !half.left {
			half.start += half.size
		}
		p.cells = append(p.cells, half)
		p.values = slices.Grow(p.values, m)[:len(p.values)+m]
		from, to := p.values[top*m:(top+1)*m], p.values[(top+1)*m:(top+2)*m]
		sz, sn := c.root/4, c.root/(4*sqrt3)
		streams := p.streams[:len(from)]
		for j := range from {
			v := &from[j]
			z, n := p.gen.pair(streams[j] ^ id)
			// Foster (2020), theorem 6.1.4.
			w1 := v.w/2 + 1.5*v.h + sz*z
			h0 := v.h/4 - sz*z/2
			w2, h1, h2 := v.w-w1, h0+sn*n, h0-sn*n
			if half.left {
				to[j] = cellValue{w1, h1, w2, h2}
			} else {
				p.add(j, half.size, w1, h1)
				to[j] = cellValue{w: w2, h: h2}
			}
		}
	}
}

// split sets parts to what the motions do on either side of a share u of the
// last cell, which is a smallest one.
func (p *Path) split(id uint64, u, size float64) {
	top := len(p.cells) - 1
	v := 1 - u
	// The Gaussian law of the first part's (w, h), given the cell's.
	varW := size * u * v * (1 - 3*u*v)
	cov := -size * u * u * u * v / 2
	sw := math.Sqrt(varW)
	sh := math.Sqrt(max(0, size*u*(1-u*u*u)/12-cov*cov/varW))
	for j := range p.parts {
		c := p.values[top*p.motions+j]
		z, n := p.gen.pair(p.streams[j] ^ id)
		w := u*c.w + 6*u*v*c.h + sw*z
		h := u*u*c.h + cov/sw*z + sh*n
		rest := c.w - w
		p.parts[j] = cellValue{w: w, h: h, nextW: rest, nextH: (c.h - u*h - (v*w-u*rest)/2) / v}
	}
}

// moveWithin takes the cursor on to x within the smallest cell that it is in.
func (p *Path) moveWithin(x float64) {
	c := p.cells[len(p.cells)-1]
	u, dt := p.at-c.start, x-p.at
	if dt == 0 {
		return
	}
	for j, q := range p.parts {
		p.w[j], p.a[j] = -q.w, -u*(q.h+q.w/2)
	}
	p.split(c.id(), (x-c.start)/c.size, c.size)
	for j, q := range p.parts {
		p.a[j] += (u+dt)*(q.h+q.w/2) + dt*p.w[j]
		p.w[j] += q.w
	}
	p.at = x
}

// root makes a cell that is drawn, and no half of another, the only one, and
// puts the cursor at its start.
func (p *Path) root(start, size float64) {
	c := cell{start: start, size: size, root: math.Sqrt(size)}
	p.cells, p.values = append(p.cells[:0], c), solver.Resize(p.values, p.motions)
	p.at, p.within = start, false
	id := mix(c.id())
	for j := range p.values {
		z, n := p.gen.pair(p.streams[j] ^ id)
		p.values[j] = cellValue{w: c.root * z, h: c.root / (2 * sqrt3) * n}
	}
}

// id returns a number that no other cell has, well mixed. A start has at most
// 21 binary digits, so that the exponent of the size fits beside it.
func (c *cell) id() uint64 {
	return mix(math.Float64bits(c.start) | math.Float64bits(c.size)>>52)
}
