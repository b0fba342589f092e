// Package network is the network of the pretrained forecaster and what it sees: an
// encoder of the history, the same for all steps, and a decoder of one step, which has
// the values at its place in the season. It knows seasons of any length and any number
// of steps ahead.
package network

import (
	"fmt"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// Widths of the layers and of what is put in.
const (
	SeriesWidth = 2*recentDiffs + recentSteps + 2*(nearBlocks+farBlocks) + 2*farDiffs + 9 + 8 + 7 + 5 + 4 + 3 + simpleSeries
	StepWidth   = 2*backSeasons + 12 + 5 + 2 + 3 + 14 + 4 + 8 + simpleSteps
	AnchorWidth = 15 + simpleAnchors

	encoderWidth, encoderBlocks = 256, 2
	decoderWidth, decoderBlocks = 128, 1
)

// A Network holds the places of the weights.
type Network struct {
	Params nn.Params
	Output *density.Quantiles

	first, context, step, head nn.Linear
	encoder                    [encoderBlocks]nn.Residual
	decoder                    [decoderBlocks]nn.Residual
}

// New returns a network whose weights are drawn.
func New(rng *rand.Rand) *Network {
	n := &Network{Output: density.NewQuantiles()}
	s := &n.Params
	n.first = nn.NewLinear(s, "first", SeriesWidth, encoderWidth, 1, rng)
	for i := range n.encoder {
		n.encoder[i] = nn.NewResidual(s, fmt.Sprint("encoder.", i), encoderWidth, rng)
	}
	n.context = nn.NewLinear(s, "context", encoderWidth, decoderWidth, 1, rng)
	n.step = nn.NewLinear(s, "step", StepWidth, decoderWidth, 1, rng)
	for i := range n.decoder {
		n.decoder[i] = nn.NewResidual(s, fmt.Sprint("decoder.", i), decoderWidth, rng)
	}
	n.head = nn.NewLinear(s, "head", decoderWidth, n.Output.Outputs()+AnchorWidth, 0.1, rng)
	n.Output.Start(n.head.B.In(s.Values)[:n.Output.Outputs()], 1)
	return n
}

// Quantiles returns the quantiles of the steps of some series, from their bases in
// units of their scales: series holds what is seen of each, steps and anchors what is
// seen of all steps, and of says to which series each belongs.
func (n *Network) Quantiles(p *nn.Pass, series, steps, anchors []float64, of []int) *ad.Node {
	return n.quantiles(p, heads(n, p, series, steps, of), anchors)
}

// heads returns what the layers make of each step, in the width of p.
func heads[T ad.Float](n *Network, p *nn.PassOf[T], series, steps []float64, of []int) *ad.NodeOf[T] {
	h := p.AffineReLU(n.first, p.Data(len(series)/SeriesWidth, SeriesWidth, series))
	for _, b := range n.encoder {
		h = p.Residual(b, h, 0, nil)
	}
	shared := p.Rows(p.Affine(n.context, h), of)
	d := p.LinearReLU(p.Data(len(of), StepWidth, steps), p.Param(n.step.W), shared)
	for _, b := range n.decoder {
		d = p.Residual(b, d, 0, nil)
	}
	return p.Affine(n.head, d)
}

// quantiles returns those of the steps of the given heads.
func (n *Network) quantiles(p *nn.Pass, out *ad.Node, anchors []float64) *ad.Node {
	k := n.Output.Outputs()
	shift := p.BlockDot(p.Const(out.Rows, AnchorWidth, anchors), nil, p.Columns(out, k, k+AnchorWidth))
	return n.Output.Of(p, p.Columns(out, 0, k), shift)
}
