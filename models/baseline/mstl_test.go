package baseline

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The seasonal parts are those of statsmodels 0.15.0, MSTL(y, periods=(4, 10),
// stl_kwargs={"seasonal_deg": 0, "inner_iter": 2, "outer_iter": 0}).
func TestDecomposeSeveral(t *testing.T) {
	y := make([]float64, 60)
	for i := range y {
		x := float64(i)
		y[i] = 0.1*x + 3*math.Sin(2*math.Pi*x/4+1) + 2*math.Cos(2*math.Pi*x/10)*(1+x/100) + float64(i*7919%101)/50 - 1
	}
	parts := STL{}.parts([]float64{4, 10}, len(y))
	effects := decomposeSeveral(y, parts)
	for i, want := range map[int][2]float64{
		0:  {2.5100255206870012, 1.68615653970044},
		17: {1.5399466060291445, -0.6812243822831002},
		59: {-1.5786596133489756, 2.9400946172552582},
	} {
		for k, w := range want {
			if got := effects[k].at(i); math.Abs(got-w) > 1e-9 {
				t.Errorf("season %g at %d: %.12f, want %.12f", parts[k].period, i, got, w)
			}
		}
	}
	for k, p := range parts {
		if got, want := effects[k].at(61), effects[k].at(61-p.opt.Period); got != want {
			t.Errorf("season %g ahead: %v, want %v of a season before", p.period, got, want)
		}
	}
}

// A season that is not whole is one of harmonics where whole steps would get out of phase;
// so is a long one of few cycles. A multiple of a shorter season is not.
func TestParts(t *testing.T) {
	for _, test := range []struct {
		periods   []float64
		n         int
		harmonics []bool
	}{
		{[]float64{24, 168}, 800, []bool{false, false}},
		{[]float64{24, 168}, 300, []bool{false}},
		{[]float64{7, 365.25}, 1460, []bool{false, true}},
		{[]float64{7, 365.25}, 7300, []bool{false, false}},
		{[]float64{10.4}, 400, []bool{true}},
		{[]float64{52.18}, 520, []bool{false}},
		{[]float64{7, 365.25}, 400, []bool{false}},
	} {
		parts := STL{}.parts(test.periods, test.n)
		if len(parts) != len(test.harmonics) {
			t.Errorf("%v of %d steps: %d parts, want %d", test.periods, test.n, len(parts), len(test.harmonics))
			continue
		}
		for i, p := range parts {
			if p.harmonics != test.harmonics[i] {
				t.Errorf("%g of %v, %d steps: harmonics %t", p.period, test.periods, test.n, p.harmonics)
			}
		}
	}
}

// The seasons, one of few cycles and not whole, and a slope are continued for a cycle of
// the longest; gaps do no harm.
func TestSTLSeveralSeasons(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	signal := func(t int) float64 {
		return 0.02*float64(t) + 3*math.Sin(2*math.Pi*float64(t)/7) + 8*math.Cos(2*math.Pi*float64(t)/365.25)
	}
	y := make([]float64, 1100)
	for t := range y {
		y[t] = signal(t) + rng.NormFloat64()
	}
	for t := 500; t < 520; t++ {
		y[t] = math.NaN()
	}
	mean, _ := continuedBy(t, STL{}, severalSeasons(y, 7, 365.25), 365)
	future := make([]float64, 365)
	for h := range future {
		future[h] = signal(len(y) + h)
	}
	if e := meanDistance(mean, future); e > 0.8 {
		t.Errorf("mean absolute error %.3f, want less than the noise of 1", e)
	}
}
