//go:build amd64 && !noasm

package kernel

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A processor with AVX2 alone has 16 vector registers, no opmasks and no
// 512-bit vectors; a kernel that names others dies there as an illegal
// instruction, which a machine with AVX-512 does not show.
func TestAVX2Registers(t *testing.T) {
	source, err := os.ReadFile("kernel_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	foreign := regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+|K[0-7])\b`)
	function, seen := "", 0
	for i, line := range strings.Split(string(source), "\n") {
		if name, ok := strings.CutPrefix(line, "TEXT ·"); ok {
			function, _, _ = strings.Cut(name, "(")
			if strings.HasSuffix(function, "AVX2") {
				seen++
			}
		}
		if strings.HasSuffix(function, "AVX2") && foreign.MatchString(line) {
			t.Errorf("line %d: %s uses %s", i+1, function, foreign.FindString(line))
		}
	}
	if seen == 0 {
		t.Error("no kernel for AVX2 found")
	}
}
