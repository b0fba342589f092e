package ad

import (
	"fmt"

	"tsgen/internal/kernel"
)

// Float is the width of a tape's numbers.
type Float = kernel.Float

// Node is a matrix on a tape of float64.
type Node = NodeOf[float64]

// Tape records operations in float64.
type Tape = TapeOf[float64]

// Input is a product in float64 that joins the gates of a recurrent unit.
type Input = InputOf[float64]

// External is an operation in float64 that another package supplies.
type External = ExternalOf[float64]

// A NodeOf is a matrix on a tape.
type NodeOf[T Float] struct {
	// Val holds Rows×Cols values.
	Val []T

	// Grad is where the derivative of the tape's result with respect to Val is
	// added up. A parameter's is there always; an operation's result has one
	// only while Backward is between its users and itself, or from an Eager
	// segment that uses it on, in memory that then serves others. It is nil for
	// what is constant.
	Grad []T

	Rows, Cols int

	tape   *TapeOf[T]
	varies bool       // there is a parameter that it depends on
	sets   bool       // back makes the gradients of its inputs, by target
	of     *NodeOf[T] // what this node is a view of, with its offset in of.Val
	offset int

	back  backward[T]
	in    [4]*NodeOf[T]
	list  []*NodeOf[T] // inputs, where there are more
	saved []T          // what the forward pass keeps for the backward pass
	index []int
	scale T
	ext   ExternalOf[T]
}

// A backward is an operation's way back: it adds to the gradients of the inputs of n, or
// sets them, what the gradient of n makes of them.
type backward[T Float] interface {
	run(t *TapeOf[T], n *NodeOf[T])
}

// A TapeOf records operations. The zero value is an empty tape.
type TapeOf[T Float] struct {
	floats   arena[T]
	nodes    arena[NodeOf[T]]
	ints     arena[int]
	lists    arena[*NodeOf[T]]
	segments arena[checkpoint[T]]
	order    []*NodeOf[T]
	work     []T
	grads    pool[T]
	turned   transposes[T]
	owing    owing[T]
}

// Reset empties the tape. Nodes recorded before must not be used any more.
func (t *TapeOf[T]) Reset() {
	t.floats.reset()
	t.nodes.reset()
	t.ints.reset()
	t.lists.reset()
	t.segments.reset()
	t.grads.reset()
	clear(t.turned)
	t.owing.reset()
	t.order = t.order[:0]
}

// Buffer returns n zeros that live until the next Reset.
func (t *TapeOf[T]) Buffer(n int) []T {
	s := t.scratch(n)
	clear(s)
	return s
}

func (t *TapeOf[T]) scratch(n int) []T {
	t.floats.size = chunkFloats
	return t.floats.take(n)
}

// workspace returns n numbers that last until the operation's pass that asked
// for them ends. One memory serves all, so that it stays in the processor's
// cache.
func (t *TapeOf[T]) workspace(n int) []T {
	if len(t.work) < n {
		t.work = make([]T, n)
	}
	return t.work[:n]
}

func (t *TapeOf[T]) copyInts(x []int) []int {
	t.ints.size = chunkFloats
	s := t.ints.take(len(x))
	copy(s, x)
	return s
}

func (t *TapeOf[T]) copyNodes(x []*NodeOf[T]) []*NodeOf[T] {
	t.lists.size = chunkNodes
	s := t.lists.take(len(x))
	copy(s, x)
	return s
}

func (t *TapeOf[T]) leaf(rows, cols int, val, grad []T) *NodeOf[T] {
	if len(val) != rows*cols || grad != nil && len(grad) != len(val) {
		panic(fmt.Sprintf("ad: %d values and %d gradients for a %d×%d matrix", len(val), len(grad), rows, cols))
	}
	t.nodes.size = chunkNodes
	n := &t.nodes.take(1)[0]
	*n = NodeOf[T]{Val: val, Grad: grad, Rows: rows, Cols: cols, tape: t, varies: grad != nil}
	return n
}

// Const returns a node that holds val, which it does not copy, which must not
// change before the next Reset, and which has no gradient.
func (t *TapeOf[T]) Const(rows, cols int, val []T) *NodeOf[T] { return t.leaf(rows, cols, val, nil) }

// Data returns a constant of the values x, rounded to T. Of float64s it copies none, as
// [TapeOf.Const].
func (t *TapeOf[T]) Data(rows, cols int, x []float64) *NodeOf[T] {
	y, same := kernel.Same[T](x)
	if !same {
		y = t.scratch(len(x))
		kernel.Narrow(y, x)
	}
	return t.Const(rows, cols, y)
}

