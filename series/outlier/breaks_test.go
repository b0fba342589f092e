package outlier

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
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
