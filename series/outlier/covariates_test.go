package outlier

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestCovariates protects that a price that nobody can have meant is found and taken for the usual, and that
// a campaign that sold, one that never was before, a rise that stays, an indicator and what is still to come are not.
func TestCovariates(t *testing.T) {
	const n, ahead, at = 200, 20, 120
	usual := func(rng *rand.Rand, _ int) float64 { return 5 * (1 - 0.2*float64(rng.IntN(2))*rng.Float64()) }
	for _, tt := range []struct {
		name      string
		covariate func(rng *rand.Rand, t int) float64
		change    func(x []float64)
		sells     bool
		want      int
	}{
		{"nothing", usual, func([]float64) {}, false, 0},
		{"999999", usual, func(x []float64) { x[at] = 999999 }, false, 1},
		{"no price", usual, func(x []float64) { x[at] = 0 }, false, 1},
		{"a campaign that sold", usual, func(x []float64) { x[at], x[at+1] = 300, 300 }, true, 0},
		{"a rise that stays", usual, func(x []float64) {
			for t := n - 3; t < n+ahead; t++ {
				x[t] = 300
			}
		}, false, 0},
		{"a single promotion", func(*rand.Rand, int) float64 { return 0 }, func(x []float64) { x[at] = 1 }, false, 0},
		{"depths of a discount", func(*rand.Rand, int) float64 { return 0 }, func(x []float64) { x[at], x[at+9] = 0.3, 0.5 }, false, 0},
		{"a trend", func(_ *rand.Rand, t int) float64 { return math.Exp(0.03 * float64(t)) }, func([]float64) {}, false, 0},
		{"to come", usual, func(x []float64) { x[n+3] = 999999 }, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			p := panelOf(seasonal(rng, n))
			s := p.Series[0]
			p.Known, p.Static = []string{"size", "price"}, []string{"size"}
			x := each(n+ahead, func(t int) float64 { return tt.covariate(rng, t) })
			tt.change(x)
			for t, v := range x {
				s.Known.Times, s.Known.Values = append(s.Known.Times, float64(t)), append(s.Known.Values, 7, v)
			}
			if tt.sells {
				s.Values[at] += 150
			}
			found := Find(p, 12)
			found = deleteChannels(found)
			if len(found) != tt.want {
				t.Fatalf("found %+v, want %d", found, tt.want)
			}
			if tt.want == 0 {
				return
			}
			seen := Limit(p, found)
			if v := seen.Series[0].Known.Values[2*at+1]; v < 4 || v > 5 {
				t.Errorf("models see a price of %g", v)
			}
			if v := s.Known.Values[2*at+1]; v != x[at] {
				t.Errorf("the price has become %g in the panel itself", v)
			}
			if told := Describe(p, found); len(told) != 1 || !strings.Contains(told[0], "price at 120") {
				t.Errorf("told %q", told)
			}
		})
	}
}

func deleteChannels(found []Finding) (known []Finding) {
	for _, f := range found {
		if f.Known {
			known = append(known, f)
		}
	}
	return known
}

// TestZeroCounts protects that counts which come out as zero at times have no absurd values for it, and that a day
// without any beside hundreds has one.
func TestZeroCounts(t *testing.T) {
	found := 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(9, seed))
		found += len(Find(panelOf(each(24, func(int) float64 { return poisson(rng, 4) })), 12))
	}
	if found > 0 {
		t.Errorf("%d values of counts about 4 are absurd", found)
	}
	rng := rand.New(rand.NewPCG(9, 1))
	y := each(60, func(int) float64 { return poisson(rng, 200) })
	y[30] = 0
	if all := Find(panelOf(y), 1); len(all) != 1 || all[0].Row != 30 {
		t.Errorf("found %+v of a day without any", all)
	}
}

// poisson draws a count.
func poisson(rng *rand.Rand, mean float64) float64 {
	n, left := 0.0, mean
	for left -= rng.ExpFloat64(); left > 0; left -= rng.ExpFloat64() {
		n++
	}
	return n
}

// TestChristmas protects that days which come each year, at whose like a series ends, are no break of the spread.
func TestChristmas(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(31, seed))
		y := each(4*365-2, func(t int) float64 {
			v := 5000 + 600*float64(t%7)/6 + 200*rng.NormFloat64()
			if day := t % 365; day > 347 && day < 357 {
				v *= 1.6
			} else if day > 357 && day < 361 {
				v *= 0.3
			}
			return v
		})
		if found := Find(panelOf(y), 7); found != nil {
			t.Errorf("seed %d: found %+v", seed, found[0])
		}
	}
}
