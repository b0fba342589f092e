package odds

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
)

// windows returns n windows of normal values, whose last is that before it but for noise of a deviation.
func windows(n int, noise float64, seed uint64) (all [][]float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range n {
		w := make([]float64, 4)
		for i := range w {
			w[i] = rng.NormFloat64()
		}
		w[3] = w[2] + noise*rng.NormFloat64()
		all = append(all, w)
	}
	return all
}

// TestDraw protects that windows drawn by their odds are nearer to the real ones than what the generator
// draws, that stored odds are the same, and that of a generator that is right nothing is learned.
func TestDraw(t *testing.T) {
	ctx := context.Background()
	real := windows(800, 0.4, 1)
	o, err := learn(ctx, real, windows(800, 1, 2), 1)
	if err != nil || o == nil {
		t.Fatalf("odds %v, error %v", o, err)
	}
	stored, others, err := Take([]forecast.Tensor{{Name: "x"}, o.Tensor()}, 4, 1)
	if err != nil || len(others) != 1 {
		t.Fatalf("%d other tensors, error %v", len(others), err)
	}
	a, b := rand.New(rand.NewPCG(3, 3)), rand.New(rand.NewPCG(3, 3))
	square := 0.0
	pool := windows(400*Candidates, 1, 4)
	for some := range slices.Chunk(pool, Candidates) {
		w := o.Draw(some, a)
		if !slices.Equal(w, stored.Draw(some, b)) {
			t.Fatal("stored odds draw others")
		}
		square += (w[3] - w[2]) * (w[3] - w[2]) / 400
	}
	if sd := math.Sqrt(square); sd > 0.7 {
		t.Errorf("the last step has a deviation of %.2f, the generator's is 1, the real one 0.4", sd)
	}
	if o, err := learn(ctx, real, windows(800, 0.4, 5), 1); o != nil || err != nil {
		t.Errorf("of a generator that is right: a part of %v of the odds, error %v", o, err)
	}
	bad := o.Tensor()
	bad.Data[1+2+1] = 1e9
	if _, _, err := Take([]forecast.Tensor{bad}, 4, 1); err == nil {
		t.Error("odds that are no trees pass")
	}
}

// TestMoved protects that odds are refused by which windows have other levels or spreads than real ones, and that those are not that
// leave them as they are.
func TestMoved(t *testing.T) {
	shifted := func(seed uint64, by, wide float64) [][]float64 {
		all := windows(800, 1, seed)
		for _, w := range all {
			for i := range w {
				w[i] = by + wide*w[i]
			}
		}
		return all
	}
	real, without := windows(800, 1, 1), windows(800, 1, 2)
	for _, c := range []struct {
		by, wide float64
		want     bool
	}{{0, 1, false}, {0.3, 1, true}, {0, 0.7, true}} {
		if got := moved(real, without, shifted(3, c.by, c.wide), 1); got != c.want {
			t.Errorf("windows moved by %v and %v times as wide: %v", c.by, c.wide, got)
		}
	}
	if moved(real, shifted(4, 0.3, 1), shifted(3, 0.3, 1), 1) {
		t.Error("odds are refused for what windows are without them")
	}
}
