package baseline

import (
	"testing"

	"tsgen/internal/option"
)

// TestDeclaredBounds holds the bounds that tags declare to those that forecasts and
// stored models are held to.
func TestDeclaredBounds(t *testing.T) {
	for _, opts := range []any{SeasonalNaive{}, AR{}, Theta{}, ETS{}, STL{}, LinearMapOptions{}} {
		for _, o := range option.List(opts) {
			want, ok := map[string]int{"season": maxLead, "lookback": maxLookback}[o.Name]
			if ok && *o.Max != float64(want) {
				t.Errorf("%T: option %s is %v at most, want %d", opts, o.Name, *o.Max, want)
			}
		}
	}
}
