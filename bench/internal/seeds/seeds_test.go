package seeds

import (
	"slices"
	"strings"
	"testing"
)

// TestParse protects that a list is read in its order, and that what is no seed is
// an error that names the flag.
func TestParse(t *testing.T) {
	if all, err := Parse("3,1,18446744073709551615"); err != nil || !slices.Equal(all, []uint64{3, 1, 1<<64 - 1}) {
		t.Errorf("seeds %v, error %v", all, err)
	}
	for _, list := range []string{"", "1,", "-1", "1;2"} {
		if _, err := Parse(list); err == nil || !strings.Contains(err.Error(), "-seeds") {
			t.Errorf("%q: error %v, want one that names -seeds", list, err)
		}
	}
}
