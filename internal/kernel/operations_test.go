package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// An operation is a kernel together with the lengths of its slices, results
// included; a scalar result goes to a slice of one element.
type operation[T Float] struct {
	name    string
	lengths func(m, k, n int) []int
	run     func(s [][]T, m, k, n int)
}

// operations returns those of both widths.
func operations[T Float]() []operation[T] {
	unary := func(name string, f func(dst, x []T)) operation[T] {
		return operation[T]{name, alike(2), func(s [][]T, m, k, n int) { f(s[0], s[1]) }}
	}
	binary := func(name string, f func(dst, a, b []T)) operation[T] {
		return operation[T]{name, alike(3), func(s [][]T, m, k, n int) { f(s[0], s[1], s[2]) }}
	}
	product := func(name string, add bool, f func(c, a, b []T, m, k, n int, add bool)) operation[T] {
		return operation[T]{name, func(m, k, n int) []int { return []int{m * n, m * k, k * n} },
			func(s [][]T, m, k, n int) { f(s[0], s[1], s[2], m, k, n, add) }}
	}
	return []operation[T]{
		unary("Exp", Exp[T]), unary("Tanh", Tanh[T]), unary("Sigmoid", Sigmoid[T]), unary("Softplus", Softplus[T]), unary("Log", Log[T]),
		binary("Add", Add[T]), binary("Sub", Sub[T]), binary("Mul", Mul[T]), binary("MulAdd", MulAdd[T]),
		binary("TanhGrad", TanhGrad[T]), binary("SigmoidGrad", SigmoidGrad[T]),
		{"Axpy", alike(2), func(s [][]T, m, k, n int) { Axpy(s[0], -1.7, s[1]) }},
		{"Scale", alike(1), func(s [][]T, m, k, n int) { Scale(s[0], 0.3) }},
		{"Sum", func(m, k, n int) []int { return []int{1, k} }, func(s [][]T, m, k, n int) { s[0][0] = T(Sum(s[1])) }},
		{"LogSumExp", func(m, k, n int) []int { return []int{1, k} }, func(s [][]T, m, k, n int) { s[0][0] = LogSumExp(s[1]) }},
		{"SumRows", func(m, k, n int) []int { return []int{n, m * n} }, func(s [][]T, m, k, n int) { SumRows(s[0], s[1], m, n) }},
		product("MulNN", false, MulNN[T]), product("MulNN+", true, MulNN[T]),
		product("MulNT", false, MulNT[T]), product("MulNT+", true, MulNT[T]),
		product("MulTN", false, MulTN[T]), product("MulTN+", true, MulTN[T]),
		{"Affine", func(m, k, n int) []int { return []int{m * n, m * k, k * n, n} },
			func(s [][]T, m, k, n int) { Affine(s[0], s[1], s[2], s[3], m, k, n) }},
		{"Transpose", func(m, k, n int) []int { return []int{m * n, m * n} },
			func(s [][]T, m, k, n int) { Transpose(s[0], s[1], m, n) }},
		{"MulNNPlus", func(m, k, n int) []int { return []int{m * n, m * n, m * k, k * n} },
			func(s [][]T, m, k, n int) { MulNNPlus(s[0], s[1], s[2], s[3], m, k, n) }},
		{"GRUGates", func(m, k, n int) []int { return []int{m * n, 4 * m * n, 3 * m * n, 3 * m * n, m * n} },
			func(s [][]T, m, k, n int) { GRUGates(s[0], s[1], s[2], s[3], s[4], m, n) }},
		{"GRUGatesGrad", func(m, k, n int) []int {
			return []int{3 * m * n, 3 * m * n, m * n, m * n, 4 * m * n, m * n}
		}, func(s [][]T, m, k, n int) { GRUGatesGrad(s[0], s[1], s[2], s[3], s[4], s[5], m, n) }},
		{"LSTMGates", func(m, k, n int) []int {
			return []int{m * n, m * n, 5 * m * n, 4 * m * n, 4 * m * n, m * n}
		}, func(s [][]T, m, k, n int) { LSTMGates(s[0], s[1], s[2], s[3], s[4], s[5], m, n) }},
		{"LSTMGatesGrad", func(m, k, n int) []int {
			return []int{4 * m * n, m * n, m * n, m * n, 5 * m * n, m * n}
		}, func(s [][]T, m, k, n int) { LSTMGatesGrad(s[0], s[1], s[2], s[3], s[4], s[5], m, n) }},
	}
}

