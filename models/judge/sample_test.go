package judge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/series"
)

// TestCutSeasons protects windows that are taken of many: they begin at all places of a season alike,
// also where a step from one to the next at even distances is a multiple of it.
func TestCutSeasons(t *testing.T) {
	const season, steps, most = 7, 14, 400
	panel := &series.Panel{Channels: []string{"day"}, Step: series.Step{Width: 1}}
	for i := range 20 {
		s := &series.Series{ID: fmt.Sprint(i)}
		for k := range season*20 + steps - 1 { // windows of each, of which every seventh is taken
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, float64(k%season))
		}
		panel.Series = append(panel.Series, s)
	}
	sample, err := Cut(panel, steps, most)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample.Windows) != most {
		t.Fatalf("%d windows, want %d", len(sample.Windows), most)
	}
	var begun [season]float64
	for _, w := range sample.Windows {
		begun[int(w[0])]++
	}
	for day, n := range begun {
		if want := float64(most) / season; math.Abs(n-want) > 4*math.Sqrt(want) {
			t.Errorf("%v of %d windows begin at place %d, want about %.0f", n, most, day, want)
		}
	}
}

// Whether windows are copies is told by their form where training windows are not known: of a series whose level grows
// from block to block, new windows are nearer to some than those of a block are to the others.
func TestCopiesOfGrowth(t *testing.T) {
	grown := func(seed uint64) *Sample {
		rng := rand.New(rand.NewPCG(seed, 3))
		x := &series.Series{}
		for i := range 400 {
			u := float64(i)
			x.Times = append(x.Times, u)
			x.Values = append(x.Values, 0.1*u+(1+0.005*u)*math.Sin(2*math.Pi*u/12)+0.3*rng.NormFloat64())
		}
		s, err := Cut(&series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{x}}, 24, 400)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	real := grown(1)
	a, b := real.halves(false, 1)
	for name, c := range map[string]struct {
		windows *Sample
		copies  bool
	}{"new": {grown(2), false}, "copied": {real, true}} {
		if got, _ := copies(real, c.windows, a, b, Options{}); got.Copies != c.copies {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Windows that were trained on are no new ones to measure copies by: where hardly any others are real, they are looked
// for as where training windows are not known.
func TestCopiesOfWhatIsReal(t *testing.T) {
	train, real := walks(200, 12, 1), walks(200, 12, 2)
	both := &Sample{Steps: train.Steps, Channels: train.Channels, Windows: slices.Concat(train.Windows, real.Windows[:100])}
	noisy := changed(train, func(w []float64, rng *rand.Rand) {
		for k := range w {
			w[k] += 0.05 * 4 * rng.NormFloat64()
		}
	})
	for name, c := range map[string]struct {
		real, synthetic *Sample
		copies          bool
		trained         int
	}{
		"copies, real windows trained on": {train, noisy, true, 0},
		"new, real windows trained on":    {train, real, false, 0},
		"copies, some real windows new":   {both, noisy, true, 200},
		"new, some real windows new":      {both, walks(200, 12, 4), false, 200},
	} {
		a, b := c.real.halves(false, 1)
		if got, trained := copies(c.real, c.synthetic, a, b, Options{Train: train}); got.Copies != c.copies || trained != c.trained || got.Ratio > 2 {
			t.Errorf("%s: %+v by %d training windows, want %v by %d", name, got, trained, c.copies, c.trained)
		}
	}
}

// A channel that does not vary in the real windows, such as a note that is not played in one of the halves, is measured
// by how it varies in both.
func TestConstantChannel(t *testing.T) {
	real := changed(walks(60, 12, 1), func(w []float64, _ *rand.Rand) {
		for k := 1; k < len(w); k += 2 {
			w[k] = 3
		}
	})
	played := changed(real, func(w []float64, rng *rand.Rand) {
		for k := 1; k < len(w); k += 2 {
			w[k] += float64(rng.IntN(2))
		}
	})
	p := newPair(real, played, 1)
	if d := frechet(p.deviation[0], p.deviation[1]); !(d > 1 && d < 1000) {
		t.Errorf("Fréchet distance %v of a channel that varies from one that does not", d)
	}
	if d := marginals(p.deviation[0], p.deviation[1]); !(d > 0.2 && d < 2) {
		t.Errorf("marginals are %v apart", d)
	}
}
