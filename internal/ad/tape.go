package ad

import "fmt"

// A Node is a matrix on a tape.
type Node struct {
	// Val holds Rows×Cols values.
	Val []float64

	// Grad holds the derivative of the tape's result with respect to Val once
	// Backward has run. It is nil for what is constant.
	Grad []float64

	Rows, Cols int

	back  func(n *Node)
	in    [5]*Node
	saved []float64 // what the forward pass keeps for the backward pass
	index []int
	scale float64
	ext   External
}

// A Tape records operations. The zero value is an empty tape.
type Tape struct {
	floats arena[float64]
	nodes  arena[Node]
	ints   arena[int]
	order  []*Node
}

// Reset empties the tape. Nodes recorded before must not be used any more.
func (t *Tape) Reset() {
	t.floats.reset()
	t.nodes.reset()
	t.ints.reset()
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

func (t *Tape) copyInts(x []int) []int {
	t.ints.size = chunkFloats
	s := t.ints.take(len(x))
	copy(s, x)
	return s
}

func (t *Tape) leaf(rows, cols int, val, grad []float64) *Node {
	if len(val) != rows*cols || grad != nil && len(grad) != len(val) {
		panic(fmt.Sprintf("ad: %d values and %d gradients for a %d×%d matrix", len(val), len(grad), rows, cols))
	}
	t.nodes.size = chunkNodes
	n := &t.nodes.take(1)[0]
	*n = Node{Val: val, Grad: grad, Rows: rows, Cols: cols}
	return n
}

// Const returns a node that holds val, which it does not copy, and that has no
// gradient.
func (t *Tape) Const(rows, cols int, val []float64) *Node { return t.leaf(rows, cols, val, nil) }

// Param returns a node whose values are val and whose gradient is added to
// grad. It copies neither.
func (t *Tape) Param(rows, cols int, val, grad []float64) *Node { return t.leaf(rows, cols, val, grad) }

// record returns a node for the result of an operation on the inputs. Its
// values are not set. It has a gradient if one of the inputs has.
func (t *Tape) record(rows, cols int, back func(*Node), in ...*Node) *Node {
	n := t.leaf(rows, cols, t.scratch(rows*cols), nil)
	copy(n.in[:], in)
	for _, x := range in {
		if x != nil && x.Grad != nil {
			n.Grad = t.Buffer(rows * cols)
			n.back = back
			t.order = append(t.order, n)
			break
		}
	}
	return n
}

// Backward adds to the Grad of every node that led to loss, a 1×1 node of t,
// the derivative of loss with respect to its values.
func (t *Tape) Backward(loss *Node) {
	if len(loss.Val) != 1 {
		panic(fmt.Sprintf("ad: the derivative of a %d×%d matrix was asked for; a scalar is needed", loss.Rows, loss.Cols))
	}
	if loss.Grad == nil {
		return
	}
	loss.Grad[0] = 1
	for i := len(t.order) - 1; i >= 0; i-- {
		n := t.order[i]
		n.back(n)
	}
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
	n := t.record(0, 0, externalBack, in...)
	n.Rows, n.Cols, n.Val, n.ext = rows, cols, val, op
	if n.Grad != nil {
		n.Grad = t.Buffer(rows * cols)
	}
	return n
}

func externalBack(n *Node) { n.ext.Backward(n.Grad) }

func sameShape(op string, a, b *Node) {
	if a.Rows != b.Rows || a.Cols != b.Cols {
		panic(fmt.Sprintf("ad: %s of a %d×%d and a %d×%d matrix", op, a.Rows, a.Cols, b.Rows, b.Cols))
	}
}
