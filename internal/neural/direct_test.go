package neural

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/internal/copula"
)

// TestAppendNaive holds level, unit and forecast to what is counted by hand: of a
// season of two steps, some values of which are missing or before the window.
func TestAppendNaive(t *testing.T) {
	nan := math.NaN()
	f := &Frame{Channels: []string{"y"}, Season: 2, Horizon: 3}
	r := &Record{X: []float64{100, 100, 1, 5, 4, nan, 8, nan}, U: make([]float64, 8)}
	f.measureUnits(r)
	w := &Window{Record: r, From: 2, Origin: 7, To: 8}
	naive, level, unit := f.AppendNaive(nil, w, 0, 50, 1)
	// The last season is [?, 8]; differences are 99, 95, 3 and 4, of which the last two
	// are of the context.
	if want := []float64{5, 8, 5}; !slices.Equal(naive, want) || level != 8 || math.Abs(unit-math.Sqrt(3.5*50.25)) > 1e-9 {
		t.Errorf("forecast %v, level %v, unit %v; want %v, 8 and %v", naive, level, unit, want, math.Sqrt(3.5*50.25))
	}
	w = &Window{Record: r, From: 7, Origin: 8, To: 8}
	if naive, level, unit := f.AppendNaive(nil, w, 0, 50, 2); naive[0] != 50 || level != 50 || unit != 2 {
		t.Errorf("without a value: forecast %v, level %v, unit %v; want those of the window, 50, 50 and 2", naive, level, unit)
	}
}

// TestDrawBlocks demands that draws go on beyond the horizon from their own values:
// those of a walk that adds a score a step from the window's last value.
func TestDrawBlocks(t *testing.T) {
	f := &Frame{Channels: []string{"y"}, Season: 1, Horizon: 2}
	independent := copula.Gaussian{Steps: []float64{1, 0, 0, 1}, Channels: []float64{1}}
	draw := func(walk func(w Window) func(t, j int, z float64) float64) [][]float64 {
		r := &Record{X: []float64{0, 7, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}, U: make([]float64, 7)}
		paths, err := f.DrawBlocks(context.Background(), r, 2, 2, 3, independent, rand.New(rand.NewPCG(1, 1)), walk)
		if err != nil {
			t.Fatal(err)
		}
		return paths
	}
	scores := draw(func(Window) func(t, j int, z float64) float64 {
		return func(_, _ int, z float64) float64 { return z }
	})
	blocks := 0
	paths := draw(func(w Window) func(t, j int, z float64) float64 {
		blocks++
		last := w.Value(w.Origin-1, 0, 1)
		return func(_, _ int, z float64) float64 { return last + z }
	})
	for k, y := range paths {
		for t2 := range 5 {
			last := 7.0
			if before := t2/2*2 - 1; before > 0 {
				last = y[before]
			}
			if want := last + scores[k][t2]; y[t2] != want {
				t.Errorf("path %d at step %d: %v, want %v", k, t2, y[t2], want)
			}
		}
	}
	if blocks != 1+3+3 {
		t.Errorf("%d blocks, want one for all paths and then one for each", blocks)
	}
}
