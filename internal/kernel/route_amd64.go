//go:build amd64 && !noasm

package kernel

import (
	"os"
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate go run -C gen . -pkg kernel -out ../kernel_amd64.s -stubs ../stubs_amd64.go

// A route is a path; a processor that can run one can run those before it.
type route uint8

const (
	generic route = iota
	avx2
	avx512
)

func (r route) String() string {
	return [...]string{"generic", "avx2", "avx512"}[r]
}

// path is set once, at start-up; tests set it too.
var path = choose(os.Getenv("TSGEN_KERNEL"), best())

// Path names the path in use: generic, avx2 or avx512.
func Path() string { return path.String() }

// choose returns the path asked for by name, or the best one where there is
// none of that name or the processor cannot run it.
func choose(name string, best route) route {
	for r := range best {
		if r.String() == name {
			return r
		}
	}
	return best
}

// best returns the last path that this processor can run.
func best() route {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA:
		return generic
	case !x.HasAVX512F || !x.HasAVX512DQ || !x.HasAVX512VL || !x.HasBMI2:
		return avx2
	}
	return avx512
}

// first returns the address of a slice's first element.
func first[T Float](x []T) *T { return unsafe.SliceData(x) }

func add(dst, a, b []float64) {
	switch path {
	case avx512:
		addAVX512(first(dst), first(a), first(b), len(dst))
	case avx2:
		addAVX2(first(dst), first(a), first(b), len(dst))
	default:
		addGo(dst, a, b)
	}
}

func sub(dst, a, b []float64) {
	switch path {
	case avx512:
		subAVX512(first(dst), first(a), first(b), len(dst))
	case avx2:
		subAVX2(first(dst), first(a), first(b), len(dst))
	default:
		subGo(dst, a, b)
	}
}

func mul(dst, a, b []float64) {
	switch path {
	case avx512:
		mulAVX512(first(dst), first(a), first(b), len(dst))
	case avx2:
		mulAVX2(first(dst), first(a), first(b), len(dst))
	default:
		mulGo(dst, a, b)
	}
}

func mulAdd(dst, a, b []float64) {
	switch path {
	case avx512:
		mulAddAVX512(first(dst), first(a), first(b), len(dst))
	case avx2:
		mulAddAVX2(first(dst), first(a), first(b), len(dst))
	default:
		mulAddGo(dst, a, b)
	}
}

func tanhGrad(dst, y, dy []float64) {
	switch path {
	case avx512:
		tanhGradAVX512(first(dst), first(y), first(dy), len(dst))
	case avx2:
		tanhGradAVX2(first(dst), first(y), first(dy), len(dst))
	default:
		tanhGradGo(dst, y, dy)
	}
}

func sigmoidGrad(dst, y, dy []float64) {
	switch path {
	case avx512:
		sigmoidGradAVX512(first(dst), first(y), first(dy), len(dst))
	case avx2:
		sigmoidGradAVX2(first(dst), first(y), first(dy), len(dst))
	default:
		sigmoidGradGo(dst, y, dy)
	}
}

func axpy(y []float64, alpha float64, x []float64) {
	switch path {
	case avx512:
		axpyAVX512(first(y), alpha, first(x), len(y))
	case avx2:
		axpyAVX2(first(y), alpha, first(x), len(y))
	default:
		axpyGo(y, alpha, x)
	}
}

// maxTerms is the number of terms whose pointers combine keeps on the stack.
const maxTerms = 16

func combine(dst, base, c []float64, x [][]float64) {
	if path == generic || len(x) > maxTerms || len(dst) == 0 {
		combineGo(dst, base, c, x)
		return
	}
	var p [maxTerms]*float64
	for i, v := range x {
		p[i] = &v[0]
	}
	if path == avx512 {
		combineAVX512(&dst[0], &base[0], &c[0], &p[0], len(x), len(dst))
	} else {
		combineAVX2(&dst[0], &base[0], &c[0], &p[0], len(x), len(dst))
	}
}

func toTolerance(dst, x, y, z, atol, rtol []float64) {
	switch path {
	case avx512:
		toToleranceAVX512(first(dst), first(x), first(y), first(z), first(atol), first(rtol), len(dst))
	case avx2:
		toToleranceAVX2(first(dst), first(x), first(y), first(z), first(atol), first(rtol), len(dst))
	default:
		toToleranceGo(dst, x, y, z, atol, rtol)
	}
}

func scale(x []float64, alpha float64) {
	switch path {
	case avx512:
		scaleAVX512(first(x), alpha, len(x))
	case avx2:
		scaleAVX2(first(x), alpha, len(x))
	default:
		scaleGo(x, alpha)
	}
}

func expAll(dst, x []float64) {
	switch path {
	case avx512:
		expAVX512(first(dst), first(x), len(dst))
	case avx2:
		expAVX2(first(dst), first(x), len(dst))
	default:
		expGo(dst, x)
	}
}

