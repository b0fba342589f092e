//go:build (!amd64 && !arm64) || noasm

package kernel

import "testing"

// onEveryPath runs a test on the one path there is.
func onEveryPath(t *testing.T, test func(t *testing.T)) { t.Run(Path(), test) }

// benchmarkPaths runs a benchmark on the one path there is.
func benchmarkPaths(b *testing.B, run func(b *testing.B)) { b.Run(Path(), run) }
