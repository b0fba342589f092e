package outlier

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/series"
)

// Steps of the level do not hide each other: each of two or three is found within a step or two of its
// place, equal or not, the same way or back again, and Limit leaves the series as it is after the last.
func TestBreaks(t *testing.T) {
	for name, heights := range map[string][]float64{
		"twice up":       {150, 150},
		"up and back":    {150, -150},
		"three down":     {-120, -120, -120},
		"up, back, up":   {150, -150, 150},
		"of all heights": {120, -250, 160},
	} {
		missed := 0
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 9))
			y := seasonal(rng, 240)
			last := slices.Clone(y)
			var places []int
			total := 0.0
			for k, h := range heights {
				places = append(places, 240*(k+1)/(len(heights)+1)+rng.IntN(21)-10)
				total += h
			}
			for i := range y {
				last[i] += total
				for k, at := range places {
					if i >= at {
						y[i] += heights[k]
					}
				}
			}
			p := panelOf(y)
			found := Find(p, 12)
			ok := len(found) == len(places)
			for k, at := range places {
				ok = ok && found[k].Break && found[k].Of == Level && math.Abs(float64(found[k].Row-at)) <= 2
			}
			if !ok {
				missed++
				continue
			}
			for i, v := range Limit(p, found).Series[0].Values {
				near := slices.ContainsFunc(places, func(at int) bool { return math.Abs(float64(i-at)) <= 2 })
				if math.Abs(v-last[i]) > 60 && !near {
					t.Errorf("%s, draw %d: value %d becomes %v, as after the last break it were %v", name, seed, i, v, last[i])
					break
				}
			}
		}
		if missed > 2 {
			t.Errorf("%s: in %d of 50 draws not just the breaks that are there are found", name, missed)
		}
	}
}

// A level that was left for a while by what rests then, as a shop that is closed, has no break there, nor has one that is
// still left for nothing at the end: nobody knows whether it opens again.
func TestRestIsNoBreak(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 10))
		y := seasonal(rng, 240)
		at := 60 + rng.IntN(100)
		for t := at; t < at+30; t++ {
			y[t] = 0
		}
		if found := Find(panelOf(y), 12); len(found) > 0 {
			t.Errorf("draw %d: found %+v", seed, found[0].Row)
		}
		for t := 225; t < 240; t++ {
			y[t] = 0
		}
		if found := Find(panelOf(y[at+30:]), 12); len(found) > 0 {
			t.Errorf("draw %d: found %+v at the end", seed, found[0].Row)
		}
	}
}

// TestBreaksOfIrregularSeries protects that curves seen at irregular times, which fall at once where a gap is, have no
// breaks, and that a level in noise has the one that is there.
func TestBreaksOfIrregularSeries(t *testing.T) {
	curves, steps := 0, 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 11))
		curve, level := &series.Series{}, &series.Series{}
		at, period := 0.0, 4+4*rng.Float64()
		for i := range 80 {
			at += rng.ExpFloat64() / 3
			curve.Times, level.Times = append(curve.Times, at), append(level.Times, at)
			curve.Values = append(curve.Values, math.Exp(2*math.Sin(2*math.Pi*at/period))*(1+0.05*rng.NormFloat64()))
			x := 10 + rng.NormFloat64()
			if i >= 45 {
				x += 15
			}
			level.Values = append(level.Values, x)
		}
		p := &series.Panel{Channels: []string{"y"}, Series: []*series.Series{curve, level}}
		for _, f := range Find(p, 1) {
			switch {
			case f.Series == 0 && f.Break:
				curves++
			case f.Series == 1 && f.Break && f.Of == Level && f.Row == 45:
				steps++
			}
		}
	}
	if curves > 0 || steps < 45 {
		t.Errorf("%d breaks of 50 curves and %d of 50 steps are found", curves, steps)
	}
}
