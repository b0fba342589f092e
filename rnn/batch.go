package rnn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/models/density"
)

// A batch is a number of windows in the form in which a network takes them:
// packed step by step, as ad.Tape.GRU wants it. Its memory is used again by the
// next fill.
type batch struct {
	*config
	windows                 []neural.Window // by falling length
	windowMean, windowScale []float64       // windows×channels
	active                  []int           // windows that have a step
	reverse                 []int           // the row of the step as far from its window's end as each is from the start
	previous                []int           // the row of the step before, of all rows but those of the first step

	target []float64 // rows×channels, NaN where missing
	inputs []float64 // the same, or draws of the model in their place
	input  []float64 // rows×2·channels: values, 0 where missing, and whether they are there
	known  []float64 // rows×knownWidth
	past   []float64 // rows×…: values at the lags, 0 where missing, and covariates

	// Of one step: its covariates, and what is known of its time.
	covariate, time []float64
	delays          []int // the config's lags

	segments []segment
	noise

	// disturb, unless it is nil, is where noise comes from that is added to the
	// values that the model sees, not to those that it has to explain.
	disturb *rand.Rand

	// thinned, unless it is nil, is where it comes from which activations are
	// dropped.
	thinned *rand.Rand

	start []int // row of each step's first window
}

// A segment is a run of a batch's steps, first to last (exclusive), and of their
// rows, from to to (exclusive).
type segment struct{ first, last, from, to int }

// segmentRows returns the number of rows at which a segment ends. The processor's
// cache is to hold all that is computed of them, and they are to be more than
// the rows of the weights, whose gradient is added up for each segment.
func segmentRows(hidden int) int { return max(64, 2*hidden) }

// A trail holds what was inferred at the steps of a segment so far.
type trail[T ad.Float] struct{ states, latents, mean, sd, priorMean, priorSD []*ad.NodeOf[T] }

func (r *trail[T]) clearSteps() {
	r.states, r.latents, r.mean, r.sd = r.states[:0], r.latents[:0], r.mean[:0], r.sd[:0]
	r.priorMean, r.priorSD = r.priorMean[:0], r.priorSD[:0]
}

// knownOf returns what is known beforehand of the rows of s.
func knownOf[T ad.Float](p *nn.PassOf[T], b *batch, s segment) *ad.NodeOf[T] {
	u := b.knownWidth()
	return p.Data(s.to-s.from, u, b.known[s.from*u:s.to*u])
}

// fill makes the batch of the given windows, which it reorders.
func (b *batch) fill(windows []neural.Window) {
	b.lay(windows)
	b.setInput()
}

// lay sets all of the batch of the given windows, which it reorders, but what
// setInput sets, with inputs as the true values.
func (b *batch) lay(windows []neural.Window) {
	slices.SortStableFunc(windows, func(v, w neural.Window) int { return cmp.Compare(w.Len(), v.Len()) })
	b.windows, b.delays = windows, b.lags()
	b.windowMean, b.windowScale = b.windowMean[:0], b.windowScale[:0]
	for i := range windows {
		b.windowMean, b.windowScale = b.AppendLevel(b.windowMean, b.windowScale, &windows[i], b.Options.Level)
	}
	b.pack()
	c := len(b.Channels)
	b.target = b.target[:0]
	for t, n := range b.active {
		for i := range n {
			for j := range c {
				b.target = append(b.target, b.normal(i, j, b.windows[i].Value(b.windows[i].From+t, j, c)))
			}
		}
	}
	b.inputs = append(b.inputs[:0], b.target...)
}

// setInput sets what the model sees of inputs.
func (b *batch) setInput() {
	c := len(b.Channels)
	b.input, b.known, b.past = b.input[:0], b.known[:0], b.past[:0]
	row := 0
	for t, n := range b.active {
		for i := range n {
			b.input = b.seen(b.input, b.inputs[row*c:(row+1)*c])
			for j := range c {
				if there := b.input[len(b.input)-c+j]; there > 0 {
					b.input[len(b.input)-2*c+j] += b.disturbance(i)
				}
			}
			b.appendPast(t, i, b.disturbance)
			row++
		}
	}
}

