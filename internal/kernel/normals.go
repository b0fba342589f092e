package kernel

import (
	"math/bits"
	"unsafe"
)

// A Normal is a source of standard normal deviates, as fine as float32s are: of as many
// generators xoshiro128++ (Blackman & Vigna 2021), each of which gives one of so many deviates
// that follow each other. A deviate is the quantile of 32 bits; the largest is 6.3. What a
// source gives is the same on all paths.
type Normal struct{ state [4 * generators]uint32 }

const generators = 16

// NewNormal returns a source whose state is drawn from bits.
func NewNormal(bits func() uint64) *Normal {
	n := new(Normal)
	for i := 0; i < len(n.state); i += 2 {
		b := bits()
		n.state[i], n.state[i+1] = uint32(b), uint32(b>>32)
	}
	return n
}

// Normals fills dst with deviates of n. All generators take as many steps: what a last group
// of less than 16 leaves is dropped.
func Normals[T Float](n *Normal, dst []T) {
	if unsafe.Sizeof(T(0)) == 4 {
		n.fill(as[float32](dst))
		return
	}
	var buf [8 * generators]float32
	for len(dst) > 0 {
		part := buf[:min(len(buf), len(dst))]
		n.fill(part)
		Widen(as[float64](dst[:len(part)]), part)
		dst = dst[len(part):]
	}
}

func (n *Normal) fill(dst []float32) {
	groups := len(dst) / generators
	normalGroups(dst, &n.state, groups)
	if rest := dst[groups*generators:]; len(rest) > 0 {
		var last [generators]float32
		normalGroups(last[:], &n.state, 1)
		copy(rest, last[:])
	}
}

func normalsGo(dst []float32, state *[4 * generators]uint32, groups int) {
	for i := range groups * generators {
		g := i % generators
		s0, s1, s2, s3 := &state[g], &state[generators+g], &state[2*generators+g], &state[3*generators+g]
		word := bits.RotateLeft32(*s0+*s3, 7) + *s0
		t := *s1 << 9
		*s2 ^= *s0
		*s3 ^= *s1
		*s1 ^= *s2
		*s0 ^= *s3
		*s2 ^= t
		*s3 = bits.RotateLeft32(*s3, 11)
		dst[i] = normalSingle(word)
	}
}
