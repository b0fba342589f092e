package support

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// TestTiesAreKept protects that as many rows have equal channels as in the data, though what is drawn never has, that the
// gaps which are left are as large as they should be, and that no order is broken for it.
func TestTiesAreKept(t *testing.T) {
	data := rowsOf(10, 260, prices())
	all := Of(data)
	drawn, err := Draw(context.Background(), all, 20, 1, true, false, func(_ context.Context, _ int, rng *rand.Rand) ([]float64, error) {
		var rows []float64
		next := prices() // of this series alone: series are drawn side by side
		for i := range 260 {
			row := next(i == 0, rng)
			row[1] *= math.Exp(0.001 * rng.ExpFloat64())
			row[2] *= math.Exp(-0.001 * rng.ExpFloat64())
			rows = append(rows, row...)
		}
		return rows, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var values, real []float64
	for _, v := range drawn {
		values = append(values, v...)
	}
	for _, s := range data.Series {
		real = append(real, s.Values...)
	}
	if len(all[1].Ties) == 0 {
		t.Fatal("no ties were learned")
	}
	for _, pair := range [][2]int{{1, 0}, {1, 3}, {0, 2}, {3, 2}} {
		high, low := pair[0], pair[1]
		of := func(v []float64) (share, gap float64) {
			n := 0.0
			for k := 0; k < len(v); k += 5 {
				d := v[k+high] - v[k+low]
				if n++; d == 0 {
					share++
				} else if d < 0 {
					t.Fatalf("channel %d is below channel %d", high, low)
				}
				gap += d / v[k+low]
			}
			return share / n, gap / (n - share)
		}
		share, gap := of(values)
		wantShare, wantGap := of(real)
		if math.Abs(share-wantShare) > 0.03 || math.Abs(gap/wantGap-1) > 0.15 {
			t.Errorf("channels %d and %d: %.3f ties and gaps of %.4f, want %.3f and %.4f", high, low, share, gap, wantShare, wantGap)
		}
	}
}
