package seasons

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/internal/seriestest"
	"tsgen/series"
)

var (
	hours    = series.Step{Width: hour}
	days     = series.Step{Width: day}
	months   = series.Step{Months: 1}
	quarters = series.Step{Months: 3}
	weeks    = series.Step{Width: week}
	halves   = series.Step{Width: 1800}
	business = series.Step{BusinessDay: true}
	fifteens = series.Step{Width: 900}
	numbers  = series.Step{Width: 1}
)

// panel returns a panel of equal steps, on the calendar but for those of numbers.
func panel(step series.Step, all ...[]float64) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, TimeColumn: "t", Step: step, Axis: series.Axis{Layout: series.LayoutNumber}}
	if step != numbers {
		p.Axis.Layout = "2006-01-02 15:04"
	}
	for i, y := range all {
		s := &series.Series{ID: fmt.Sprint(i), Values: y}
		for t := range y {
			s.Times = append(s.Times, p.TimeAt(float64(9000+t)))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// made returns n values of f and of an autoregression of first order beside it.
func made(n int, f func(t float64) float64, noise, phi float64, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	y, e := make([]float64, n), 0.0
	for t := range y {
		e = phi*e + noise*rng.NormFloat64()
		y[t] = f(float64(t)) + e
	}
	return y
}

func wave(t, period float64) float64 { return math.Sin(2 * math.Pi * t / period) }

// weekend is a day of so many steps that is weaker at the end of the week.
func weekend(t, steps float64) float64 {
	x := 3*wave(t, steps) + wave(t, steps/2)
	if int(t/steps)%7 >= 5 {
		x *= 0.4
	}
	return x
}

// The seasons that series were made with are found, all of them and no others: with and
// without a calendar, beside trends, growth, walks, gaps and outliers; harmonics and
// multiples are no seasons of their own, and a season that a calendar suggests and the data
// do not show is none.
func TestFind(t *testing.T) {
	for _, test := range []struct {
		name       string
		step       series.Step
		n          int
		f          func(t float64) float64
		noise, phi float64
		want       []float64
	}{
		{"months", months, 72, func(t float64) float64 { return wave(t, 12) }, 1, 0, []float64{12}},
		{"months, growth", months, 150, func(t float64) float64 { return math.Exp(3+0.01*t) * (1 + 0.1*wave(t, 12)) }, 3, 0.7, []float64{12}},
		{"months, a swing that grows from less than nothing", months, 120, func(t float64) float64 { return t/20 - 3 + (1+0.03*t)*wave(t, 12) }, 0.3, 0, []float64{12}},
		{"quarters", quarters, 60, func(t float64) float64 { return wave(t, 4) + 0.1*t }, 0.5, 0.5, []float64{4}},
		{"quarters, a swing that grows", quarters, 108, func(t float64) float64 {
			return math.Exp(2 + 0.02*t + (0.1+0.006*t)*[]float64{1, -0.5, 0.8, -1.3}[int(t)%4])
		}, 0.3, 0.3, []float64{4}},
		{"weeks", weeks, 260, func(t float64) float64 { return 3 * wave(t, 365.25/7) }, 1, 0.5, []float64{365.25 / 7}},
		{"days with a week", days, 120, func(t float64) float64 { return wave(t, 7) }, 0.5, 0.8, []float64{7}},
		{"days with a year", days, 1461, func(t float64) float64 { return 10 * wave(t, 365.25) }, 3, 0.7, []float64{365.25}},
		{"days with both", days, 1826, func(t float64) float64 { return 10*wave(t, 365.25) + 4*wave(t, 7) }, 5, 0.3, []float64{7, 365.25}},
		{"two years of days", days, 720, func(t float64) float64 { return 10*wave(t, 365.25) + 4*wave(t, 7) }, 5, 0.3, []float64{7, 365.25}},
		{"business days", business, 600, func(t float64) float64 { return wave(t, 5) + wave(t, 2.5) }, 1, 0.5, []float64{5}},
		{"hours", hours, 1344, func(t float64) float64 { return 3 * wave(t, 24) }, 1, 0.5, []float64{24}},
		{"hours with a week", hours, 1344, func(t float64) float64 { return weekend(t, 24) }, 1, 0.5, []float64{24, 168}},
		{"half hours with a week", halves, 2016, func(t float64) float64 { return weekend(t, 48) }, 1, 0.8, []float64{48, 336}},
		{"a month of quarter hours", fifteens, 2880, func(t float64) float64 { return 3*wave(t, 96) - float64(int(t/96)%7/5) }, 0.3, 0.6, []float64{96, 672}},
		{"numbers", numbers, 144, func(t float64) float64 { return math.Exp(3+0.01*t) * (1 + 0.2*wave(t, 12) + 0.05*wave(t, 4)) }, 2, 0.7, []float64{12}},
		{"numbers, four", numbers, 60, func(t float64) float64 { return []float64{1, 3, 2, 6}[int(t)%4] + 0.1*t }, 1, 0.5, []float64{4}},
		{"numbers, four, of seven years", numbers, 28, func(t float64) float64 { return []float64{1, 3, 2, 6}[int(t)%4] }, 0.7, 0, []float64{4}},
		{"numbers, a walk", numbers, 400, func(t float64) float64 { return 2*wave(t, 7) + wave(t, 3.5) }, 1, 1, []float64{7}},
		{"numbers, hours with a week", numbers, 1200, func(t float64) float64 { return weekend(t, 24) }, 1, 0.5, []float64{24, 168}},
		{"numbers, hours without", numbers, 1200, func(t float64) float64 { return 3*wave(t, 24) + wave(t, 8) }, 1, 0.5, []float64{24}},
		{"numbers, two", numbers, 600, func(t float64) float64 { return 2*wave(t, 30) + 2*wave(t, 7) }, 1, 0.5, []float64{7, 30}},
		{"numbers, a spike a week", numbers, 1680, func(t float64) float64 { return 20 * math.Max(0, 3-math.Mod(t, 168)) }, 1, 0.3, []float64{168}},
		{"numbers, no noise", numbers, 120, func(t float64) float64 { return wave(t, 12) }, 0, 0, []float64{12}},
		{"numbers, a profile", numbers, 60, func(t float64) float64 { return []float64{1, 5, 2, 8, 3}[int(t)%5] }, 0, 0, []float64{5}},
	} {
		// Three series of noise each, one after the other: no luck of one.
		for seed := range uint64(3) {
			p := panel(test.step, made(test.n, test.f, test.noise, test.phi, seed+1))
			found := Find(p)
			if got := found.Periods(); !near(got, test.want) {
				t.Errorf("%s, noise %d: found %v, want %v: %+v", test.name, seed, got, test.want, found)
			}
		}
	}
}

// near reports whether periods are the same but for what noise does to those that the data
// alone show.
func near(got, want []float64) bool {
	return slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 2e-3*b })
}

