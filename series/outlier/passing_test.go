package outlier

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/series"
)

// TestPassing protects that a slump of some months, or a surge, after which a series goes on as before, is found in nearly all
// draws, with its ends, and left out of what models see.
func TestPassing(t *testing.T) {
	shapes := [][]float64{{0.35, 0.25, 0.5, 0.7}, {0.5, 0.5}, {0.6, 0.3, 0.3, 0.4, 0.5, 0.75}, {1.9, 1.6, 1.4}}
	for name, draw := range map[string]process{"a season": seasonal, "growth": growing} {
		missed := 0
		for seed := range uint64(40) {
			rng := rand.New(rand.NewPCG(seed, 31))
			n := 84 + rng.IntN(80)
			y := draw(rng, n)
			shape := shapes[seed%uint64(len(shapes))]
			at := 30 + rng.IntN(n-30-2*len(shape)-6)
			for k, part := range shape {
				y[at+k] *= part
			}
			p := panelOf(y)
			found := Find(p, 12)
			if len(found) != 1 || !found[0].Passing || found[0].Row < at || found[0].Row > at+1 || found[0].Last > at+len(shape)-1 || found[0].Last < at+len(shape)-2 {
				missed++
				continue
			}
			for row, s := 0, Limit(p, found).Series[0]; row < n; row++ {
				if out := s.Values[row] != s.Values[row]; out != (row >= found[0].Row && row <= found[0].Last) {
					t.Errorf("%s, draw %d: row %d left out: %v", name, seed, row, out)
				}
			}
			if said := strings.Join(Describe(p, found), " "); !strings.Contains(said, "1 passing excursion, a slump or a surge after which all is as before") {
				t.Errorf("said %q", said)
			}
		}
		if missed > 3 {
			t.Errorf("%s: %d of 40 are missed", name, missed)
		}
	}
}

// TestNotPassing protects what is no slump that has passed: one that has not ended or only just has, one after which the level is
// another, what comes again, what a covariate tells, a season that was seen once, and what rests.
func TestNotPassing(t *testing.T) {
	slump := func(y []float64, at, long int) {
		for t := at; t < min(len(y), at+long); t++ {
			y[t] *= 0.4
		}
	}
	for name, one := range map[string]func(rng *rand.Rand) (p *series.Panel, season int){
		"not over": func(rng *rand.Rand) (*series.Panel, int) {
			y := seasonal(rng, 120)
			slump(y, 115, 5)
			return panelOf(y), 12
		},
		"just over": func(rng *rand.Rand) (*series.Panel, int) {
			y := seasonal(rng, 120)
			slump(y, 112, 6)
			return panelOf(y), 12
		},
		"another level": func(rng *rand.Rand) (*series.Panel, int) {
			y := seasonal(rng, 120)
			slump(y, 70, 4)
			for t := 74; t < 120; t++ {
				y[t] *= 0.7
			}
			return panelOf(y), 12
		},
		"thrice": func(rng *rand.Rand) (*series.Panel, int) {
			y := seasonal(rng, 140)
			for _, at := range []int{30, 67, 101} {
				slump(y, at, 3)
			}
			return panelOf(y), 12
		},
		"Christmas of one year": func(rng *rand.Rand) (*series.Panel, int) {
			y := weekly(rng, 700, 200, 10)
			for t := 352; t < 359; t++ {
				y[t] *= 2
			}
			return dated(y), 7
		},
		"announced": func(rng *rand.Rand) (*series.Panel, int) {
			p := panelOf(seasonal(rng, 120))
			s := p.Series[0]
			slump(s.Values, 70, 4)
			p.Known = []string{"closed"}
			s.Known = series.Track{Times: s.Times, Values: make([]float64, 120)}
			for t := 70; t < 74; t++ {
				s.Known.Values[t] = 1
			}
			return p, 12
		},
		"demand": func(rng *rand.Rand) (*series.Panel, int) {
			y := each(160, func(int) float64 { return float64(max(0, rng.IntN(12)-9)) })
			copy(y[80:], []float64{9, 11, 8})
			return panelOf(y), 1
		},
	} {
		for seed := range uint64(20) {
			p, season := one(rand.New(rand.NewPCG(seed, 32)))
			if found := Find(p, season); slices.ContainsFunc(found, func(f Finding) bool { return f.Passing }) {
				t.Errorf("%s, draw %d: found %+v", name, seed, found)
			}
		}
	}
}
