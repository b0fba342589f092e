package ad

const (
	chunkFloats   = 1 << 15
	chunkNodes    = 256
	chunkSegments = 16
)

// An arena hands out memory that is given back all at once.
type arena[T any] struct {
	chunks [][]T
	chunk  int // the chunk in use
	used   int // elements of it handed out
	size   int // least length of a new chunk
}

// take returns n elements with what they held before.
func (a *arena[T]) take(n int) []T {
	for a.chunk < len(a.chunks) {
		c := a.chunks[a.chunk]
		if a.used+n <= len(c) {
			s := c[a.used : a.used+n : a.used+n]
			a.used += n
			return s
		}
		a.chunk++
		a.used = 0
	}
	a.chunks = append(a.chunks, make([]T, max(n, a.size)))
	a.used = n
	return a.chunks[a.chunk][:n:n]
}

func (a *arena[T]) reset() { a.chunk, a.used = 0, 0 }