// Gaps and outliers hide no season and make none.
func TestFindGapsAndOutliers(t *testing.T) {
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 1))
		y := made(250, func(t float64) float64 { return 2 * wave(t, 7) }, 1, 0.5, seed)
		flat := made(250, func(float64) float64 { return 0 }, 1, 0.5, seed)
		for i := range y {
			if rng.Float64() < 0.3 {
				y[i], flat[i] = math.NaN(), math.NaN()
			} else if rng.Float64() < 0.03 {
				y[i], flat[i] = y[i]+40, flat[i]+40
			}
		}
		if got := Find(panel(days, y)).Periods(); !slices.Equal(got, []float64{7}) {
			t.Errorf("with a season: %v", got)
		}
		if got := Find(panel(numbers, flat)).Periods(); len(got) != 0 {
			t.Errorf("without: %v", got)
		}
	}
}

// Absurd values, a thousand times as far off as a season swings, hide none and make none.
func TestFindAmongAbsurdValues(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 8))
		y := made(170, func(t float64) float64 { return 50 + 3*wave(t, 7) }, 1, 0, seed)
		flat := made(170, func(float64) float64 { return 50 }, 1, 0, seed)
		for _, i := range rng.Perm(170)[:10] {
			factor := 40 + 200*rng.Float64()
			y[i], flat[i] = y[i]*factor, flat[i]*factor
		}
		if got := Find(panel(days, y)).Periods(); !slices.Equal(got, []float64{7}) {
			t.Errorf("with a season: %v", got)
		}
		if got := Find(panel(numbers, flat)).Periods(); len(got) != 0 {
			t.Errorf("without: %v", got)
		}
	}
}

// A week that turns round 40 days before the end is found, although the one before and the one after cancel each
// other; noise and walks have none for it.
func TestFindBrokenSeason(t *testing.T) {
	for seed := range uint64(4) {
		turned := func(t float64) float64 {
			if t >= 130 {
				return -2.5 * wave(t, 7)
			}
			return 2.5 * wave(t, 7)
		}
		if got := Find(panel(days, made(170, turned, 1, 0, seed))).Periods(); !slices.Equal(got, []float64{7}) {
			t.Errorf("with a season: %v", got)
		}
		for _, phi := range []float64{0, 1} {
			if got := Find(panel(days, made(170, func(float64) float64 { return 50 }, 1, phi, seed))).Periods(); len(got) != 0 {
				t.Errorf("without: %v", got)
			}
		}
	}
}

