package mdn

import (
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/neural"
	"tsgen/internal/scores"
)

// A track follows a series step by step: the last value of each channel, in units of
// the panel, and its increments.
type track struct {
	*config
	last   []float64 // NaN before there is one
	repeat []bool    // whether the last is the one before it
	// coming and had are what covariates add to each channel at the coming step and did
	// when it had its last value, in the same units; nil where they add nothing.
	coming, had []float64
	moves       [][]float64 // increments, in deviations, NaN where missing; of the steps since the beginning
	// features are what lines regress on at the coming step, with the increments of
	// the channels that are known of it, and levels their values.
	features, levels []float64
	learning         bool // of lines
}

func newTrack(c *config) *track {
	t := &track{config: c, last: make([]float64, len(c.Channels)), repeat: make([]bool, len(c.Channels))}
	for j := range t.last {
		t.last[j] = math.NaN()
	}
	return t
}

// copied returns a track that goes on by itself.
func (t *track) copied() *track {
	return &track{config: t.config, last: slices.Clone(t.last), repeat: slices.Clone(t.repeat), moves: slices.Clone(t.moves), had: slices.Clone(t.had)}
}

// look has the coming step be that of r at the coordinate u.
func (t *track) look(r *neural.Record, u float64) {
	if t.Effects != nil {
		if t.had == nil {
			t.had = make([]float64, len(t.last))
		}
		t.coming = t.coming[:0]
		for j := range t.last {
			t.coming = append(t.coming, t.Effect(r, u, j)/t.Scale[j])
		}
	}
	t.features, t.levels = t.features[:0], t.levels[:0]
	if t.Lines == nil && !t.learning {
		return
	}
	for j := range t.last {
		t.features = append(t.features, t.level(j))
	}
	for j := range t.last {
		season, there := t.seasonal(j)
		if !there {
			season = math.NaN()
		}
		t.features = append(t.features, t.back(1, j), t.back(2, j), season)
	}
	t.features = t.AppendWaves(t.features, u, harmonics, harmonics)
}

// back returns the increment of channel j at the n-th step before the coming one.
func (t *track) back(n, j int) float64 {
	if at := len(t.moves) - n; at >= 0 {
		return t.moves[at][j]
	}
	return math.NaN()
}

// level returns the last value of channel j without what covariates add.
func (t *track) level(j int) float64 {
	if t.had != nil {
		return t.last[j] - t.had[j]
	}
	return t.last[j]
}

// own returns x, a value of channel j at the coming step in the unit of records, in the
// unit of the panel and without what covariates add.
func (t *track) own(j int, x float64) float64 {
	z := (x - t.Center[j]) / t.Scale[j]
	if t.coming != nil {
		z -= t.coming[j]
	}
	return z
}

// whole says whether there is a last value of every channel.
func (t *track) whole() bool { return !slices.ContainsFunc(t.last, math.IsNaN) }

// move returns the increment to x, in deviations.
func (t *track) move(j int, x float64) float64 {
	return (t.own(j, x) - t.level(j) - t.Moves[j][0]) / t.Moves[j][1]
}

// seasonal returns the increment of channel j a season before the coming step.
func (t *track) seasonal(j int) (move float64, there bool) {
	at := len(t.moves) - t.Season
	if t.Season < 2 || at < 1 || math.IsNaN(t.moves[at][j]) {
		return 0, false
	}
	return t.moves[at][j], true
}

// appendInput appends what the recurrence sees of the steps so far before the coming
// one, known aside.
func (t *track) appendInput(dst []float64) []float64 {
	moves := t.moves[len(t.moves)-1]
	for j := range t.last {
		season, there := t.seasonal(j)
		dst = append(dst, neural.OrZero(t.level(j)), 0.5*neural.OrZero(moves[j]), neural.Indicator(!math.IsNaN(moves[j])), 0.5*season, neural.Indicator(there))
		if t.Lines != nil {
			dst = append(dst, 0.5*neural.OrZero(t.back(2, j)), neural.Indicator(t.repeat[j]))
		}
	}
	return dst
}

// A place is where the distribution of a value of a channel is: values z in the unit of
// the panel are (z - from) / unit in that of its targets, or the scores of these.
type place struct {
	from, unit float64
	scores     *scores.Map // nil for none
}

