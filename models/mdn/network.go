package mdn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
)

// A network holds the places of the weights.
type network struct {
	*config
	input nn.Linear
	gru   nn.GRU
	first nn.Linear // of what is known of the first step
	heads []head
}

// A head is the layers of a channel: what the state says and what the channels before
// it do, and the parameters of its distribution.
type head struct {
	state, inner, output nn.Linear
	before               nn.Param // of the channels before it; none of the first
	season               nn.Param // 1×1
}

func newNetwork(s *nn.Params, c *config, rng *rand.Rand) *network {
	h, w, k := c.Options.Hidden, c.Options.Head, c.Options.Components
	n := &network{config: c}
	n.input = nn.NewLinear(s, "input", c.inputWidth(), h, 1, rng)
	n.gru = nn.NewGRU(s, "recurrence", h, h, rng)
	n.first = nn.NewLinear(s, "first", c.knownWidth(), h, 0.5, rng)
	for i := range n.first.B.In(s.Values) {
		n.first.B.In(s.Values)[i] = rng.NormFloat64() / 2
	}
	for j := range c.Channels {
		name := fmt.Sprintf("channel.%d.", j)
		d := head{
			state: nn.NewLinear(s, name+"state", h, w, 1, rng), inner: nn.NewLinear(s, name+"inner", w, w, 1, rng),
			output: nn.NewLinear(s, name+"output", w, n.mixture(j).outputs(), 0.1, rng), season: s.Add(name+"season", 1, 1),
		}
		if j > 0 {
			d.before = s.AddUniform(name+"before", 2*j, w, 1/math.Sqrt(float64(2*j)), rng)
		}
		bias := d.output.B.In(s.Values)[k+atoms(c.Repeats[j], c.Zeros[j]):]
		for i := range k {
			bias[i] = 3 * ((float64(i)+0.5)/float64(k) - 0.5)
		}
		n.heads = append(n.heads, d)
	}
	return n
}

// mixture returns the distribution of channel j without targets.
func (c *config) mixture(j int) *mixtureNode {
	return &mixtureNode{components: c.Options.Components, discrete: c.Discrete[j], repeat: c.Repeats[j], zero: c.Zeros[j]}
}

// A batch is windows in the form in which the network takes them, packed step by step
// as ad.Tape.GRU wants it.
type batch struct {
	*config
	active  []int
	input   []float64  // of all steps but the first
	known   []float64  // of the first step
	targets [][]target // of each channel, all rows
	before  [][]float64
	tracks  []*track
}

// A track follows a series step by step: the last value of each channel, in units of
// the panel, and its increments.
type track struct {
	*config
	last []float64 // NaN before there is one
	// coming and had are what covariates add to each channel at the coming step and did
	// when it had its last value, in the same units; nil where they add nothing.
	coming, had []float64
	moves       [][]float64 // increments, in deviations, NaN where missing; of the steps since the beginning
}

func newTrack(c *config) *track {
	t := &track{config: c, last: make([]float64, len(c.Channels))}
	for j := range t.last {
		t.last[j] = math.NaN()
	}
	return t
}

// copied returns a track that goes on by itself.
func (t *track) copied() *track {
	return &track{config: t.config, last: slices.Clone(t.last), moves: slices.Clone(t.moves), had: slices.Clone(t.had)}
}

// look has the coming step be that of r at the coordinate u.
func (t *track) look(r *neural.Record, u float64) {
	if t.Effects == nil {
		return
	}
	if t.had == nil {
		t.had = make([]float64, len(t.last))
	}
	t.coming = t.coming[:0]
	for j := range t.last {
		t.coming = append(t.coming, t.Effect(r, u, j)/t.Scale[j])
	}
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
	for j, x := range t.last {
		season, there := t.seasonal(j)
		if t.had != nil {
			x -= t.had[j]
		}
		dst = append(dst, finiteOr0(x), 0.5*finiteOr0(moves[j]), indicator(!math.IsNaN(moves[j])), 0.5*season, indicator(there))
	}
	return dst
}

