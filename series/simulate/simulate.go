package simulate

import (
	"fmt"
	"math"
	"strings"

	"tsgen/internal/kernel"
)

// A Setting says what series to make.
type Setting struct {
	Season  float64 // period of the season in steps; below 2: none
	Second  float64 // period of a longer season; 0: none
	Length  int     // steps of the history
	Horizon int     // steps of each future
	Futures int     // independent continuations of the same history
	Parts   bool    // whether Level and Season are wanted
}

// A Series is one that was made.
type Series struct {
	Kind    string
	History []float64
	Futures [][]float64

	// Level and Season, of kinds that are made of such parts, are those of the history;
	// the rest of a value is noise and what is not of this kind. They are nil for the
	// other kinds, and unless they were asked for.
	Level, Season []float64
}

// A process makes a series step by step.
type process interface {
	step(s source) float64
	clone() process // that goes on from the same state
}

// parted is a process that knows the level and the season of its last step.
type parted interface {
	parts() (level, season float64)
}

// kind is a way to make series.
type kind struct {
	name   string
	weight float64 // in a mixture of all
	about  string
	make   func(s source, set Setting) process

	// plain says that the values are of a scale of their own, such as counts, and
	// that neither their exponentials are taken nor their level is moved; logs that the
	// process makes the logarithms of the values.
	plain, logs bool
}

func kinds() []kind {
	return []kind{
		{"structural", 0.46, "level, trend, seasons, autoregressive remainder, heavy tails, shifts and outliers", newStructural, false, false},
		{"arima", 0.13, "seasonal ARIMA with roots in the stable region", overlaid(newARIMA), false, false},
		{"smoothing", 0.11, "state spaces of exponential smoothing, additive and multiplicative", newSmoothing, true, false},
		{"linear", 0.12, "Gaussian processes: forgetting, smooth and oscillating parts", overlaid(newLinear), false, false},
		{"dynamics", 0.03, "nonlinear stochastic differential equations", newDynamics, false, false},
		{"counts", 0.04, "counts and intermittent demand", newCounts, true, false},
		{"share", 0.03, "parts of a whole, between bounds", newShare, true, false},
		{"walk", 0.05, "prices: random walks with a spread that changes", newWalk, true, true},
		{"regimes", 0.03, "switches between ways of going", overlaid(newRegimes), false, false},
	}
}

// Kinds returns the names of the kinds of series, and what each is in a few words.
func Kinds() (names, about []string) {
	for _, k := range kinds() {
		names, about = append(names, k.name), append(about, k.about)
	}
	return names, about
}

// A Maker makes series of some kinds.
type Maker struct {
	kinds   []kind
	weights []float64
}

// NewMaker returns what makes series of the kinds with these names, all of them with none
// named. The error lists the names that there are.
func NewMaker(names ...string) (*Maker, error) {
	m := &Maker{}
	for _, k := range kinds() {
		if len(names) == 0 {
			m.kinds, m.weights = append(m.kinds, k), append(m.weights, k.weight)
		}
	}
	for _, name := range names {
		found := false
		for _, k := range kinds() {
			if k.name == name {
				m.kinds, m.weights, found = append(m.kinds, k), append(m.weights, k.weight), true
			}
		}
		if !found {
			all, _ := Kinds()
			return nil, fmt.Errorf("simulate: there is no kind of series %q, want some of %s", name, strings.Join(all, ", "))
		}
	}
	return m, nil
}

// Make returns series k of the seed. A value is never NaN or infinite.
func (m *Maker) Make(seed, k uint64, set Setting) *Series {
	s := newSource(seed, k)
	for {
		kind := m.kinds[s.weighted(m.weights)]
		if x := kind.series(s, set); x.finite() {
			return x
		}
	}
}

// series draws one series of the kind, with its futures.
func (k kind) series(s source, set Setting) *Series {
	p := k.make(s, set)
	x := &Series{Kind: k.name, History: make([]float64, set.Length), Futures: make([][]float64, set.Futures)}
	known, ok := p.(parted)
	ok = ok && set.Parts
	for i := range x.History {
		x.History[i] = p.step(s)
		if ok {
			level, season := known.parts()
			x.Level, x.Season = append(x.Level, level), append(x.Season, level+season)
		}
	}
	for f := range x.Futures {
		q := p
		if f < set.Futures-1 {
			q = p.clone()
		}
		x.Futures[f] = make([]float64, set.Horizon)
		for i := range x.Futures[f] {
			x.Futures[f][i] = q.step(s)
		}
	}
	if k.logs {
		x.exp()
	}
	x.place(s, k.plain)
	for i, level := range x.Level { // which the season was moved with
		x.Season[i] -= level
	}
	return x
}

// place moves the values to where real ones are: their exponential, or another level,
// rounded or held above zero at times.
func (x *Series) place(s source, plain bool) {
	mean, sd := meanAndSD(x.History)
	sd += 1e-3
	switch {
	case plain:
	case s.chance(0.45):
		size := s.scale(0.03, 0.8) / sd
		x.apply(func(v float64) float64 { return max(-6, min(3.5, (v-mean)*size)) })
		x.exp()
	default:
		least := x.History[0]
		for _, v := range x.History {
			least = math.Min(least, v)
		}
		level := s.scale(0.5, 30)*sd - least
		if s.chance(0.1) {
			level = -s.scale(0.5, 30)*sd - least
		}
		x.apply(func(v float64) float64 { return v + level })
	}
	if !plain && s.chance(0.06) { // seen in whole numbers of a unit
		_, sd := meanAndSD(x.History)
		unit := (sd + 1e-9) * s.scale(0.05, 0.7)
		x.apply(func(v float64) float64 { return unit * math.Round(v/unit) })
	}
	if !plain && s.chance(0.03) { // never below a floor
		mean, sd := meanAndSD(x.History)
		floor := mean + sd*s.between(-1.5, 0.3)
		x.apply(func(v float64) float64 { return math.Max(v, floor) - floor })
	}
}

func (x *Series) apply(f func(float64) float64) {
	for _, y := range append([][]float64{x.History, x.Level, x.Season}, x.Futures...) {
		for i, v := range y {
			y[i] = f(v)
		}
	}
}

// exp takes the exponentials of the values.
func (x *Series) exp() {
	for _, y := range append([][]float64{x.History, x.Level, x.Season}, x.Futures...) {
		kernel.Exp(y, y)
	}
}

func (x *Series) finite() bool {
	total := 0.0
	for _, v := range x.History {
		total += v
	}
	for _, y := range x.Futures {
		for _, v := range y {
			total += v
		}
	}
	return !math.IsNaN(total - total)
}

func meanAndSD(y []float64) (mean, sd float64) {
	n := float64(len(y))
	for _, v := range y {
		mean += v
	}
	mean /= n
	for _, v := range y {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / n)
}