// Param returns a node whose values are val and whose gradient is added to
// grad. It copies neither; val must not change before the next Reset.
func (t *TapeOf[T]) Param(rows, cols int, val, grad []T) *NodeOf[T] {
	return t.leaf(rows, cols, val, grad)
}

// record returns a node for the result of an operation on the inputs, of which
// the first four are found in its in and, if there are more, all in its list.
// Its values are not set.
func (t *TapeOf[T]) record(rows, cols int, back backward[T], in ...*NodeOf[T]) *NodeOf[T] {
	return t.recordValue(rows, cols, t.scratch(rows*cols), back, in...)
}

// recordValue is record for values that exist.
func (t *TapeOf[T]) recordValue(rows, cols int, val []T, back backward[T], in ...*NodeOf[T]) *NodeOf[T] {
	n := t.leaf(rows, cols, val, nil)
	if copy(n.in[:], in) < len(in) {
		n.list = t.copyNodes(in)
	}
	for _, x := range in {
		if x != nil && x.varies {
			n.varies, n.back = true, back
			t.order = append(t.order, n)
			break
		}
	}
	return n
}

// Backward adds to the Grad of every parameter that led to loss, a 1×1 node of
// t, the derivative of loss with respect to its values.
func (t *TapeOf[T]) Backward(loss *NodeOf[T]) {
	if len(loss.Val) != 1 {
		panic(fmt.Sprintf("ad: the derivative of a %d×%d matrix was asked for; a scalar is needed", loss.Rows, loss.Cols))
	}
	if loss.varies {
		loss.gradient()[0]++
		t.backward()
	}
}

// backward runs the backward passes of the operations from the last to the
// first, leaving out those whose results led nowhere.
func (t *TapeOf[T]) backward() {
	for i := len(t.order) - 1; i >= 0; i-- {
		n := t.order[i]
		if n.Grad == nil {
			continue
		}
		if !n.sets {
			for _, x := range n.in {
				if x != nil && x.varies {
					x.gradient()
				}
			}
			for _, x := range n.list {
				if x != nil && x.varies {
					x.gradient()
				}
			}
		}
		n.back.run(t, n)
		t.grads.put(n.Grad)
		n.Grad = nil
	}
	t.owing.settle()
}

// gradient returns n.Grad, which it makes, zero, where there is none yet.
func (n *NodeOf[T]) gradient() []T {
	switch {
	case n.of != nil:
		n.Grad = n.of.gradient()[n.offset : n.offset+len(n.Val)]
	case n.Grad == nil:
		n.Grad = n.tape.grads.get(n.tape, len(n.Val))
		clear(n.Grad)
	}
	return n.Grad
}

// target returns n.Grad for an operation that can set as well as add: with add
// false it holds anything and all of it must be set. It is nil where no
// gradient is wanted.
func (n *NodeOf[T]) target() (grad []T, add bool) {
	switch {
	case n == nil || !n.varies:
		return nil, false
	case n.of == nil && n.Grad == nil:
		n.Grad = n.tape.grads.get(n.tape, len(n.Val))
		return n.Grad, false
	}
	return n.gradient(), true
}

// An ExternalOf operation is one that another package supplies.
type ExternalOf[T Float] interface {
	// Backward adds to the gradients of the operation's inputs, those that have
	// one, what grad, the derivative with respect to its result, makes of them.
	Backward(grad []T)
}

// External records the result of op, a rows×cols matrix that was computed
// from the inputs. It does not copy val.
func (t *TapeOf[T]) External(op ExternalOf[T], rows, cols int, val []T, in ...*NodeOf[T]) *NodeOf[T] {
	n := t.recordValue(rows, cols, val, externalBack[T]{}, in...)
	n.ext = op
	return n
}

type externalBack[T Float] struct{}

func (externalBack[T]) run(t *TapeOf[T], n *NodeOf[T]) {
	t.owing.settle() // what op adds to the gradients of weights comes after what was recorded behind it
	n.ext.Backward(n.Grad)
}

func sameShape[T Float](op string, a, b *NodeOf[T]) {
	if a.Rows != b.Rows || a.Cols != b.Cols {
		panic(fmt.Sprintf("ad: %s of a %d×%d and a %d×%d matrix", op, a.Rows, a.Cols, b.Rows, b.Cols))
	}
}
