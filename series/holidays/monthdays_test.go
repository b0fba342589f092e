package holidays

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tsgen/series"
)

// daily returns a panel of a series of days from 5 March 2022 on, of the given values by date.
func daily(n int, value func(rng *rand.Rand, t time.Time) float64, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 21))
	first := time.Date(2022, 3, 5, 0, 0, 0, 0, time.UTC)
	s := &series.Series{}
	for k := range n {
		t := first.AddDate(0, 0, k)
		s.Times, s.Values = append(s.Times, float64(t.Unix())), append(s.Values, value(rng, t))
	}
	return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 86400}, Axis: series.Axis{Layout: "2006-01-02"}, Series: []*series.Series{s}}
}

// TestOfMonth protects that pay-days are found, by what they are, and nothing in series without any, with a week, with promotions at
// random, with a walk, or of which too little was seen.
func TestOfMonth(t *testing.T) {
	week := func(rng *rand.Rand, d time.Time) float64 {
		return 100 * (1 + 0.2*math.Sin(float64(d.Weekday()))) * math.Exp(0.08*rng.NormFloat64())
	}
	on := func(times float64, is func(d time.Time) bool) func(rng *rand.Rand, d time.Time) float64 {
		return func(rng *rand.Rand, d time.Time) float64 {
			if is(d) {
				return times * week(rng, d)
			}
			return week(rng, d)
		}
	}
	level := 0.0
	for _, c := range []struct {
		name  string
		n     int
		value func(rng *rand.Rand, d time.Time) float64
		want  []string
	}{
		{"pay-day", 400, on(1.8, func(d time.Time) bool { return d.Day() == 1 }), []string{"day 1 of the month"}},
		{"a low day", 500, on(0.5, func(d time.Time) bool { return d.Day() == 15 }), []string{"day 15 of the month"}},
		{"month's end", 600, on(1.7, func(d time.Time) bool { return d.AddDate(0, 0, 1).Day() == 1 }), []string{"last day of the month"}},
		{"the last Friday or so", 700, on(1.9, func(d time.Time) bool {
			next := d.AddDate(0, 0, 1)
			if d.Weekday() == time.Friday {
				next = d.AddDate(0, 0, 3)
			}
			return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday && next.Month() != d.Month()
		}), []string{"last weekday of the month"}},
		{"two days", 500, on(1.8, func(d time.Time) bool { return d.Day() == 1 || d.Day() == 2 }), []string{"day 1 of the month", "day 2 of the month"}},
		{"too short", 190, on(1.8, func(d time.Time) bool { return d.Day() == 1 }), nil},
		{"a week", 800, week, nil},
		{"promotions", 600, func(rng *rand.Rand, d time.Time) float64 {
			return week(rng, d) * (1 + float64(max(0, rng.IntN(25)-23)))
		}, nil},
		{"a walk", 800, func(rng *rand.Rand, _ time.Time) float64 { level += rng.NormFloat64(); return level }, nil},
		{"demand", 600, func(rng *rand.Rand, _ time.Time) float64 { return float64(max(0, rng.IntN(9)-7)) }, nil},
	} {
		for seed := range uint64(10) {
			var got []string
			for _, h := range OfMonth(daily(c.n, c.value, seed), 25000) {
				got = append(got, h.Name)
				if !slices.IsSorted(h.Days) || h.Days[len(h.Days)-1] < 24900 {
					t.Errorf("%s: %s comes on %d days up to %d", c.name, h.Name, len(h.Days), h.Days[len(h.Days)-1])
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, draw %d: found %q, want %q", c.name, seed, got, c.want)
			}
		}
	}
	if p := daily(400, week, 1); OfMonth(p.With(nil), 25000) != nil {
		t.Error("days of the month are found in no series")
	}
}
