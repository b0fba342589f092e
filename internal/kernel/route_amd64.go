//go:build amd64 && !noasm

//nolint:dupl // stubs of assembly have no type parameters, and arguments of calls through values escape
package kernel

import (
	"os"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// A route is a path; a processor that can run one can run those before it.
type route uint8

const (
	generic route = iota
	avx2
	avx512

	// The paths for elements of float32.
	avx2Single
	avx512Single
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

// way returns the path for elements of type T.
func way[T Float]() route {
	var x T
	if unsafe.Sizeof(x) == 4 && path != generic {
		return path + avx512Single - avx512
	}
	return path
}

func add[T Float](dst, a, b []T) {
	switch way[T]() {
	case avx512:
		addAVX512(double(dst), double(a), double(b), len(dst))
	case avx2:
		addAVX2(double(dst), double(a), double(b), len(dst))
	case avx512Single:
		addSingleAVX512(single(dst), single(a), single(b), len(dst))
	case avx2Single:
		addSingleAVX2(single(dst), single(a), single(b), len(dst))
	default:
		addGo(dst, a, b)
	}
}

func sub[T Float](dst, a, b []T) {
	switch way[T]() {
	case avx512:
		subAVX512(double(dst), double(a), double(b), len(dst))
	case avx2:
		subAVX2(double(dst), double(a), double(b), len(dst))
	case avx512Single:
		subSingleAVX512(single(dst), single(a), single(b), len(dst))
	case avx2Single:
		subSingleAVX2(single(dst), single(a), single(b), len(dst))
	default:
		subGo(dst, a, b)
	}
}

func mul[T Float](dst, a, b []T) {
	switch way[T]() {
	case avx512:
		mulAVX512(double(dst), double(a), double(b), len(dst))
	case avx2:
		mulAVX2(double(dst), double(a), double(b), len(dst))
	case avx512Single:
		mulSingleAVX512(single(dst), single(a), single(b), len(dst))
	case avx2Single:
		mulSingleAVX2(single(dst), single(a), single(b), len(dst))
	default:
		mulGo(dst, a, b)
	}
}

func mulAdd[T Float](dst, a, b []T) {
	switch way[T]() {
	case avx512:
		mulAddAVX512(double(dst), double(a), double(b), len(dst))
	case avx2:
		mulAddAVX2(double(dst), double(a), double(b), len(dst))
	case avx512Single:
		mulAddSingleAVX512(single(dst), single(a), single(b), len(dst))
	case avx2Single:
		mulAddSingleAVX2(single(dst), single(a), single(b), len(dst))
	default:
		mulAddGo(dst, a, b)
	}
}

func tanhGrad[T Float](dst, y, dy []T) {
	switch way[T]() {
	case avx512:
		tanhGradAVX512(double(dst), double(y), double(dy), len(dst))
	case avx2:
		tanhGradAVX2(double(dst), double(y), double(dy), len(dst))
	case avx512Single:
		tanhGradSingleAVX512(single(dst), single(y), single(dy), len(dst))
	case avx2Single:
		tanhGradSingleAVX2(single(dst), single(y), single(dy), len(dst))
	default:
		tanhGradGo(dst, y, dy)
	}
}

func sigmoidGrad[T Float](dst, y, dy []T) {
	switch way[T]() {
	case avx512:
		sigmoidGradAVX512(double(dst), double(y), double(dy), len(dst))
	case avx2:
		sigmoidGradAVX2(double(dst), double(y), double(dy), len(dst))
	case avx512Single:
		sigmoidGradSingleAVX512(single(dst), single(y), single(dy), len(dst))
	case avx2Single:
		sigmoidGradSingleAVX2(single(dst), single(y), single(dy), len(dst))
	default:
		sigmoidGradGo(dst, y, dy)
	}
}

func axpy[T Float](y []T, alpha T, x []T) {
	switch way[T]() {
	case avx512:
		axpyAVX512(double(y), float64(alpha), double(x), len(y))
	case avx2:
		axpyAVX2(double(y), float64(alpha), double(x), len(y))
	case avx512Single:
		axpySingleAVX512(single(y), float32(alpha), single(x), len(y))
	case avx2Single:
		axpySingleAVX2(single(y), float32(alpha), single(x), len(y))
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

func scale[T Float](x []T, alpha T) {
	switch way[T]() {
	case avx512:
		scaleAVX512(double(x), float64(alpha), len(x))
	case avx2:
		scaleAVX2(double(x), float64(alpha), len(x))
	case avx512Single:
		scaleSingleAVX512(single(x), float32(alpha), len(x))
	case avx2Single:
		scaleSingleAVX2(single(x), float32(alpha), len(x))
	default:
		scaleGo(x, alpha)
	}
}

func expAll[T Float](dst, x []T) {
	switch way[T]() {
	case avx512:
		expAVX512(double(dst), double(x), len(dst))
	case avx2:
		expAVX2(double(dst), double(x), len(dst))
	case avx512Single:
		expSingleAVX512(single(dst), single(x), len(dst))
	case avx2Single:
		expSingleAVX2(single(dst), single(x), len(dst))
	default:
		expGo(dst, x)
	}
}

func tanhAll[T Float](dst, x []T) {
	switch way[T]() {
	case avx512:
		tanhAVX512(double(dst), double(x), len(dst))
	case avx2:
		tanhAVX2(double(dst), double(x), len(dst))
	case avx512Single:
		tanhSingleAVX512(single(dst), single(x), len(dst))
	case avx2Single:
		tanhSingleAVX2(single(dst), single(x), len(dst))
	default:
		tanhGo(dst, x)
	}
}

func sigmoidAll[T Float](dst, x []T) {
	switch way[T]() {
	case avx512:
		sigmoidAVX512(double(dst), double(x), len(dst))
	case avx2:
		sigmoidAVX2(double(dst), double(x), len(dst))
	case avx512Single:
		sigmoidSingleAVX512(single(dst), single(x), len(dst))
	case avx2Single:
		sigmoidSingleAVX2(single(dst), single(x), len(dst))
	default:
		sigmoidGo(dst, x)
	}
}

func softplusAll[T Float](dst, x []T) {
	switch way[T]() {
	case avx512:
		softplusAVX512(double(dst), double(x), len(dst))
	case avx2:
		softplusAVX2(double(dst), double(x), len(dst))
	case avx512Single:
		softplusSingleAVX512(single(dst), single(x), len(dst))
	case avx2Single:
		softplusSingleAVX2(single(dst), single(x), len(dst))
	default:
		softplusGo(dst, x)
	}
}

func logAll[T Float](dst, x []T) {
	switch way[T]() {
	case avx512:
		logAVX512(double(dst), double(x), len(dst))
	case avx2:
		logAVX2(double(dst), double(x), len(dst))
	case avx512Single:
		logSingleAVX512(single(dst), single(x), len(dst))
	case avx2Single:
		logSingleAVX2(single(dst), single(x), len(dst))
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

func addWidenedGroups(dst, a []float64, x []float32) {
	switch path {
	case avx512:
		addWidenedAVX512(first(dst), first(a), first(x), len(x))
	case avx2:
		addWidenedAVX2(first(dst), first(a), first(x), len(x))
	default:
		addWidenedGo(dst, a, x)
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

func sumRows[T Float](dst, x []T, m, n int) {
	switch way[T]() {
	case avx512:
		sumRowsAVX512(double(dst), double(x), m, n)
	case avx2:
		sumRowsAVX2(double(dst), double(x), m, n)
	case avx512Single:
		sumRowsSingleAVX512(single(dst), single(x), m, n)
	case avx2Single:
		sumRowsSingleAVX2(single(dst), single(x), m, n)
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

func normalGroups(dst []float32, state *[4 * generators]uint32, groups int) {
	if path == generic {
		normalsGo(dst, state, groups)
		return
	}
	normalsSingleAVX2(first(dst), &state[0], groups)
}

func gruGates[T Float](hNew, gates, gx, gh, h []T) {
	switch way[T]() {
	case avx512:
		gruGatesAVX512(double(hNew), double(gates), double(gx), double(gh), double(h), len(h))
	case avx2:
		gruGatesAVX2(double(hNew), double(gates), double(gx), double(gh), double(h), len(h))
	case avx512Single:
		gruGatesSingleAVX512(single(hNew), single(gates), single(gx), single(gh), single(h), len(h))
	case avx2Single:
		gruGatesSingleAVX2(single(hNew), single(gates), single(gx), single(gh), single(h), len(h))
	default:
		gruGatesGo(hNew, gates, gx, gh, h)
	}
}

func gruGatesGrad[T Float](dgx, dgh, dh, dhNew, gates, h []T) {
	switch way[T]() {
	case avx512:
		gruGatesGradAVX512(double(dgx), double(dgh), double(dh), double(dhNew), double(gates), double(h), len(h))
	case avx2:
		gruGatesGradAVX2(double(dgx), double(dgh), double(dh), double(dhNew), double(gates), double(h), len(h))
	case avx512Single:
		gruGatesGradSingleAVX512(single(dgx), single(dgh), single(dh), single(dhNew), single(gates), single(h), len(h))
	case avx2Single:
		gruGatesGradSingleAVX2(single(dgx), single(dgh), single(dh), single(dhNew), single(gates), single(h), len(h))
	default:
		gruGatesGradGo(dgx, dgh, dh, dhNew, gates, h)
	}
}

func lstmGates[T Float](hNew, cNew, gates, gx, gh, c []T) {
	switch way[T]() {
	case avx512:
		lstmGatesAVX512(double(hNew), double(cNew), double(gates), double(gx), double(gh), double(c), len(c))
	case avx2:
		lstmGatesAVX2(double(hNew), double(cNew), double(gates), double(gx), double(gh), double(c), len(c))
	case avx512Single:
		lstmGatesSingleAVX512(single(hNew), single(cNew), single(gates), single(gx), single(gh), single(c), len(c))
	case avx2Single:
		lstmGatesSingleAVX2(single(hNew), single(cNew), single(gates), single(gx), single(gh), single(c), len(c))
	default:
		lstmGatesGo(hNew, cNew, gates, gx, gh, c)
	}
}

func lstmGatesGrad[T Float](dg, dc, dhNew, dcNew, gates, c []T) {
	switch way[T]() {
	case avx512:
		lstmGatesGradAVX512(double(dg), double(dc), double(dhNew), double(dcNew), double(gates), double(c), len(c))
	case avx2:
		lstmGatesGradAVX2(double(dg), double(dc), double(dhNew), double(dcNew), double(gates), double(c), len(c))
	case avx512Single:
		lstmGatesGradSingleAVX512(single(dg), single(dc), single(dhNew), single(dcNew), single(gates), single(c), len(c))
	case avx2Single:
		lstmGatesGradSingleAVX2(single(dg), single(dc), single(dhNew), single(dcNew), single(gates), single(c), len(c))
	default:
		lstmGatesGradGo(dg, dc, dhNew, dcNew, gates, c)
	}
}
