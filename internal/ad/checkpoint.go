package ad

import "tsgen/internal/kernel"

// Checkpoint returns the result of segment without keeping what its operations
// need for the backward pass: they are computed again when Backward comes to
// the segment (Griewank & Walther 2000, with checkpoints of one level). The
// memory of a long computation in s segments falls to that of s results and
// the longest segment, at the price of computing everything twice.
//
// segment records its operations on inner, which must not be t and serves any
// number of segments that do not lie within each other. It may use nodes of t
// that exist when Checkpoint is called. It must record the same operations when
// it runs again and return the result of one of them. The gradient is the same,
// bit for bit, as it is without the checkpoint.
func (t *TapeOf[T]) Checkpoint(inner *TapeOf[T], segment func() *NodeOf[T]) *NodeOf[T] {
	inner.Reset()
	y := segment()
	val := t.scratch(len(y.Val))
	copy(val, y.Val)
	t.segments.size = chunkSegments
	c := &t.segments.take(1)[0]
	*c = checkpoint[T]{inner, segment}
	n := t.External(c, y.Rows, y.Cols, val, y)
	n.in = [4]*NodeOf[T]{} // y ends with the next use of inner
	return n
}

type checkpoint[T Float] struct {
	inner   *TapeOf[T]
	segment func() *NodeOf[T]
}

// Backward implements External.
func (c *checkpoint[T]) Backward(grad []T) {
	c.inner.Reset()
	y := c.segment()
	kernel.Axpy(y.gradient(), 1, grad)
	c.inner.backward()
}
