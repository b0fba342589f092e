package baseline_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// values returns the only series of a file.
func values(t *testing.T, file string) []float64 {
	t.Helper()
	p, _, err := series.ReadFile(file, series.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	grid, _, err := p.Grid(p.Series[0])
	if err != nil {
		t.Fatal(err)
	}
	return grid
}

// The references are those of statsmodels 0.15.0:
//
//	STL(y, period=12, seasonal=..., ...).fit(inner_iter=2, outer_iter=0 or 15)
func TestDecompose(t *testing.T) {
	type row struct {
		at                      int
		trend, seasonal, weight float64
	}
	tests := []struct {
		name string
		opt  baseline.DecomposeOptions
		want []row
	}{
		{"degree 1", baseline.DecomposeOptions{Period: 12, Seasonal: 7, SeasonalDegree: 1}, []row{
			{0, 122.25685603530043, -10.332962942008423, 1},
			{1, 123.01449542151056, -2.304211597051131, 1},
			{50, 219.33288257053482, 8.419423216860828, 1},
			{77, 281.8319901379195, 36.048607022229355, 1},
			{143, 495.15784540574026, -60.24597138122612, 1},
		}},
		{"degree 0", baseline.DecomposeOptions{Period: 12}, []row{
			{0, 123.17925256617679, -16.99670857828925, 1},
			{50, 220.138411072431, 6.0073171121572715, 1},
			{143, 496.60999152816464, -44.067799861154214, 1},
		}},
		{"robust", baseline.DecomposeOptions{Period: 12, Seasonal: 13, SeasonalDegree: 1, Outer: 15}, []row{
			{0, 122.1744444525058, -8.60785920571112, 0.9862214357196614},
			{1, 122.99256085474241, 0.9769311384097428, 0.810702635717524},
			{50, 215.59599910619798, 3.9505201886386554, 0.05914599461877231},
			{77, 283.4023365749289, 33.83014606885515, 0.9733113802136639},
			{143, 497.0235119636577, -60.84162597416575, 0.9037532283129431},
		}},
		{"windows", baseline.DecomposeOptions{Period: 12, Seasonal: 35, Trend: 25, LowPass: 15}, []row{
			{0, 124.71545264027623, -23.42901832758154, 1},
			{77, 282.1465165400374, 32.93754149125126, 1},
			{143, 496.5576382903712, -34.2259208709973, 1},
		}},
	}
	y := values(t, "../../testdata/airpassengers.csv")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := baseline.Decompose(y, tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.want {
				near(t, "parts", []float64{d.Trend[w.at], d.Seasonal[w.at], d.Weights[w.at]}, []float64{w.trend, w.seasonal, w.weight}, 1e-9)
			}
			for i, v := range y {
				if r := v - d.Trend[i] - d.Seasonal[i]; r != d.Remainder[i] {
					t.Errorf("remainder %d is %v, want %v", i, d.Remainder[i], r)
				}
			}
		})
	}
}

// A line and a fixed season are found exactly, whatever is missing: local lines
// through points of a line are that line.
func TestDecomposeExact(t *testing.T) {
	const period = 6
	season := []float64{3, -1, -4, 2, 5, -5}
	var y, trend []float64
	for i := range 60 {
		trend = append(trend, 10-0.25*float64(i))
		y = append(y, trend[i]+season[i%period])
	}
	for _, missing := range []int{7, 20, 21, 22, 40} {
		y[missing] = nan
	}
	for _, opt := range []baseline.DecomposeOptions{
		{Period: period, SeasonalDegree: 1, Inner: 40},
		{Period: period, Periodic: true, Inner: 40},
	} {
		d, err := baseline.Decompose(y, opt)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "trend", d.Trend, trend, 1e-9)
		for i := range y {
			near(t, "season", d.Seasonal[i:i+1], season[i%period:i%period+1], 1e-9)
			if math.IsNaN(d.Remainder[i]) != math.IsNaN(y[i]) || (d.Weights[i] == 0) != math.IsNaN(y[i]) {
				t.Errorf("step %d: remainder %v, weight %v", i, d.Remainder[i], d.Weights[i])
			}
		}
	}
}

// A decomposition refuses impossible windows and degrees, too few values and ends
// that are missing, and says which.
func TestDecomposeErrors(t *testing.T) {
	y := values(t, "../../testdata/airpassengers.csv")
	tests := []struct {
		y    []float64
		opt  baseline.DecomposeOptions
		want string
	}{
		{y, baseline.DecomposeOptions{}, "a period of 0"},
		{y, baseline.DecomposeOptions{Period: 12, Seasonal: 8}, "a window Seasonal of 8"},
		{y, baseline.DecomposeOptions{Period: 12, Trend: 1}, "a window Trend of 1"},
		{y, baseline.DecomposeOptions{Period: 12, LowPass: -3}, "a window LowPass of -3"},
		{y, baseline.DecomposeOptions{Period: 12, SeasonalDegree: 2}, "a seasonal degree of 2"},
		{y, baseline.DecomposeOptions{Period: 12, Outer: -1}, "-1 outer"},
		{y[:23], baseline.DecomposeOptions{Period: 12}, "two seasons of 12"},
		{append([]float64{nan}, y...), baseline.DecomposeOptions{Period: 12}, "the first or the last value"},
		{append([]float64{math.Inf(1)}, y...), baseline.DecomposeOptions{Period: 12}, "value 0 is +Inf"},
	}
	for _, tt := range tests {
		if _, err := baseline.Decompose(tt.y, tt.opt); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.opt, err, tt.want)
		}
	}
	if _, err := baseline.Decompose(y[:23], baseline.DecomposeOptions{Period: 12}); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("23 values: %v", err)
	}
}