// Of series without a season few are said to have one: noise, walks, autoregressions, those
// with cycles of no fixed length among them, trends, steps and growth. The bound is for
// all kinds together, 5 in a hundred; a kind may have three times as many of its few.
func TestFindNothing(t *testing.T) {
	seriestest.Long(t)
	ar := func(phi ...float64) func(n int, rng *rand.Rand) []float64 {
		return func(n int, rng *rand.Rand) []float64 {
			y := make([]float64, n+200)
			for t := range y {
				y[t] = rng.NormFloat64()
				for l, f := range phi {
					if t > l {
						y[t] += f * y[t-1-l]
					}
				}
			}
			return y[200:]
		}
	}
	cycle := func(period, r float64) func(n int, rng *rand.Rand) []float64 {
		return ar(2*r*math.Cos(2*math.Pi/period), -r*r)
	}
	over := func(f func(x float64) float64) func(n int, rng *rand.Rand) []float64 {
		return func(n int, rng *rand.Rand) []float64 {
			y := ar()(n, rng)
			for t := range y {
				y[t] += f(float64(t) / float64(n))
			}
			return y
		}
	}
	kinds := []struct {
		name string
		make func(n int, rng *rand.Rand) []float64
	}{
		{"noise", ar()}, {"walk", ar(1)}, {"autoregression", ar(0.9)}, {"alternating", ar(-0.7)},
		{"cycles of 6", cycle(6, 0.8)}, {"cycles of 8", cycle(8, 0.9)}, {"cycles of 10", cycle(10, 0.95)}, {"cycles of 24", cycle(24, 0.97)},
		{"trend", over(func(x float64) float64 { return 20 * x })}, {"parabola", over(func(x float64) float64 { return 20 * x * x })},
		{"step", over(func(x float64) float64 { return 8 * math.Floor(3*x) })},
		{"smooth walk", ar(1.9, -0.9)},
	}
	const each = 3
	wrong, all := 0, 0
	for _, k := range kinds {
		hits := 0
		for _, shape := range []struct {
			step series.Step
			n    int
		}{{numbers, 20}, {numbers, 30}, {numbers, 100}, {numbers, 400}, {months, 100}, {days, 800}, {hours, 600}} {
			for i := range each {
				rng := rand.New(rand.NewPCG(uint64(i), uint64(shape.n)))
				all++
				if got := Find(panel(shape.step, k.make(shape.n, rng))).Periods(); len(got) > 0 {
					hits++
				}
			}
		}
		wrong += hits
		if hits > 3 {
			t.Errorf("%s: a season in %d of %d", k.name, hits, 7*each)
		}
	}
	if 20*wrong > all {
		t.Errorf("a season in %d of %d series without one", wrong, all)
	}
}

// One series of many has no say, many together have; series are of different length, and
// one says nothing.
func TestFindPanel(t *testing.T) {
	var one, most [][]float64
	for i := range 12 {
		f := func(t float64) float64 { return 0 }
		if i == 4 {
			f = func(t float64) float64 { return 5 * wave(t, 9) }
		}
		one = append(one, made(200, f, 1, 0.5, uint64(i)))
		g := func(t float64) float64 { return 2 * wave(t, 9) }
		if i%4 == 0 {
			g = func(t float64) float64 { return 0 }
		}
		most = append(most, made(120+10*i, g, 1, 0.5, uint64(i)))
	}
	most = append(most, make([]float64, 50))
	if got := Find(panel(numbers, one...)).Periods(); len(got) != 0 {
		t.Errorf("one of twelve: %v", got)
	}
	if got := Find(panel(numbers, most...)).Periods(); !slices.Equal(got, []float64{9}) {
		t.Errorf("nine of twelve: %v", got)
	}
}

// What is too short to tell keeps the usual season of its step, and is said to.
func TestFindShort(t *testing.T) {
	for _, test := range []struct {
		step  series.Step
		n     int
		want  []float64
		words string
	}{
		{months, 20, []float64{12}, "season: 12 months (as usual; 20 months are too few to tell)"},
		{months, 3, []float64{12}, "3 months are too few"},
		{hours, 30, []float64{24}, "no week: 30 hours are too few"},
		{days, 100, []float64{}, "season: none; no week; no year: 100 days are too few"},
		{numbers, 20, []float64{}, "season: none"},
	} {
		p := panel(test.step, made(test.n, func(float64) float64 { return 0 }, 1, 0.3, 3))
		found := Find(p)
		if got := found.Periods(); !slices.Equal(got, test.want) {
			t.Errorf("%d steps: %v, want %v: %+v", test.n, got, test.want, found)
		}
		if got := found.Words(p); !strings.Contains(got, test.words) {
			t.Errorf("%q lacks %q", got, test.words)
		}
	}
	p := panel(numbers, []float64{1, 2, 3})
	p.Step = series.Step{}
	if found := Find(p); found != nil {
		t.Errorf("irregular times: %v", found)
	}
	if got := Find(panel(months, make([]float64, 100))).Periods(); len(got) != 0 {
		t.Errorf("constant: %v", got)
	}
}

