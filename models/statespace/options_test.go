package statespace

import (
	"fmt"
	"strings"
	"testing"

	"tsgen/internal/option"
)

// TestDeclaredDefaults holds what tags say of the numbers of harmonics and of lags to
// the constants that bound the choice.
func TestDeclaredDefaults(t *testing.T) {
	for _, o := range append(option.List(Model{}), option.List(Regression{})...) {
		want, ok := map[string]int{"harmonics": MostHarmonics, "lags": MostLags}[o.Name]
		if ok && !strings.HasSuffix(o.Default, fmt.Sprintf(", %d at most", want)) {
			t.Errorf("option %s is %q by default, want %d at most", o.Name, o.Default, want)
		}
	}
}
