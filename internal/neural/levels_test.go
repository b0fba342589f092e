package neural

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/internal/moments"
	"tsgen/series"
)

// levelFrame returns a frame of one channel of center 0 and scale 1, and a record of so many steps that
// next makes.
func levelFrame(steps int, next func(before float64, rng *rand.Rand) float64) (*Frame, []Record) {
	rng := rand.New(rand.NewPCG(3, 5))
	f := &Frame{Channels: []string{"y"}, Step: series.Step{Width: 1}, Log: []bool{false}, Scaling: series.Scaling{Center: []float64{0}, Scale: []float64{1}}}
	r := Record{}
	x := 0.0
	for i := range steps {
		x = next(x, rng)
		r.U, r.X = append(r.U, float64(i)), append(r.X, x)
	}
	return f, []Record{r}
}

// TestLevelLaw holds how far levels return against what is known of it: what follows windows of noise has
// nothing of their levels, and what follows those of a walk nearly all.
func TestLevelLaw(t *testing.T) {
	f, noise := levelFrame(4000, func(_ float64, rng *rand.Rand) float64 { return 7 + rng.NormFloat64() })
	f.LearnLevels(noise, 20, 10)
	if l := f.Levels; l == nil || l.Keep[0] > 0.1 || math.Abs(l.Center[0]-7) > 0.1 || math.Abs(l.Spread[0]-1/math.Sqrt(10)) > 0.05 {
		t.Fatalf("levels of noise are %+v, want nothing kept of the distance from 7, and means of ten steps", l)
	}
	if f.LearnLevels(noise, 2000, 500); f.Levels != nil {
		t.Errorf("%+v was learned from four pairs", f.Levels)
	}
	if f.LearnLevels(append(noise, make([]Record, 100)...), 20, 10); f.Levels != nil {
		t.Errorf("%+v was learned from four pairs a series", f.Levels)
	}
	f, walk := levelFrame(2000, func(x float64, rng *rand.Rand) float64 { return x + rng.NormFloat64() })
	f.LearnLevels(walk, 40, 20)
	if l := f.Levels; l == nil || l.Keep[0] < 0.9 {
		t.Errorf("levels of a walk are %+v, want nearly all kept", l)
	}
}

// TestReturned holds the level and scale of what a series goes on from against those that the law says.
func TestReturned(t *testing.T) {
	f, r := levelFrame(40, func(_ float64, rng *rand.Rand) float64 { return 3 + 4*rng.NormFloat64() })
	u, x := r[0].U, r[0].X
	if got := f.Returned(u, x); &got[0] != &x[0] {
		t.Error("values change where nothing is known of levels")
	}
	f.Levels = &LevelLaw{Steps: 20, Center: []float64{0, 0}, Keep: []float64{0.25, 0.5}}
	last := func(x []float64) []float64 {
		return f.levelOf(&Window{Record: &Record{U: u, X: x}, From: 20, Origin: 40, To: 40})
	}
	before, after := last(x), last(f.Returned(u, x))
	if math.Abs(after[0]-before[0]/4) > 1e-9 || math.Abs(after[1]-before[1]/2) > 1e-9 {
		t.Errorf("mean and logarithm of the scale go from %v to %v, want a quarter and a half", before, after)
	}
}

// TestSettle protects generated series against wandering farther than those of the data: blocks of a model
// whose levels are too high and vary too much are brought to levels like the data's, without a leap.
func TestSettle(t *testing.T) {
	const steps, apart = 20, 10
	f, noise := levelFrame(4000, func(_ float64, rng *rand.Rand) float64 { return 7 + rng.NormFloat64() })
	wild := func(u, values []float64, rng *rand.Rand) ([]float64, error) {
		level := 9 + 3*rng.NormFloat64()
		for len(values) < len(u) {
			values = append(values, level+rng.NormFloat64())
		}
		return values, nil
	}
	if err := f.LearnDrift(t.Context(), noise, steps, apart, 1, wild); err != nil || f.Levels != nil {
		t.Fatalf("%+v was learned without a law, %v", f.Levels, err)
	}
	u, seen := noise[0].U[:steps+apart], noise[0].X[:steps]
	f.Settle(u, seen, make([]float64, apart)) // nothing is known
	f.LearnLevels(noise, steps, apart)
	if err := f.LearnDrift(t.Context(), noise, steps, apart, 1, wild); err != nil {
		t.Fatal(err)
	}
	if l := f.Levels; math.Abs(l.Drift[0]-2) > 1 || math.Abs(l.Part[0]-l.Spread[0]/3) > 0.04 || l.Part[1] < 0.7 {
		t.Errorf("a model whose levels are 2 too high with the deviation 3 has %+v", l)
	}
	var means moments.Moments
	rng := rand.New(rand.NewPCG(8, 9))
	for range 400 {
		all, _ := wild(u, seen[:steps:steps], rng)
		first, last := all[steps], all[steps+apart-1]
		f.Settle(u, seen, all[steps:])
		if math.Abs(all[steps]-first) > math.Abs(all[steps+apart-1]-last)/3+2 {
			t.Fatalf("the first of a block moves from %v to %v, the last from %v to %v", first, all[steps], last, all[steps+apart-1])
		}
		means.Add(f.blockLevel(u[steps:], all[steps:])[0])
	}
	if sd := math.Sqrt(means.Variance()); math.Abs(means.Mean-7) > 0.4 || sd > 0.6 {
		t.Errorf("levels have the mean %v and the deviation %v, want 7 and 0.3", means.Mean, sd)
	}
	short := []float64{5, 6}
	if f.Settle(u, seen, short); short[0] != 5 || short[1] != 6 {
		t.Errorf("a block too short for a level becomes %v", short)
	}
}

// TestLevelLawCheck protects against levels that are not of the channels, or that would grow.
func TestLevelLawCheck(t *testing.T) {
	good := LevelLaw{Steps: 3, Center: []float64{1, 2}, Keep: []float64{0, 1}}
	if err := good.check(1); err != nil {
		t.Error(err)
	}
	for _, l := range []LevelLaw{
		{Steps: 0, Center: good.Center, Keep: good.Keep},
		{Steps: 3, Center: good.Center[:1], Keep: good.Keep},
		{Steps: 3, Center: good.Center, Keep: []float64{0, 1.1}},
		{Steps: 3, Center: []float64{1, math.NaN()}, Keep: good.Keep},
		{Steps: 3, Center: good.Center, Keep: good.Keep, Spread: []float64{1}},
		{Steps: 3, Center: good.Center, Keep: good.Keep, Drift: []float64{1, 1}},
		{Steps: 3, Center: good.Center, Keep: good.Keep, Drift: []float64{1, 1}, Part: []float64{1, math.NaN()}},
	} {
		if l.check(1) == nil {
			t.Errorf("%+v is taken for a law of one channel", l)
		}
	}
}
