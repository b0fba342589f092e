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
	rows  nn.Linear // of the probability that a row repeats, where there is one
}

// A head is the layers of a channel: what the state says and what the channels before
// it do, and the parameters of its distribution.
type head struct {
	state, inner, output nn.Linear
	before               nn.Param // of the channels before it; none of the first
	season               nn.Param // 1×1
}

// narrow is where scales begin before they are made positive, with which the mixture has
// about the deviation 1.
const narrow = -1.1

func newNetwork(s *nn.Params, c *config, rng *rand.Rand) *network {
	h, w, k := c.Options.Hidden, c.Options.Head, c.Options.Components
	n := &network{config: c}
	n.input = nn.NewLinear(s, "input", c.inputWidth(), h, 1, rng)
	n.gru = nn.NewGRU(s, "recurrence", h, h, rng)
	n.first = nn.NewLinear(s, "first", c.knownWidth(), h, 0.5, rng)
	for i := range n.first.B.In(s.Values) {
		n.first.B.In(s.Values)[i] = rng.NormFloat64() / 2
	}
	if c.Rows {
		n.rows = nn.NewLinear(s, "rows", h, 1, 0.1, rng)
	}
	for j := range c.Channels {
		name := fmt.Sprintf("channel.%d.", j)
		d := head{
			state: nn.NewLinear(s, name+"state", h, w, 1, rng), inner: nn.NewLinear(s, name+"inner", w, w, 1, rng),
			output: nn.NewLinear(s, name+"output", w, c.mixture(j).outputs(), 0.1, rng), season: s.Add(name+"season", 1, 1),
		}
		if j > 0 {
			n := c.beforeWidth() * j
			d.before = s.AddUniform(name+"before", n, w, 1/math.Sqrt(float64(n)), rng)
		}
		bias := d.output.B.In(s.Values)[k+c.mixture(j).atoms():]
		if spreadOut(bias, k); c.Lines == nil {
			clear(bias[k:])
		}
		n.heads = append(n.heads, d)
	}
	return n
}

// spreadOut sets what locations and scales of k components are without a state, so that the mixture has about the
// deviation 1.
func spreadOut(bias []float64, k int) {
	for i := range k {
		bias[i], bias[k+i] = 3*((float64(i)+0.5)/float64(k)-0.5), narrow
	}
}

// mixture returns the distribution of channel j.
func (c *config) mixture(j int) mixture {
	return mixture{components: c.Options.Components, discrete: c.Discrete[j], repeat: c.Repeats[j], zero: c.Zeros[j]}
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
	whole   []bool // of each row, whether it may repeat
	tracks  []*track
}

// fill makes the batch of windows, which it reorders by falling length.
func (b *batch) fill(windows []neural.Window) {
	slices.SortStableFunc(windows, func(v, w neural.Window) int { return w.Len() - v.Len() })
	c := len(b.Channels)
	b.active, b.input, b.known, b.tracks = b.active[:0], b.input[:0], b.known[:0], b.tracks[:0]
	b.whole = b.whole[:0]
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
	row := len(b.targets[0])
	b.whole = append(b.whole, t.whole() && !slices.ContainsFunc(x, math.IsNaN))
	for j := range x {
		b.targets[j] = append(b.targets[j], t.target(j, x[j]))
		for i := range j {
			b.before[j] = b.appendBefore(b.before[j], &b.targets[i][row])
		}
	}
	t.step(x)
}

// row returns the targets of row i.
func (b *batch) row(i int) []target {
	var row []target
	for _, t := range b.targets {
		row = append(row, t[i])
	}
	return row
}

// appendBefore appends what later channels see of one, beforeWidth values.
func (c *config) appendBefore(dst []float64, t *target) []float64 {
	dst = append(dst, min(max(t.y, -10), 10), neural.Indicator(t.seen))
	if c.Lines != nil {
		dst = append(dst, neural.Indicator(t.repeats))
	}
	return dst
}

func (c *config) beforeWidth() int {
	if c.Lines != nil {
		return 3
	}
	return 2
}

// states returns the state before each row of b, rows×hidden.
func states[T ad.Float](n *network, p *nn.PassOf[T], b *batch) *ad.NodeOf[T] {
	first := p.Affine(n.first, p.Data(b.active[0], n.knownWidth(), b.known))
	if len(b.active) == 1 {
		return first
	}
	rows := len(b.input) / n.inputWidth()
	in := p.LinearTanh(p.Data(rows, n.inputWidth(), b.input), p.Param(n.input.W), p.Param(n.input.B))
	return p.Stack([]*ad.NodeOf[T]{first, p.GRU(p.Affine(n.gru.Input, in), p.Param(n.gru.Wh), p.Param(n.gru.Bh), b.active[1:])})
}

// headOf returns the parameters of the distribution of channel j given the states and the
// channels before it.
func headOf[T ad.Float](n *network, p *nn.PassOf[T], j int, states *ad.NodeOf[T], before []float64) *ad.NodeOf[T] {
	h := n.heads[j]
	a := p.Affine(h.state, states)
	if j > 0 {
		a = p.LinearTanh(p.Data(states.Rows, n.beforeWidth()*j, before), p.Param(h.before), a)
	} else {
		a = p.Tanh(a)
	}
	a = p.LinearTanh(a, p.Param(h.inner.W), p.Param(h.inner.B))
	return p.Affine(h.output, a)
}

// logDensity returns the log density of each row of b, in the units of its targets. Unless
// rng is nil it drops out.
func logDensity[T ad.Float](n *network, p *nn.PassOf[T], b *batch, rng *rand.Rand) *ad.NodeOf[T] {
	states := nn.Dropout(p, states(n, p, b), max(0, n.Options.Dropout), rng)
	var sum *ad.NodeOf[T]
	for j := range n.Channels {
		m := &mixtureNode[T]{mixture: n.mixture(j), targets: b.targets[j]}
		l := m.logDensity(&p.TapeOf, headOf(n, p, j, states, b.before[j]), p.Param(n.heads[j].season))
		if sum == nil {
			sum = l
		} else {
			sum = p.Add(sum, l)
		}
	}
	if n.Rows {
		m := &rowNode[T]{targets: b.targets, whole: b.whole}
		sum = m.logDensity(&p.TapeOf, p.Affine(n.rows, states), sum)
	}
	return sum
}
