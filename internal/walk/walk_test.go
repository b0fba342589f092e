package walk_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/walk"
	"tsgen/series"
)

// What stands in for a series is the random walk from its last value, with the
// squared increments of the panel, and the distribution of all values for one without any.
func TestStandIns(t *testing.T) {
	nan := math.NaN()
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{
		{ID: "long", Times: []float64{0, 1, 3}, Values: []float64{1, 3, 1}}, // increments 2 in 1 and -2 in 2
		{ID: "own", Times: []float64{0, 1}, Values: []float64{4, 7}},        // 3 in 1
		{ID: "one", Times: []float64{0, 1, 2}, Values: []float64{nan, 6, nan}},
		{ID: "none", Times: []float64{0}, Values: []float64{nan}},
		{ID: "empty"},
		{ID: "given", Times: []float64{0}, Values: []float64{2}},
	}}
	// Squares over times 4, 2 and 9: the rate of all is 5. The values are 1, 3, 1, 4,
	// 7, 6 and 2, of mean 24/7 and mean square 116/7.
	usual := math.Sqrt(116.0/7 - 24.0/7*24/7)
	f := &forecast.Forecast{Model: "m", Series: make([]*forecast.Distribution, 6)}
	f.Series[5] = &forecast.Distribution{ID: "given"}
	at := [][]float64{{4, 5}, {2}, {0, 3}, {1}, {1}, nil}
	if err := walk.StandIns(f, p, at); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ mean, sd []float64 }{
		{[]float64{1, 1}, []float64{math.Sqrt(3), math.Sqrt(6)}},
		{[]float64{7}, []float64{3}},
		{[]float64{6, 6}, []float64{math.Sqrt(5), math.Sqrt(10)}},
		{[]float64{24.0 / 7}, []float64{usual}},
		{[]float64{24.0 / 7}, []float64{usual}},
		{nil, nil},
	} {
		d := f.Series[i]
		near := func(a, b float64) int {
			if math.Abs(a-b) < 1e-12 {
				return 0
			}
			return 1
		}
		if slices.CompareFunc(d.Mean, want.mean, near) != 0 || slices.CompareFunc(d.SD, want.sd, near) != 0 || d.ID != p.Series[i].ID {
			t.Errorf("%s: %v ± %v, want %v ± %v", p.Series[i].ID, d.Mean, d.SD, want.mean, want.sd)
		}
	}
	if want := []string{"m: 5 of 6 series have too few values, or none that support its forecast; the last stands in, or the mean of the others"}; !slices.Equal(f.Notes, want) {
		t.Errorf("notes %q, want %q", f.Notes, want)
	}
	few := p.With(p.Series[5:])
	if err := walk.StandIns(&forecast.Forecast{Series: make([]*forecast.Distribution, 1)}, few, [][]float64{{1}}); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("a panel of one value: error %v", err)
	}
	lone := &series.Panel{Channels: []string{"age"}, Series: []*series.Series{
		{ID: "a", Times: []float64{0, 1}, Values: []float64{3, nan}}, {ID: "b", Times: []float64{0}, Values: []float64{7}},
	}}
	if w, err := walk.NewWalker(lone).Walk(lone.Series[0], 0); err != nil || w != (walk.Walk{Value: 3, Variance: 4}) {
		t.Errorf("one value in each series: %+v, %v", w, err)
	}
}
