//go:build (amd64 || arm64) && !noasm

package kernel

import "testing"

// onEveryPath runs a test on each path of this processor.
func onEveryPath(t *testing.T, test func(t *testing.T)) {
	for _, p := range routes() {
		t.Run(p.String(), func(t *testing.T) {
			usePath(t, p)
			test(t)
		})
	}
}

// usePath takes a path for the rest of a test or benchmark.
func usePath(t testing.TB, p route) {
	before := path
	path = p
	t.Cleanup(func() { path = before })
}

// benchmarkPaths runs a benchmark on each path of this processor.
func benchmarkPaths(b *testing.B, run func(b *testing.B)) {
	for _, p := range routes() {
		b.Run(p.String(), func(b *testing.B) {
			usePath(b, p)
			run(b)
		})
	}
}