// place returns that of channel j at the coming step, of which the channels before it
// are known.
func (t *track) place(j int) (p place) {
	p.unit = 1
	if t.coming != nil {
		p.from = t.coming[j]
	}
	var l *line
	var x []float64
	level := t.level(j)
	begun := !math.IsNaN(level)
	if begun {
		p.from += level + t.Moves[j][0]
		p.unit = t.Moves[j][1]
		if lines := t.lines(); lines != nil {
			l, x = &lines[j], t.features
		}
	} else if t.First != nil {
		l, x = &t.First[j], t.levels
	}
	if l != nil {
		p.from += p.unit * l.at(x)
		p.unit *= l.Unit
		if len(l.Scores.Values) > 0 {
			p.scores = &l.Scores
		}
	}
	return p
}

// lines returns those of the coming step.
func (t *track) lines() []line {
	if n := len(t.moves) - 1; n >= 0 && n < len(t.Early) {
		return t.Early[n]
	}
	return t.Lines
}

// target returns z in the unit of targets.
func (p *place) target(z float64) float64 {
	if z = (z - p.from) / p.unit; p.scores != nil {
		z = p.scores.Score(z)
	}
	return z
}

// value undoes target.
func (p *place) value(y float64) float64 {
	if p.scores != nil {
		y = p.scores.Value(y)
	}
	return p.from + p.unit*y
}

// target returns x, a value of channel j at the coming step in the unit of records, as
// its distribution sees it. It is asked for channel by channel.
func (t *track) target(j int, x float64) (g target) {
	if math.IsNaN(x) {
		t.features, t.levels = append(t.features, math.NaN()), append(t.levels, math.NaN())
		return g
	}
	p := t.place(j)
	z := (x - t.Center[j]) / t.Scale[j]
	g = target{seen: true, begun: !math.IsNaN(t.last[j]), unit: p.unit, y: p.target(z), repeats: z == t.last[j], zero: x == 0}
	if p.scores != nil {
		g.unit /= p.scores.Slope((z - p.from) / p.unit)
	}
	g.season, _ = t.seasonal(j)
	if t.Discrete[j] {
		i := t.about(j, x)
		g.low, g.high = p.target(i.low), p.target(i.high)
	}
	t.features, t.levels = append(t.features, t.move(j, x)), append(t.levels, t.own(j, x))
	return g
}

// step takes the track to the coming step, whose values are given.
func (t *track) step(x []float64) {
	moves := make([]float64, len(t.last))
	for j := range moves {
		t.repeat[j] = false
		if moves[j] = math.NaN(); math.IsNaN(x[j]) {
			continue
		}
		if moves[j] = t.move(j, x[j]); math.IsNaN(t.last[j]) && t.Lines == nil && !t.learning {
			moves[j] = t.own(j, x[j])
		}
		z := (x[j] - t.Center[j]) / t.Scale[j]
		t.repeat[j] = z == t.last[j]
		t.last[j] = z
		if t.had != nil {
			t.had[j] = t.coming[j]
		}
	}
	t.moves = append(t.moves, moves)
}

// draw returns the value of channel j at the coming step in the unit of records, the last
// again if same; snap has it be one of the channel's support.
func (t *track) draw(m mixture, j int, head []float64, weight float64, same, snap bool, rng *rand.Rand) float64 {
	season, _ := t.seasonal(j)
	y, repeats, zero := m.draw(head, !math.IsNaN(t.last[j]), season, weight, rng)
	if same {
		repeats, zero = true, false
	}
	switch {
	case zero:
		return 0
	case repeats:
		return t.value(j, t.last[j], snap)
	}
	return t.opened(j, y, snap)
}

// opened returns y, a value of channel j of a first row in the unit of its target, in the unit of
// records.
func (t *track) opened(j int, y float64, snap bool) float64 {
	p := t.place(j)
	return t.value(j, p.value(y), snap)
}

// value returns z, a value of channel j in the unit of the panel, in that of records, in the support of
// the channel if it is discrete or snap says so.
func (t *track) value(j int, z float64, snap bool) float64 {
	x := t.Center[j] + t.Scale[j]*z
	if t.Log[j] {
		x = min(x, maxLog)
	}
	if t.Discrete[j] || snap {
		v := t.Support[j].Nearest(t.Restore(j, x))
		if t.Log[j] {
			if !(v > 0) {
				return x
			}
			v = math.Log(v)
		}
		return v
	}
	return x
}

// maxLog bounds logarithms so that values remain numbers.
const maxLog = 700
