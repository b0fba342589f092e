package baseline_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

// A line with a season is continued over gaps, by any remainder and in any
// window.
func TestSTLExact(t *testing.T) {
	effects := []float64{3, -1, -4, 2, 5, -5}
	at := func(i int) float64 { return 10 - 0.25*float64(i) + effects[i%6] }
	var y, want []float64
	for i := range 60 {
		y = append(y, at(i))
		if i < 14 {
			want = append(want, at(60+i))
		}
	}
	y[7], y[20], y[21] = nan, nan, nan
	for _, m := range []baseline.STL{{}, {Remainder: baseline.RemainderETS}, {Remainder: baseline.RemainderAR, Order: 2}, {Window: 7}, {Window: -1}, {Robust: true}} {
		mean, sd := continued(t, m, y, 6, 14)
		for h := range mean {
			if math.Abs(mean[h]-want[h]) > 0.1 || sd[h] > 0.2 {
				t.Errorf("%+v: step %d: mean %v and SD %v, want %v", m, h+1, mean[h], sd[h], want[h])
			}
		}
	}
}

// White noise has no season: the forecast is its mean and its standard
// deviation, whatever season is asked for.
func TestSTLWithoutSeason(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	y := make([]float64, 400)
	m, ss := 0.0, 0.0
	for i := range y {
		y[i] = 50 + 3*rng.NormFloat64()
		m += y[i] / 400
	}
	for _, v := range y {
		ss += (v - m) * (v - m) / 400
	}
	for _, season := range []int{1, 7, 12, 24} {
		mean, sd := continued(t, baseline.STL{}, y, season, 30)
		for h := range mean {
			if math.Abs(mean[h]-m) > 0.8 || math.Abs(sd[h]/math.Sqrt(ss)-1) > 0.06 {
				t.Errorf("season %d, step %d: mean %v and SD %v, want %v and %v", season, h+1, mean[h], sd[h], m, math.Sqrt(ss))
			}
		}
	}
}

// The variance of a season that changes has its changes in it: a seasonal
// random walk is at least as uncertain after two seasons as its steps make it.
func TestSTLChangingSeason(t *testing.T) {
	const m, step = 6, 1.0
	rng := rand.New(rand.NewPCG(6, 6))
	effects := []float64{10, -10, 20, 0, -20, 0}
	var y []float64
	for i := range 50 * m {
		effects[i%m] += step * rng.NormFloat64()
		y = append(y, effects[i%m])
	}
	_, sd := continued(t, baseline.STL{Window: 3}, y, m, 4*m)
	for h := 1; h < 4; h++ {
		// The smoothed season misses some of the last step, not of the others.
		if d := sd[h*m]*sd[h*m] - sd[(h-1)*m]*sd[(h-1)*m]; d < 0.3*step*step || d > 3*step*step {
			t.Errorf("a season more adds %v to the variance, want about %v", d, step*step)
		}
	}
}

// ETS takes a long season out by STL and says so.
func TestETSLongSeason(t *testing.T) {
	var y []float64
	for i := range 240 {
		y = append(y, 100+0.1*float64(i)+10*math.Sin(2*math.Pi*float64(i)/48)+math.Sin(float64(i*i)))
	}
	p := regular(y...)
	f, err := baseline.ETS{}.Forecast(t.Context(), p, horizon(p, 60, 48))
	if err != nil {
		t.Fatal(err)
	}
	if f.Model != "ets" || len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "a season of 48 steps is taken out by STL") {
		t.Errorf("%s: notes %q", f.Model, f.Notes)
	}
	mean, sd := continued(t, baseline.STL{Remainder: baseline.RemainderETS}, y, 48, 60)
	near(t, "mean", f.Series[0].Mean, mean, 0)
	near(t, "SD", f.Series[0].SD, sd, 0)
	for h, v := range mean {
		if i := 240 + h; math.Abs(v-(100+0.1*float64(i)+10*math.Sin(2*math.Pi*float64(i)/48))) > 2 {
			t.Errorf("step %d: %v", h+1, v)
		}
	}
}

// Series with gaps are continued like those without, nearly.
func TestClassicalGaps(t *testing.T) {
	y := values(t, "../../testdata/airpassengers.csv")
	holed := append([]float64(nil), y...)
	for i := 5; i < 130; i += 11 {
		holed[i] = nan
	}
	for _, m := range []forecast.Model{baseline.Theta{}, baseline.ETS{Additive: true}, baseline.STL{Remainder: baseline.RemainderETS}} {
		whole, _ := continued(t, m, y, 12, 12)
		mean, _ := continued(t, m, holed, 12, 12)
		for h := range mean {
			if math.Abs(mean[h]/whole[h]-1) > 0.05 {
				t.Errorf("%s: step %d: %v with gaps, %v without", m.Name(), h+1, mean[h], whole[h])
			}
		}
	}
}
