package ad

import "fmt"

// A Node is a matrix on a tape.
type Node struct {
	// Val holds Rows×Cols values.
	Val []float64

	// Grad is where the derivative of the tape's result with respect to Val is
	// added up. A parameter's is there always; an operation's result has one
	// only while Backward is between its users and itself, or from an Eager
	// segment that uses it on, in memory that then serves others. It is nil for
	// what is constant.
	Grad []float64

	Rows, Cols int

	tape   *Tape
	varies bool  // there is a parameter that it depends on
	sets   bool  // back makes the gradients of its inputs, by target
	of     *Node // what this node is a view of, with its offset in of.Val
	offset int

	back  func(t *Tape, n *Node)
	in    [4]*Node
	list  []*Node   // inputs, where there are more
	saved []float64 // what the forward pass keeps for the backward pass
	index []int
	scale float64
	ext   External
}

// A Tape records operations. The zero value is an empty tape.
type Tape struct {
	// Single has products computed in float32, except those that are too small
	// to gain by it. All else, gradients too, is float64.
	Single bool

	floats   arena[float64]
	nodes    arena[Node]
	ints     arena[int]
	lists    arena[*Node]
	segments arena[checkpoint]
	order    []*Node
	work     []float64
	grads    pool
	turned   transposes
	singles  arena[float32]
	rounded  map[rounded][]float32
	factors  []float32
}

// Reset empties the tape. Nodes recorded before must not be used any more.
func (t *Tape) Reset() {
	t.floats.reset()
	t.nodes.reset()
	t.ints.reset()
	t.lists.reset()
	t.segments.reset()
	t.grads.reset()
	clear(t.turned)
	t.singles.reset()
	clear(t.rounded)
	t.order = t.order[:0]
}

// Buffer returns n zeros that live until the next Reset.
func (t *Tape) Buffer(n int) []float64 {
	s := t.scratch(n)
	clear(s)
	return s
}

func (t *Tape) scratch(n int) []float64 {
	t.floats.size = chunkFloats
	return t.floats.take(n)
}

// workspace returns n numbers that last until the operation's pass that asked
// for them ends. One memory serves all, so that it stays in the processor's
// cache.
func (t *Tape) workspace(n int) []float64 {
	if len(t.work) < n {
		t.work = make([]float64, n)
	}
	return t.work[:n]
}

func (t *Tape) copyInts(x []int) []int {
	t.ints.size = chunkFloats
	s := t.ints.take(len(x))
	copy(s, x)
	return s
}

func (t *Tape) copyNodes(x []*Node) []*Node {
	t.lists.size = chunkNodes
	s := t.lists.take(len(x))
	copy(s, x)
	return s
}

func (t *Tape) leaf(rows, cols int, val, grad []float64) *Node {
	if len(val) != rows*cols || grad != nil && len(grad) != len(val) {
		panic(fmt.Sprintf("ad: %d values and %d gradients for a %d×%d matrix", len(val), len(grad), rows, cols))
	}
	t.nodes.size = chunkNodes
	n := &t.nodes.take(1)[0]
	*n = Node{Val: val, Grad: grad, Rows: rows, Cols: cols, tape: t, varies: grad != nil}
	return n
}

// Const returns a node that holds val, which it does not copy, which must not
// change before the next Reset, and which has no gradient.
func (t *Tape) Const(rows, cols int, val []float64) *Node { return t.leaf(rows, cols, val, nil) }

// Param returns a node whose values are val and whose gradient is added to
// grad. It copies neither; val must not change before the next Reset.
func (t *Tape) Param(rows, cols int, val, grad []float64) *Node { return t.leaf(rows, cols, val, grad) }

// record returns a node for the result of an operation on the inputs, of which
// the first four are found in its in and, if there are more, all in its list.
// Its values are not set.
func (t *Tape) record(rows, cols int, back func(*Tape, *Node), in ...*Node) *Node {
	return t.recordValue(rows, cols, t.scratch(rows*cols), back, in...)
}

// recordValue is record for values that exist.
func (t *Tape) recordValue(rows, cols int, val []float64, back func(*Tape, *Node), in ...*Node) *Node {
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
func (t *Tape) Backward(loss *Node) {
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
func (t *Tape) backward() {
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
		n.back(t, n)
		t.grads.put(n.Grad)
		n.Grad = nil
	}
}

// gradient returns n.Grad, which it makes, zero, where there is none yet.
func (n *Node) gradient() []float64 {
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
func (n *Node) target() (grad []float64, add bool) {
	switch {
	case n == nil || !n.varies:
		return nil, false
	case n.of == nil && n.Grad == nil:
		n.Grad = n.tape.grads.get(n.tape, len(n.Val))
		return n.Grad, false
	}
	return n.gradient(), true
}

// An External operation is one that another package supplies.
type External interface {
	// Backward adds to the gradients of the operation's inputs, those that have
	// one, what grad, the derivative with respect to its result, makes of them.
	Backward(grad []float64)
}

// External records the result of op, a rows×cols matrix that was computed
// from the inputs. It does not copy val.
func (t *Tape) External(op External, rows, cols int, val []float64, in ...*Node) *Node {
	n := t.recordValue(rows, cols, val, externalBack, in...)
	n.ext = op
	return n
}

func externalBack(_ *Tape, n *Node) { n.ext.Backward(n.Grad) }

func sameShape(op string, a, b *Node) {
	if a.Rows != b.Rows || a.Cols != b.Cols {
		panic(fmt.Sprintf("ad: %s of a %d×%d and a %d×%d matrix", op, a.Rows, a.Cols, b.Rows, b.Cols))
	}
}
