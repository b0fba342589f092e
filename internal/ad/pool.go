package ad

import "math/bits"

// A pool hands out memory for gradients and takes it back, so that the way
// back through a long record works in memory that the processor's cache still
// holds. Pieces are kept by the power of two that holds their length.
type pool[T Float] struct{ free [bits.UintSize][][]T }

// get returns n numbers, from the tape's arena where nothing was put back.
func (p *pool[T]) get(t *TapeOf[T], n int) []T {
	class := sizeClass(n)
	list := p.free[class]
	if len(list) == 0 {
		return t.scratch(1 << class)[:n]
	}
	p.free[class] = list[:len(list)-1]
	return list[len(list)-1][:n]
}

// put takes s, which get returned, back.
func (p *pool[T]) put(s []T) {
	class := sizeClass(len(s))
	p.free[class] = append(p.free[class], s)
}

// sizeClass returns the least k with 2ᵏ >= n.
func sizeClass(n int) int { return bits.Len(uint(max(n, 1) - 1)) }

func (p *pool[T]) reset() {
	for i := range p.free {
		p.free[i] = p.free[i][:0]
	}
}
