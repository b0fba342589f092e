package outlier

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/series"
)

func panelOf(values ...[]float64) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}}
	for _, y := range values {
		s := &series.Series{Values: y}
		for i := range y {
			s.Times = append(s.Times, float64(i))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// A process draws a series of n values with a season of 12 steps.
type process func(rng *rand.Rand, n int) []float64

func each(n int, one func(t int) float64) []float64 {
	y := make([]float64, n)
	for t := range y {
		y[t] = one(t)
	}
	return y
}

func seasonal(rng *rand.Rand, n int) []float64 {
	return each(n, func(t int) float64 { return 300 + 40*math.Sin(2*math.Pi*float64(t)/12) + 8*rng.NormFloat64() })
}

func walk(rng *rand.Rand, n int) []float64 {
	x := 100.0
	return each(n, func(int) float64 { x += rng.NormFloat64(); return x })
}

func growing(rng *rand.Rand, n int) []float64 {
	return each(n, func(t int) float64 {
		return math.Exp(0.01*float64(t)+0.04*rng.NormFloat64()) * (100 + 30*math.Sin(2*math.Pi*float64(t)/12))
	})
}

// What series of many kinds are like is left alone: nothing is found in 200 draws of
// each, long and short.
func TestNothing(t *testing.T) {
	spiky := func(every int, size func(rng *rand.Rand) float64) process {
		return func(rng *rand.Rand, n int) []float64 {
			y := seasonal(rng, n)
			for t := rng.IntN(every); t < n; t += every {
				y[t] += 300 * size(rng)
			}
			return y
		}
	}
	for name, draw := range map[string]process{
		"seasonal": seasonal,
		"trend": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(t int) float64 { return 3*float64(t) + 5*rng.NormFloat64() })
		},
		"growth": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(t int) float64 { return math.Exp(0.05*float64(t) + 0.1*rng.NormFloat64()) })
		},
		"a growing season": growing,
		"walk":             walk,
		"heavy tails": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 { return 10 + rng.NormFloat64()/math.Sqrt(rng.ExpFloat64()+0.15) })
		},
		"storms": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 { return math.Exp(1.3 * rng.NormFloat64()) })
		},
		"rain": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 {
				if rng.Float64() < 0.6 {
					return 0
				}
				return math.Exp(1.2 * rng.NormFloat64())
			})
		},
		"counts": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 {
				if rng.Float64() < 0.8 {
					return 0
				}
				return math.Ceil(3 * rng.ExpFloat64())
			})
		},
		"slow sales": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 {
				if rng.Float64() < 0.45 {
					return 0
				}
				return math.Ceil(1.5 * rng.ExpFloat64())
			})
		},
		"rare events": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 {
				if rng.Float64() < 0.03 {
					return 1
				}
				return 0
			})
		},
		"promotions": spiky(19, func(rng *rand.Rand) float64 { return 0.8 + 0.6*rng.Float64() }),
		"peaks":      spiky(12, func(rng *rand.Rand) float64 { return 3 + 0.2*rng.NormFloat64() }),
		"closed": func(rng *rand.Rand, n int) []float64 {
			y := seasonal(rng, n)
			for t := 6; t < n; t += 7 {
				y[t] = 0
			}
			return y
		},
		"constant": func(*rand.Rand, int) []float64 { return slices.Repeat([]float64{7}, 60) },
		"regimes": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(t int) float64 { return float64(t/20%2)*50 + 5 + rng.NormFloat64() })
		},
	} {
		wrong := 0
		for seed := range uint64(200) {
			rng := rand.New(rand.NewPCG(seed, 1))
			n := 30 + rng.IntN(300)
			if name == "regimes" {
				n += 90
			}
			if found := Find(panelOf(draw(rng, n)), 12); len(found) > 0 {
				if wrong++; wrong == 1 {
					t.Logf("%s, draw %d of %d values: %+v", name, seed, n, found)
				}
			}
		}
		if wrong > 3 {
			t.Errorf("%s: something is found in %d of 200 draws", name, wrong)
		}
	}
}

