package network

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A line with a season and no noise is continued as it is by all forecasts that know both,
// in any unit.
func TestSimpleLine(t *testing.T) {
	season := []float64{3, -1, 4, 1, -5, 9, -2, 6, 5, 3, -5, 8}
	y := make([]float64, 100)
	at := func(i int) float64 { return 1000 + 0.7*float64(i) + season[i%12] }
	for i := range y {
		y[i] = at(i)
	}
	y[17], y[60] = math.NaN(), math.NaN()
	v := NewView(y, 12, 0)
	if s := v.simple.slope * v.Scale; math.Abs(s-0.7) > 1e-9 {
		t.Errorf("slope %v, want 0.7", s)
	}
	for _, lead := range []int{1, 5, 12, 13, 40} {
		anchors := v.seeStep(&sight{}, nil, lead)
		anchors = anchors[AnchorWidth-simpleAnchors:]
		for _, j := range []int{0, 1, 2, 4, 7} {
			if got, want := v.Base(lead)+v.Scale*anchors[j], at(99+lead); math.Abs(got-want) > 1e-6 {
				t.Errorf("forecast %d of lead %d: %v, want %v", j, lead, got, want)
			}
		}
	}
}

// The autoregression of a long series has the weights and the spread that it was made with.
func TestAutoregress(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 4000)
	for i := 2; i < len(x); i++ {
		x[i] = 1.2*x[i-1] - 0.5*x[i-2] + 0.3*rng.NormFloat64()
	}
	r := autoregress(nil, x, 0, 12, 10)
	for i, want := range []float64{1.2, -0.5} {
		if math.Abs(r.weights[i]-want) > 0.05 {
			t.Errorf("weights %v", r.weights)
		}
	}
	if math.Abs(r.sd-0.3) > 0.01 || len(r.weights) > 6 {
		t.Errorf("innovations of %v, order %d", r.sd, len(r.weights))
	}
	n := len(x)
	one := r.weights[0]*x[n-1] + r.weights[1]*x[n-2]
	for i, w := range r.weights[2:] {
		one += w * x[n-3-i]
	}
	if got := r.at(1); math.Abs(got-one) > 1e-12 || r.at(0) != x[n-1] {
		t.Errorf("one step ahead %v, want %v", got, one)
	}
	if got, want := r.after(2), r.weights[0]*r.weights[0]+r.weights[1]; math.Abs(got-want) > 1e-12 {
		t.Errorf("two steps after an innovation of 1: %v, want %v", got, want)
	}
}

// The variance of a smoothing is that of its errors as they add up.
func TestSmoothedVariance(t *testing.T) {
	s := smoothed{alpha: 0.4, beta: 0.07}
	want := 1.0
	for lead := 1; lead < 30; lead++ {
		if got := s.variance(lead); math.Abs(got-want) > 1e-9 {
			t.Fatalf("lead %d: %v, want %v", lead, got, want)
		}
		c := s.alpha + s.beta*float64(lead)
		want += c * c
	}
}

// Of a random walk the differences forget nothing: the variance grows by as much with every
// step, and smoothing keeps next to the last value.
func TestSimpleWalk(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	y := make([]float64, 600)
	for i := 1; i < len(y); i++ {
		y[i] = y[i-1] + rng.NormFloat64()
	}
	s := NewView(y, 1, 0).simple
	s.extend(50)
	if r := s.differentSum[49] / s.differentSum[0]; r < 30 || r > 80 {
		t.Errorf("the variance of step 50 is %v of that of step 1", r)
	}
	if s.flat.alpha < 0.9 {
		t.Errorf("smoothed with %v", s.flat.alpha)
	}
}

// A longer season that was given is found, but for the little by which it is held back.
func TestSimpleLonger(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	week := make([]float64, 70)
	for i := range week {
		week[i] = rng.NormFloat64()
	}
	at := func(i int) float64 { return 3*math.Sin(2*math.Pi*float64(i)/10) + week[i%70] }
	y := make([]float64, 630)
	for i := range y {
		y[i] = at(i)
	}
	v := NewView(y, 10, 70)
	for lead := 1; lead <= 70; lead++ {
		anchors := v.seeStep(&sight{}, nil, lead)
		if got, want := v.Base(lead)+v.Scale*anchors[AnchorWidth-simpleAnchors], at(629+lead); math.Abs(got-want) > 0.35 {
			t.Fatalf("lead %d: %v, want %v", lead, got, want)
		}
	}
}