// alike gives a number of slices k elements each.
func alike(count int) func(m, k, n int) []int {
	return func(m, k, n int) []int {
		l := make([]int, count)
		for i := range l {
			l[i] = k
		}
		return l
	}
}

// doubles returns the operations of float64, those of both widths first.
func doubles() []operation[float64] {
	return append(operations[float64](), []operation[float64]{
		{"Combine", alike(5), func(s [][]float64, m, k, n int) {
			Combine(s[0], s[1], []float64{0.3, -1.7, 1e-3}, s[2:])
		}},
		{"Combine, one term", alike(2), func(s [][]float64, m, k, n int) { Combine(s[0], s[0], []float64{-0.3}, s[1:]) }},
		{"ToTolerance", alike(6), func(s [][]float64, m, k, n int) { ToTolerance(s[0], s[1], s[2], s[3], s[4], s[5]) }},
		{"Dot", func(m, k, n int) []int { return []int{1, k, k} }, func(s [][]float64, m, k, n int) { s[0][0] = Dot(s[1], s[2]) }},
		{"SumSq", func(m, k, n int) []int { return []int{1, k} }, func(s [][]float64, m, k, n int) { s[0][0] = SumSq(s[1]) }},
		{"Adam", alike(4), func(s [][]float64, m, k, n int) {
			for i, v := range s[3] {
				s[3][i] = math.Abs(v) // a second moment
			}
			Adam(s[0], s[1], s[2], s[3], 1e-3, 0.9, 0.999, 1e-8, 0.271, 0.002997)
		}},
	}...)
}

var specials = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1, -1,
	0x1p-1074, -0x1p-1074, 0x1p-1022, math.MaxFloat64, -math.MaxFloat64, 709.8, -745.2, 710.5, -746.5, 1e300, -1e300, 19.1, -36.8}

// fill draws numbers of all sizes, of everyday size, or with specials among
// them.
func fill[T Float](rng *rand.Rand, x []T, kind int) {
	for i := range x {
		v := 8*rng.Float64() - 4
		switch {
		case kind == 1 && rng.IntN(4) == 0:
			v = specials[rng.IntN(len(specials))]
		case kind == 2:
			v = math.Ldexp(v, rng.IntN(120)-60)
		case kind == 3:
			v = anyFloat[T](rng.Uint64())
		}
		x[i] = T(v)
	}
}

// anyFloat returns the number whose bits are the lowest of b.
func anyFloat[T Float](b uint64) float64 {
	if unsafe.Sizeof(T(0)) == 4 {
		return float64(math.Float32frombits(uint32(b)))
	}
	return math.Float64frombits(b)
}

// sameBits holds two NaNs for the same.
func sameBits[T Float](a, b T) bool { return bitsOf(a) == bitsOf(b) }

// bitsOf returns the bits of x, 0 for a NaN, whose bits are the processor's affair.
func bitsOf[T Float](x T) uint64 {
	switch {
	case x != x:
		return 0
	case unsafe.Sizeof(x) == 4:
		return uint64(math.Float32bits(float32(x)))
	}
	return math.Float64bits(float64(x))
}

// TestDigest compares every kernel's results, down to the bit, with those of
// the machine on which the digests were taken.
func TestDigest(t *testing.T) { checkDigests(t, doubles(), digests) }

// TestDigestSingle is TestDigest for float32.
func TestDigestSingle(t *testing.T) { checkDigests(t, operations[float32](), digestsSingle) }

func checkDigests[T Float](t *testing.T, all []operation[T], want map[string]uint64) {
	onEveryPath(t, func(t *testing.T) {
		for _, op := range all {
			rng := rand.New(rand.NewPCG(11, 12))
			h := fnv.New64a()
			for trial := range 16 {
				m, k, n := 1+rng.IntN(12), 1+rng.IntN(90), 1+rng.IntN(40)
				var s [][]T
				for _, l := range op.lengths(m, k, n) {
					x := make([]T, l)
					fill(rng, x, trial%4)
					s = append(s, x)
				}
				op.run(s, m, k, n)
				for _, x := range s {
					for _, v := range x {
						h.Write(binary.LittleEndian.AppendUint64(nil, bitsOf(v)))
					}
				}
			}
			if got := h.Sum64(); got != want[op.name] {
				t.Errorf("%q: %#016x, want %#016x", op.name, got, want[op.name])
			}
		}
	})
}

