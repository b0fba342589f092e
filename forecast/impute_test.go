package forecast_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// holes has a missing value at 2 and no row at 4.
func holes() *series.Panel {
	nan := math.NaN()
	return &series.Panel{Channels: []string{"u", "v"}, Step: series.Step{Width: 1}, Series: []*series.Series{
		{Times: []float64{1, 2, 3, 5}, Values: []float64{1, 10, nan, 20, 3, 30, 5, 50}},
	}}
}

// Missing are values within rows and, on a grid, the steps without a row.
func TestMissing(t *testing.T) {
	got, err := forecast.Missing(holes())
	if err != nil || fmt.Sprint(got) != "[[2 4]]" {
		t.Errorf("%v, %v; want 2 and 4", got, err)
	}
	irregular := holes()
	irregular.Step = series.Step{}
	if got, err := forecast.Missing(irregular); err != nil || fmt.Sprint(got) != "[[2]]" {
		t.Errorf("irregular: %v, %v; want 2", got, err)
	}
}

// Observed values are written as they are, and only the missing ones are filled
// in and marked.
func TestWriteImputed(t *testing.T) {
	p := holes()
	f := &forecast.Forecast{Channels: p.Channels, Series: []*forecast.Distribution{
		{Times: []float64{2, 4}, Mean: []float64{2, 0, 4, 40}, SD: []float64{0, 0, 0, 0}},
	}}
	var b strings.Builder
	if err := forecast.WriteImputed(&b, p, f, []float64{80}); err != nil {
		t.Fatal(err)
	}
	want := `ds,u,u-imputed,u-lo-80,u-hi-80,v,v-imputed,v-lo-80,v-hi-80
1,1,0,,,10,0,,
2,2,1,2,2,20,0,,
3,3,0,,,30,0,,
4,4,1,4,4,40,1,40,40
5,5,0,,,50,0,,
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	f.Channels = []string{"u", "w"}
	if err := forecast.WriteImputed(&b, p, f, nil); err == nil {
		t.Error("other channels: no error")
	}
}
