package network

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/nn"
)

// Quantiles in float32 are those in float64 to a few units of its last place.
func TestSingle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	n := New(rng)
	var b Batch
	for i := range 20 {
		y := make([]float64, 30+11*i)
		for k := range y {
			y[k] = 50 + 0.2*float64(k) + 5*math.Sin(float64(k)/2) + rng.NormFloat64()
		}
		b.Add(NewView(y, 7, 0), []int{1, 9, 30}, make([]float64, 30))
	}
	p := &nn.Pass{Values: n.Params.Values}
	want := n.Quantiles(p, b.series.whole(), b.steps.whole(), b.anchors, b.of).Val
	got := n.NewForecaster(n.Params.Values).quantiles(&work{}, b.series.whole(), b.steps.whole(), b.anchors, b.of)
	if len(got) != len(want) || len(got) != b.views*3*n.Output.Outputs() {
		t.Fatalf("%d quantiles, want %d", len(got), len(want))
	}
	for i, x := range want {
		if math.Abs(got[i]-x) > 1e-5*(1+math.Abs(x)) {
			t.Fatalf("quantile %d is %v in float32, %v in float64", i, got[i], x)
		}
	}
}
