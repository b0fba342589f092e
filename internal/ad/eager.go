package ad

import "fmt"

// Eager returns weight times the 1×1 result of segment, a summand of the loss,
// and goes back through segment at once, while the processor's cache still
// holds what it has computed. What remains until Backward are the gradients of
// the nodes of t that segment uses. A sum over many steps that is taken in
// segments of a few of them works in little memory, where a record of all steps
// would be written to memory and read again.
//
// segment records its operations on inner, which must not be t and serves any
// number of segments one after the other. It may use nodes of t that exist when
// Eager is called.
//
// The gradient is that of the loss if the loss counts the result once, as a sum
// of such results does. Backward panics where it does not.
func (t *TapeOf[T]) Eager(inner *TapeOf[T], weight T, segment func() *NodeOf[T]) *NodeOf[T] {
	inner.Reset()
	y := segment()
	if len(y.Val) != 1 {
		panic(fmt.Sprintf("ad: the result of a segment is a %d×%d matrix; a scalar is needed", y.Rows, y.Cols))
	}
	n := t.record(1, 1, nil)
	n.Val[0] = weight * y.Val[0]
	if y.varies {
		y.gradient()[0] += weight
		inner.backward()
		n.varies, n.back = true, eagerBack[T]{}
		t.order = append(t.order, n)
	}
	return n
}

type eagerBack[T Float] struct{}

func (eagerBack[T]) run(_ *TapeOf[T], n *NodeOf[T]) {
	if n.Grad[0] != 1 {
		panic(fmt.Sprintf("ad: the loss counts the result of Eager %v times, not once", n.Grad[0]))
	}
}
