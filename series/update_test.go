package series_test

import (
	"math"
	"slices"
	"testing"

	"tsgen/series"
)

// Rows of an update go where their times belong, values of the same time are replaced
// unless the newer is missing, and the panel that is updated stays as it is.
func TestUpdated(t *testing.T) {
	nan := math.NaN()
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, IDColumn: "id", Series: []*series.Series{
		{ID: "a", Times: []float64{0, 1, 3}, Values: []float64{10, nan, 13}},
		{ID: "b", Times: []float64{0}, Values: []float64{1}},
	}}
	by := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, IDColumn: "id", Series: []*series.Series{
		{ID: "a", Times: []float64{0, 1, 2, 3, 5}, Values: []float64{10, 11, 12, nan, 15}},
		{ID: "c", Times: []float64{7}, Values: []float64{2}},
	}}
	u, c, err := p.Updated(by)
	if err != nil {
		t.Fatal(err)
	}
	if want := (series.Changes{Series: 1, Rows: 2, Values: 1}); c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
	a := u.Lookup("a")
	if !slices.Equal(a.Times, []float64{0, 1, 2, 3, 5}) || !slices.Equal(a.Values, []float64{10, 11, 12, 13, 15}) {
		t.Errorf("a is %v at %v", a.Values, a.Times)
	}
	if len(u.Series) != 3 || u.Lookup("c") == nil || len(p.Series) != 2 || p.Lookup("a").Len() != 3 || !math.IsNaN(p.Lookup("a").Values[1]) {
		t.Error("the series of the update, or of what was updated, are not as they should be")
	}
	by.Series[0].Times[4] = 5.5
	if _, _, err := p.Updated(by); err == nil {
		t.Error("a time off the grid is taken")
	}
	by.Channels = []string{"z"}
	if _, _, err := p.Updated(by); err == nil {
		t.Error("another channel is taken")
	}
}
