package packed

import (
	"math"

	"tsgen/internal/scratch"
)

// A block is a run of rows, of the smallest types that hold them. Without codes all
// rows have the shape code; without digits all have the number base, and else one that is
// so much larger. starts are the first rows of runs of rows that are the same, if codes
// and digits are of runs.
type block struct {
	starts  []uint16
	code    int32
	code8   []uint8
	code16  []uint16
	base    uint64
	digit16 []uint16
	digit32 []uint32
	digit64 []uint64
	raw     []byte // texts as they are, of which ends tells the ends
	ends    []uint32
}

// compress returns the block of some rows, in the room given.
func compress(codes []int32, digits []uint64, room *scratch.Store) block {
	var b block
	if runs := countRuns(codes, digits); runs > 1 && 4*runs <= len(codes) {
		b.starts = scratch.Make[uint16](room, runs)[:0]
		shortCodes, shortDigits := make([]int32, 0, runs), make([]uint64, 0, runs)
		for i := range codes {
			if i == 0 || codes[i] != codes[i-1] || digits[i] != digits[i-1] {
				b.starts = append(b.starts, uint16(i))
				shortCodes, shortDigits = append(shortCodes, codes[i]), append(shortDigits, digits[i])
			}
		}
		codes, digits = shortCodes, shortDigits
	}
	switch leastCode, mostCode := bounds(codes); {
	case leastCode == mostCode:
		b.code = codes[0]
	case mostCode <= math.MaxUint8:
		b.code8 = narrow[uint8](codes, 0, room)
	default:
		b.code16 = narrow[uint16](codes, 0, room)
	}
	least, most := bounds(digits)
	b.base = least
	switch {
	case least == most:
	case most-least <= math.MaxUint16:
		b.digit16 = narrow[uint16](digits, least, room)
	case most-least <= math.MaxUint32:
		b.digit32 = narrow[uint32](digits, least, room)
	default:
		b.digit64 = narrow[uint64](digits, least, room)
	}
	return b
}

// countRuns returns the number of runs of rows that are the same.
func countRuns(codes []int32, digits []uint64) int {
	digits = digits[:len(codes)]
	runs := 1
	code, digit := codes[0], digits[0]
	for i, c := range codes {
		if c != code || digits[i] != digit {
			runs++
			code, digit = c, digits[i]
		}
	}
	return runs
}

func bounds[T int32 | uint64](x []T) (least, most T) {
	least, most = x[0], x[0]
	for _, v := range x {
		least, most = min(least, v), max(most, v)
	}
	return least, most
}

// narrow returns how much larger than base the numbers are.
func narrow[T uint8 | uint16 | uint32 | uint64, S int32 | uint64](x []S, base S, room *scratch.Store) []T {
	out := scratch.Make[T](room, len(x))
	for i, v := range x {
		out[i] = T(v - base)
	}
	return out
}

// constant reports whether all rows are the same; raw ones are not looked at.
func (b *block) constant() bool {
	return b.starts == nil && b.code8 == nil && b.code16 == nil && b.digit16 == nil && b.digit32 == nil && b.digit64 == nil
}

// run returns the index of a row among codes and digits.
func (b *block) run(i int) int {
	low, high := 0, len(b.starts) // starts[low] <= i < starts[high]
	for high-low > 1 {
		if mid := (low + high) / 2; int(b.starts[mid]) <= i {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

func (b *block) at(i int) (shape int, digits uint64) {
	if b.ends != nil {
		return Raw, 0
	}
	if b.starts != nil {
		i = b.run(i)
	}
	switch {
	case b.code8 != nil:
		shape = int(b.code8[i])
	case b.code16 != nil:
		shape = int(b.code16[i])
	default:
		shape = int(b.code)
	}
	switch {
	case b.digit16 != nil:
		digits = uint64(b.digit16[i])
	case b.digit32 != nil:
		digits = uint64(b.digit32[i])
	case b.digit64 != nil:
		digits = b.digit64[i]
	}
	return shape, b.base + digits
}

// unpack writes the shapes and the numbers of all rows.
func (b *block) unpack(rows *unpacked) {
	codes, digits := &rows.codes, &rows.digits
	switch {
	case b.ends != nil:
		fill(codes[:], Raw)
		return
	case b.starts != nil:
		runs := *b
		runs.starts = nil
		for i, from := range b.starts {
			to := blockRows
			if i+1 < len(b.starts) {
				to = int(b.starts[i+1])
			}
			shape, digit := runs.at(i)
			fill(codes[from:to], int32(shape))
			fill(digits[from:to], digit)
		}
		return
	}
	switch {
	case b.code8 != nil:
		widen(codes[:], b.code8, 0)
	case b.code16 != nil:
		widen(codes[:], b.code16, 0)
	default:
		fill(codes[:], b.code)
	}
	switch {
	case b.digit16 != nil:
		widen(digits[:], b.digit16, b.base)
	case b.digit32 != nil:
		widen(digits[:], b.digit32, b.base)
	case b.digit64 != nil:
		widen(digits[:], b.digit64, b.base)
	default:
		fill(digits[:], b.base)
	}
}

func fill[T any](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}

func widen[S int32 | uint64, T uint8 | uint16 | uint32 | uint64](out []S, x []T, base S) {
	out = out[:len(x)]
	for i, v := range x {
		out[i] = base + S(v)
	}
}
