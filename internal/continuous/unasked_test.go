package continuous

import (
	"math"
	"slices"
	"testing"
)

// Times beside those asked for are whole units after the last, none twice, and of a time far away not too many.
func TestUnasked(t *testing.T) {
	if got := Unasked(2, []float64{3, 4.5, 6, 7.5}); !slices.Equal(got, []float64{4, 5, 7}) {
		t.Errorf("%v, want 4, 5, 7", got)
	}
	for _, asked := range [][]float64{nil, {2.5}, {3}, {math.Inf(1)}, {math.NaN()}} {
		if got := Unasked(2, asked); len(got) > 0 {
			t.Errorf("beside %v there are %v", asked, got)
		}
	}
	far := Unasked(0, []float64{1e9})
	if n := len(far); n < mostUnasked/2 || n > mostUnasked || far[n-1] > 1e9 || far[n-1] < 0.99e9 {
		t.Errorf("%d times up to %v of 1e9", n, far[n-1])
	}
}
