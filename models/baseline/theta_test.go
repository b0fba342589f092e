package baseline_test

import (
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/models/baseline"
)

// continued returns the means and the standard deviations of h steps after y,
// on a grid of the given season.
func continued(t *testing.T, m forecast.Model, y []float64, season, h int) (mean, sd []float64) {
	t.Helper()
	p := regular(y...)
	f, err := m.Forecast(t.Context(), p, forecast.Options{Season: season, At: [][]float64{p.Future(p.Series[0], h)}})
	if err != nil {
		t.Fatal(err)
	}
	return f.Series[0].Mean, f.Series[0].SD
}

// The references are those of the recursions of Fiorucci et al. (2016), written
// out in numpy and minimised by scipy 1.17.1
// (L-BFGS-B, then Nelder-Mead) over level, alpha and 1 - 1/theta: the sum of
// squared errors and the means 1, 2 and 5 steps ahead. For the first step of
// the dynamic ones the line is the mean. drift is alpha (1 - 1/theta) for the
// others, whose slope adds 6/5 of its square over the number of values to the
// variance. What the level does not take of the line, share - drift, adds the variance of a
// regression line, share being 1 - 1/theta: that of the second is the ratio of its step to the
// first's, half. All is widened for the parameters that were estimated, as package freedom says.
func TestThetaNile(t *testing.T) {
	y := values(t, "testdata/nile.csv")
	tests := []struct {
		model    baseline.Theta
		sse      float64
		unknowns int
		drift    float64
		mean     [3]float64
	}{
		{baseline.Theta{Theta: 2}, 2026802.0406549356, 3, 0.21969132017856902 / 2, [3]float64{808.0988334415836, 806.7416807263121, 802.6702225804974}},
		{baseline.Theta{}, 2020502.1094907757, 4, 0.2071724106251313, [3]float64{805.6309961988768, 802.9166907683338, 794.7737744767044}},
		{baseline.Theta{Theta: 2, Dynamic: true}, 2145065.2602971266, 3, 0, [3]float64{793.1869774947056, 791.8417059156304, 787.8301088089513}},
		{baseline.Theta{Dynamic: true}, 2038674.4320548975, 4, 0, [3]float64{805.3162602632518, 805.3162602632518, 805.3162602632518}},
	}
	for _, tt := range tests {
		mean, sd := continued(t, tt.model, y, 1, 5)
		near(t, "mean", []float64{mean[0], mean[1], mean[4]}, tt.mean[:], 1e-6)
		n, share, tol := float64(len(y)), 0.0, 1e-9
		if !tt.model.Dynamic {
			tol = 1e-8 // share - drift moves with alpha, which is found to 1e-6
			share = (tt.mean[0] - tt.mean[2]) / (tests[0].mean[0] - tests[0].mean[2]) / 2
		}
		from := (n-1)/2 + 1
		line := (share - tt.drift) * (share - tt.drift) * (1/n + 12*from*from/(n*(n*n-1)))
		degrees := n - float64(tt.unknowns)
		wider := freedom.Student(degrees) * math.Sqrt(1+2/n)
		near(t, "SD", sd[:1], []float64{wider * math.Sqrt(tt.sse/degrees*(1+1.2*tt.drift*tt.drift/n+line))}, tol)
	}
}

// The references are those of statsforecast 2.1.1 (Theta and OptimizedTheta
// with season_length=12), whose alpha is at most 0.99 where the best is at 1;
// hence the tolerance.
func TestThetaAirPassengers(t *testing.T) {
	y := values(t, "../../testdata/airpassengers.csv")
	for _, tt := range []struct {
		model baseline.Theta
		want  []float64
	}{
		{baseline.Theta{Theta: 2}, []float64{440.969, 429.249, 490.693, 476.660, 480.631, 546.456, 603.953, 602.295}},
		{baseline.Theta{}, []float64{442.943, 432.231, 495.308, 482.308, 487.495, 555.581, 615.491, 615.243}},
	} {
		mean, _ := continued(t, tt.model, y, 12, 8)
		near(t, "mean", mean, tt.want, 5e-4)
	}
}

