//go:build arm64 && !noasm

package kernel

import "testing"

// routes lists the paths of this processor.
func routes() []route { return []route{generic, neon} }

// TSGEN_KERNEL can ask for the Go code, and anything else means NEON.
func TestChoose(t *testing.T) {
	for name, want := range map[string]route{"": neon, "generic": generic, "neon": neon, "avx2": neon} {
		if got := choose(name); got != want {
			t.Errorf("TSGEN_KERNEL=%q gives %v, want %v", name, got, want)
		}
	}
}
