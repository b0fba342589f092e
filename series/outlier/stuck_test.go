package outlier

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// rounded returns y to so many digits after the point, as sensors write.
func rounded(y []float64, digits int) []float64 {
	unit := math.Pow10(-digits)
	for t, v := range y {
		y[t] = math.Round(v/unit) * unit
	}
	return y
}

// A value that stays the same to all digits where others vary is found, with its length, in the middle and at the end, and
// is left out of what models see but for the first; the season and the spread beside it stay.
func TestStuck(t *testing.T) {
	missed := 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 11))
		y := rounded(seasonal(rng, 300), 1)
		from, long := 40+rng.IntN(60), 20+rng.IntN(30)
		end := 300 - long
		for k := range long {
			y[from+k], y[end+k] = y[from], y[end]
		}
		p := panelOf(y)
		found := Find(p, 12)
		if len(found) != 2 || found[0].Values < long || found[1].Values < long || found[0].Row != from || found[1].Last != 299 {
			missed++ // the least or the greatest value by chance, which is taken for a bound
			continue
		}
		for row, v := range Limit(p, found).Series[0].Values {
			stuck := row > found[0].Row && row <= found[0].Last || row > found[1].Row
			if math.IsNaN(v) != stuck || !stuck && v != y[row] {
				t.Fatalf("draw %d: value %d, %v, becomes %v", seed, row, y[row], v)
			}
		}
		if text := strings.Join(Describe(p, found), " "); !strings.Contains(text, "2 stuck runs") {
			t.Errorf("draw %d: %q", seed, text)
		}
	}
	if missed > 2 {
		t.Errorf("in %d of 50 draws not just the stuck runs are found", missed)
	}
}

// What rests by its nature is not stuck, in 200 draws of each.
func TestNotStuck(t *testing.T) {
	for name, draw := range map[string]process{
		"prices that change seldom": func(rng *rand.Rand, n int) []float64 {
			x := 100.0
			return rounded(each(n, func(int) float64 {
				if rng.Float64() < 0.07 {
					x += 3 * rng.NormFloat64()
				}
				return x
			}), 2)
		},
		"counts": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 { return math.Floor(1.5 * rng.ExpFloat64()) })
		},
		"nights without sun": func(rng *rand.Rand, n int) []float64 {
			return each(n, func(t int) float64 {
				return max(0, 500*math.Sin(2*math.Pi*float64(t)/24)*(0.3+rng.Float64()))
			})
		},
		"a shop that is closed": func(rng *rand.Rand, n int) []float64 {
			y, at := rounded(seasonal(rng, n), 0), rng.IntN(n)
			for t := at; t < min(at+25, n); t++ {
				y[t] = 0
			}
			return y
		},
		"a bound": func(rng *rand.Rand, n int) []float64 {
			x := 0.0
			return rounded(each(n, func(int) float64 {
				x = 0.95*x + 6*rng.NormFloat64()
				return min(100, 90+x)
			}), 1)
		},
		"a total": func(rng *rand.Rand, n int) []float64 {
			x, at := 0.0, rng.IntN(n)
			return each(n, func(t int) float64 {
				if t < at || t > at+20 {
					x += rng.Float64()
				}
				return x
			})
		},
		"prices of a list before they are traded": func(rng *rand.Rand, n int) []float64 {
			first, listed := n/5, n/2
			y := walk(rng, n)
			for t := range y {
				switch {
				case t < first:
					y[t] = 150
				case t < listed:
					y[t] = 155
				default:
					y[t] += 155
				}
			}
			return rounded(y, 2)
		},
		"few digits": func(rng *rand.Rand, n int) []float64 { return rounded(walk(rng, n), 0) },
		"constant":   func(_ *rand.Rand, n int) []float64 { return slices.Repeat([]float64{7}, n) },
	} {
		for seed := range uint64(200) {
			rng := rand.New(rand.NewPCG(seed, 12))
			y := draw(rng, 60+rng.IntN(400))
			for _, f := range Find(panelOf(y), 24) {
				if f.Values > 0 {
					t.Errorf("%s, draw %d: %d values of %d from %d on are %v", name, seed, f.Values, len(y), f.Row, f.Value)
				}
			}
		}
	}
}

// A bound at which a series rests time and again hides no run between the bounds.
func TestStuckBesideBound(t *testing.T) {
	missed := 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 13))
		x := 0.0
		y := rounded(each(600, func(int) float64 {
			x = 0.95*x + 3*rng.NormFloat64()
			return min(100, 95+x)
		}), 1)
		from := 100 + rng.IntN(400)
		for y[from] == 100 {
			from--
		}
		for k := range 40 {
			y[from+k] = y[from]
		}
		if found := Find(panelOf(y), 24); !slices.ContainsFunc(found, func(f Finding) bool { return f.Values >= 40 && f.Row <= from && f.Last >= from+39 }) {
			missed++
		}
	}
	if missed > 2 {
		t.Errorf("%d of 50 are missed", missed)
	}
}
