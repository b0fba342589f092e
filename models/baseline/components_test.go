package baseline_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/models/statespace"
	"tsgen/series"
)

// Components add up to the values exactly, gaps apart, and are those that the series was made
// of, within their intervals: of one season, of two, and by smoothing.
func TestComponents(t *testing.T) {
	const n = 336
	rng := rand.New(rand.NewPCG(7, 7))
	trend, day, week, y := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range y {
		u := float64(i)
		trend[i], day[i], week[i] = 50+0.05*u, 5*math.Sin(2*math.Pi*u/8), 3*math.Cos(2*math.Pi*u/56)
		y[i] = trend[i] + day[i] + rng.NormFloat64()
	}
	y[100] = math.NaN()
	two := make([]float64, n)
	for i := range two {
		two[i] = y[i] + week[i]
	}
	for _, c := range []struct {
		name    string
		m       forecast.Decomposer
		y       []float64
		seasons []float64
		want    [][]float64
	}{
		{"stl", baseline.STL{}, y, []float64{8}, [][]float64{trend, day}},
		{"mstl", baseline.STL{}, two, []float64{8, 56}, [][]float64{trend, day, week}},
		{"lgssm", statespace.Model{}, y, []float64{8}, [][]float64{trend, day}},
	} {
		p := regular(c.y...)
		p.Seasons = c.seasons
		all, err := c.m.Components(t.Context(), p, forecast.Options{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		parts := all[0]
		if len(parts.Names) != len(c.want)+1 || parts.Names[len(c.want)] != forecast.Remainder {
			t.Fatalf("%s: components %v", c.name, parts.Names)
		}
		for i, v := range c.y {
			sum := 0.0
			for _, m := range parts.Mean {
				sum += m[i]
			}
			if math.Abs(sum-v) > 1e-12*math.Abs(v) || math.IsNaN(v) != math.IsNaN(sum) {
				t.Fatalf("%s: the components of value %d are %v together, want %v", c.name, i, sum, v)
			}
		}
		for k, want := range c.want {
			off, inside := 0.0, 0.0
			for i := 28; i < n-28; i++ {
				e := math.Abs(parts.Mean[k][i] - want[i])
				off = math.Max(off, e)
				if e <= 1.96*parts.SD[k][i] {
					inside++
				}
			}
			if off > 1.6 || inside < 0.6*(n-56) {
				t.Errorf("%s: %s is off by as much as %.2f, and within its 95 %% interval at %.0f of %d times", c.name, parts.Names[k], off, inside, n-56)
			}
		}
	}
	if _, err := (baseline.STL{}).Components(t.Context(), regular(1, 2, 3), forecast.Options{}); err == nil {
		t.Error("three values without a season are split")
	}
	irregular := &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{0, 1.5, 2, 4}, Values: []float64{1, 2, 1, 3}}}}
	if _, err := (baseline.STL{}).Components(t.Context(), irregular, forecast.Options{}); err == nil {
		t.Error("irregular times are split by stl")
	}
}

// Trend and season of a gap wider than the window of the trend stay with those on either side.
func TestComponentsInGap(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 3))
		y := make([]float64, 200)
		for i := range y {
			if y[i] = 60 + 5*rng.NormFloat64(); i >= 100 && i < 112 {
				y[i] = math.NaN()
			}
		}
		p := regular(y...)
		p.Seasons = []float64{7}
		all, err := baseline.STL{}.Components(t.Context(), p, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := 100; i < 112; i++ {
			if trend := all[0].Mean[0][i]; math.Abs(trend-60) > 15 {
				t.Errorf("draw %d: the trend is %v within the gap", seed, trend)
			}
		}
	}
}

// The seasons go on where the first or the last values are missing.
func TestComponentsBeyondValues(t *testing.T) {
	y := make([]float64, 80)
	for i := range y {
		y[i] = 50 + []float64{-6, 0, 6, 2, -2}[i%5] + 0.1*float64(i%3-1)
	}
	for _, i := range []int{0, 1, 73, 74, 75, 76, 77, 78, 79} {
		y[i] = math.NaN()
	}
	p := regular(y...)
	p.Seasons = []float64{5}
	all, err := baseline.STL{}.Components(t.Context(), p, forecast.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range all[0].Mean[1] {
		if want := []float64{-6, 0, 6, 2, -2}[i%5]; math.Abs(got-want) > 0.3 {
			t.Errorf("the season of value %d is %v, want %v", i, got, want)
		}
	}
}

// A break of the level is a step of the trend and bends no season, be it that values spread as before or in proportion
// to the level.
func TestComponentsOfBreak(t *testing.T) {
	const n, at = 120, 75
	for name, level := range map[string][2]float64{"added": {1000, 1400}, "in proportion": {300, 1200}} {
		rng := rand.New(rand.NewPCG(9, 75))
		y, trend := make([]float64, n), make([]float64, n)
		for i := range y {
			trend[i] = level[0]
			if i >= at {
				trend[i] = level[1]
			}
			size := 1.0
			if name == "in proportion" {
				size = trend[i] / 1000
			}
			y[i] = trend[i] + size*(80*math.Sin(2*math.Pi*float64(i)/12)+15*rng.NormFloat64())
		}
		p := regular(y...)
		p.Seasons = []float64{12}
		for _, m := range []forecast.Decomposer{baseline.STL{}, statespace.Model{}} {
			all, found, err := forecast.Decompose(t.Context(), m, p, forecast.Options{})
			if err != nil {
				t.Fatal(name, err)
			}
			if len(found) > 0 {
				t.Errorf("%s: absurd values where there are none: %+v", name, found)
			}
			parts := all[0].Mean
			for i := range y {
				near := 40.0
				if name == "in proportion" {
					near *= trend[i] / 1000
				}
				if sum := parts[0][i] + parts[1][i] + parts[2][i]; math.Abs(sum-y[i]) > 1e-9 {
					t.Errorf("%s: the parts add up to %v at %d, not to %v", name, sum, i, y[i])
				}
				if math.Abs(parts[0][i]-trend[i]) > near {
					t.Errorf("%s, %s: the trend is %.1f at %d, the level %.1f", name, m.Name(), parts[0][i], i, trend[i])
				}
			}
		}
	}
}
