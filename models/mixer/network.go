package mixer

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A batch is a number of windows in the form in which a network takes them, a row
// for each channel of each. Its memory is used again by the next fill.
type batch struct {
	*config
	rows        int
	mean, scale []float64
	unit        []float64  // mean absolute seasonal differences
	base        []float64  // rows×horizon: the seasonal naive forecast
	input       []float64  // rows×inputWidth
	context     []float64  // rows×context: about the level, in units, 0 where missing
	known       []float64  // rows·horizon×knownWidth
	target      []float64  // rows·horizon: from the base, in units, NaN where missing
	source      *rand.Rand // by which activations are dropped; nil: none is
}

// fill makes the batch of the given windows.
func (b *batch) fill(windows []neural.Window) {
	b.rows = len(windows) * len(b.Channels)
	b.mean, b.scale, b.unit, b.base = b.mean[:0], b.scale[:0], b.unit[:0], b.base[:0]
	b.input, b.context, b.known, b.target = b.input[:0], b.context[:0], b.known[:0], b.target[:0]
	for i := range windows {
		b.mean, b.scale = b.AppendLevel(b.mean, b.scale, &windows[i], neural.LevelWindow)
		for j := range b.Channels {
			b.append(&windows[i], j)
		}
	}
}

// append appends channel j of w.
func (b *batch) append(w *neural.Window, j int) {
	row, c, m, start := len(b.unit), len(b.Channels), b.Season, w.Origin-b.Options.Context
	scale, base := b.scale[row], len(b.base)
	var level, unit float64
	b.base, level, unit = b.AppendNaive(b.base, w, j, b.mean[row], scale)
	b.unit = append(b.unit, unit)
	for i := start; i < w.Origin; i++ {
		x, there := seen(w.Seen(i, j, c) - level)
		b.input, b.context = append(b.input, x/scale, there), append(b.context, x/unit)
		if i >= start+m {
			x, _ := seen(w.Seen(i, j, c) - w.Seen(i-m, j, c))
			b.input = append(b.input, math.Asinh(x/unit))
		}
	}
	b.input = append(b.input, math.Log(scale/unit), math.Asinh(level/scale))
	b.input = append(b.input, make([]float64, c)...)
	b.input[len(b.input)-c+j] = 1
	b.input = b.appendKnown(b.input, w, w.Origin-1)
	for i := start; i < w.Origin && len(b.Known) > 0; i++ {
		b.input = b.AppendKnown(b.input, w.Record, w.U[w.Origin-1]+float64(i-w.Origin+1))
	}
	for k, naive := range b.base[base:] {
		y := math.NaN()
		if w.Origin+k < w.To {
			y = (w.Seen(w.Origin+k, j, c) - naive) / unit
		}
		b.target = append(b.target, y)
		b.known = b.appendKnown(b.known, w, w.Origin+k)
		b.known = b.AppendKnown(b.known, w.Record, w.U[w.Origin-1]+float64(k%m-m+1))
	}
}

// appendKnown appends what is known of step i of w, within it or after it.
func (b *batch) appendKnown(dst []float64, w *neural.Window, i int) []float64 {
	u := w.U[w.Origin-1] + float64(i-w.Origin+1)
	dst = b.AppendWaves(append(dst, 1), u, harmonics, harmonics)
	return b.AppendKnown(dst, w.Record, u)
}

// seen returns x, or 0 where it is missing, and whether it is there.
func seen(x float64) (value, there float64) {
	if math.IsNaN(x) {
		return 0, 0
	}
	return x, 1
}

const (
	detail = 4 // numbers that the decoder has of a step
	mixed  = 4 // numbers of a channel that the others see
)

// A network holds the places of the weights of a member.
type network struct {
	*config
	output                                  *density.Quantiles
	skip                                    nn.Param // context to horizon
	first, decoder, ofDetail, ofKnown, head nn.Linear
	blocks                                  [2]nn.Residual
	mix                                     [4]nn.Linear // of several channels
}

// newNetwork adds the weights of member i to s.
func newNetwork(s *nn.Params, c *config, i int, rng *rand.Rand) *network {
	h, name := c.Options.Hidden, fmt.Sprintf("member.%d.", i)
	layer := func(part string, in, out int, gain float64) nn.Linear {
		return nn.NewLinear(s, name+part, in, out, gain, rng)
	}
	n := &network{config: c, output: density.NewQuantiles(), skip: s.Add(name+"skip", c.Options.Context, c.Horizon)}
	n.first = layer("first", c.inputWidth(), h, 1)
	for k := range n.blocks {
		n.blocks[k] = nn.NewResidual(s, fmt.Sprint(name, "block.", k), h, rng)
	}
	if k := len(c.Channels); k > 1 {
		n.mix = [4]nn.Linear{layer("mix.0", h, mixed, 1), layer("mix.1", k*mixed, h, 1), layer("mix.2", h, k*mixed, 1), layer("mix.3", mixed, h, 0.1)}
	}
	n.decoder, n.ofDetail, n.ofKnown = layer("decoder", h, c.Horizon*detail, 1), layer("step", detail, h, 1), layer("known", c.knownWidth(), h, 0.5)
	n.head = layer("head", h, n.output.Outputs(), 0.2)
	n.output.Start(n.head.B.In(s.Values), 1)
	return n
}

// heads returns what the layers make of each step of the rows of b, in the width of p, and in the
// last column what quantiles are moved by: rows·horizon×(outputs+1).
func heads[T ad.Float](n *network, p *nn.PassOf[T], b *batch) *ad.NodeOf[T] {
	o, channels := n.Options, len(n.Channels)
	h := p.AffineReLU(n.first, p.Data(b.rows, n.inputWidth(), b.input))
	for _, r := range n.blocks {
		h = p.Residual(r, h, o.Dropout, b.source)
	}
	if channels > 1 {
		z := p.AffineReLU(n.mix[1], p.Reshape(p.Affine(n.mix[0], h), channels*mixed))
		h = p.Add(h, p.Affine(n.mix[3], p.Reshape(p.Affine(n.mix[2], z), mixed)))
	}
	d := p.Reshape(p.Affine(n.decoder, nn.Dropout(p, h, o.Dropout, b.source)), detail)
	d = p.LinearReLU(d, p.Param(n.ofDetail.W), p.Affine(n.ofKnown, p.Data(d.Rows, n.knownWidth(), b.known)))
	skip := p.Reshape(p.MatMul(p.Data(b.rows, o.Context, b.context), p.Param(n.skip)), 1)
	return p.Concat(p.Affine(n.head, d), skip)
}

// quantiles returns those of the rows of b, from their base in their unit:
// rows·horizon×outputs.
func (n *network) quantiles(p *nn.Pass, b *batch) *ad.Node { return n.of(p, heads(n, p, b)) }

// of returns the quantiles of heads.
func (n *network) of(p *nn.Pass, heads *ad.Node) *ad.Node {
	k := n.output.Outputs()
	return n.output.Of(p, p.Columns(heads, 0, k), p.Columns(heads, k, k+1))
}
