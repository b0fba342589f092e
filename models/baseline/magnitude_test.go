package baseline_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

// Values whose squares are out of the range of float64 have the forecasts that they
// have in other units.
func TestMagnitude(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	var y []float64
	for i := range 96 {
		y = append(y, 20+5*math.Sin(2*math.Pi*float64(i)/12)+rng.NormFloat64())
	}
	for _, m := range []forecast.Model{
		baseline.Naive{}, baseline.Drift{}, baseline.SeasonalNaive{}, baseline.AR{}, baseline.ETS{}, baseline.Theta{}, baseline.STL{}, &baseline.LinearMap{},
	} {
		scaled := func(power int) *forecast.Distribution {
			var z []float64
			for _, v := range y {
				z = append(z, math.Ldexp(v, power))
			}
			p := regular(z...)
			if err := m.Fit(t.Context(), p, forecast.FitOptions{Horizon: 4, Season: 12}); err != nil {
				t.Fatal(m.Name(), err)
			}
			f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], 4)}, Season: 12})
			if err != nil {
				t.Fatal(m.Name(), err)
			}
			return f.Series[0]
		}
		want := scaled(0).Quantiles(0.1, 0.5, 0.9)
		for _, power := range []int{-1000, 1000} {
			for i, row := range scaled(power).Quantiles(0.1, 0.5, 0.9) {
				for k, x := range row {
					if x = math.Ldexp(x, -power); math.Abs(x-want[i][k]) > 1e-6 {
						t.Errorf("%s: times 2^%d step %d has the quantile %v, want %v", m.Name(), power, k+1, x, want[i][k])
					}
				}
			}
		}
	}
}

// Far beyond its horizon a linear map does not run away, its intervals grow, and it
// says so.
func TestLinearMapFar(t *testing.T) {
	const n, horizon, lead = 144, 24, 600
	var y []float64
	most := 0.0
	rng := rand.New(rand.NewPCG(8, 1))
	for i := range n { // grows by a tenth a season, as does what the season does
		u := float64(i)
		y = append(y, 100*math.Pow(1.1, u/12)*(1+0.2*math.Sin(2*math.Pi*u/12)+0.02*rng.NormFloat64()))
	}
	for i := horizon; i < n; i++ {
		for j := 1; j <= horizon; j++ {
			most = math.Max(most, math.Abs(y[i-j+1]-y[i-horizon]))
		}
	}
	m := fitted(t, baseline.LinearMapOptions{}, regular(y...), horizon, 12)
	mean, sd := continued(t, m, y, 12, lead)
	for h := horizon; h < lead; h++ {
		// As far in every horizon as the history in its farthest, at most.
		if away := math.Abs(mean[h] - y[n-1]); away > most*float64(h/horizon+1)*math.Sqrt(horizon) {
			t.Fatalf("step %d is %v away", h+1, away)
		}
		if sd[h] <= sd[h-horizon] {
			t.Errorf("step %d has the deviation %v, one horizon before it is %v", h+1, sd[h], sd[h-horizon])
		}
	}
	if growth := mean[lead-1] - mean[lead-1-horizon]; growth > most || sd[lead-1] < 0.1*growth {
		t.Errorf("the last horizon adds %v to the mean with the deviation %v", growth, sd[lead-1])
	}
	p := regular(y...)
	for steps, want := range map[int]int{96: 0, 97: 1} {
		f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], steps)}})
		if err != nil || len(f.Notes) != want || want == 1 && !strings.Contains(f.Notes[0], "more than 96 steps") {
			t.Errorf("%d steps: notes %q, error %v", steps, f.Notes, err)
		}
	}
}
