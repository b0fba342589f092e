package trees

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// table returns n rows of three features, of which the first two make the target.
func table(n int, seed uint64, y func(a, b float64, rng *rand.Rand) float64) Table {
	rng := rand.New(rand.NewPCG(seed, 9))
	t := Table{Columns: 3}
	for range n {
		a, b := rng.Float64(), rng.Float64()
		t.X, t.Y = append(t.X, a, b, rng.Float64()), append(t.Y, y(a, b, rng))
	}
	return t
}

func (t Table) row(i int) []float64 { return t.X[i*t.Columns : (i+1)*t.Columns] }

// corner is 1 where both are on the same side of a half: no single feature says it.
func corner(a, b float64, _ *rand.Rand) float64 {
	if (a > 0.5) == (b > 0.5) {
		return 1
	}
	return 0
}

// TestCorner protects that both learn what no feature says alone, on rows that they
// have not seen, and that neither finds anything in coins.
func TestCorner(t *testing.T) {
	coin := func(_, _ float64, rng *rand.Rand) float64 { return float64(rng.IntN(2)) }
	for _, c := range []struct {
		name      string
		y         func(a, b float64, rng *rand.Rand) float64
		low, high float64
	}{{"corner", corner, 0.93, 1}, {"coin", coin, 0.42, 0.58}} {
		train, test := table(1000, 1, c.y), table(1000, 2, c.y)
		forest, err := FitExtra(context.Background(), train, ExtraOptions{Trees: 60, Features: 3})
		if err != nil {
			t.Fatal(err)
		}
		boosted, err := FitBoosted(context.Background(), train, BoostOptions{Loss: Logistic, Trees: 60})
		if err != nil {
			t.Fatal(err)
		}
		var right [2]float64
		for i, y := range test.Y {
			if (forest.Predict(test.row(i)) > 0.5) == (y > 0.5) {
				right[0] += 1 / float64(len(test.Y))
			}
			if (boosted.Predict(test.row(i)) > 0) == (y > 0.5) {
				right[1] += 1 / float64(len(test.Y))
			}
		}
		for k, r := range right {
			if r < c.low || r > c.high {
				t.Errorf("%s: learner %d is right in %.3f, want %.2f to %.2f", c.name, k, r, c.low, c.high)
			}
		}
	}
}

// TestLosses protects what is learned by each loss of a distribution that is known:
// y = 4a + an exponential variable, whose mean is 1 and whose quantiles are
// -log(1 - p).
func TestLosses(t *testing.T) {
	train := table(6000, 3, func(a, _ float64, rng *rand.Rand) float64 { return 4*a + rng.ExpFloat64() })
	for _, c := range []struct {
		o    BoostOptions
		want float64
	}{
		{BoostOptions{Loss: Squared, LeastRow: 100}, 1},
		{BoostOptions{Loss: Quantile, Level: 0.5, LeastRow: 100}, math.Ln2},
		{BoostOptions{Loss: Quantile, Level: 0.9, LeastRow: 100}, math.Log(10)},
	} {
		b, err := FitBoosted(context.Background(), train, c.o)
		if err != nil {
			t.Fatal(err)
		}
		bias, square := 0.0, 0.0
		const n = 400
		for i := range n {
			a := (float64(i) + 0.5) / n
			u := float64(i)
			d := b.Predict([]float64{a, math.Mod(0.7549*u, 1), math.Mod(0.5698*u, 1)}) - 4*a - c.want
			bias, square = bias+d/n, square+d*d/n
		}
		if math.Abs(bias) > 0.1*c.want || math.Sqrt(square) > 0.35*c.want {
			t.Errorf("%+v: %.3f from the truth on average, %.3f in root mean square", c.o, bias, math.Sqrt(square))
		}
	}
}

// TestMissing protects that missing features are told apart from others.
func TestMissing(t *testing.T) {
	train := table(400, 4, func(float64, float64, *rand.Rand) float64 { return 0 })
	for i := range train.Y {
		if i%2 == 0 {
			train.X[i*3], train.Y[i] = math.NaN(), 1
		}
	}
	b, err := FitBoosted(context.Background(), train, BoostOptions{Trees: 50})
	if err != nil {
		t.Fatal(err)
	}
	f, err := FitExtra(context.Background(), train, ExtraOptions{Trees: 20, Features: 3})
	if err != nil {
		t.Fatal(err)
	}
	for k, predict := range []func([]float64) float64{b.Predict, f.Predict} {
		if there, missing := predict([]float64{0.6, 0.5, 0.5}), predict([]float64{math.NaN(), 0.5, 0.5}); there > 0.2 || missing < 0.6 {
			t.Errorf("learner %d: %.2f where it is there, %.2f where it is missing; want about 0 and 1", k, there, missing)
		}
	}
}

