package network

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Quantiles of a step never cross, and are the same bits whatever is asked beside it.
func TestQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	n := New(rng)
	for i := range n.Params.Values {
		n.Params.Values[i] += 0.1 * rng.NormFloat64()
	}
	var series [][]float64
	var leads [][]int
	for i := range 7 {
		y := make([]float64, 20+17*i)
		for k := range y {
			y[k] = math.Exp(rng.NormFloat64())
		}
		series, leads = append(series, y), append(leads, []int{1, 5, 40, 500 + i})
	}
	f := n.NewForecaster(n.Params.Values)
	all := f.Forecast(series, 7, 0, leads)
	for i := range series {
		if !slices.Equal(all[i], f.Forecast(series[i:i+1], 7, 0, leads[i:i+1])[0]) {
			t.Errorf("series %d is forecast otherwise alone", i)
		}
		for row := range slices.Chunk(all[i], n.Output.Outputs()) {
			if !slices.IsSorted(row) {
				t.Errorf("series %d: quantiles %v", i, row)
			}
		}
	}
}

// A clear cycle is taken for the season where there is none: steps ahead go up and down
// with it, though the weights here have learned nothing.
func TestCycleAsSeason(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	n := New(rng)
	y := make([]float64, 300)
	for i := range y {
		y[i] = 5*math.Sin(2*math.Pi*float64(i)/50) + rng.NormFloat64()
	}
	k := n.Output.Outputs()
	f := n.NewForecaster(n.Params.Values)
	q := f.Forecast([][]float64{y}, 1, 0, [][]int{{12, 37, 62, 87}})[0]
	for i, high := range []bool{true, false, true, false} {
		if median := q[i*k+k/2]; high != (median > 2) || high == (median < -2) {
			t.Errorf("the median a quarter of a turn %d is %v", 2*i+1, median)
		}
	}
}

// Logarithms count where season and noise grow with the level, the values where they do not,
// whatever the unit.
func TestWeight(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 7))
	var grown, even []float64
	for i := range 120 {
		x := 0.01*float64(i) + 0.2*math.Sin(2*math.Pi*float64(i)/12) + 0.03*rng.NormFloat64()
		grown, even = append(grown, 3e5*math.Exp(x)), append(even, 3e-5*(0.5+x))
	}
	for _, c := range []struct {
		name string
		y    []float64
		want float64
	}{{"what grows by factors", grown, 1}, {"what grows by sums", even, 0}} {
		v := viewOf(nil, c.y, 12, 0)
		l, ok := v.logarithms()
		if !ok {
			t.Fatalf("%s is not forecast by logarithms", c.name)
		}
		if w := l.weight(v, l.view(v)); w != c.want {
			t.Errorf("%s: the logarithms count %v, want %v", c.name, w, c.want)
		}
	}
}

// Weights come back as they were written, in float32; others are refused.
func TestWeightsFile(t *testing.T) {
	n := New(rand.New(rand.NewPCG(1, 1)))
	var b bytes.Buffer
	if err := WriteWeights(&b, n.Params.Values); err != nil {
		t.Fatal(err)
	}
	m := New(rand.New(rand.NewPCG(2, 2)))
	if err := m.SetWeights(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	for i, v := range n.Params.Values {
		if m.Params.Values[i] != float64(float32(v)) {
			t.Fatalf("weight %d is %v, want %v", i, m.Params.Values[i], v)
		}
	}
	bad := slices.Clone(b.Bytes())
	bad[3], bad[2] = 0x7f, 0xc0
	for _, w := range [][]byte{b.Bytes()[4:], bad} {
		if err := m.SetWeights(w); err == nil {
			t.Error("damaged weights are taken")
		}
	}
}

// Without noise the view of a series says what it is made of: a season that repeats is
// its base, a trend its difference over a season, and growth its factor.
func TestView(t *testing.T) {
	y := make([]float64, 60)
	for i := range y {
		y[i] = 100 + 0.5*float64(i) + 10*float64(i%12)
	}
	v := NewView(y, 12, 0)
	if v.Scale != 6 || v.meanDiff != 6 || v.newDiff != 6 {
		t.Errorf("scale %v, differences %v and %v, want 6", v.Scale, v.meanDiff, v.newDiff)
	}
	for lead, want := range map[int]float64{1: y[48], 12: y[59], 13: y[48], 30: y[53]} {
		if got := v.Base(lead); got != want {
			t.Errorf("the base of step %d is %v, want %v", lead, got, want)
		}
	}
	for i := range y {
		y[i] = math.Pow(1.1, float64(i)/12)
	}
	if v := NewView(y, 12, 0); math.Abs(v.growth-1.1) > 1e-12 {
		t.Errorf("growth %v, want 1.1", v.growth)
	}
	y[49] = math.NaN()
	if v := NewView(y, 12, 0); v.Base(2) != y[37] {
		t.Errorf("the base of a gap is %v, want that of the season before, %v", v.Base(2), y[37])
	}
}
