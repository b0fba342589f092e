package judge

import (
	"fmt"
	"math"
	"testing"

	"tsgen/series"
)

// TestCutSeasons protects windows that are taken of many: they begin at all places of a season alike,
// also where a step from one to the next at even distances is a multiple of it.
func TestCutSeasons(t *testing.T) {
	const season, steps, most = 7, 14, 400
	panel := &series.Panel{Channels: []string{"day"}, Step: series.Step{Width: 1}}
	for i := range 20 {
		s := &series.Series{ID: fmt.Sprint(i)}
		for k := range season*20 + steps - 1 { // windows of each, of which every seventh is taken
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, float64(k%season))
		}
		panel.Series = append(panel.Series, s)
	}
	sample, err := Cut(panel, steps, most)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample.Windows) != most {
		t.Fatalf("%d windows, want %d", len(sample.Windows), most)
	}
	var begun [season]float64
	for _, w := range sample.Windows {
		begun[int(w[0])]++
	}
	for day, n := range begun {
		if want := float64(most) / season; math.Abs(n-want) > 4*math.Sqrt(want) {
			t.Errorf("%v of %d windows begin at place %d, want about %.0f", n, most, day, want)
		}
	}
}
