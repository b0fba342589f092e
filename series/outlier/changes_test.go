package outlier

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A break of the spread or of the season is found near its place and called what it is, and Limit
// leaves a series without it: as wide as after it, or with the season that comes after it.
func TestChanges(t *testing.T) {
	angle := func(t int) float64 { return 2 * math.Pi * float64(t) / 12 }
	for name, c := range map[string]struct {
		part Part
		draw func(rng *rand.Rand, t int, late bool) float64
		near int
	}{
		"wider": {Spread, func(rng *rand.Rand, t int, late bool) float64 {
			sd := 8.0
			if late {
				sd = 32
			}
			return 300 + 40*math.Sin(angle(t)) + sd*rng.NormFloat64()
		}, 12},
		"narrower": {Spread, func(rng *rand.Rand, t int, late bool) float64 {
			sd := 5.0
			if late {
				sd = 1
			}
			return 3*math.Sin(angle(t)) + sd*rng.NormFloat64()
		}, 12},
		"other way": {Season, func(rng *rand.Rand, t int, late bool) float64 {
			a := 40.0
			if late {
				a = -40
			}
			return 300 + a*math.Sin(angle(t)) + 8*rng.NormFloat64()
		}, 12},
		"with the level": {Season, func(rng *rand.Rand, t int, late bool) float64 {
			a := 0.05
			if late {
				a = 0.3
			}
			return (100 + 3*float64(t)) * (1 + a*math.Sin(angle(t))) * math.Exp(0.03*rng.NormFloat64())
		}, 12},
	} {
		missed := 0
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 5))
			at := 84 + rng.IntN(24)
			y := each(144, func(t int) float64 { return c.draw(rng, t, t >= at) })
			p := panelOf(y)
			found := Find(p, 12)
			if len(found) != 1 || found[0].Of != c.part || math.Abs(float64(found[0].Row-at)) > float64(c.near) {
				missed++
				continue
			}
			limited := Limit(p, found).Series[0].Values
			always := each(144, func(t int) float64 { return c.draw(rng, t, true) })
			part := func(y []float64) (swings, rests float64) { // of the part before
				z := append([]float64(nil), y[:72]...)
				level := levelOf(z, 12)
				for i := range z {
					z[i] -= level[i]
				}
				shape := profile(z, 12, 0, len(z))
				for i := range z {
					rests += math.Abs(z[i] - shape[i%12])
				}
				return swing(shape), rests
			}
			swing, rest := part(limited)
			wantSwing, wantRest := part(always)
			if c.part == Season && math.Abs(swing/wantSwing-1) > 0.4 || c.part == Spread && math.Abs(math.Log(rest/wantRest)) > 0.75 {
				t.Errorf("%s, draw %d: a swing of %.3g and rests of %.3g, without a break %.3g and %.3g", name, seed, swing, rest, wantSwing, wantRest)
			}
			if text := strings.Join(Describe(p, found), " "); !strings.Contains(text, "1 break of the "+string(c.part)) {
				t.Errorf("%s: %q", name, text)
			}
		}
		if missed > 6 { // a spread that is four times as wide is not beyond doubt in each draw
			t.Errorf("%s: %d of 50 are not found as one break of the %s", name, missed, c.part)
		}
	}
}

// A season or a spread that changes little by little, or by habit, or with a memory, has no break.
func TestNoChanges(t *testing.T) {
	for name, draw := range map[string]process{
		"growing season": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(t int) float64 {
				return (10+0.3*float64(t))*math.Sin(2*math.Pi*float64(t)/12) + 4*rng.NormFloat64()
			})
		},
		"growing spread": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(t int) float64 { return (1 + 0.05*float64(t)) * rng.NormFloat64() })
		},
		"memory": func(rng *rand.Rand, n int) []float64 {
			x := 0.0
			return each(n, func(int) float64 { x = 0.9*x + rng.NormFloat64(); return x })
		},
		"volatile": func(rng *rand.Rand, n int) []float64 { // a GARCH process
			v, e := 1.0, 0.0
			return each(n, func(int) float64 {
				v = 0.05 + 0.12*e*e + 0.83*v
				e = math.Sqrt(v) * rng.NormFloat64()
				return e
			})
		},
		"wandering season": func(rng *rand.Rand, n int) []float64 {
			shape := make([]float64, 12)
			return each(n, func(t int) float64 {
				shape[t%12] += rng.NormFloat64()
				return shape[t%12] + rng.NormFloat64()
			})
		},
	} {
		wrong := 0
		for seed := range uint64(200) {
			rng := rand.New(rand.NewPCG(seed, 6))
			if found := Find(panelOf(draw(rng, 60+rng.IntN(240))), 12); len(found) > 0 {
				if wrong++; wrong == 1 {
					t.Logf("%s, draw %d: %+v", name, seed, found[0].Row)
				}
			}
		}
		if wrong > 6 {
			t.Errorf("%s: a break is found in %d of 200 draws", name, wrong)
		}
	}
}

// A step that is left out of the file, row and all, shifts no season: none is taken for a break, and one
// that is there is found where it is.
func TestChangesWithGaps(t *testing.T) {
	wrong := 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 7))
		for _, broken := range []bool{false, true} {
			p := panelOf(each(120, func(t int) float64 {
				a := 40.0
				if broken && t >= 72 {
					a = -40
				}
				return 300 + a*math.Sin(2*math.Pi*float64(t)/12) + 4*rng.NormFloat64()
			}))
			s := p.Series[0]
			for range 5 { // rows that are not there
				k := 10 + rng.IntN(s.Len()-20)
				s.Times, s.Values = slices.Delete(s.Times, k, k+1), slices.Delete(s.Values, k, k+1)
			}
			found := Find(p, 12)
			if !broken {
				if len(found) > 0 {
					t.Errorf("draw %d: gaps are taken for %d breaks, the first of the %s at %v", seed, len(found), found[0].Of, s.Times[found[0].Row])
				}
				continue
			}
			ok := len(found) == 1 && found[0].Of == Season && math.Abs(s.Times[found[0].Row]-72) <= 6
			limited := Limit(p, found).Series[0]
			for row, at := range limited.Times { // up to 80 off if left as it was
				want := 300 - 40*math.Sin(2*math.Pi*at/12)
				ok = ok && (math.Abs(at-72) <= 6 || math.Abs(limited.Values[row]-want) < 35)
			}
			if !ok {
				wrong++
			}
		}
	}
	if wrong > 4 { // two rows of the same step of the season may be missing where few are
		t.Errorf("%d of 50 breaks of the season are not found and mended", wrong)
	}
}

// Cycles of a mean length that is no whole number of steps come at other steps in the end than
// in the beginning, which is a break neither of the season nor of the spread beside it.
func TestNoChangeOfDriftingSeason(t *testing.T) {
	wrong, drawn := 0, 200
	for seed := range uint64(drawn) {
		rng := rand.New(rand.NewPCG(seed, 8))
		phase, pace := 0.0, 0.0
		p := panelOf(each(137, func(int) float64 {
			if before := phase; math.Floor(phase+pace) > math.Floor(before) || pace == 0 {
				pace = 1 / (10.6 + 0.8*rng.NormFloat64())
			}
			phase += pace
			return 10 + 500*math.Pow(1-math.Cos(2*math.Pi*phase), 1.5)*math.Exp(0.2*rng.NormFloat64())
		}))
		p.Seasons = []float64{10.6}
		if len(Find(p, p.Season())) > 0 {
			wrong++
		}
	}
	if wrong > 4 { // of the level
		t.Errorf("a break is found in %d of %d draws", wrong, drawn)
	}
}