// TestSameTrees protects that results do not depend on the number of processors.
func TestSameTrees(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	train := table(300, 5, corner)
	fit := func() (*Forest, *Boosted) {
		f, err := FitExtra(context.Background(), train, ExtraOptions{Trees: 12, Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		b, err := FitBoosted(context.Background(), train, BoostOptions{Trees: 12})
		if err != nil {
			t.Fatal(err)
		}
		return f, b
	}
	f, b := fit()
	runtime.GOMAXPROCS(2)
	if f2, b2 := fit(); !reflect.DeepEqual(f, f2) || !reflect.DeepEqual(b, b2) {
		t.Error("two processors make other trees")
	}
}

// TestErrors protects that tables and options that make no sense are refused.
func TestErrors(t *testing.T) {
	good := table(30, 6, corner)
	for name, bad := range map[string]Table{
		"empty": {}, "ragged": {Columns: 3, X: good.X[1:], Y: good.Y},
		"not a number": {Columns: 1, X: []float64{1, 2}, Y: []float64{1, math.NaN()}},
	} {
		if _, err := FitExtra(context.Background(), bad, ExtraOptions{}); err == nil {
			t.Errorf("%s: extremely randomised trees of it", name)
		}
		if _, err := FitBoosted(context.Background(), bad, BoostOptions{}); err == nil {
			t.Errorf("%s: boosted trees of it", name)
		}
	}
	if _, err := FitBoosted(context.Background(), good, BoostOptions{Bins: 256}); err == nil {
		t.Error("256 bins")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := FitBoosted(ctx, good, BoostOptions{}); err == nil {
		t.Error("a context that has ended")
	}
}

// TestQuantilesTogether protects that quantiles learned together are those learned apart,
// that they survive as numbers, and that numbers that are no trees are refused.
func TestQuantilesTogether(t *testing.T) {
	train := table(500, 7, func(a, b float64, rng *rand.Rand) float64 { return a + b*rng.NormFloat64() })
	o := BoostOptions{Trees: 20, Leaves: 7, Part: 0.7, FeaturePart: 0.7, Seed: 3}
	levels := []float64{0.2, 0.9}
	all, err := FitQuantiles(context.Background(), train, levels, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, level := range levels {
		o.Loss, o.Level = Quantile, level
		alone, err := FitBoosted(context.Background(), train, o)
		if err != nil || !reflect.DeepEqual(alone, all[i]) {
			t.Errorf("level %v alone is another, error %v", level, err)
		}
		flat := alone.Flat()
		if again, err := FromFlat(flat, train.Columns); err != nil || !reflect.DeepEqual(again, alone) {
			t.Errorf("level %v as numbers is another, error %v", level, err)
		}
		if _, err := FromFlat(flat, 1); err == nil {
			t.Error("features beyond the last")
		}
		for cut := range 5 {
			if _, err := FromFlat(flat[:len(flat)-1-cut], train.Columns); err == nil {
				t.Errorf("trees without their last %d numbers", 1+cut)
			}
		}
		flat[4] = 0 // the left branch of the root, which would be walked for ever
		if _, err := FromFlat(flat, train.Columns); err == nil {
			t.Error("a branch that leads back")
		}
	}
	if _, err := FitQuantiles(context.Background(), train, nil, o); err == nil {
		t.Error("no levels")
	}
}

// TestQuantile protects that quantiles are those of the sorted values, ties included.
func TestQuantile(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for n := 1; n < 60; n++ {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(rng.IntN(n))
		}
		sorted := slices.Sorted(slices.Values(v))
		for _, level := range []float64{0, 0.1, 0.5, 0.77, 1} {
			at := level * float64(n-1)
			i := int(at)
			want := sorted[i] + (at-float64(i))*(sorted[min(i+1, n-1)]-sorted[i])
			if got := quantile(slices.Clone(v), level); math.Abs(got-want) > 1e-12 {
				t.Errorf("quantile %v of %v is %v, want %v", level, v, got, want)
			}
		}
	}
}
