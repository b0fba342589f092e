package forecast_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// Sample paths become a document with times in the layout of the data.
func ExampleWriteJSON() {
	history := &series.Panel{
		Channels: []string{"sales"},
		Axis:     series.Axis{Layout: "2006-01"},
		Step:     series.Step{Months: 1},
		Series:   []*series.Series{{ID: "shop", Times: []float64{0}, Values: []float64{10}}},
	}
	f := &forecast.Forecast{
		Model:    "draws",
		Channels: history.Channels,
		Series: []*forecast.Distribution{{
			ID: "shop", Times: []float64{2678400, 5097600},
			Paths: [][]float64{{11, 12}, {10, 13}, {12, 11}, {13, 15}, {9, 14}},
		}},
	}
	if err := forecast.WriteJSON(os.Stdout, history, f, forecast.JSONOptions{Levels: []float64{80}}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"model":"draws","series":[{"id":"shop","times":["1970-02","1970-03"],"channels":[{"name":"sales","mean":[11,13],"quantiles":{"0.1":[9.4,11.4],"0.5":[11,13],"0.9":[12.6,14.6]}}]}]}
}

// Channels are told apart, times that are numbers stay numbers, paths come only if
// they are asked for, and what cannot be written is an error before the first byte.
func TestWriteJSON(t *testing.T) {
	history := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 0.5}, Series: []*series.Series{{Times: []float64{1}, Values: []float64{1, 2}}}}
	f := &forecast.Forecast{
		Model: "m", Channels: history.Channels, Notes: []string{"a note"},
		Series: []*forecast.Distribution{{Times: []float64{1.5, 2}, Paths: [][]float64{{1, 10, 2, 20}, {3, 30, 4, 40}}}},
	}
	const want = `{"model":"m","series":[{"times":[1.5,2],"channels":[` +
		`{"name":"a","mean":[2,3],"quantiles":{"0.5":[2,3]},"paths":[[1,2],[3,4]]},` +
		`{"name":"b","mean":[20,30],"quantiles":{"0.5":[20,30]},"paths":[[10,20],[30,40]]}]}],"notes":["a note"]}` + "\n"
	var b strings.Builder
	if err := forecast.WriteJSON(&b, history, f, forecast.JSONOptions{Paths: true}); err != nil || b.String() != want {
		t.Errorf("error %v and\n%s, want\n%s", err, &b, want)
	}
	b.Reset()
	if err := forecast.WriteJSON(&b, history, f, forecast.JSONOptions{}); err != nil || strings.Contains(b.String(), "paths") {
		t.Errorf("error %v and\n%s, want no paths", err, &b)
	}
	b.Reset()
	for name, c := range map[string]struct {
		panel  *series.Panel
		levels []float64
	}{
		"other channels": {&series.Panel{Channels: []string{"a"}, Series: history.Series}, nil},
		"other series":   {history.With(nil), nil},
		"level":          {history, []float64{100}},
	} {
		if err := forecast.WriteJSON(&b, c.panel, f, forecast.JSONOptions{Levels: c.levels}); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes", name, err, b.Len())
		}
	}
}
