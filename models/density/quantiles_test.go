package density

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/nn"
)

// TestQuantilesStart holds the quantiles of the head that Start sets to those of a
// Gaussian, and Value and Score to its linear relation of values and normal
// scores, beyond the outermost quantiles too.
func TestQuantilesStart(t *testing.T) {
	d, p := NewQuantiles(), &nn.Pass{}
	head := make([]float64, d.Outputs())
	d.Start(head, 2)
	q := d.Of(p, p.Const(1, len(head), head), p.Const(1, 1, []float64{5})).Val
	for _, c := range []struct{ at, want float64 }{{0, 5 - 2*2.3263479}, {3, 5 - 2*1.2815516}, {7, 5}, {13, 5 + 2*1.9599640}} {
		if got := q[int(c.at)]; math.Abs(got-c.want) > 1e-6 {
			t.Errorf("quantile %v is %v, want %v", c.at, got, c.want)
		}
	}
	for _, z := range []float64{-3.5, -1, -0.1, 0, 0.7, 2.2, 4} {
		if x := d.Value(q, z); math.Abs(x-5-2*z) > 1e-9 || math.Abs(d.Score(q, x)-z) > 1e-9 {
			t.Errorf("value of score %v is %v, whose score is %v", z, x, d.Score(q, x))
		}
	}
}

// TestQuantilesNeverCross demands that the quantiles of any head increase.
func TestQuantilesNeverCross(t *testing.T) {
	d, p, rng := NewQuantiles(), &nn.Pass{}, rand.New(rand.NewPCG(1, 1))
	n := d.Outputs()
	head := make([]float64, 50*n)
	for i := range head {
		head[i] = 5 * rng.NormFloat64()
	}
	q := d.Of(p, p.Const(50, n, head), p.Const(50, 1, make([]float64, 50))).Val
	for i := range q {
		if i%n > 0 && !(q[i] > q[i-1]) {
			t.Fatalf("row %d: quantile %d is %v after %v", i/n, i%n, q[i], q[i-1])
		}
	}
}

// TestQuantilesLoss demands that the loss is least for the quantiles of what is drawn.
func TestQuantilesLoss(t *testing.T) {
	d, p, rng := NewQuantiles(), &nn.Pass{}, rand.New(rand.NewPCG(2, 1))
	x := make([]float64, 4000)
	for i := range x {
		x[i] = 2 * rng.NormFloat64()
	}
	loss := func(sd, shift float64) float64 {
		head := make([]float64, d.Outputs())
		d.Start(head, sd)
		var all, moved []float64
		for range x {
			all, moved = append(all, head...), append(moved, shift)
		}
		return p.Sum(d.Loss(p, x, d.Of(p, p.Const(len(x), len(head), all), p.Const(len(x), 1, moved)))).Val[0]
	}
	best := loss(2, 0)
	for _, c := range [][2]float64{{1.6, 0}, {2.5, 0}, {2, 0.3}, {2, -0.3}} {
		if got := loss(c[0], c[1]); got <= best {
			t.Errorf("deviation %v, shift %v: loss %v, the true one has %v", c[0], c[1], got, best)
		}
	}
}