// Absurd values are found wherever they stand, one or several, of both signs, and
// nothing beside them.
func TestAbsurd(t *testing.T) {
	for name, c := range map[string]struct {
		draw   process
		places []int // from the end
	}{
		"the last":       {seasonal, []int{1}},
		"the 5th":        {seasonal, []int{5}},
		"the 20th":       {seasonal, []int{20}},
		"the first":      {seasonal, []int{120}},
		"the last three": {seasonal, []int{1, 2, 3}},
		"ten":            {seasonal, []int{3, 4, 18, 33, 47, 61, 62, 80, 99, 111}},
		"of a walk":      {walk, []int{1, 30}},
		"beside promotions": {func(rng *rand.Rand, n int) []float64 {
			y := seasonal(rng, n)
			for t := 7; t < n; t += 21 {
				y[t] += 350 + 60*rng.Float64()
			}
			return y
		}, []int{2}},
		"of counts": {func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 { return math.Floor(4 * rng.ExpFloat64()) })
		}, []int{9}},
	} {
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 2))
			y := c.draw(rng, 120)
			var want []int
			for _, k := range c.places {
				want = append(want, len(y)-k)
				y[len(y)-k] = 300 * (15 + 150*rng.Float64())
				if rng.IntN(3) == 0 && name != "of counts" {
					y[len(y)-k] *= -1
				}
			}
			slices.Sort(want)
			var got []int
			for _, f := range Find(panelOf(y), 12) {
				if f.Break {
					t.Errorf("%s, draw %d: a break is found: %+v", name, seed, f)
				}
				got = append(got, f.Row)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, draw %d: found %v, want %v", name, seed, got, want)
			}
		}
	}
}

// Zeros at the end of a series with a wide season are judged by what is usual at their step of it, which is said.
func TestZerosAfterSeasons(t *testing.T) {
	shape := func(t int) float64 { return 300 + 120*math.Sin(2*math.Pi*float64(t)/12) }
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 4))
		y := each(120, func(t int) float64 { return shape(t) + 4*rng.NormFloat64() })
		first := 117 + rng.IntN(3)
		for t := first; t < len(y); t++ {
			y[t] = 0
		}
		found := Find(panelOf(y), 12)
		if len(found) != 120-first {
			t.Fatalf("draw %d: found %+v, want the last %d", seed, found, 120-first)
		}
		for _, f := range found {
			if f.Break || f.Row < first || math.Abs(f.Usual-shape(f.Row)) > 30 {
				t.Errorf("draw %d: found %+v, where %.0f is usual", seed, f, shape(f.Row))
			}
		}
	}
}

// A shop that is closed once is told in one sentence, with what is usual when it is open.
func TestClosed(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 4))
	y := each(400, func(t int) float64 {
		if t >= 300 && t < 328 {
			return 0
		}
		return 120 + 25*math.Sin(2*math.Pi*float64(t)/7) + 8*rng.NormFloat64()
	})
	p := panelOf(y)
	found := Find(p, 7)
	for _, f := range found {
		if want := 120 + 25*math.Sin(2*math.Pi*float64(f.Row)/7); math.Abs(f.Usual-want) > 20 {
			t.Errorf("%.1f is usual at %d, want about %.1f", f.Usual, f.Row, want)
		}
	}
	if text := strings.Join(Describe(p, found), "\n"); len(found) != 28 || strings.Count(text, "usual") != 1 || !strings.Contains(text, ", 28 times 0 where about ") {
		t.Errorf("%d findings: %q", len(found), text)
	}
}

// A zero of a short series that is never near to zero is found, and what may be one is not: zeros that return or go on to
// the end, and those of series that come near to zero.
func TestZero(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values func(t int) float64
		found  int
	}{
		{"the last", func(t int) float64 { return 200 * min(1, float64(23-t)) }, 1},
		{"two in a row", func(t int) float64 { return 200 * min(1, math.Abs(float64(t/2-7))) }, 2},
		{"they return", func(t int) float64 { return 200 * min(1, float64(t%11)) }, 0},
		{"the end", func(t int) float64 { return 200 * min(1, float64(max(20-t, 0))) }, 0},
		{"beside few", func(t int) float64 { return 200*min(1, float64(23-t)) - 195*max(0, float64(min(t-1, 3-t))) }, 0},
	} {
		found := Find(panelOf(each(24, func(t int) float64 {
			y := tt.values(t)
			return y + y/20*float64(t*t%7)
		})), 12)
		if len(found) != tt.found {
			t.Errorf("%s: found %+v, want %d", tt.name, found, tt.found)
		}
	}
}

