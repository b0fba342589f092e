// Package kernel holds the few loops where the time goes: matrix products,
// exp, tanh and their kin, the gate loops of recurrent cells, Adam's update,
// normal deviates and reductions, over slices of float64 and, but for what only solvers and the
// optimiser need, of float32.
// Matrices are dense and row-major, with no gap between rows.
//
// # Paths
//
// Every kernel exists as Go code and, on amd64, as assembly for AVX2 with FMA
// and for AVX-512; products have NEON on arm64. The programs in the folder gen
// write the assembly. One path is
// chosen at start-up by what the processor can do; [Path] names it. The
// environment variable TSGEN_KERNEL=generic, avx2, avx512 or neon forces one, for
// tests and measurements; a name that is unknown, or a path that the processor
// cannot run, is ignored. The build tag noasm leaves the assembly out; other
// architectures have the Go code only. The Go code is quick where math.FMA is
// an instruction and right, but very slow, where it is not.
//
// The assembly, kernel_amd64.s and kernel_arm64.s, and its declarations are written by go
// generate and never edited by hand; a change is made in the Go code first,
// then in gen, and the tests tell whether the two agree.
//
// # The same bits
//
// All paths, on all architectures, return the same bits: every element of a
// matrix product is one chain of fused multiply-adds in order of k, every
// function is the same sequence of operations, and every reduction has one
// fixed order ([Dot] describes it). The Go code is the specification and the
// assembly is tested against it. The one exception is a NaN's sign and
// payload: a NaN is a NaN on every path, but its bits may differ.
//
// # Accuracy
//
// Errors against 256-bit arithmetic, in units of the last place of the exact
// result rounded to float64, over the whole range of the argument including
// denormal arguments and results: the largest that was seen among 200,000
// points or more, and the bound that the tests hold.
//
//	exp       0.98   1
//	tanh      1.84   1.9
//	sigmoid   1.95   2
//	softplus  1.55   1.6
//	log       0.78   0.8
//
// In float32 the largest errors among 430,000 arguments are 0.92, 1.49, 1.80, 1.45 and
// 0.72 units of its last place, held to the same bounds.
//
// NaN gives NaN, infinities their limits, tanh(-0) is -0, log of ±0 is -Inf
// and of a negative number NaN. Nothing is flushed to zero.
//
// # Slices
//
// A slice that is shorter than its matrix, or differs in length from the
// destination of an elementwise kernel, is a programmer's error and panics
// before anything is written. Destinations may be the same slice as a source
// where the kernel's comment says so, and must not overlap one otherwise.
package kernel

//go:generate go run -C gen . -pkg kernel -out ../kernel_amd64.s -stubs ../stubs_amd64.go
//go:generate go run -C gen ./neon
