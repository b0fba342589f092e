package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"strconv"

	"tsgen/series"
)

// simulated is a series of known making.
type simulated struct {
	past, future []float64
	season       int
	step         series.Step
	sd           float64 // of the noise
}

const (
	day  = 86400.0
	hour = 3600.0
)

// panel returns the series as one panel.
func panel(all []simulated) *series.Panel {
	p := &series.Panel{
		Channels: []string{"y"}, IDColumn: "id", TimeColumn: "ds", Step: all[0].step,
		Axis: series.Axis{Layout: "2006-01-02T15:04:05"},
	}
	for i, x := range all {
		s := &series.Series{ID: strconv.Itoa(i + 1), Values: x.past}
		start := p.Coordinate(20 * 365 * day)
		for k := range x.past {
			s.Times = append(s.Times, p.TimeAt(math.Round(start)+float64(k)))
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// A course is a way in which clean series go.
type course struct {
	name              string
	n, horizon        int
	season            int
	step              series.Step
	level, sd, amount float64 // amount is the amplitude of the season
	slope             float64 // of the level, a step
	memory            float64 // of the noise, an autoregression of order 1
	product           bool    // season and noise grow with the level
}

func courses() []course {
	return []course{
		{name: "daily", n: 154, horizon: 14, season: 7, step: series.Step{Width: day}, level: 200, sd: 9, amount: 20},
		{name: "monthly", n: 132, horizon: 12, season: 12, step: series.Step{Months: 1}, level: 900, sd: 35, amount: 160, slope: 9, product: true},
		{name: "hourly", n: 360, horizon: 24, season: 24, step: series.Step{Width: hour}, level: 14, sd: 1.1, amount: 5, memory: 0.6},
	}
}

// A breakage is what changes from some step before the end on, for good.
type breakage struct {
	before                int     // steps before the end
	level, spread, season float64 // level is added, in deviations of the noise; the others are factors
}

// draw returns a series of the course. Whatever breaks, the draws are the same.
func (c course) draw(seed uint64, b breakage) simulated {
	rng := rand.New(rand.NewPCG(seed, uint64(c.n)))
	phase := rng.Float64() * 2 * math.Pi
	second := rng.Float64()
	x := simulated{season: c.season, step: c.step, sd: c.sd}
	noise := 0.0
	all := make([]float64, c.n+c.horizon)
	for t := range all {
		noise = c.memory*noise + math.Sqrt(1-c.memory*c.memory)*rng.NormFloat64()
		angle := 2*math.Pi*float64(t)/float64(c.season) + phase
		season := c.amount * (math.Sin(angle) + second*math.Cos(2*angle)) / 1.4
		level, rest := c.level+c.slope*float64(t), c.sd*noise
		if b.before > 0 && t >= c.n-b.before {
			level += b.level * c.sd
			rest *= b.spread
			season *= b.season
		}
		if c.product {
			all[t] = level * (1 + season/c.level) * math.Exp(rest/c.level)
		} else {
			all[t] = level + season + rest
		}
	}
	x.past, x.future = all[:c.n:c.n], all[c.n:]
	if c.product {
		x.sd *= all[c.n-1] / c.level
	}
	if b.before > 0 {
		x.sd *= b.spread // of the noise that comes
	}
	return x
}

// A kind of disturbance makes of a course and a seed the series as it is and the one
// that it is compared with.
type kind struct {
	name string
	make func(c course, seed uint64) (disturbed, clean simulated)
}

// absurd replaces the values so many steps from the end, 1 being the last, by ones
// that are 10 to 200 times as large, or as far below zero.
func absurd(places func(rng *rand.Rand, n int) []int) func(course, uint64) (simulated, simulated) {
	return func(c course, seed uint64) (simulated, simulated) {
		clean := c.draw(seed, breakage{})
		rng := rand.New(rand.NewPCG(seed, 7))
		x := clean
		x.past = append([]float64(nil), clean.past...)
		for _, k := range places(rng, c.n) {
			factor := math.Exp(math.Log(10) + rng.Float64()*math.Log(20))
			if rng.IntN(4) == 0 {
				factor = -factor
			}
			x.past[c.n-k] *= factor
		}
		return x, clean
	}
}

// slump takes the values of as many steps as there are parts to these parts, so many steps from the end, after which all is as
// before.
func slump(from int, parts ...float64) func(course, uint64) (simulated, simulated) {
	return func(c course, seed uint64) (simulated, simulated) {
		clean := c.draw(seed, breakage{})
		x := clean
		x.past = append([]float64(nil), clean.past...)
		for k, part := range parts {
			x.past[c.n-from+k] *= part
		}
		return x, clean
	}
}

// broken compares a series with a break with one that was always as the other has
// become.
func broken(b breakage) func(course, uint64) (simulated, simulated) {
	return func(c course, seed uint64) (simulated, simulated) {
		late, always := b, b
		late.before, always.before = min(b.before, c.n/3), c.n
		return c.draw(seed, late), c.draw(seed, always)
	}
}

// returning adds spikes that come again, also in the future.
func returning(spike func(rng *rand.Rand, t, n int) float64) func(course, uint64) (simulated, simulated) {
	return func(c course, seed uint64) (simulated, simulated) {
		clean := c.draw(seed, breakage{})
		rng := rand.New(rand.NewPCG(seed, 11))
		x := clean
		x.past, x.future = nil, nil
		for t, v := range append(append([]float64(nil), clean.past...), clean.future...) {
			if v += spike(rng, t, c.n) * c.level; t < c.n {
				x.past = append(x.past, v)
			} else {
				x.future = append(x.future, v)
			}
		}
		return x, clean
	}
}

// intermittent returns demand that is mostly zero.
func intermittent(c course, seed uint64) (simulated, simulated) {
	rng := rand.New(rand.NewPCG(seed, 13))
	x := c.draw(seed, breakage{})
	all := make([]float64, c.n+c.horizon)
	for t := range all {
		if rng.Float64() < 0.25 {
			all[t] = math.Ceil(math.Exp(1 + rng.NormFloat64()))
		}
	}
	x.past, x.future, x.sd = all[:c.n:c.n], all[c.n:], 5
	return x, x
}

func kinds() []kind {
	at := func(places ...int) func(*rand.Rand, int) []int {
		return func(*rand.Rand, int) []int { return places }
	}
	return []kind{
		{"none", func(c course, seed uint64) (simulated, simulated) { x := c.draw(seed, breakage{}); return x, x }},
		{"absurd: the last", absurd(at(1))},
		{"absurd: 5th from last", absurd(at(5))},
		{"absurd: 20th from last", absurd(at(20))},
		{"absurd: 80th from last", absurd(at(80))},
		{"absurd: the last three", absurd(at(1, 2, 3))},
		{"absurd: ten anywhere", absurd(func(rng *rand.Rand, n int) []int {
			var places []int
			for _, k := range rng.Perm(n)[:10] {
				places = append(places, k+1)
			}
			return places
		})},
		{"slump: 20th to 17th from last", slump(20, 0.35, 0.25, 0.5, 0.7)},
		{"slump: 50th to 48th from last", slump(50, 0.4, 0.4, 0.6)},
		{"break of level", broken(breakage{before: 40, level: 25, spread: 1, season: 1})},
		{"break of spread", broken(breakage{before: 40, spread: 4, season: 1})},
		{"break of spread, narrower", broken(breakage{before: 50, spread: 1.0 / 3, season: 1})},
		{"break of season", broken(breakage{before: 40, spread: 1, season: -1})},
		{"returning: promotions", returning(func(rng *rand.Rand, t, _ int) float64 {
			if t%23 == 11 || t%23 == 12 {
				return 1 + 0.5*rng.Float64()
			}
			return 0
		})},
		{"returning: storms", returning(func(rng *rand.Rand, _, _ int) float64 {
			if rng.Float64() < 0.05 {
				return math.Exp(rng.NormFloat64() - 0.5)
			}
			return 0
		})},
		{"returning: intermittent", intermittent},
	}
}

// A world is a kind of series of which only a few values are known.
type world struct {
	name    string
	horizon int
	season  int
	step    series.Step
	walk    bool // the level is a random walk, and the noise without memory

	slope, swing float64 // times those of the months of the table, 0 for 1
	seed         uint64  // that is added to the one of the series
}

// worlds returns those of the task of short series: the months of the table, and with others what
// tells whether it holds elsewhere.
func worlds(others bool) []world {
	if !others {
		return []world{{name: "months", horizon: 12, season: 12, step: series.Step{Months: 1}}}
	}
	return []world{
		{name: "quarters", horizon: 8, season: 4, step: series.Step{Months: 3}},
		{name: "quarters, a walk", horizon: 8, season: 4, step: series.Step{Months: 3}, walk: true},
		{name: "days", horizon: 14, season: 7, step: series.Step{Width: day}},
		{name: "years, a walk", horizon: 6, season: 1, step: series.Step{Months: 12}, walk: true},
		{name: "months, walks with a drift", horizon: 12, season: 12, step: series.Step{Months: 1}, walk: true, slope: 4, seed: 4100},
		{name: "months, strong trends and seasons", horizon: 12, season: 12, step: series.Step{Months: 1}, slope: 8, swing: 4, seed: 5200},
	}
}

// shortSeries returns series of a world of which only n values are known, of levels,
// slopes, seasons and memories of their own.
func shortSeries(w world, number, n int, seed uint64) []simulated {
	all := make([]simulated, number)
	for i := range all {
		rng := rand.New(rand.NewPCG(seed+w.seed, uint64(1000+i)))
		c := course{
			n: n, horizon: w.horizon, season: w.season, step: w.step, level: 100, sd: 6,
			amount: cmp.Or(w.swing, 1) * 12 * rng.Float64(), slope: cmp.Or(w.slope, 1) * 0.4 * rng.NormFloat64(), memory: 0.8 * rng.Float64(),
		}
		if w.season == 1 {
			c.amount = 0
		}
		if w.walk {
			c.memory = 0
		}
		all[i] = c.draw(rng.Uint64(), breakage{})
		if w.walk {
			level, per := 0.0, c.sd*rng.Float64()
			for _, part := range [][]float64{all[i].past, all[i].future} {
				for t := range part {
					level += per * rng.NormFloat64()
					part[t] += level
				}
			}
		}
	}
	return all
}
