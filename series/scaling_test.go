package series

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Center and scale are mean and deviation, also where a naive sum would lose
// digits, and constant, empty or huge values have a scale that can be undone.
func TestFitScaling(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name          string
		values        []float64
		floor         float64
		center, scale float64
	}{
		{"two values", []float64{1, 3}, 0, 2, 1},
		{"with one missing", []float64{1, nan, 3}, 0, 2, 1},
		{"hand-worked", []float64{2, 4, 4, 4, 5, 5, 7, 9}, 0, 5, 2},
		{"large mean", []float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, 0, 1e9 + 10, math.Sqrt(22.5)},
		{"floor", []float64{1, 3}, 5, 2, 5},
		{"constant", []float64{7, 7, 7}, 0, 7, 7},
		{"negative constant", []float64{-7, -7, nan}, 0, -7, 7},
		{"constant, floor", []float64{7, 7, 7}, 0.5, 7, 0.5},
		{"constant but for rounding", []float64{0.30000000000000004, 0.3, 0.3}, 0, 0.3, 0.3},
		{"zero", []float64{0, 0}, 0, 0, 1},
		{"zero, floor", []float64{0, 0}, 0.25, 0, 0.25},
		{"single", []float64{-3}, 0, -3, 3},
		{"nothing", []float64{nan, nan}, 2, 0, 1},
		{"empty", nil, 0, 0, 1},
		{"huge", []float64{1.5e308, -1.5e308}, 0, 0, 1.5e308},
		{"tiny", []float64{3e-300, 1e-300}, 0, 2e-300, 1e-300},
	} {
		f := FitScaling(test.values, 1, test.floor)
		if !near(f.Center[0], test.center, 1e-14) || !near(f.Scale[0], test.scale, 1e-14) {
			t.Errorf("%s: center %v, scale %v; want %v, %v", test.name, f.Center[0], f.Scale[0], test.center, test.scale)
		}
		z := f.Apply(nil, test.values)
		back := f.Invert(nil, z)
		for i, v := range test.values {
			if math.IsNaN(v) != math.IsNaN(z[i]) || math.IsInf(z[i], 0) || !math.IsNaN(v) && !near(back[i], v, 1e-12) {
				t.Errorf("%s: %v scaled to %v and back to %v", test.name, v, z[i], back[i])
			}
		}
	}
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))
}

// Channels are scaled apart, and the density of scaled values is corrected to
// that of the data.
func TestScalingChannels(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	const width, n = 3, 500
	x := make([]float64, width*n)
	missing := 0
	for i := range x {
		c := i % width
		x[i] = float64(100*c) + math.Pow(10, float64(c))*rnd.NormFloat64()
		if rnd.Float64() < 0.2 {
			x[i] = math.NaN()
			missing++
		}
	}
	f := FitScaling(x, width, 0)
	z := f.Apply(nil, x)
	g := FitScaling(z, width, 0)
	for c := range width {
		if math.Abs(g.Center[c]) > 1e-12 || math.Abs(g.Scale[c]-1) > 1e-12 {
			t.Errorf("channel %d scaled has mean %v and deviation %v", c, g.Center[c], g.Scale[c])
		}
	}
	// The density of a Gaussian is the standard one with the correction.
	var direct, standard float64
	for i, v := range x {
		if math.IsNaN(v) {
			continue
		}
		c := i % width
		d := (v - f.Center[c]) / f.Scale[c]
		direct += -0.5*d*d - math.Log(f.Scale[c]*math.Sqrt(2*math.Pi))
		standard += -0.5*z[i]*z[i] - 0.5*math.Log(2*math.Pi)
	}
	if got := standard + f.LogDensity(x); !near(got, direct, 1e-12) {
		t.Errorf("log-density %v, want %v", got, direct)
	}
	in := append([]float64(nil), x...)
	if got := f.Apply(in, in); &got[0] != &in[0] || !near(got[5], z[5], 0) && !math.IsNaN(z[5]) {
		t.Error("scaling in place differs")
	}
}

// The difference of two large numbers overflows, its scaled form does not.
func TestScalingLarge(t *testing.T) {
	f := Scaling{Center: []float64{1.2e308}, Scale: []float64{1e308}}
	if z := f.Apply(nil, []float64{-1.2e308}); !near(z[0], -2.4, 1e-15) {
		t.Errorf("got %v, want -2.4", z[0])
	}
}

// Sizes that do not match are a programmer's mistake and panic.
func TestScalingPanics(t *testing.T) {
	f := Scaling{Center: []float64{0, 0}, Scale: []float64{1, 1}}
	for name, call := range map[string]func(){
		"width":          func() { FitScaling([]float64{1}, 0, 0) },
		"odd length":     func() { FitScaling([]float64{1, 2, 3}, 2, 0) },
		"negative floor": func() { FitScaling([]float64{1}, 1, -1) },
		"NaN floor":      func() { FitScaling([]float64{1}, 1, math.NaN()) },
		"infinite value": func() { FitScaling([]float64{1, math.Inf(-1)}, 1, 0) },
		"apply":          func() { f.Apply(nil, []float64{1, 2, 3}) },
		"destination":    func() { f.Invert(make([]float64, 1), []float64{1, 2}) },
		"zero scaling":   func() { Scaling{}.Apply(nil, []float64{1}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
