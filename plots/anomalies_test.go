package plots

import (
	"fmt"
	"slices"
	"testing"

	"tsgen/forecast/anomaly"
	"tsgen/series"
)

// A picture has the series in which something was found before the others, if there are more than it shows.
func TestTelling(t *testing.T) {
	p := &series.Panel{Channels: []string{"y"}}
	found := make([]anomaly.Found, 8)
	for i := range found {
		p.Series = append(p.Series, &series.Series{ID: fmt.Sprint(i)})
		found[i].Anomaly = []bool{false, i >= 6}
	}
	for most, want := range map[int][]string{1: {"6"}, 3: {"6", "7", "0"}, 8: nil} {
		if got := telling(p, found, most); !slices.Equal(got, want) {
			t.Errorf("of %d: %q, want %q", most, got, want)
		}
	}
	if got := telling(p, make([]anomaly.Found, 8), 3); got != nil {
		t.Errorf("nothing found: %q", got)
	}
}
