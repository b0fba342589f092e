package ode

import (
	"context"
	"math"

	"tsgen/internal/solver"
)

// A cache holds some of the states of each trajectory, and the stages of a few
// steps, where there is no room for all. It is the online form of Griewank and
// Walther's checkpointing (ACM Trans. Math. Softw. 26, 2000): on the way
// forward every 2ᵏ-th state is kept, with k as small as the room allows; on
// the way back what lies between two of them is gone through again, states
// being kept in the room that is then free. Two states and the stages of one
// step are the least.
type cache struct {
	on     bool
	dim    int
	room   int // states for each trajectory
	leaf   int // steps in a window
	width  int // numbers of a step in a window
	states []float64
	rows   []cacheRow
	steps  []float64 // windows
}

type cacheRow struct {
	marks  []mark
	stride int
	lo, hi int // numbers of the steps in the window, hi excluded
}

// A mark is a state kept, that from which a step begins.
type mark struct{ step, num int }

func (c *cache) reset(n, dim int, kinds []*kind, memory int) {
	c.on = false
	if memory == 0 || n == 0 {
		return
	}
	c.dim, c.width = dim, 0
	for _, k := range kinds {
		s := k.scheme
		rows := len(s.c)
		switch {
		case s.linear != nil:
			rows = 2 * s.s
		case s.diag != 0:
			rows++
			c.dim = 2 * dim
		}
		c.width = max(c.width, rows*dim)
	}
	share := memory / 8 / n
	c.leaf = max(1, share/4/c.width)
	c.room = max(2, (share-c.leaf*c.width)/c.dim)
}

// thinOut gives up the stages kept so far for a cache of states.
func (b *Batch) thinOut() {
	c, d := &b.cache, b.field.Dim
	n := len(b.traj)
	c.on = true
	c.states, c.steps = solver.Resize(c.states, n*c.room*c.dim), solver.Resize(c.steps, n*c.leaf*c.width)
	for len(c.rows) < n {
		c.rows = append(c.rows, cacheRow{})
	}
	for i := range b.traj {
		c.rows[i] = cacheRow{marks: c.rows[i].marks[:0], stride: 1}
		for at := b.traj[i].first; at >= 0; at = b.steps[at].next {
			p := &b.steps[at]
			first := b.data[p.data : p.data+d]
			if sch := b.kinds[p.kind].scheme; sch.diag != 0 {
				first = b.mark(first, b.data[p.data+len(sch.c)*d:][:d])
			} else if c.dim > d {
				first = b.mark(first, b.unknown())
			}
			c.offer(i, at, p.num, first)
		}
	}
	b.data = nil
}

// mark returns what is kept of a step that begins in the state y with the first
// stage k: both for a method that takes that stage from the step before as its
// Newton iteration left it, or the state alone.
func (b *Batch) mark(y, k []float64) []float64 {
	if b.cache.dim == len(y) {
		return y
	}
	b.before = append(append(b.before[:0], y...), k...)
	return b.before
}

// unknown stands for a first stage that is to be evaluated.
func (b *Batch) unknown() []float64 {
	for j := range b.dif {
		b.dif[j] = math.NaN()
	}
	return b.dif
}

// offer keeps the state from which step num begins, if it is its turn.
func (c *cache) offer(row, step, num int, y []float64) {
	r := &c.rows[row]
	if num%r.stride != 0 {
		return
	}
	if len(r.marks) == c.room {
		r.stride *= 2
		m := 0
		for j, x := range r.marks {
			if x.num%r.stride == 0 {
				copy(c.state(row, m), c.state(row, j))
				r.marks[m] = x
				m++
			}
		}
		r.marks = r.marks[:m]
		if num%r.stride != 0 {
			return
		}
	}
	c.push(row, step, num, y)
}

func (c *cache) push(row, step, num int, y []float64) {
	r := &c.rows[row]
	r.marks = append(r.marks, mark{step, num})
	copy(c.state(row, len(r.marks)-1), y)
}

// replace puts another state in place of the one kept for step num, if any.
func (c *cache) replace(row, num int, y []float64) {
	r := &c.rows[row]
	r.lo, r.hi = 0, 0
	for j, x := range r.marks {
		if x.num == num {
			copy(c.state(row, j), y)
		}
	}
}

// state returns the state of a trajectory's mark number j.
func (c *cache) state(row, j int) []float64 {
	at := (row*c.room + j) * c.dim
	return c.states[at : at+c.dim]
}

// window returns the place of a step's stages.
func (c *cache) window(row, num int) []float64 {
	at := (row*c.leaf + num - c.rows[row].lo) * c.width
	return c.steps[at : at+c.width]
}

// input returns the input of stage st of a step.
func (b *Batch) input(row int, p *step, st int) []float64 {
	d := b.field.Dim
	if b.cache.on {
		return b.cache.window(row, p.num)[st*d : (st+1)*d]
	}
	return b.data[p.data+st*d : p.data+(st+1)*d]
}

// refill brings the stages of every current step of the sweep into its
// window.
func (b *Batch) refill() error {
	c, d := &b.cache, b.field.Dim
	active := b.active
	defer func() { b.use(active) }()
	for {
		b.slots = b.slots[:0]
		for i, row := range b.back.rows {
			r := &c.rows[row]
			num := b.steps[b.back.cur[i]].num
			if r.lo <= num && num < r.hi {
				continue
			}
			for r.marks[len(r.marks)-1].num > num {
				r.marks = r.marks[:len(r.marks)-1]
			}
			top := len(r.marks) - 1
			m := r.marks[top]
			way := replay{on: true, step: m.step, last: num, base: m.num}
			gap, free := num-m.num+1, c.room-len(r.marks)
			if gap > c.leaf && free > 0 {
				way.marks = max(c.leaf, (gap+free)/(free+1))
			} else {
				way.from = max(m.num, num-c.leaf+1)
				r.lo, r.hi = way.from, num+1
			}
			kept := c.state(row, top)
			b.enter(row, kept[:d], way)
			if len(kept) > d && !math.IsNaN(kept[d]) {
				i := len(b.slots) - 1
				copy(b.k[0][i*d:(i+1)*d], kept[d:])
				b.slots[i].ready = true
			}
		}
		if len(b.slots) == 0 {
			return nil
		}
		if err := b.run(context.Background()); err != nil {
			return err
		}
	}
}
