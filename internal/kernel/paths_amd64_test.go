//go:build amd64 && !noasm

package kernel

import "testing"

// routes lists the paths of this processor.
func routes() []route {
	var r []route
	for p := range best() + 1 {
		r = append(r, p)
	}
	return r
}

// TSGEN_KERNEL can ask for a path that the processor has, and
// anything else means the best one.
func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name       string
		best, want route
	}{
		{"", avx512, avx512},
		{"", avx2, avx2},
		{"avx2", avx512, avx2},
		{"avx2", avx2, avx2},
		{"avx512", avx2, avx2},
		{"avx512", generic, generic},
		{"generic", avx512, generic},
		{"AVX2", avx512, avx512},
		{"fastest", avx2, avx2},
	} {
		if got := choose(c.name, c.best); got != c.want {
			t.Errorf("TSGEN_KERNEL=%q gives %v where %v is the best, want %v", c.name, got, c.best, c.want)
		}
	}
	if Path() != path.String() {
		t.Errorf("Path is %s, in use is %v", Path(), path)
	}
}