// With theta 1 the method is simple exponential smoothing, whose variance is
// sigma^2 (1 + (h-1) alpha^2).
func TestThetaIsSmoothing(t *testing.T) {
	y := values(t, "testdata/nile.csv")
	mean, sd := continued(t, baseline.Theta{Theta: 1}, y, 1, 10)
	alpha2 := sd[1]*sd[1]/(sd[0]*sd[0]) - 1
	for h := range mean {
		near(t, "mean", mean[h:h+1], mean[:1], 1e-12)
		near(t, "SD", sd[h:h+1], []float64{sd[0] * math.Sqrt(1+float64(h)*alpha2)}, 1e-12)
	}
	near(t, "alpha", []float64{math.Sqrt(alpha2)}, []float64{0.2457}, 1e-4) // that of statsforecast's ETS(A,N,N)
}

// A line times or plus a season is found and continued, also over gaps, and the
// season of values near zero is additive.
func TestThetaSeason(t *testing.T) {
	effects := []float64{0.5, 0.8, 1.2, 1.5}
	tests := []struct {
		name string
		at   func(i int) float64
		tol  float64
	}{
		{"multiplicative", func(i int) float64 { return 100 * effects[i%4] }, 1e-4},
		{"multiplicative with a trend", func(i int) float64 { return (100 + 2*float64(i)) * effects[i%4] }, 0.01},
		{"additive", func(i int) float64 { return float64(i)/10 - 3 + effects[i%4] }, 1e-4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var y, want []float64
			for i := range 40 {
				y = append(y, tt.at(i))
			}
			y[9], y[10], y[30] = nan, nan, nan
			for i := 40; i < 48; i++ {
				want = append(want, tt.at(i))
			}
			mean, _ := continued(t, baseline.Theta{}, y, 4, 8)
			near(t, "mean", mean, want, tt.tol)
		})
	}
}

// A forecast is that of the data in another unit, in that unit.
func TestThetaUnits(t *testing.T) {
	y := values(t, "testdata/nile.csv")
	y[20], y[50], y[51] = nan, nan, nan
	for _, m := range []baseline.Theta{{}, {Theta: 2}, {Dynamic: true}, {Theta: 3, Dynamic: true}} {
		mean, sd := continued(t, m, y, 1, 12)
		for _, unit := range [][2]float64{{5, 0}, {1e-9, 0}, {1, 1e4}, {-2, 3}} {
			z := make([]float64, len(y))
			for i, v := range y {
				z[i] = unit[0]*v + unit[1]
			}
			zm, zs := continued(t, m, z, 1, 12)
			for h := range mean {
				if want := unit[0]*mean[h] + unit[1]; math.Abs(zm[h]-want) > 1e-5*math.Abs(want) {
					t.Errorf("%+v, unit %v: mean %v, want %v", m, unit, zm[h], want)
				}
				if want := math.Abs(unit[0]) * sd[h]; math.Abs(zs[h]-want) > 1e-5*want {
					t.Errorf("%+v, unit %v: SD %v, want %v", m, unit, zs[h], want)
				}
			}
		}
	}
}

// Trailing gaps move the forecast ahead.
func TestTrailingGap(t *testing.T) {
	y := values(t, "testdata/nile.csv")
	for _, m := range []forecast.Model{baseline.Theta{}, baseline.ETS{Additive: true}, baseline.STL{}} {
		mean, sd := continued(t, m, y, 1, 6)
		// The last time is there, its value is missing.
		gm, gs := continued(t, m, append(append([]float64(nil), y...), nan, nan), 1, 4)
		near(t, "mean", gm, mean[2:], 1e-12)
		near(t, "SD", gs, sd[2:], 1e-12)
	}
}
