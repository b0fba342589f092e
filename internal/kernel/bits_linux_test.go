//go:build (amd64 || arm64) && !noasm

package kernel

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"tsgen/internal/seriestest"
)

// A fence is memory between two pages that may not be touched.
type fence struct{ data []byte }

func newFence(t testing.TB, elements int) fence {
	page := syscall.Getpagesize()
	inner := (8*elements + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	for _, guard := range [][]byte{mem[:page], mem[len(mem)-page:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	inside := mem[page : len(mem)-page]
	return fence{inside}
}

// place copies x to within gap elements of the front guard or right before the
// back one.
func place[T Float](f fence, x []T, atFront bool, gap int) []T {
	data := unsafe.Slice((*T)(unsafe.Pointer(&f.data[0])), len(f.data)/int(unsafe.Sizeof(T(0))))
	from := len(data) - len(x)
	if atFront {
		from = min(gap, from)
	}
	s := data[from : from+len(x) : from+len(x)]
	copy(s, x)
	return s
}

// TestSameBits runs every kernel on every path over random shapes, between
// pages that may not be touched, and compares all slices with the Go path's.
func TestSameBits(t *testing.T) {
	t.Run("float64", func(t *testing.T) { checkAllBits(t, doubles()) })
	t.Run("float32", func(t *testing.T) { checkAllBits(t, operations[float32]()) })
}

func checkAllBits[T Float](t *testing.T, all []operation[T]) {
	fences := make([]fence, 7)
	for i := range fences {
		fences[i] = newFence(t, 1<<13)
	}
	for _, op := range all {
		t.Run(op.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, uint64(len(op.name))))
			for trial := range 150 {
				m, k, n := rng.IntN(20), rng.IntN(70), rng.IntN(60)
				if trial < 27 {
					m, k, n = trial%3, trial/3%3, trial/9
				}
				checkSameBits(t, op, fences, rng, trial, m, k, n)
			}
		})
	}
}

// TestSameBitsLarge covers packed panels and products cut along k.
func TestSameBitsLarge(t *testing.T) {
	seriestest.Long(t)
	t.Run("float64", func(t *testing.T) { checkLargeBits(t, doubles()) })
	t.Run("float32", func(t *testing.T) { checkLargeBits(t, operations[float32]()) })
}

func checkLargeBits[T Float](t *testing.T, all []operation[T]) {
	fences := make([]fence, 4)
	for i := range fences {
		fences[i] = newFence(t, 1<<20)
	}
	for _, op := range all {
		switch op.name {
		case "MulNN", "MulNN+", "MulNT", "MulNT+", "MulTN", "MulTN+", "MulNNPlus", "Affine":
		default:
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(8, 8))
			for trial, shape := range [][3]int{{9, 385, 19}, {17, 100, 77}, {40, 193, 26}, {9, 192, 40}, {1, 200, 35}, {193, 260, 505}, {9, 1100, 480}, {300, 440, 103}} {
				checkSameBits(t, op, fences, rng, trial, shape[0], shape[1], shape[2])
			}
		})
	}
}

func checkSameBits[T Float](t *testing.T, op operation[T], fences []fence, rng *rand.Rand, trial, m, k, n int) {
	t.Helper()
	var in [][]T
	for _, l := range op.lengths(m, k, n) {
		x := make([]T, l)
		fill(rng, x, trial%4)
		in = append(in, x)
	}
	front, gap := trial%2 == 0, rng.IntN(9)
	var want [][]T
	for _, p := range routes() {
		usePath(t, p)
		var s [][]T
		for i := range in {
			s = append(s, place(fences[i], in[i], front, gap))
		}
		op.run(s, m, k, n)
		if want == nil {
			for i := range s {
				want = append(want, append([]T(nil), s[i]...))
			}
			continue
		}
		for i := range s {
			for j := range s[i] {
				if !sameBits(s[i][j], want[i][j]) {
					t.Fatalf("m, k, n = %d, %d, %d: slice %d, element %d is %x on %v, %x on %v",
						m, k, n, i, j, s[i][j], p, want[i][j], generic)
				}
			}
		}
	}
}

// FuzzFunctions compares the paths on arbitrary bits.
func FuzzFunctions(f *testing.F) {
	var seed []byte
	for _, x := range specials {
		seed = binary.LittleEndian.AppendUint64(seed, math.Float64bits(x))
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		var x []float64
		var y []float32
		for ; len(data) >= 8; data = data[8:] {
			b := binary.LittleEndian.Uint64(data)
			x = append(x, math.Float64frombits(b))
			y = append(y, math.Float32frombits(uint32(b)), math.Float32frombits(uint32(b>>32)))
		}
		compareFunctions(t, x)
		compareFunctions(t, y)
	})
}

func compareFunctions[T Float](t *testing.T, x []T) {
	for _, op := range operations[T]()[:5] {
		want := make([]T, len(x))
		usePath(t, generic)
		op.run([][]T{want, x}, 0, 0, 0)
		for _, p := range routes()[1:] {
			usePath(t, p)
			got := make([]T, len(x))
			op.run([][]T{got, x}, 0, 0, 0)
			for i := range got {
				if !sameBits(got[i], want[i]) {
					t.Fatalf("%s(%x) is %x on %v, %x on %v", op.name, x[i], got[i], p, want[i], generic)
				}
			}
		}
	}
}
