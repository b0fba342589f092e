package latentode

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestSameCourse protects that of short records which all rise and fall together ends are held back, and of those that go round in
// one phase space from anywhere, or that end when they may, whole series.
func TestSameCourse(t *testing.T) {
	panel := func(phase, late float64) *series.Panel {
		rng := rand.New(rand.NewPCG(4, 6))
		p := &series.Panel{Channels: []string{"y"}}
		for i := range 30 {
			s := &series.Series{ID: fmt.Sprint(i)}
			from := 2 * math.Pi * phase * rng.Float64()
			span := 1 + late*rng.Float64()
			for k := range 12 {
				x := span * (float64(k) + 0.5*rng.Float64())
				s.Times, s.Values = append(s.Times, x), append(s.Values, math.Sin(x/4+from)+0.1*rng.NormFloat64())
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	for name, c := range map[string]struct {
		phase, late float64
		series      bool
	}{"together": {0, 0, false}, "from anywhere": {1, 0, true}, "ends anywhere": {0, 3, true}} {
		config, _, err := newConfig(t.Context(), Options{}, 0, panel(c.phase, c.late), forecast.FitOptions{Horizon: 2, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		if config.HoldSeries != c.series {
			t.Errorf("%s: whole series are held back: %v", name, config.HoldSeries)
		}
	}
}