// The time grows no faster than n log n, and a million values take seconds at most, however
// busy the machine is.
func TestFindIsQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("a million values")
	}
	y := made(1_000_000, func(t float64) float64 { return weekend(t, 24) }, 1, 0.5, 1)
	started := time.Now()
	if got := Find(panel(numbers, y)).Periods(); !near(got, []float64{24, 168}) {
		t.Errorf("found %v", got)
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

// Steps that leave out the nights have days and weeks of the steps that there are.
func TestFindOfficeHours(t *testing.T) {
	p := &series.Panel{
		Channels: []string{"y"}, Axis: series.Axis{Layout: "2006-01-02 15:04"},
		Step: series.Step{Width: 1800, Anchor: 8 * 3600, Close: 16*3600 + 1800, BusinessDay: true},
	}
	s := &series.Series{}
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 20 * 18 {
		s.Times = append(s.Times, p.TimeAt(float64(720000+i)))
		s.Values = append(s.Values, 10*math.Sin(2*math.Pi*float64(i)/18)+rng.NormFloat64())
	}
	p.Series = []*series.Series{s}
	found := Find(p)
	if got := found.Periods(); !slices.Equal(got, []float64{18}) {
		t.Errorf("periods %v", got)
	}
	if got, want := found.Words(p), "season: 18 steps (98 % of the variance); no week; no year: 360 steps are too few"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A week that is stronger in winter is a week and a year, and no season between: what its size
// adds beside its frequencies belongs to neither.
func TestFindModulated(t *testing.T) {
	y := made(7*365, func(t float64) float64 {
		y := 8 + wave(t, 365.25)
		if winter := math.Cos(2 * math.Pi * t / 365.25); int(t)%7 < 2 && winter > 0 {
			y += 2 * winter
		}
		return y
	}, 0.3, 0.5, 3)
	if got := Find(panel(days, y)).Periods(); !near(got, []float64{7, 365.25}) {
		t.Errorf("found %v", got)
	}
}

// Series of each step have the seasons of their own calendar, in their own steps.
func TestOfSteps(t *testing.T) {
	p := panel(days, made(800, func(t float64) float64 { return wave(t, 7) }, 0.2, 0, 1))
	weekly := panel(weeks, made(220, func(t float64) float64 { return wave(t, 365.25/7) }, 0.2, 0, 2)).Series[0]
	weekly.ID, weekly.Step = "weekly", weeks
	p.Series = append(p.Series, weekly)
	parts := OfSteps(p)
	parts.Give(p)
	weekly = p.Series[1]
	if !near(p.Seasons, []float64{7}) || !near(weekly.Seasons, []float64{365.25 / 7}) {
		t.Errorf("seasons %v and %v", p.Seasons, weekly.Seasons)
	}
	if words := parts.Words(); len(words) != 2 || !strings.HasPrefix(words[1], "weekly series: season: 52.1786 weeks") {
		t.Errorf("words %q", words)
	}
}

// Quarters in a table of months have the season of quarters, in months, and no other that the rows between let pass.
func TestValuesApart(t *testing.T) {
	y := made(120, func(t float64) float64 { return 0.05*t + 2*wave(t, 12) }, 0.3, 0, 3)
	for i := range y {
		if i%3 != 1 {
			y[i] = math.NaN()
		}
	}
	found := Find(panel(months, y))
	if got := found.Periods(); !near(got, []float64{12}) || found[0].Name != "year" {
		t.Errorf("found %+v", found)
	}
}

// Steps that have no name of their own are told by what they add up to, where dates are known.
func TestWordsOfNamelessSteps(t *testing.T) {
	for layout, want := range map[string]string{
		"2006-01-02 15:04":  "season: a day (96 steps, 100 % of the variance); no week: 10 days are too few",
		series.LayoutNumber: "season: 96 steps (100 % of the variance)",
	} {
		p := &series.Panel{Channels: []string{"y"}, Axis: series.Axis{Layout: layout}, Step: series.Step{Width: 900}}
		s := &series.Series{}
		rng := rand.New(rand.NewPCG(5, 7))
		for i := range 10 * 96 {
			s.Times = append(s.Times, p.TimeAt(float64(720000+i)))
			s.Values = append(s.Values, 10*math.Sin(2*math.Pi*float64(i)/96)+0.1*rng.NormFloat64())
		}
		p.Series = []*series.Series{s}
		if got := Find(p).Words(p); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