var digests = map[string]uint64{
	"Adam":              0xff8b1bb2cdffd026,
	"Add":               0x3e33485a4fa4c82f,
	"Affine":            0x2bfa295407b8da77,
	"ToTolerance":       0xb7d64f95fae1c357,
	"Combine":           0x32be797be823008e,
	"Combine, one term": 0xa6ef5c0a9a3560b3,
	"Axpy":              0xeffe213ad41fc3e3,
	"Dot":               0x6f7e525f5fd7928f,
	"Exp":               0xe347e3173a0e20b3,
	"GRUGates":          0xf3b98184f86be01f,
	"GRUGatesGrad":      0xcd861940b2c9e79f,
	"LSTMGates":         0xac15227e6659a5b4,
	"LSTMGatesGrad":     0x20f06ae050b29316,
	"Log":               0x65d39a853d2cc31b,
	"LogSumExp":         0x14532c165166c85c,
	"Mul":               0x4c09d02fcc146e24,
	"MulAdd":            0x44131a76139e470a,
	"MulNN":             0xf3f89ad26f3b49be,
	"MulNN+":            0x4b5211c52a2afb68,
	"MulNNPlus":         0x1edaae140795dc4f,
	"MulNT":             0xb9c547d373eb47b1,
	"MulNT+":            0x658ed6dd611b819e,
	"MulTN":             0x91644ce44416a92d,
	"MulTN+":            0x052bfef49ce60a57,
	"Scale":             0x5ea11b8a7e0c1fb7,
	"Sigmoid":           0xdb00e8b73cb8fcf1,
	"SigmoidGrad":       0x1cedab07351abfe6,
	"Softplus":          0x2c31fdbc7d29fe42,
	"Sub":               0x262811d72d3fa75c,
	"Sum":               0xf46620d0750aad84,
	"SumRows":           0xb35369d847b6e01d,
	"SumSq":             0x213dc2fa42310829,
	"Tanh":              0x1fe2d8e92a0eff91,
	"TanhGrad":          0x7e04226cb07c8e52,
	"Transpose":         0xa13f07187da28c9d,
}

var digestsSingle = map[string]uint64{
	"Add":           0x8a121943b224db83,
	"Affine":        0xd18491a1e08c3ecf,
	"Axpy":          0x63f534a31dd615bd,
	"Exp":           0x68275aab49f57677,
	"GRUGates":      0xe87aabd364fdb7f1,
	"GRUGatesGrad":  0x71b0c9611b89a199,
	"LSTMGates":     0xa7574cefac1af30a,
	"LSTMGatesGrad": 0x3fd22632e69983c4,
	"Log":           0xe2176f95f51dfd7f,
	"LogSumExp":     0x5b7f52f1cef509fb,
	"Mul":           0x6821074b068cfeeb,
	"MulAdd":        0x266037ec66dacdb1,
	"MulNN":         0x0d24e11faa926a60,
	"MulNN+":        0xe8bb277bfe0ba607,
	"MulNNPlus":     0x4985bd7d37967a60,
	"MulNT":         0x634c3f44aa8e56c4,
	"MulNT+":        0xdc454f8423f123d9,
	"MulTN":         0x47788dff2416c272,
	"MulTN+":        0xda19f83adf71fc14,
	"Scale":         0xc95233af7da3a1b8,
	"Sigmoid":       0x09897ca76c58cff0,
	"SigmoidGrad":   0x2aecb25bf5f32548,
	"Softplus":      0x0e88400839806d5b,
	"Sub":           0x21c5d0cd12a34f58,
	"Sum":           0xa87c903e2c894bff,
	"SumRows":       0xdf66be22d0fb7cd1,
	"Tanh":          0x35ee5326aad52f02,
	"TanhGrad":      0xd191bb0b63e710c7,
	"Transpose":     0x88efb0c73e3a0c71,
}
