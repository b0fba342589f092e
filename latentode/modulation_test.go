package latentode

import (
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
)

// TestLinearPartDoesNotGrow demands of any weights that the linear part does not lengthen the state,
// and that the static part sets its speed.
func TestLinearPartDoesNotGrow(t *testing.T) {
	c, _, err := newConfig(t.Context(), Options{Level: LevelPanel, State: 3, Static: 2, Hidden: 4}, 0, oscillators(20, 20, 0.1, 1), forecast.FitOptions{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Modulated {
		t.Fatal("many irregular series have no linear part")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	params := &nn.Params{}
	n := newNetwork(params, c, rng)
	f, err := newFlow(n, c.Options.Tolerance, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.pass = &nn.Pass{Values: params.Values}
	w := n.linear.In(params.Values)
	for range 200 {
		for i := range w {
			w[i] = 2 * rng.NormFloat64()
		}
		y, d := make([]float64, 5), make([]float64, 5)
		for i := range y {
			y[i] = 3 * rng.NormFloat64()
		}
		f.forget(1)
		f.addLinear(d, []int{0}, y)
		growth := d[0]*y[0] + d[1]*y[1] + d[2]*y[2]
		if growth > 1e-9 || d[3] != 0 || d[4] != 0 {
			t.Fatalf("the state grows at %v, the static part moves by %v", growth, d[3:])
		}
		y[3]++
		e := make([]float64, 5)
		if f.addLinear(e, []int{0}, y); e[0] == d[0] {
			t.Fatal("the static part sets nothing")
		}
	}
}