func tanhAll(dst, x []float64) {
	switch path {
	case avx512:
		tanhAVX512(first(dst), first(x), len(dst))
	case avx2:
		tanhAVX2(first(dst), first(x), len(dst))
	default:
		tanhGo(dst, x)
	}
}

func sigmoidAll(dst, x []float64) {
	switch path {
	case avx512:
		sigmoidAVX512(first(dst), first(x), len(dst))
	case avx2:
		sigmoidAVX2(first(dst), first(x), len(dst))
	default:
		sigmoidGo(dst, x)
	}
}

func softplusAll(dst, x []float64) {
	switch path {
	case avx512:
		softplusAVX512(first(dst), first(x), len(dst))
	case avx2:
		softplusAVX2(first(dst), first(x), len(dst))
	default:
		softplusGo(dst, x)
	}
}

func logAll(dst, x []float64) {
	switch path {
	case avx512:
		logAVX512(first(dst), first(x), len(dst))
	case avx2:
		logAVX2(first(dst), first(x), len(dst))
	default:
		logGo(dst, x)
	}
}

func narrowGroups(dst []float32, x []float64) {
	switch path {
	case avx512:
		narrowAVX512(first(dst), first(x), len(x))
	case avx2:
		narrowAVX2(first(dst), first(x), len(x))
	default:
		narrowGo(dst, x)
	}
}

func addSingleGroups(dst, a []float64, x []float32) {
	switch path {
	case avx512:
		addSingleAVX512(first(dst), first(a), first(x), len(x))
	case avx2:
		addSingleAVX2(first(dst), first(a), first(x), len(x))
	default:
		addSingleGo(dst, a, x)
	}
}

func dotBlocks(a, b []float64) float64 {
	switch path {
	case avx512:
		return dotAVX512(first(a), first(b), len(a))
	case avx2:
		return dotAVX2(first(a), first(b), len(a))
	default:
		return dotBlocksGo(a, b)
	}
}

func sumBlocks(x []float64) float64 {
	switch path {
	case avx512:
		return sumAVX512(first(x), len(x))
	case avx2:
		return sumAVX2(first(x), len(x))
	default:
		return sumBlocksGo(x)
	}
}

func sumRows(dst, x []float64, m, n int) {
	switch path {
	case avx512:
		sumRowsAVX512(first(dst), first(x), m, n)
	case avx2:
		sumRowsAVX2(first(dst), first(x), m, n)
	default:
		sumRowsGo(dst, x, m, n)
	}
}

func adam(p, g, m, v []float64, s adamStep) {
	switch path {
	case avx512:
		adamAVX512(first(p), first(g), first(m), first(v), len(p),
			s.beta1, s.rest1, s.beta2, s.rest2, s.rate, s.scale2, s.eps)
	case avx2:
		adamAVX2(first(p), first(g), first(m), first(v), len(p),
			s.beta1, s.rest1, s.beta2, s.rest2, s.rate, s.scale2, s.eps)
	default:
		adamGo(p, g, m, v, s)
	}
}

func gruGates(hNew, gates, gx, gh, h []float64) {
	switch path {
	case avx512:
		gruGatesAVX512(first(hNew), first(gates), first(gx), first(gh), first(h), len(h))
	case avx2:
		gruGatesAVX2(first(hNew), first(gates), first(gx), first(gh), first(h), len(h))
	default:
		gruGatesGo(hNew, gates, gx, gh, h)
	}
}

func gruGatesGrad(dgx, dgh, dh, dhNew, gates, h []float64) {
	switch path {
	case avx512:
		gruGatesGradAVX512(first(dgx), first(dgh), first(dh), first(dhNew), first(gates), first(h), len(h))
	case avx2:
		gruGatesGradAVX2(first(dgx), first(dgh), first(dh), first(dhNew), first(gates), first(h), len(h))
	default:
		gruGatesGradGo(dgx, dgh, dh, dhNew, gates, h)
	}
}

func lstmGates(hNew, cNew, gates, gx, gh, c []float64) {
	switch path {
	case avx512:
		lstmGatesAVX512(first(hNew), first(cNew), first(gates), first(gx), first(gh), first(c), len(c))
	case avx2:
		lstmGatesAVX2(first(hNew), first(cNew), first(gates), first(gx), first(gh), first(c), len(c))
	default:
		lstmGatesGo(hNew, cNew, gates, gx, gh, c)
	}
}

func lstmGatesGrad(dg, dc, dhNew, dcNew, gates, c []float64) {
	switch path {
	case avx512:
		lstmGatesGradAVX512(first(dg), first(dc), first(dhNew), first(dcNew), first(gates), first(c), len(c))
	case avx2:
		lstmGatesGradAVX2(first(dg), first(dc), first(dhNew), first(dcNew), first(gates), first(c), len(c))
	default:
		lstmGatesGradGo(dg, dc, dhNew, dcNew, gates, c)
	}
}
