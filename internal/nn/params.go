// Package nn holds what networks are made of: parameters, layers and their
// initialisation, the optimiser, and the one loop that trains every model.
package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
)

// Params is a set of named matrices whose values lie in one vector, in the
// order in which they were added. The zero value is an empty set.
type Params struct {
	Values []float64
	specs  []spec
}

type spec struct {
	name string
	p    Param
}

// A Param is the place of a matrix in a set of parameters.
type Param struct{ Offset, Rows, Cols int }

// In returns the values of p in a vector with the layout of its set.
func (p Param) In(v []float64) []float64 { return in(p, v) }

func in[T ad.Float](p Param, v []T) []T {
	n := p.Rows * p.Cols
	return v[p.Offset : p.Offset+n : p.Offset+n]
}

// Add adds a rows×cols matrix of zeros. Names are unique.
func (s *Params) Add(name string, rows, cols int) Param {
	p := Param{len(s.Values), rows, cols}
	s.specs = append(s.specs, spec{name, p})
	s.Values = append(s.Values, make([]float64, rows*cols)...)
	return p
}

// AddUniform adds a matrix with elements uniform on ±bound.
func (s *Params) AddUniform(name string, rows, cols int, bound float64, rng *rand.Rand) Param {
	p := s.Add(name, rows, cols)
	v := p.In(s.Values)
	for i := range v {
		v[i] = bound * (2*rng.Float64() - 1)
	}
	return p
}

// Each calls f with every matrix of the set in order; values aliases s.Values.
func (s *Params) Each(f func(name string, rows, cols int, values []float64)) {
	for _, e := range s.specs {
		f(e.name, e.p.Rows, e.p.Cols, e.p.In(s.Values))
	}
}

// Set copies values into the matrix called name. It fails if there is none, if
// the shape is another, or if a value is not finite.
func (s *Params) Set(name string, rows, cols int, values []float64) error {
	for _, e := range s.specs {
		if e.name != name {
			continue
		}
		if e.p.Rows != rows || e.p.Cols != cols || len(values) != rows*cols {
			return fmt.Errorf("parameter %s is %d×%d with %d values, want %d×%d", name, rows, cols, len(values), e.p.Rows, e.p.Cols)
		}
		if !finite(values) {
			return fmt.Errorf("parameter %s holds a value that is not finite", name)
		}
		copy(e.p.In(s.Values), values)
		return nil
	}
	return fmt.Errorf("there is no parameter %s", name)
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v - v) {
			return false
		}
	}
	return true
}

// A Pass is a pass in float64.
type Pass = PassOf[float64]

// A PassOf is one evaluation of a network: a tape, and the parameters that it
// reads with the place where their gradient goes.
type PassOf[T ad.Float] struct {
	ad.TapeOf[T]

	// Values holds the parameters and Grad, of the same length, their gradient.
	// Grad is nil if none is wanted.
	Values, Grad []T

	touched extent // where Param has given Grad away

	// Of a shard of a training: the parameters in float32, and where Single has left a
	// gradient that is to be added to Grad.
	rounded *rounded
	single  *PassOf[float32]

	cleared bool // Grad holds zeros, of a pass of Single whose gradient was added up

	// Of a pass of Single: the parameters where no training has them, and the way back.
	own   rounded
	stage stage
}

// An extent is a range of elements of a vector.
type extent struct{ from, to int }

// include makes e hold the elements of q too.
func (e *extent) include(q Param) {
	to := q.Offset + q.Rows*q.Cols
	if e.to == 0 {
		e.from = q.Offset
	}
	e.from, e.to = min(e.from, q.Offset), max(e.to, to)
}

// Param returns the matrix p on the tape.
func (p *PassOf[T]) Param(q Param) *ad.NodeOf[T] {
	var grad []T
	if p.Grad != nil {
		grad = in(q, p.Grad)
		p.touched.include(q)
	}
	return p.TapeOf.Param(q.Rows, q.Cols, in(q, p.Values), grad)
}
