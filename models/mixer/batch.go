package mixer

import (
	"math"
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
)

// A batch is a number of windows in the form in which a network takes them: a
// row for each channel of each. Its memory is used again by the next fill.
type batch struct {
	*config
	rows        int
	mean, scale []float64 // of the windows' channels
	unit        []float64 // mean absolute seasonal differences
	base        []float64 // rows×horizon: the seasonal naive forecast
	input       []float64 // rows×inputWidth
	context     []float64 // rows×context, about the mean in units, 0 where missing
	covariates  []float64 // rows·(context + horizon)×known covariates
	known       []float64 // rows·horizon×knownWidth
	target      []float64 // rows·horizon, from the base in units, NaN where missing

	// thinned, unless it is nil, is where it comes from which activations are
	// dropped.
	thinned *rand.Rand
}

// fill makes the batch of the given windows.
func (b *batch) fill(windows []neural.Window) {
	b.mean, b.scale, b.unit, b.base = b.mean[:0], b.scale[:0], b.unit[:0], b.base[:0]
	b.input, b.context, b.covariates = b.input[:0], b.context[:0], b.covariates[:0]
	b.known, b.target = b.known[:0], b.target[:0]
	b.rows = len(windows) * len(b.Channels)
	for i := range windows {
		b.mean, b.scale = b.AppendLevel(b.mean, b.scale, &windows[i], neural.LevelWindow)
		for j := range b.Channels {
			b.appendContext(&windows[i], j)
			b.appendFuture(&windows[i], j)
		}
	}
}

// leastUnit is the least unit, in units of a window's scale.
const leastUnit = 0.01

// appendContext appends what is told of the context of channel j of w.
func (b *batch) appendContext(w *neural.Window, j int) {
	c, start := len(b.Channels), w.Origin-b.Options.Context
	value := func(i int) float64 {
		if i < w.From {
			return math.NaN()
		}
		return w.Value(i, j, c)
	}
	row := len(b.unit)
	if x("last", 0) > 0 {
		var last moments.Moments
		for i := max(w.From, w.Origin-b.Season); i < w.Origin; i++ {
			last.Add(value(i))
		}
		if last.N > 0 {
			b.mean[row] = last.Mean
		}
	}
	mean, scale := b.mean[row], b.scale[row]
	var apart moments.Moments
	for i := w.From + b.Season; i < w.Origin; i++ {
		apart.Add(math.Abs(value(i) - value(i-b.Season)))
	}
	unit := scale
	if apart.N > 0 {
		unit = max(apart.Mean, leastUnit*scale)
	}
	b.unit = append(b.unit, unit)
	for i := start; i < w.Origin; i++ {
		v, there := seen(value(i) - mean)
		b.context = append(b.context, v/unit)
		b.input = append(b.input, v/scale, there)
		if i >= start+b.Season {
			apart, _ := seen(value(i) - value(i-b.Season))
			b.input = append(b.input, math.Asinh(apart/unit))
		}
	}
	b.input = append(b.input, math.Log(scale/unit), math.Asinh(mean/scale))
	for k := range c {
		_, is := seen(0)
		if k != j {
			is = 0
		}
		b.input = append(b.input, is)
	}
	b.input = b.appendPhase(b.input, w.U[w.Origin-1])
	for i := start; i < w.Origin+b.Horizon && len(b.Known) > 0; i++ {
		b.covariates = b.appendKnown(b.covariates, w, i)
	}
	for k := range b.Horizon {
		base := mean
		for i := w.Origin + k%b.Season - b.Season; i >= w.From; i -= b.Season {
			if v := value(i); !math.IsNaN(v) {
				base = v
				break
			}
		}
		b.base = append(b.base, base)
	}
}

// appendFuture appends what is known and, as far as the window reaches, to be
// forecast of channel j of w.
func (b *batch) appendFuture(w *neural.Window, j int) {
	row, last := len(b.unit)-1, w.U[w.Origin-1]
	for k := range b.Horizon {
		b.known = append(b.appendPhase(b.known, last+float64(k+1)), 1)
		b.known = b.appendKnown(b.known, w, w.Origin+k)
		y := math.NaN()
		if i := w.Origin + k; i < w.To {
			y = (w.Value(i, j, len(b.Channels)) - b.base[row*b.Horizon+k]) / b.unit[row]
		}
		b.target = append(b.target, y)
	}
}

// appendKnown appends the covariates of step i of w, those of the nearest where there
// is none.
func (b *batch) appendKnown(dst []float64, w *neural.Window, i int) []float64 {
	k := len(b.Known)
	i = max(0, min(i, len(w.Known)/max(1, k)-1))
	return append(dst, w.Known[i*k:(i+1)*k]...)
}

// seen returns x, or 0 where it is missing, and whether it is there.
func seen(x float64) (value, there float64) {
	if math.IsNaN(x) {
		return 0, 0
	}
	return x, 1
}

// thin drops some of the activations x (Srivastava et al. 2014).
func (b *batch) thin(p *nn.Pass, x *ad.Node) *ad.Node {
	rate := b.Options.Dropout
	if b.thinned == nil || rate == 0 {
		return x
	}
	keep := p.Buffer(len(x.Val))
	for i := range keep {
		if b.thinned.Float64() >= rate {
			keep[i] = 1 / (1 - rate)
		}
	}
	return p.Mul(x, p.Const(x.Rows, x.Cols, keep))
}
