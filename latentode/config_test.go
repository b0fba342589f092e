package latentode

import (
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestContextsOfIrregularSeries demands that whole contexts have several origins in most series before a
// horizon, that contexts in training are no shorter than some series make them, and that all but
// the shortest series are trained on.
func TestContextsOfIrregularSeries(t *testing.T) {
	uneven := oscillators(24, 20, 0.1, 1)
	for i, s := range uneven.Series {
		uneven.Series[i] = s.Slice(0, 5+i%12)
	}
	for _, c := range []struct {
		name     string
		panel    *series.Panel
		horizon  int
		shortest int // series that is trained on
	}{
		{"50 observations", oscillators(24, 50, 0.1, 1), 15, 50},
		{"30 observations", oscillators(24, 30, 0.1, 1), 9, 30},
		{"5 to 16 observations", uneven, 1, 6},
	} {
		config, records, err := newConfig(t.Context(), Options{}, 0, c.panel, forecast.FitOptions{Horizon: c.horizon, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		s := config.split()
		if _, err := s.HoldBack(records); err != nil {
			t.Fatal(err)
		}
		whole := 0
		for _, r := range records {
			if r.Limit-s.Horizon-s.Context >= max(1, r.Limit/10) {
				whole++
			}
			if n := len(r.U); n >= c.shortest && r.Limit > 0 && r.Limit <= s.Least {
				t.Errorf("%s: contexts of %d observations at least leave out a series of %d", c.name, s.Least, n)
			}
		}
		if c.shortest > 20 && (whole < len(records)/2 || s.Least > 0 && s.Least < s.Context/2) {
			t.Errorf("%s: contexts of %d to %d observations, whole in %d series of %d", c.name, s.Least, s.Context, whole, len(records))
		}
	}
}

// TestWidthForIrregularPanels demands that many irregular series of few values have no wider a network than few series.
func TestWidthForIrregularPanels(t *testing.T) {
	for length, width := range map[int]int{20: DefaultHidden, 50: 2 * DefaultHidden} {
		config, _, err := newConfig(t.Context(), Options{}, 0, oscillators(24, length, 0.1, 1), forecast.FitOptions{Horizon: 2, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := config.Options.Hidden; got != width {
			t.Errorf("24 series of %d observations: %d wide, want %d", length, got, width)
		}
	}
}
