//go:build arm64 && !noasm

package kernel

import "os"

// A route is a path.
type route uint8

const (
	generic route = iota
	neon          // of products alone
)

func (r route) String() string {
	return [...]string{"generic", "neon"}[r]
}

// path is set once, at start-up; tests set it too.
var path = choose(os.Getenv("TSGEN_KERNEL"))

// Path names the path in use: generic, avx2, avx512 or neon.
func Path() string { return path.String() }

// choose returns the path asked for by name, or the best one where there is none of that name. Every
// processor of arm64 has NEON.
func choose(name string) route {
	if name == generic.String() {
		return generic
	}
	return neon
}