func finiteOr0(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// base returns what an increment of channel j is added to and its unit.
func (t *track) base(j int) (from, unit float64) {
	from, unit = 0, 1
	if !math.IsNaN(t.last[j]) {
		from, unit = t.last[j]+t.Moves[j][0], t.Moves[j][1]
	}
	if t.coming == nil {
		return from, unit
	}
	return from + (t.coming[j] - t.had[j]), unit
}

// target returns x, a value of channel j at the coming step in the unit of records, as
// its distribution sees it.
func (t *track) target(j int, x float64) (g target) {
	if math.IsNaN(x) {
		return g
	}
	from, unit := t.base(j)
	z := (x - t.Center[j]) / t.Scale[j]
	g = target{seen: true, begun: !math.IsNaN(t.last[j]), unit: unit, y: (z - from) / unit, repeats: z == t.last[j], zero: x == 0}
	g.season, _ = t.seasonal(j)
	if t.Discrete[j] {
		i := t.about(j, x)
		g.low, g.high = (i.low-from)/unit, (i.high-from)/unit
	}
	return g
}

// step takes the track to the coming step, whose targets are given.
func (t *track) step(targets func(j int) *target, x []float64) {
	moves := make([]float64, len(t.last))
	for j := range moves {
		if moves[j] = math.NaN(); targets(j).seen {
			moves[j] = targets(j).y
			t.last[j] = (x[j] - t.Center[j]) / t.Scale[j]
			if t.had != nil {
				t.had[j] = t.coming[j]
			}
		}
	}
	t.moves = append(t.moves, moves)
}

// fill makes the batch of windows, which it reorders by falling length.
func (b *batch) fill(windows []neural.Window) {
	slices.SortStableFunc(windows, func(v, w neural.Window) int { return w.Len() - v.Len() })
	c := len(b.Channels)
	b.active, b.input, b.known, b.tracks = b.active[:0], b.input[:0], b.known[:0], b.tracks[:0]
	b.targets, b.before = make([][]target, c), make([][]float64, c)
	for range windows {
		b.tracks = append(b.tracks, newTrack(b.config))
	}
	for t := 0; t < windows[0].Len(); t++ {
		n := 0
		for i := range windows {
			w := &windows[i]
			if w.Len() <= t {
				break
			}
			n++
			at := w.From + t
			if t == 0 {
				b.known = b.appendKnown(b.known, w.Record, w.U[at], 0)
			} else {
				b.input = b.appendKnown(b.tracks[i].appendInput(b.input), w.Record, w.U[at], w.U[at]-w.U[at-1])
			}
			x := w.X[at*c : (at+1)*c]
			b.tracks[i].look(w.Record, w.U[at])
			b.observe(b.tracks[i], x)
		}
		b.active = append(b.active, n)
	}
}

// observe appends the targets of a step and takes its track on.
func (b *batch) observe(t *track, x []float64) {
	c := len(x)
	row := len(b.targets[0])
	for j := range c {
		b.targets[j] = append(b.targets[j], t.target(j, x[j]))
		for i := range j {
			b.before[j] = appendBefore(b.before[j], &b.targets[i][row])
		}
	}
	t.step(func(j int) *target { return &b.targets[j][row] }, x)
}

// appendBefore appends what later channels see of one.
func appendBefore(dst []float64, t *target) []float64 {
	return append(dst, min(max(t.y, -10), 10), indicator(t.seen))
}

// states returns the state before each row of b, rows×hidden.
func (n *network) states(p *nn.Pass, b *batch) *ad.Node {
	first := n.first.Apply(p, p.Const(b.active[0], n.knownWidth(), b.known))
	if len(b.active) == 1 {
		return first
	}
	rows := len(b.input) / n.inputWidth()
	in := p.LinearTanh(p.Const(rows, n.inputWidth(), b.input), p.Param(n.input.W), p.Param(n.input.B))
	return p.Stack([]*ad.Node{first, n.gru.Apply(p, in, b.active[1:])})
}

// head returns the parameters of the distribution of channel j given the states and the
// channels before it.
func (n *network) head(p *nn.Pass, j int, states *ad.Node, before []float64) *ad.Node {
	h := n.heads[j]
	a := p.Linear(states, p.Param(h.state.W), p.Param(h.state.B))
	if j > 0 {
		a = p.LinearTanh(p.Const(states.Rows, 2*j, before), p.Param(h.before), a)
	} else {
		a = p.Tanh(a)
	}
	a = p.LinearTanh(a, p.Param(h.inner.W), p.Param(h.inner.B))
	return h.output.Apply(p, a)
}

// logDensity returns the log density of each row of b, in the units of its targets.
func (n *network) logDensity(p *nn.Pass, b *batch) *ad.Node {
	states := n.states(p, b)
	var sum *ad.Node
	for j := range n.Channels {
		m := n.mixture(j)
		m.targets = b.targets[j]
		l := m.logDensity(&p.Tape, n.head(p, j, states, b.before[j]), p.Param(n.heads[j].season))
		if sum == nil {
			sum = l
		} else {
			sum = p.Add(sum, l)
		}
	}
	return sum
}
