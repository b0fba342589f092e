// Package safetensors reads and writes named arrays of float64, or of bytes, in the safetensors
// layout (https://github.com/huggingface/safetensors#format), which libraries of
// other languages read:
//
//	8 bytes   n, the length of the header, little-endian
//	n bytes   the header, a JSON object, padded with spaces to a multiple of 8:
//	          {"__metadata__": {"key": "text", ...},
//	           "name": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}, ...}
//	          with "U8" for bytes
//	the rest  the arrays, row-major and little-endian, without gaps
//
// The reader is made for files that may be damaged or hostile: it checks every
// length before it relies on it, and allocates in proportion to the bytes that
// arrive, whatever sizes the header claims.
package safetensors

import (
	"errors"
	"iter"
)

// MaxHeader is the largest length of a header in bytes, that of the reference
// implementation.
const MaxHeader = 100_000_000

// metadataKey is the name in the header that is not a tensor.
const metadataKey = "__metadata__"

// The types of elements.
const (
	float64s = "F64"
	bytes8   = "U8"
)

// Errors of Read, told apart with errors.Is.
var (
	// ErrFormat is the error of a file that does not have the layout.
	ErrFormat = errors.New("not in the safetensors layout")

	// ErrTruncated is the error of a file that ends too early.
	ErrTruncated = errors.New("cut short")

	// ErrTooLong is the error of a header that claims to be longer than
	// MaxHeader.
	ErrTooLong = errors.New("declared length too large")

	// ErrDtype is the error of an array of another type than float64 and bytes.
	ErrDtype = errors.New("element type other than F64 and U8")
)

// A Tensor is a named row-major array. An empty shape is that of a single
// value.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float64

	// Parts, if not nil, gives the data in their order, in place of Data, to who writes them.
	Parts iter.Seq[[]float64]

	// Bytes, if not nil, are the data of an array of bytes.
	Bytes []byte
}

// dtype returns the type of the elements, and the bytes of one.
func (t *Tensor) dtype() (name string, size int64) {
	if t.Bytes != nil {
		return bytes8, 1
	}
	return float64s, 8
}

// parts returns the data in their order.
func (t *Tensor) parts() iter.Seq[[]float64] {
	if t.Parts != nil {
		return t.Parts
	}
	return func(yield func([]float64) bool) { yield(t.Data) }
}

// size returns the number of values.
func (t *Tensor) size() int64 {
	n := int64(len(t.Bytes))
	for part := range t.parts() {
		n += int64(len(part))
	}
	return n
}

// elements returns the number of elements of an array of the given shape. It
// reports false if a dimension is negative or if the size in bytes overflows
// int64.
func elements(shape []int) (n int64, ok bool) {
	const limit = 1<<63 - 1
	n = 1
	empty := false
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, false
		case d == 0:
			empty = true
		case n > limit/8/int64(d):
			return 0, false
		default:
			n *= int64(d)
		}
	}
	if empty {
		return 0, true
	}
	return n, true
}
