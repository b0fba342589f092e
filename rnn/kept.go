package rnn

import (
	"slices"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A kept is what is kept of a number of particles between two steps: their states, and what φ
// makes of the values of the step before.
type kept[T ad.Float] struct{ h, c, z, features matrix[T] }

// rows returns what is kept of the particles from to to (exclusive), on p.
func (k *kept[T]) rows(p *nn.PassOf[T], from, to int) (s state[T], features *ad.NodeOf[T]) {
	s.h, s.c, s.z = k.h.rows(p, from, to), k.c.rows(p, from, to), k.z.rows(p, from, to)
	return s, k.features.rows(p, from, to)
}

// put keeps what is given of the particles from to to (exclusive) of count.
func (k *kept[T]) put(s state[T], features *ad.NodeOf[T], from, to, count int) {
	k.h.put(s.h, from, to, count)
	k.c.put(s.c, from, to, count)
	k.z.put(s.z, from, to, count)
	k.features.put(features, from, to, count)
}

// take sets k to the particles of old at the given places.
func (k *kept[T]) take(old *kept[T], index []int) {
	k.h.take(&old.h, index)
	k.c.take(&old.c, index)
	k.z.take(&old.z, index)
	k.features.take(&old.features, index)
}

// A matrix has a row a particle, or where these are several a single one that stands for all; none
// before the first put.
type matrix[T ad.Float] struct {
	cols int
	one  bool
	val  []T
}

func (m *matrix[T]) rows(p *nn.PassOf[T], from, to int) *ad.NodeOf[T] {
	switch {
	case m.cols == 0:
		return nil
	case m.one:
		return p.Const(1, m.cols, m.val)
	}
	return p.Const(to-from, m.cols, m.val[from*m.cols:to*m.cols])
}

// put sets the rows from to to (exclusive) of count, or the one for all, to x; a nil x sets
// nothing.
func (m *matrix[T]) put(x *ad.NodeOf[T], from, to, count int) {
	if x == nil {
		return
	}
	m.cols, m.one = x.Cols, x.Rows < to-from
	if m.one {
		from, count = 0, 1
	}
	m.resize(count)
	copy(m.val[from*m.cols:], x.Val)
}

func (m *matrix[T]) take(old *matrix[T], index []int) {
	if m.cols, m.one = old.cols, old.one; m.one {
		index = []int{0}
	}
	m.resize(len(index))
	for i, k := range index {
		copy(m.val[i*m.cols:(i+1)*m.cols], old.val[k*m.cols:])
	}
}

func (m *matrix[T]) resize(rows int) {
	n := rows * m.cols
	m.val = slices.Grow(m.val[:0], n)[:n]
}
