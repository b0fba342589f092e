package forecast_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tsgen/forecast"
	"tsgen/series"
)

// Forecasts are written in Nixtla's columns, with the stamps and names of the
// data, and exact numbers.
func TestWriteCSV(t *testing.T) {
	month := func(m time.Month) float64 { return float64(time.Date(1960, m, 1, 0, 0, 0, 0, time.UTC).Unix()) }
	monthly := series.Axis{Layout: "2006-01"}
	two := &series.Panel{Channels: []string{"y"}, IDColumn: "shop", TimeColumn: "month", Axis: monthly,
		Series: []*series.Series{{ID: "a"}, {ID: "b, c"}}}
	tests := []struct {
		name   string
		p      *series.Panel
		f      *forecast.Forecast
		levels []float64
		want   string
	}{
		{"ids and dates", two,
			&forecast.Forecast{Model: "m", Channels: two.Channels, Series: []*forecast.Distribution{
				{ID: "a", Times: []float64{month(1), month(2)}, Paths: [][]float64{{1, 112}, {2, 112}, {3, 112}, {4, 112}, {5, 112}}},
				{ID: "b, c", Times: []float64{month(3)}, Mean: []float64{-0.1}, SD: []float64{0}},
			}},
			[]float64{80, 50},
			"shop,month,m,m-lo-80,m-hi-80,m-lo-50,m-hi-50\n" +
				"a,1960-01,3,1.4,4.6,2,4\n" +
				"a,1960-02,112,112,112,112,112\n" +
				"\"b, c\",1960-03,-0.1,-0.1,-0.1,-0.1,-0.1\n"},
		{"one series", panel(0, []string{"y"}),
			&forecast.Forecast{Model: "m", Channels: []string{"y"}, Series: []*forecast.Distribution{
				{Times: []float64{0.1}, Paths: [][]float64{{1e-10}, {1e-10}}},
			}},
			nil,
			"ds,m\n0.1,1e-10\n"},
		{"channels", panel(0, []string{"x", "y"}),
			&forecast.Forecast{Model: "m", Channels: []string{"x", "y"}, Series: []*forecast.Distribution{
				{Times: []float64{7}, Mean: []float64{1, 2}, SD: []float64{0, 0}},
			}},
			[]float64{97.5},
			"ds,m-x,m-x-lo-97.5,m-x-hi-97.5,m-y,m-y-lo-97.5,m-y-hi-97.5\n7,1,1,1,2,2,2\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := forecast.WriteCSV(&b, tt.p, tt.f, tt.levels); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), tt.want)
			}
		})
	}
}

// Levels that make no sense and forecasts with NaN are refused before anything
// is written.
func TestWriteCSVErrors(t *testing.T) {
	p := panel(0, []string{"y"})
	good := &forecast.Forecast{Model: "m", Channels: []string{"y"}, Series: []*forecast.Distribution{upTo10(1)}}
	bad := &forecast.Forecast{Model: "m", Channels: []string{"y"}, Series: []*forecast.Distribution{paths(1, nan)}}
	tests := []struct {
		name   string
		f      *forecast.Forecast
		levels []float64
		want   string
	}{
		{"level 0", good, []float64{80, 0}, "a level of 0 %"},
		{"level 100", good, []float64{100}, "a level of 100 %"},
		{"level NaN", good, []float64{nan}, "a level of NaN %"},
		{"twice", good, []float64{80, 95, 80}, "level 80 % is given twice"},
		{"NaN", bad, nil, "path 1 is NaN"},
		{"other series", &forecast.Forecast{Channels: []string{"y"}}, nil, "1 series, 0 were forecast"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			err := forecast.WriteCSV(&b, p, tt.f, tt.levels)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if b.Len() > 0 {
				t.Errorf("wrote %q", b.String())
			}
		})
	}
	if err := forecast.WriteCSV(failing{}, p, good, nil); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}