// appendPast appends to known and past what is known before step t of window i,
// with noise added to the values of the step before.
func (b *batch) appendPast(t, i int, noise func(i int) float64) {
	w, c := &b.windows[i], len(b.Channels)
	at, gap := w.From+t, 0.0
	if at > 0 {
		gap = w.U[at] - w.U[at-1]
	}
	b.tell(w.Record, at, gap)
	b.known, b.past = b.before(b.known, b.past, func(lag, j int) float64 {
		var x float64
		switch {
		case lag <= t:
			x = b.inputs[(b.start[t-lag]+i)*c+j]
		case w.Alone:
			return math.NaN()
		default:
			x = b.normal(i, j, w.Value(at-lag, j, c))
		}
		if lag == 1 {
			x += noise(i)
		}
		return x
	})
}

// disturbed is the deviation of the noise added to the inputs of a model in
// training, in units of a window's scale, where there are few values to learn from.
// A model that has only seen true values errs on its own, which it is fed with in
// a forecast, and then on what follows (Ranzato et al. 2016, section 1, call that
// exposure bias).
//
// Where series are learned as a whole it is less: beside the steps of walks, whose level is part
// of the scale, more is too much.
const disturbed, wholeDisturbed = 0.5, 0.1

// disturbance returns the noise added to an input of window i: none in windows of
// their own, by which the model learns to generate.
func (b *batch) disturbance(i int) float64 {
	if b.disturb == nil || b.windows[i].Alone {
		return 0
	}
	if b.Whole {
		return wholeDisturbed * b.disturb.NormFloat64()
	}
	return disturbed * b.disturb.NormFloat64()
}

// pack sets which windows have a step and where.
func (b *batch) pack() {
	b.active, b.start, b.reverse, b.previous = b.active[:0], b.start[:0], b.reverse[:0], b.previous[:0]
	rows := 0
	for t := 0; t < b.windows[0].Len(); t++ {
		n := 0
		for n < len(b.windows) && b.windows[n].Len() > t {
			n++
		}
		b.active, b.start = append(b.active, n), append(b.start, rows)
		rows += n
	}
	b.segments = b.segments[:0]
	s := segment{}
	for t, n := range b.active {
		if s.to += n; s.to-s.from >= segmentRows(b.Options.Hidden) || t == len(b.active)-1 {
			s.last = t + 1
			b.segments = append(b.segments, s)
			s.first, s.from = s.last, s.to
		}
	}
	for t, n := range b.active {
		for i := range n {
			b.reverse = append(b.reverse, b.start[b.windows[i].Len()-1-t]+i)
			if t > 0 {
				b.previous = append(b.previous, b.start[t-1]+i)
			}
		}
	}
}

func (b *batch) normal(w, j int, x float64) float64 {
	k := w*len(b.Channels) + j
	return (x - b.windowMean[k]) / b.windowScale[k]
}

// seen appends what the recurrences see of the values of a step: the values, 0
// where missing, counts by the logarithm of 1 more, and whether they are there.
func (c *config) seen(dst, values []float64) []float64 {
	for _, x := range values {
		switch {
		case math.IsNaN(x):
			x = 0
		case c.Options.Likelihood.Domain() == density.Count:
			x = math.Log1p(x)
		}
		dst = append(dst, x)
	}
	for _, x := range values {
		dst = append(dst, neural.Indicator(!math.IsNaN(x)))
	}
	return dst
}

// tell sets what is known of step i of r besides values, gap being the time since the step
// before: its covariates, the harmonics of the season and, in irregular panels, the gap.
func (b *batch) tell(r *neural.Record, i int, gap float64) {
	b.covariate = b.appendCovariates(b.covariate[:0], r, i)
	b.time = b.AppendWaves(b.time[:0], r.U[i], maxHarmonics, longHarmonics)
	if !b.Step.Regular() {
		b.time = append(b.time, math.Log1p(max(0, gap)/b.Gap))
	}
}

// before appends what is known before a step: to past the values at the config's lags, 0
// where missing, and the covariates, and to known these, whether the values are there,
// and the time.
func (b *batch) before(known, past []float64, value func(lag, j int) float64) (k, l []float64) {
	start, at := len(known), len(past)
	for _, lag := range b.delays {
		for j := range b.Channels {
			x := value(lag, j)
			known = append(known, neural.Indicator(!math.IsNaN(x)))
			if math.IsNaN(x) {
				x = 0
			}
			past = append(past, x)
		}
	}
	known = append(append(known, past[at:]...), b.covariate...)
	if len(b.delays) > 0 {
		past = append(past, b.covariate...)
	}
	if known = append(known, b.time...); len(known) == start {
		known = append(known, 1)
	}
	return known, past
}
