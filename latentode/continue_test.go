package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/nn"
)

// Draws about a mode that are carried on from the end of the context have the states that the solver
// gives from the beginning, as far as they lie near the mode: before, at and after the end.
func TestCarryOnAgainstTheSolver(t *testing.T) {
	f, windows := start(t, Options{Level: LevelPanel, State: 2, Context: 12})
	for i := range f.network.speed.In(f.Params.Values) {
		f.network.speed.In(f.Params.Values)[i] = 3
	}
	for i := range windows {
		w := &windows[i]
		last := w.U[w.Origin-1]
		w.asked = []float64{last + 1.5, last + 4}
	}
	modes, s := modesOf(t, f, windows)
	const draws = 3
	rng := rand.New(rand.NewPCG(4, 5))
	p := nn.Pass{Values: f.Params.Values}
	s.fill(windows)
	index := s.repeat(draws)
	z0 := p.Buffer(len(index) * 2)
	for i, w := range index {
		for a := range 2 {
			z0[i*2+a] = modes[w].mean[a] + 0.02*rng.NormFloat64()
		}
	}
	start := p.Const(len(index), 2, z0)
	want, err := s.flow.run(context.Background(), &p, start, s.t0, s.times)
	if err != nil {
		t.Fatal(err)
	}
	if !s.ahead() {
		t.Fatal("what is asked lies ahead of all windows")
	}
	got, err := s.carryOn(context.Background(), &p, proposal{z0: start, modes: modes})
	if err != nil {
		t.Fatal(err)
	}
	moved := 0.0
	for i, x := range want.Val {
		if math.Abs(got.Val[i]-x) > 2e-3 {
			t.Errorf("state %d of row %d is %v, the solver has %v", i%2, i/2, got.Val[i], x)
		}
		moved = max(moved, math.Abs(x-want.Val[i%2]))
	}
	if moved < 0.5 {
		t.Errorf("states move by %v", moved)
	}
}

// Stratified draws have every n-th of the normal distribution once in each component, and its variance.
func TestStratified(t *testing.T) {
	const n, components = 16, 3
	normal := stratified(n, components, rand.New(rand.NewPCG(1, 2)))
	var seen [components][n]int
	var sum, square [components]float64
	for range n {
		for j := range components {
			x := normal()
			sum[j] += x
			square[j] += x * x / n
			seen[j][int(n*math.Erfc(-x/1.05/math.Sqrt2)/2)]++
		}
	}
	for j := range components {
		if math.Abs(sum[j]) > 1e-9 || math.Abs(square[j]-1) > 1e-9 {
			t.Errorf("component %d has the sum %v and the mean square %v", j, sum[j], square[j])
		}
		for i, k := range seen[j] {
			if k != 1 {
				t.Errorf("component %d has %d draws in part %d of %d", j, k, i, n)
			}
		}
	}
}
