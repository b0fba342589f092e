package network

import (
	"math"
	"sync"

	"tsgen/internal/kernel"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A Forecaster forecasts with the weights that it was made with, rounded to float32, in
// which its layers are computed. It may be used concurrently.
type Forecaster struct {
	network                    *Network
	first, context, step, head dense
	encoder                    [encoderBlocks][2]dense
	decoder                    [decoderBlocks][2]dense
	works                      sync.Pool // of *work
}

// NewForecaster returns what forecasts with the given weights of the network.
func (n *Network) NewForecaster(values []float64) *Forecaster {
	f := &Forecaster{network: n}
	f.works.New = func() any { return &work{} }
	narrow := func(l nn.Linear) dense {
		d := dense{in: l.W.Rows, out: l.W.Cols, weights: make([]float32, l.W.Rows*l.W.Cols), bias: make([]float32, l.W.Cols)}
		kernel.Narrow(d.weights, l.W.In(values))
		kernel.Narrow(d.bias, l.B.In(values))
		return d
	}
	f.first, f.context, f.step, f.head = narrow(n.first), narrow(n.context), narrow(n.step), narrow(n.head)
	for i, b := range n.encoder {
		f.encoder[i] = [2]dense{narrow(b.A), narrow(b.B)}
	}
	for i, b := range n.decoder {
		f.decoder[i] = [2]dense{narrow(b.A), narrow(b.B)}
	}
	return f
}

// Output returns the distribution of a step.
func (f *Forecaster) Output() *density.Quantiles { return f.network.Output }

// A dense layer is x·W + b.
type dense struct {
	weights, bias []float32
	in, out       int
}

// apply sets the rows of dst to those of the layer of x.
func (d dense) apply(dst, x []float32) {
	for i := 0; i < len(dst); i += d.out {
		copy(dst[i:], d.bias)
	}
	d.plus(dst, x)
}

// plus adds x·W to the rows of dst.
func (d dense) plus(dst, x []float32) {
	kernel.MulNN(dst, x, d.weights, len(dst)/d.out, d.in, d.out, true)
}

// residual adds a residual block of x to x; hidden is as long.
func residual(block [2]dense, x, hidden []float32) {
	block[0].apply(hidden, x)
	rectify(hidden)
	for i := 0; i < len(x); i += block[1].out {
		row := x[i:][:block[1].out]
		kernel.Add(row, row, block[1].bias)
	}
	block[1].plus(x, hidden)
}

// rectify sets what is below zero to it.
func rectify(x []float32) {
	for i, v := range x {
		b := math.Float32bits(v)
		x[i] = math.Float32frombits(b &^ uint32(int32(b)>>31)) // without a branch
	}
}

// work is memory of one group of steps.
type work struct {
	group group
	room  room
	pass  nn.Pass
	parts [6][]float32
}

// take returns n numbers, the part of that number.
func (w *work) take(part, n int) []float32 {
	if cap(w.parts[part]) < n {
		w.parts[part] = make([]float32, n)
	}
	return w.parts[part][:n]
}

// narrow returns x in float32.
func (w *work) narrow(part int, x []float64) []float32 {
	y := w.take(part, len(x))
	kernel.Narrow(y, x)
	return y
}

// quantiles is Network.Quantiles. The result lasts until the next call with w.
func (f *Forecaster) quantiles(w *work, series, steps, anchors []float64, of []int) []float64 {
	views, rows := len(series)/SeriesWidth, len(of)
	h, hidden := w.take(0, views*encoderWidth), w.take(1, max(views*encoderWidth, rows*decoderWidth))
	f.first.apply(h, w.narrow(2, series))
	rectify(h)
	for _, b := range f.encoder {
		residual(b, h, hidden[:len(h)])
	}
	shared := w.take(3, views*decoderWidth)
	f.context.apply(shared, h)

	d := w.take(4, rows*decoderWidth)
	for i, k := range of {
		copy(d[i*decoderWidth:(i+1)*decoderWidth], shared[k*decoderWidth:])
	}
	f.step.plus(d, w.narrow(2, steps))
	rectify(d)
	for _, b := range f.decoder {
		residual(b, d, hidden[:len(d)])
	}
	out := w.take(5, rows*f.head.out)
	f.head.apply(out, d)

	p, k := &w.pass, f.network.Output.Outputs()
	p.Reset()
	head, shift := p.Buffer(rows*k), p.Buffer(rows)
	for i := range rows {
		row := out[i*f.head.out:][:f.head.out]
		for j, v := range row[:k] {
			head[i*k+j] = float64(v)
		}
		shift[i] = 0
		for j, v := range row[k:] {
			shift[i] += anchors[i*AnchorWidth+j] * float64(v)
		}
	}
	return f.network.Output.Of(p, p.Const(rows, k, head), p.Const(rows, 1, shift)).Val
}
