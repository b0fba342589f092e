package baseline

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/seriestest"
)

// The normal equations have the solution that a QR decomposition of the windows
// themselves has, with rows for the ridge, for any part of the lookback; and the
// loss is the sum of the squared errors.
func TestNormalEquations(t *testing.T) {
	const longest, horizon, ridge = 7, 3, 0.02
	rng := rand.New(rand.NewPCG(8, 8))
	r := record{y: make([]float64, 700), unit: 1.7}
	for i := range r.y {
		r.y[i] = 5*math.Sin(float64(i)) + rng.NormFloat64()
	}
	var all []window
	for at := longest; at+horizon < len(r.y); at++ {
		all = append(all, window{&r, at})
	}
	n, err := newNormal(context.Background(), all, longest, horizon)
	if err != nil {
		t.Fatal(err)
	}
	for _, lookback := range []int{1, 4, longest} {
		k := 1 + lookback
		x, z := mat.NewDense(len(all)+lookback, k, nil), mat.NewDense(len(all)+lookback, horizon, nil)
		size := 0.0
		for i, w := range all {
			x.Set(i, 0, 1)
			for j := 1; j < k; j++ {
				v := (r.y[w.t-j] - r.y[w.t]) / r.unit
				x.Set(i, j, v)
				size += v * v
			}
			for h := range horizon {
				z.Set(i, h, (r.y[w.t+1+h]-r.y[w.t])/r.unit)
			}
		}
		for j := range lookback {
			x.Set(len(all)+j, 1+j, math.Sqrt(ridge*size/float64(lookback)))
		}
		var want, off mat.Dense
		if err := want.Solve(x, z); err != nil {
			t.Fatal(err)
		}
		w := n.solve(lookback, ridge)
		if !mat.EqualApprox(mat.NewDense(k, horizon, w), &want, 1e-9) {
			t.Errorf("lookback %d: weights %v, want %v", lookback, w, mat.Formatted(&want))
		}
		off.Mul(x.Slice(0, len(all), 0, k), &want)
		off.Sub(&off, z.Slice(0, len(all), 0, horizon))
		loss := math.Pow(mat.Norm(&off, 2), 2)
		if got := n.loss(w, lookback); math.Abs(got/loss-1) > 1e-9 {
			t.Errorf("lookback %d: loss %v, want %v", lookback, got, loss)
		}
	}
}

// Of a long series the windows that are learned from, and those that are held
// back, are spread evenly over the season.
func TestThin(t *testing.T) {
	seriestest.Long(t)
	r := record{y: make([]float64, 25*mostWindows), unit: 1}
	for _, season := range []int{1, 7, 24, 48} {
		all := split([]record{r}, 48, 12, season)
		for name, part := range map[string][]window{"learned": all.learned, "held back": all.held} {
			if len(part) > mostWindows+season || len(part) < mostWindows*3/4 {
				t.Errorf("season %d: %s: %d windows, want about %d", season, name, len(part), mostWindows)
			}
			count := make([]int, season)
			for _, w := range part {
				count[w.t%season]++
			}
			if least, most := slices.Min(count), slices.Max(count); most > least+1 {
				t.Errorf("season %d: %s: %d to %d windows at the places in the season", season, name, least, most)
			}
		}
	}
}
