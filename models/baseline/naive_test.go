package baseline_test

import (
	"math"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// Means and deviations of the naive and the drift forecast are those worked out by hand,
// with gaps and irregular times too.
func TestNaive(t *testing.T) {
	at := func(times ...float64) []float64 { return times }
	tests := []struct {
		name     string
		model    forecast.Model
		p        *series.Panel
		at       []float64
		mean, sd []float64
	}{
		// Differences 2, -1: mean square 5/2.
		{"naive", baseline.Naive{}, regular(1, 3, 2), at(3, 4, 6), []float64{2, 2, 2},
			[]float64{math.Sqrt(2.5), math.Sqrt(5), math.Sqrt(10)}},
		// The increment of 4 in two steps counts 16/2.
		{"gap", baseline.Naive{}, regular(1, 3, nan, 7, nan), at(5), []float64{7},
			[]float64{math.Sqrt((4. + 16./2) / 2 * 2)}},
		{"irregular", baseline.Naive{}, irregular([]float64{0, 1, 0.5, 2, 2.5, -1}), at(3), []float64{-1},
			[]float64{math.Sqrt((1/0.5 + 9./2) / 2 * 0.5)}},
		// Slope 1, differences about it 1, -2, 1: their squares sum to 6, over 3 - 1.
		{"drift", baseline.Drift{}, regular(1, 3, 2, 4), at(4, 5, 7), []float64{5, 6, 8},
			[]float64{math.Sqrt(3 * 1 * (1 + 1./3)), math.Sqrt(3 * 2 * (1 + 2./3)), math.Sqrt(3 * 4 * (1 + 4./3))}},
		// Slope 2 a unit: increments about it 1-1, 4-4+... = 0, -1 and 1 in 0.5, 2 and 1.
		{"irregular drift", baseline.Drift{}, irregular([]float64{0, 0, 0.5, 1, 2.5, 4, 3.5, 7}), at(4.5), []float64{9},
			[]float64{math.Sqrt((1./2 + 1.) / 2 * 1 * (1 + 1/3.5))}},
		{"gap at the end", baseline.Drift{}, regular(1, 3, 2, 4, nan), at(5), []float64{6},
			[]float64{math.Sqrt(3 * 2 * (1 + 2./3))}},
		{"line", baseline.Drift{}, regular(1, 3, 5), at(3), []float64{7}, []float64{0}},
		{"too few for a drift", baseline.Drift{}, regular(1, 3), at(2), []float64{3}, []float64{2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := tt.model.Forecast(t.Context(), tt.p, forecast.Options{At: [][]float64{tt.at}})
			if err != nil {
				t.Fatal(err)
			}
			near(t, "mean", f.Series[0].Mean, tt.mean, 1e-12)
			near(t, "SD", f.Series[0].SD, tt.sd, 1e-12)
			if few := strings.HasPrefix(tt.name, "too few"); few != (len(f.Notes) == 1) {
				t.Errorf("notes %q", f.Notes)
			}
		})
	}
}