// A fall of a positive series to a small part that is over after a while is found to its last value, in nearly all of 50
// draws. What comes before it and after it is wider by it, which is taken for another spread in one at most.
func TestFall(t *testing.T) {
	missed, spreads := 0, 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 6))
		y := growing(rng, 120)
		first := 60 + rng.IntN(40)
		last := first + rng.IntN(8)
		for t := first; t <= last; t++ {
			y[t] *= 0.07
		}
		switch found := Find(panelOf(y), 12); {
		case len(found) == 0:
			missed++
		case found[0].Of == Spread:
			spreads++
		case len(found) == 1 && found[0].Passing && found[0].Row == first && found[0].Last == last:
		case len(found) != last-first+1 || found[0].Break || found[0].Row != first || found[len(found)-1].Row != last:
			t.Errorf("draw %d: found %+v, want %d to %d", seed, found, first, last)
		}
	}
	if missed > 3 || spreads > 1 {
		t.Errorf("%d of 50 falls are missed, %d taken for another spread", missed, spreads)
	}
}

// A drop to less than half of the level is found beside a season that goes as far, in nearly all of 50 draws, and nothing
// else is taken for one.
func TestBreakBesideSeason(t *testing.T) {
	missed := 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 5))
		y := each(150, func(t int) float64 {
			return 800 * (1 + 0.5*math.Sin(2*math.Pi*float64(t)/12)) * math.Exp(0.05*rng.NormFloat64())
		})
		at := 110 + rng.IntN(25)
		for t := at; t < len(y); t++ {
			y[t] *= 0.4
		}
		switch found := Find(panelOf(y), 12); {
		case len(found) == 0:
			missed++
		case !found[0].Break || found[0].Of != Level || math.Abs(float64(found[0].Row-at)) > 3:
			t.Errorf("draw %d: found %+v, want a break at %d", seed, found, at)
		}
	}
	if missed > 5 {
		t.Errorf("%d of 50 breaks are missed", missed)
	}
}

// A break is found within a step or two of its place, and Limit leaves a series that
// has none, at the level after it.
func TestBreak(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(y float64) float64 // of what comes before
		product bool
	}{
		"up":      {func(y float64) float64 { return y - 250 }, false},
		"down":    {func(y float64) float64 { return y + 400 }, false},
		"product": {func(y float64) float64 { return y / 3 }, true},
	} {
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 3))
			whole := seasonal(rng, 150)
			y := slices.Clone(whole)
			at := 60 + rng.IntN(60)
			for t := range at {
				y[t] = c.change(y[t])
			}
			p := panelOf(y)
			found := Find(p, 12)
			if len(found) != 1 || !found[0].Break || math.Abs(float64(found[0].Row-at)) > 2 {
				t.Fatalf("%s, draw %d: found %+v, want a break at %d", name, seed, found, at)
			}
			if found[0].Product != c.product {
				t.Errorf("%s, draw %d: product is %v", name, seed, found[0].Product)
			}
			limited := Limit(p, found).Series[0].Values
			for i, v := range limited {
				if math.Abs(v-whole[i]) > 60 && math.Abs(float64(i-at)) > 2 {
					t.Errorf("%s, draw %d: value %d becomes %v, without the break it was %v", name, seed, i, v, whole[i])
					break
				}
			}
			if again := Find(Limit(p, found), 12); len(again) > 0 {
				t.Errorf("%s, draw %d: %+v is left", name, seed, again)
			}
		}
	}
}

// Limit changes a copy, of one channel alone, and the sentences name stamp, series,
// channel and line.
func TestLimitDescribe(t *testing.T) {
	p := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}}
	s := &series.Series{ID: "x"}
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range 40 {
		s.Times = append(s.Times, float64(i))
		s.Values = append(s.Values, rng.NormFloat64(), 200+rng.NormFloat64())
	}
	s.Values[2*30+1] = 35000
	p.Series = []*series.Series{s}
	found := Find(p, 1)
	if len(found) != 1 || found[0].Row != 30 || found[0].Channel != 1 {
		t.Fatalf("found %+v", found)
	}
	limited := Limit(p, found)
	if s.Values[61] != 35000 || !math.IsNaN(limited.Series[0].Values[61]) || limited.Series[0].Values[60] != s.Values[60] {
		t.Errorf("values %v become %v", s.Values[60:62], limited.Series[0].Values[60:62])
	}
	text := strings.Join(Describe(p, found), " ")
	for _, want := range []string{"1 absurd value", `b at 30 of series "x"`, "35000, 175 times the usual 2"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if Limit(p, nil) != p {
		t.Error("a copy without findings")
	}
}
