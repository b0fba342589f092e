package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
)

// An operation is a kernel together with the lengths of its slices, results
// included; a scalar result goes to a slice of one element.
type operation struct {
	name    string
	lengths func(m, k, n int) []int
	run     func(s [][]float64, m, k, n int)
}

func operations() []operation {
	alike := func(count int) func(m, k, n int) []int {
		return func(m, k, n int) []int {
			l := make([]int, count)
			for i := range l {
				l[i] = k
			}
			return l
		}
	}
	unary := func(name string, f func(dst, x []float64)) operation {
		return operation{name, alike(2), func(s [][]float64, m, k, n int) { f(s[0], s[1]) }}
	}
	binary := func(name string, f func(dst, a, b []float64)) operation {
		return operation{name, alike(3), func(s [][]float64, m, k, n int) { f(s[0], s[1], s[2]) }}
	}
	product := func(name string, add bool, f func(c, a, b []float64, m, k, n int, add bool)) operation {
		return operation{name, func(m, k, n int) []int { return []int{m * n, m * k, k * n} },
			func(s [][]float64, m, k, n int) { f(s[0], s[1], s[2], m, k, n, add) }}
	}
	return []operation{
		unary("Exp", Exp), unary("Tanh", Tanh), unary("Sigmoid", Sigmoid), unary("Softplus", Softplus), unary("Log", Log),
		binary("Add", Add), binary("Sub", Sub), binary("Mul", Mul), binary("MulAdd", MulAdd),
		binary("TanhGrad", TanhGrad), binary("SigmoidGrad", SigmoidGrad),
		{"Axpy", alike(2), func(s [][]float64, m, k, n int) { Axpy(s[0], -1.7, s[1]) }},
		{"Combine", alike(5), func(s [][]float64, m, k, n int) {
			Combine(s[0], s[1], []float64{0.3, -1.7, 1e-3}, s[2:])
		}},
		{"Combine, one term", alike(2), func(s [][]float64, m, k, n int) { Combine(s[0], s[0], []float64{-0.3}, s[1:]) }},
		{"ToTolerance", alike(6), func(s [][]float64, m, k, n int) { ToTolerance(s[0], s[1], s[2], s[3], s[4], s[5]) }},
		{"Scale", alike(1), func(s [][]float64, m, k, n int) { Scale(s[0], 0.3) }},
		{"Dot", func(m, k, n int) []int { return []int{1, k, k} }, func(s [][]float64, m, k, n int) { s[0][0] = Dot(s[1], s[2]) }},
		{"Sum", func(m, k, n int) []int { return []int{1, k} }, func(s [][]float64, m, k, n int) { s[0][0] = Sum(s[1]) }},
		{"SumSq", func(m, k, n int) []int { return []int{1, k} }, func(s [][]float64, m, k, n int) { s[0][0] = SumSq(s[1]) }},
		{"LogSumExp", func(m, k, n int) []int { return []int{1, k} }, func(s [][]float64, m, k, n int) { s[0][0] = LogSumExp(s[1]) }},
		{"SumRows", func(m, k, n int) []int { return []int{n, m * n} }, func(s [][]float64, m, k, n int) { SumRows(s[0], s[1], m, n) }},
		{"Adam", alike(4), func(s [][]float64, m, k, n int) {
			for i, v := range s[3] {
				s[3][i] = math.Abs(v) // a second moment
			}
			Adam(s[0], s[1], s[2], s[3], 1e-3, 0.9, 0.999, 1e-8, 0.271, 0.002997)
		}},
		product("MulNN", false, MulNN[float64]), product("MulNN+", true, MulNN[float64]),
		product("MulNT", false, MulNT), product("MulNT+", true, MulNT),
		product("MulTN", false, MulTN[float64]), product("MulTN+", true, MulTN[float64]),
		{"Affine", func(m, k, n int) []int { return []int{m * n, m * k, k * n, n} },
			func(s [][]float64, m, k, n int) { Affine(s[0], s[1], s[2], s[3], m, k, n) }},
		{"Transpose", func(m, k, n int) []int { return []int{m * n, m * n} },
			func(s [][]float64, m, k, n int) { Transpose(s[0], s[1], m, n) }},
		{"MulNNPlus", func(m, k, n int) []int { return []int{m * n, m * n, m * k, k * n} },
			func(s [][]float64, m, k, n int) { MulNNPlus(s[0], s[1], s[2], s[3], m, k, n) }},
		{"GRUGates", func(m, k, n int) []int { return []int{m * n, 4 * m * n, 3 * m * n, 3 * m * n, m * n} },
			func(s [][]float64, m, k, n int) { GRUGates(s[0], s[1], s[2], s[3], s[4], m, n) }},
		{"GRUGatesGrad", func(m, k, n int) []int {
			return []int{3 * m * n, 3 * m * n, m * n, m * n, 4 * m * n, m * n}
		}, func(s [][]float64, m, k, n int) { GRUGatesGrad(s[0], s[1], s[2], s[3], s[4], s[5], m, n) }},
		{"LSTMGates", func(m, k, n int) []int {
			return []int{m * n, m * n, 5 * m * n, 4 * m * n, 4 * m * n, m * n}
		}, func(s [][]float64, m, k, n int) { LSTMGates(s[0], s[1], s[2], s[3], s[4], s[5], m, n) }},
		{"LSTMGatesGrad", func(m, k, n int) []int {
			return []int{4 * m * n, m * n, m * n, m * n, 5 * m * n, m * n}
		}, func(s [][]float64, m, k, n int) { LSTMGatesGrad(s[0], s[1], s[2], s[3], s[4], s[5], m, n) }},
	}
}

var specials = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1, -1,
	0x1p-1074, -0x1p-1074, 0x1p-1022, math.MaxFloat64, -math.MaxFloat64, 709.8, -745.2, 710.5, -746.5, 1e300, -1e300, 19.1, -36.8}

// fill draws numbers of all sizes, of everyday size, or with specials among
// them.
func fill(rng *rand.Rand, x []float64, kind int) {
	for i := range x {
		x[i] = 8*rng.Float64() - 4
		switch {
		case kind == 1 && rng.IntN(4) == 0:
			x[i] = specials[rng.IntN(len(specials))]
		case kind == 2:
			x[i] = math.Ldexp(x[i], rng.IntN(120)-60)
		case kind == 3:
			x[i] = math.Float64frombits(rng.Uint64())
		}
	}
}

// sameBits holds two NaNs for the same.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// TestDigest compares every kernel's results, down to the bit, with those of
// the machine on which the digests were taken.
func TestDigest(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		for _, op := range operations() {
			rng := rand.New(rand.NewPCG(11, 12))
			h := fnv.New64a()
			for trial := range 16 {
				m, k, n := 1+rng.IntN(12), 1+rng.IntN(90), 1+rng.IntN(40)
				var s [][]float64
				for _, l := range op.lengths(m, k, n) {
					x := make([]float64, l)
					fill(rng, x, trial%4)
					s = append(s, x)
				}
				op.run(s, m, k, n)
				for _, x := range s {
					for _, v := range x {
						b := math.Float64bits(v)
						if v != v {
							b = 0 // a NaN's bits are the processor's affair
						}
						h.Write(binary.LittleEndian.AppendUint64(nil, b))
					}
				}
			}
			if got := h.Sum64(); got != digests[op.name] {
				t.Errorf("%q: %#016x, want %#016x", op.name, got, digests[op.name])
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
