package main

import "tsgen/internal/kernel"

// addChain makes 8 additions a round, each of which waits for the one before.
//
//go:noescape
func addChain(rounds int)

// fmaAVX2 makes 12 multiply-adds of four doubles a round.
//
//go:noescape
func fmaAVX2(rounds int)

// fmaAVX512 makes 12 multiply-adds of eight doubles a round.
//
//go:noescape
func fmaAVX512(rounds int)

// loops returns the loops that the path of package kernel can run.
func loops() []loop {
	all := []loop{{"additions that wait for each other, one a cycle", 8, addChain}}
	switch kernel.Path() {
	case "avx512":
		all = append(all, loop{"floating-point operations, fused multiply-adds of eight doubles", 2 * 8 * 12, fmaAVX512})
		fallthrough
	case "avx2":
		all = append(all, loop{"floating-point operations, fused multiply-adds of four doubles", 2 * 4 * 12, fmaAVX2})
	}
	return all
}
