package decades

import (
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/series"
)

// spread returns a panel of series at times whose gaps are what gap makes of the time before.
func spread(first float64, n int, gap func(rng *rand.Rand, t float64) float64) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 4))
	p := &series.Panel{Channels: []string{"y"}}
	for range 8 {
		s := &series.Series{}
		for t := first; len(s.Times) < n; t += gap(rng, t) {
			s.Times, s.Values = append(s.Times, t), append(s.Values, 1)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestNew protects that times of many decades get a clock by which they are evenly spread, from zero or from their start, and that those
// of chance, of bursts and of few decades do not.
func TestNew(t *testing.T) {
	faster := func(origin float64) func(rng *rand.Rand, t float64) float64 {
		return func(rng *rand.Rand, t float64) float64 { return (t - origin + 1e-3) * (0.6 + 0.4*rng.Float64()) }
	}
	for name, c := range map[string]struct {
		panel  *series.Panel
		origin float64
		none   bool
	}{
		"decades from zero":    {panel: spread(1e-3, 24, faster(0))},
		"decades from a start": {panel: spread(1000, 24, faster(1000)), origin: 1000},
		"two decades":          {panel: spread(0.25, 9, faster(0)), none: true},
		"chance":               {panel: spread(1, 4000, func(rng *rand.Rand, _ float64) float64 { return rng.ExpFloat64() }), none: true},
		"bursts": {panel: spread(0, 2000, func(rng *rand.Rand, _ float64) float64 {
			return math.Pow(1000, float64(rng.IntN(2))) * (1 + rng.Float64())
		}), none: true},
		"two times": {panel: spread(1, 2, faster(0)), none: true},
	} {
		if c.none {
			c.panel.Series = c.panel.Series[:1]
		}
		switch got := New(c.panel); {
		case (got == nil) != c.none:
			t.Errorf("%s: a clock %v", name, got)
		case got != nil && (math.Abs(got.Origin-c.origin) > 0.01 || got.Check() != nil):
			t.Errorf("%s: %+v, %v", name, got, got.Check())
		}
	}
	regular := spread(1e-3, 24, faster(0))
	regular.Step = series.Step{Width: 1}
	if New(regular) != nil {
		t.Error("equally spaced times have a clock")
	}
}

// TestClock protects that Time is the inverse of At, also before the origin, that the clock goes on, and that none is time itself.
func TestClock(t *testing.T) {
	c := &Clock{Origin: 5, Unit: 0.01}
	before := math.Inf(-1)
	for _, x := range []float64{-1e6, 4, 4.999, 5, 5.001, 6, 1e6} {
		u := c.At(x)
		if back := c.Time(u); math.Abs(back-x) > 1e-9*math.Abs(x) {
			t.Errorf("%v becomes %v", x, back)
		}
		if !(u > before) {
			t.Errorf("%v after %v", u, before)
		}
		before = u
	}
	if none := (*Clock)(nil); none.At(7) != 7 || none.Time(7) != 7 || none.Check() != nil {
		t.Error("no clock is not time")
	}
	if (&Clock{Unit: 0}).Check() == nil || (&Clock{Origin: math.NaN(), Unit: 1}).Check() == nil {
		t.Error("a bad clock passes")
	}
}

// TestSlow protects that a clock goes as time does for as long as it may: it shows as many short gaps as dynamics are followed for, of a
// panel that is hardly longer it is nearly time, and one of few gaps stays as it is.
func TestSlow(t *testing.T) {
	for _, span := range []float64{1, mostGaps + 1, 1e7} {
		c := &Clock{Origin: 1, Unit: 0.01}
		last := c.Origin + span*c.Unit
		c.Slow(&series.Panel{Series: []*series.Series{{}, {Times: []float64{1.001, last}}}})
		gap := c.At(1.01) - c.At(1)
		if shown := c.At(last) / gap; shown > 1.01*mostGaps || span > mostGaps && shown < 0.99*mostGaps {
			t.Errorf("a span of %v gaps has %v by the clock", span, shown)
		}
		if half := c.At(1+(last-1)/2) / c.At(last); span < 2*mostGaps && span > 1 && half > 0.51 {
			t.Errorf("half of %v gaps are %v by the clock", span, half)
		}
	}
}
