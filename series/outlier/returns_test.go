package outlier

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/series"
)

const day = 86400

// dated returns a series of days as a panel.
func dated(y []float64) *series.Panel {
	p := panelOf(y)
	p.Step, p.Axis = series.Step{Width: day}, series.Axis{Layout: "2006-01-02"}
	for i := range p.Series[0].Times {
		p.Series[0].Times[i] *= day
	}
	return p
}

// weekly returns days of a level with a week, and noise.
func weekly(rng *rand.Rand, n int, level, sd float64) []float64 {
	phase := 7 * rng.Float64()
	return each(n, func(t int) float64 {
		return level*(1+0.1*math.Sin(2*math.Pi*(float64(t)+phase)/7)) + sd*rng.NormFloat64()
	})
}

// anywhere returns so many places of n, in order.
func anywhere(rng *rand.Rand, n, number int) []int {
	places := rng.Perm(n)[:number]
	slices.Sort(places)
	return places
}

// Values that nobody can mean are found on several occasions too, and hardly anything beside them: spikes that are alike and few, zeros
// where values are never near to zero, a code in the place of what is missing, and a point that has slipped.
func TestAbsurdAgain(t *testing.T) {
	for name, c := range map[string]struct {
		level, sd float64
		number    int
		make      func(rng *rand.Rand, v float64) float64
		least     float64 // the part that is found
	}{
		"two spikes":        {640, 21, 2, func(rng *rand.Rand, v float64) float64 { return v * (3 + 4*rng.Float64()) }, 0.97},
		"of 15 deviations":  {270, 7, 3, func(rng *rand.Rand, v float64) float64 { return v + 7*(15+20*rng.Float64()) }, 0.9},
		"zeros":             {145, 9, 12, func(*rand.Rand, float64) float64 { return 0 }, 0.97},
		"a code":            {3100, 130, 13, func(*rand.Rand, float64) float64 { return 9999 }, 0.95},
		"a code below zero": {230, 11, 9, func(*rand.Rand, float64) float64 { return -99 }, 0.95},
		"ten times":         {53, 2, 2, func(_ *rand.Rand, v float64) float64 { return v * 10 }, 0.97},
		"a tenth":           {53, 2, 2, func(_ *rand.Rand, v float64) float64 { return v / 10 }, 0.95},
	} {
		planted, found, wrong := 0, 0, 0
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 31))
			n := 300 + rng.IntN(500)
			y, places := weekly(rng, n, c.level, c.sd), anywhere(rng, n, c.number)
			for _, i := range places {
				y[i] = c.make(rng, y[i])
			}
			planted += len(places)
			for _, f := range Find(dated(y), 7) {
				if slices.Contains(places, f.Row) && !f.Break {
					found++
				} else {
					wrong++
				}
			}
		}
		if float64(found) < c.least*float64(planted) || wrong > 1 {
			t.Errorf("%s: %d of %d are found, and %d others", name, found, planted, wrong)
		}
	}
}

// A sensor that was dead twice or three times is told at each of its zeros.
func TestDeadAgain(t *testing.T) {
	missed := 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 32))
		y := weekly(rng, 450, 88, 5)
		zeros := 0
		for _, from := range []int{40 + rng.IntN(80), 150 + rng.IntN(40), 330 + rng.IntN(90)} {
			long := 2 + rng.IntN(4)
			for i := range long {
				y[from+i] = 0
			}
			zeros += long
		}
		if found := Find(dated(y), 7); len(found) != zeros {
			missed++
		}
	}
	if missed > 4 { // evenly apart by chance
		t.Errorf("%d of 50 are not found", missed)
	}
}

// What comes again as the calendar has it, or often, stays.
func TestReturns(t *testing.T) {
	spikes := func(next func(rng *rand.Rand, t int) int, first, factor float64) process {
		return func(rng *rand.Rand, n int) []float64 {
			y := weekly(rng, n, 310, 8)
			for i := int(first * rng.Float64()); i < n; i += next(rng, i) {
				y[i] *= factor * (1 + 0.1*rng.NormFloat64())
			}
			return y
		}
	}
	for name, draw := range map[string]process{
		"ends of months":             spikes(func(rng *rand.Rand, _ int) int { return 30 + rng.IntN(2) }, 30, 3),
		"ends of quarters":           spikes(func(rng *rand.Rand, _ int) int { return 90 + rng.IntN(3) }, 90, 4),
		"once a year":                spikes(func(rng *rand.Rand, _ int) int { return 364 + rng.IntN(3) }, 300, 5),
		"promotions":                 spikes(func(rng *rand.Rand, _ int) int { return 3 + rng.IntN(40) }, 40, 2.5),
		"closed on a Monday a month": spikes(func(*rand.Rand, int) int { return 28 }, 28, 0),
		"closed on holidays": func(rng *rand.Rand, n int) []float64 {
			y := weekly(rng, n, 310, 8)
			for _, d := range []int{20, 111, 117, 151, 230} {
				for i := d; i < n; i += 365 {
					y[i] = 0
				}
			}
			return y
		},
	} {
		wrong := 0
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 33))
			found := Find(dated(draw(rng, 740+rng.IntN(300))), 7)
			if slices.ContainsFunc(found, func(f Finding) bool { return !f.Break }) {
				wrong++
			}
		}
		if wrong > 1 {
			t.Errorf("%s: something is found in %d of 50 draws", name, wrong)
		}
	}
}

// Zeros that a covariate announces stay, and are found without it.
func TestAnnounced(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 34))
	y := weekly(rng, 400, 310, 8)
	places := []int{33, 90, 171, 202, 377}
	p := dated(y)
	s := p.Series[0]
	p.Known = []string{"closed"}
	s.Known = series.Track{Times: s.Times, Values: make([]float64, len(y))}
	for _, i := range places {
		y[i], s.Known.Values[i] = 0, 1
	}
	if found := Find(p, 7); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
	if found := Find(dated(y), 7); len(found) != len(places) {
		t.Errorf("without the covariate %+v are found", found)
	}
}
