package network

// A room is memory that views share and that is taken back from all of them at once. None
// leaves it to the garbage collector.
type room struct {
	blocks [][]float64
	block  int // in use
	used   int // of it
}

const roomBlock = 1 << 15

// take returns n zeros.
func (r *room) take(n int) []float64 {
	if r == nil {
		return make([]float64, n)
	}
	for r.block < len(r.blocks) && len(r.blocks[r.block])-r.used < n {
		r.block, r.used = r.block+1, 0
	}
	if r.block == len(r.blocks) {
		r.blocks, r.used = append(r.blocks, make([]float64, max(n, roomBlock))), 0
	}
	x := r.blocks[r.block][r.used:][:n:n]
	r.used += n
	clear(x)
	return x
}

// empty takes all memory back.
func (r *room) empty() { r.block, r.used = 0, 0 }
