package gauss

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
)

// growing returns a model whose windows have the distribution of an explosive autoregression:
// the later a value, the larger.
func growing(t *testing.T, lookback, horizon int) *fitted {
	t.Helper()
	f := exact(t, lookback, horizon)
	n := lookback + horizon
	for i := range n {
		for j := i; j < n; j++ {
			f.cov.SetSym(i, j, f.cov.At(i, j)*math.Pow(1.1, float64(i+j)))
		}
	}
	if err := f.prepare(); err != nil {
		t.Fatal(err)
	}
	return f
}

// A continuation leaves the distribution of a lookback as it is; of a stationary distribution it is the
// conditional distribution, and of another the forecasts do not run away.
func TestSteady(t *testing.T) {
	for name, f := range map[string]*fitted{
		"stationary": exact(t, 6, 4), "growing": growing(t, 6, 4), "growing, horizon of the lookback": growing(t, 4, 4),
	} {
		c, err := f.steady()
		if err != nil {
			t.Fatal(err)
		}
		past := f.past()
		var half, whole mat.Dense
		half.Mul(c.gain, f.cov.SliceSym(0, past))
		whole.Mul(&half, c.gain.T())
		for i := range past {
			for j := range past {
				if x := whole.At(i, j) + c.after.At(i, j); math.Abs(x-f.cov.At(i, j)) > 1e-9 {
					t.Errorf("%s: the covariance of %d and %d goes from %v to %v", name, i, j, f.cov.At(i, j), x)
				}
			}
		}
		z := make([]float64, 12)
		for i := range z {
			z[i] = 1 + float64(i)/5
		}
		steps := make([]int, 400)
		for h := range steps {
			steps[h] = len(z) + h
		}
		mean, sd, err := f.ahead(z, steps)
		if err != nil {
			t.Fatal(err)
		}
		// The places of the last horizon of a lookback are those of each horizon on.
		for h := f.Horizon; h < len(mean); h++ {
			usual := math.Sqrt(f.cov.At(f.Lookback-f.Horizon+h%f.Horizon, f.Lookback-f.Horizon+h%f.Horizon))
			if math.Abs(mean[h]) > 10*usual || h >= len(mean)-f.Horizon && (math.Abs(mean[h]) > 0.01 || math.Abs(sd[h]-usual) > 0.01) {
				t.Errorf("%s: step %d is %v ± %v, usual is ± %v", name, h+1, mean[h], sd[h], usual)
			}
		}
	}
}

// Forecasts far beyond the horizon say so.
func TestFarNote(t *testing.T) {
	p := process(2, 200, false)
	m := &Model{}
	if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 5}); err != nil {
		t.Fatal(err)
	}
	for last, want := range map[float64]int{219: 0, 220: 1} {
		f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{{last}, {200}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Notes) != want || want == 1 && !strings.Contains(f.Notes[0], "1 of 2 series more than 20 steps") {
			t.Errorf("up to %v: notes %q", last, f.Notes)
		}
	}
}
