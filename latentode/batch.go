package latentode

import (
	"cmp"
	"math"
	"slices"

	"tsgen/internal/ad"
	"tsgen/internal/neural"
	"tsgen/models/density"
)

// A window is one of a record, and times to predict.
type window struct {
	neural.Window

	// asked holds the times in the panel's coordinate, in increasing order, none
	// before the context's first.
	asked []float64

	// back tells that the times asked for lie before the context, which the trajectory leaves
	// backwards.
	back bool

	// read, if it lies behind the origin, is where the observations that the encoder reads end: those
	// that tell a path by which it is learned.
	read int

	given int // the place in the order in which fill was given the windows
}

// end returns where the observations of the window that may be read end, and seen where those do that an encoder reads
// which sees so many at most.
func (w *window) end() int { return max(w.Origin, w.read) }

func (w *window) seen(most int) int { return min(w.end(), w.From+most) }

// A span tells the context of a window from others.
type span struct {
	record       *neural.Record
	from, origin int
}

func (w *window) span() span { return span{w.Record, w.From, w.Origin} }

// row returns observation i in dst, which has a place for each channel.
func (w *window) row(dst []float64, i int) {
	for j := range dst {
		dst[j] = w.Value(i, j, len(dst))
	}
}

// A batch is a number of windows in the form in which the network takes them.
// Its memory is used again by the next fill.
type batch struct {
	*config
	windows []window // by falling length of the context
	rank    []int    // in windows of each one in the order in which fill was given them

	windowMean, windowScale []float64 // windows×channels

	// The encoder's input, packed as ad.Tape.GRU wants it: the k-th step holds
	// the k-th last of the first Context observations of the windows that have
	// one.
	// A row is the values, 0 where missing, then 1 for each value observed,
	// then the gap to the observation seen before, then the season's first
	// harmonics, then the covariates that are known ahead.
	input   []float64
	gaps    []float64 // in units of the solver's time, of each packed row
	active  []int
	offsets []int      // the packed row at which each step begins
	steps   []*ad.Node // of an encoder that goes step by step
	last    []int      // the packed row of each window's last step
	ends    []int      // some of them, of a block of steps
	first   []int      // 0 for every packed row, of an encoder that forgets

	// The solver's times of all observations, a slice a window, and where it
	// starts.
	t0    []float64
	times [][]float64

	// Of all observations and times asked for, window by window in the order of
	// time: the coordinate, values brought to level and scale, NaN where only the time is asked
	// for, lead times in horizons (0 in the context), ages in gaps (0 in the
	// future), the forcing (harmonics of the season, covariates), the place in the season, and the window to
	// which they belong.
	at, target, lead, age, forced []float64
	place, owner                  []int

	rows []int // of the times asked for, before a repeat
	of   []int // the window of each trajectory

	read *ad.Node // the packed states of the encoder, nil before it read

	timeline []float64
	row      []float64 // one observation
}

// encoderHarmonics is the number of harmonics of the season that the encoder
// sees: enough to know the phase.
const encoderHarmonics = 2

func (c *config) inputWidth() int {
	return 2*len(c.Channels) + 1 + 2*min(c.harmonics(), encoderHarmonics) + c.Inputs()
}

// phase appends the first n harmonics of the season at the coordinate u to dst,
// sine and cosine by turns.
func (c *config) phase(dst []float64, u float64, n int) []float64 {
	if n == 0 {
		return dst
	}
	m := or(c.Period, float64(c.Season))
	sin1, cos1 := math.Sincos(2 * math.Pi * (u/m - math.Floor(u/m)))
	sin, cos := sin1, cos1
	for range n {
		dst = append(dst, sin, cos)
		sin, cos = sin*cos1+cos*sin1, cos*cos1-sin*sin1
	}
	return dst
}

// fill makes the batch of the given windows, which it reorders.
func (b *batch) fill(windows []window) {
	b.row = grow(&b.row, len(b.Channels))
	for i := range windows {
		windows[i].given = i
	}
	slices.SortStableFunc(windows, func(v, w window) int {
		return cmp.Compare(w.end()-w.From, v.end()-v.From)
	})
	b.windows, b.rank = windows, grow(&b.rank, len(windows))
	b.read, b.of = nil, b.of[:0]
	for i, w := range windows {
		b.rank[w.given] = i
		b.of = append(b.of, i)
	}
	b.windowMean, b.windowScale = b.windowMean[:0], b.windowScale[:0]
	for i := range windows {
		b.level(&windows[i].Window)
	}
	b.encoderInput()
	b.observations()
}

// level appends the levels and scales by which a window is modelled.
func (b *batch) level(w *neural.Window) {
	at := len(b.windowMean)
	b.windowMean, b.windowScale = b.AppendLevel(b.windowMean, b.windowScale, w, b.Options.Level)
	if b.OwnLevel == nil {
		return
	}
	mean, scale := b.AppendLevel(nil, nil, w, LevelWindow)
	for j, own := range b.OwnLevel {
		if own {
			b.windowMean[at+j], b.windowScale[at+j] = mean[j], scale[j]
		}
	}
}

func (b *batch) normal(w, j int, x float64) float64 {
	k := w*len(b.Channels) + j
	return (x - b.windowMean[k]) / b.windowScale[k]
}

// restored is the inverse of normal for a row, in the unit of the data.
func (b *batch) restored(row, j int, x float64) float64 {
	w := b.of[b.owner[row]]
	k := w*len(b.Channels) + j
	return b.restore(j, b.windowMean[k]+b.windowScale[k]*x+b.Effect(b.windows[w].Record, b.at[row], j))
}

// shown returns what the encoder sees of the value x of channel j in window w:
// of a count the logarithm of 1 more.
func (b *batch) shown(w, j int, x float64, count bool) float64 {
	if count {
		return math.Log1p(x)
	}
	return b.normal(w, j, x)
}

func (b *batch) encoderInput() {
	// The windows, which lie by falling length, are read one by one, each from its end: offsets tells
	// where the rows of a step begin.
	b.active, b.offsets, b.last = b.active[:0], b.offsets[:0], b.last[:0]
	rows := 0
	for left := len(b.windows); ; {
		for left > 0 && b.windows[left-1].seen(b.sight())-b.windows[left-1].From <= len(b.active) {
			left--
		}
		if left == 0 {
			break
		}
		b.active, b.offsets = append(b.active, left), append(b.offsets, rows)
		rows += left
	}
	width, channels := b.inputWidth(), len(b.Channels)
	input, gaps := grow(&b.input, rows*width), grow(&b.gaps, rows)
	counts := b.family().Domain() == density.Count
	usual, logarithm := 0.0, 0.0
	for i := range b.windows {
		w := &b.windows[i]
		end, row := w.seen(b.sight())-1, 0
		for k := range end + 1 - w.From {
			at := end - k
			row = b.offsets[k] + i
			in := input[row*width : (row+1)*width : (row+1)*width]
			for j := range channels {
				x := w.Value(at, j, channels)
				in[j], in[channels+j] = neural.OrZero(b.shown(i, j, x, counts)), neural.Indicator(!math.IsNaN(x))
			}
			gap := 0.0
			if k > 0 {
				gap = w.U[at+1] - w.U[at]
			}
			gaps[row] = gap / b.Unit
			if gap != usual { // most are the same
				usual, logarithm = gap, math.Log1p(gap/b.Gap)
			}
			in = b.phase(append(in[:2*channels], logarithm), w.U[at], min(b.harmonics(), encoderHarmonics))
			b.AppendInputs(in, w.Record, w.U[at])
		}
		b.last = append(b.last, row)
	}
}

func (b *batch) observations() {
	b.t0, b.times, b.timeline = b.t0[:0], b.times[:0], b.timeline[:0]
	b.at, b.target, b.lead, b.age, b.forced = b.at[:0], b.target[:0], b.lead[:0], b.age[:0], b.forced[:0]
	b.place, b.owner, b.rows = b.place[:0], b.owner[:0], b.rows[:0]
	for i, w := range b.windows {
		if w.back {
			b.askBack(i)
			continue
		}
		asked := w.asked
		for at := w.From; at < w.To; at++ {
			for len(asked) > 0 && asked[0] < w.U[at] {
				b.ask(i, asked[0])
				asked = asked[1:]
			}
			b.observe(i, w.U[at])
			w.row(b.row, at)
			for j, x := range b.row {
				b.target = append(b.target, b.normal(i, j, x))
			}
		}
		for _, u := range asked {
			b.ask(i, u)
		}
	}
	at := 0
	for _, w := range b.windows {
		b.t0 = append(b.t0, 0)
		n := w.To - w.From + len(w.asked)
		if w.back {
			n = len(w.asked)
		}
		b.times = append(b.times, b.timeline[at:at+n:at+n])
		at += n
	}
}

// observe appends to window i a row at the coordinate u, all but its target.
func (b *batch) observe(i int, u float64) {
	w := &b.windows[i]
	start, origin := w.U[w.From], w.U[w.Origin-1]
	b.at, b.timeline = append(b.at, u), append(b.timeline, (u-start)/b.Unit)
	b.lead = append(b.lead, max(0, u-origin)/(b.Gap*float64(b.Horizon)))
	b.age = append(b.age, max(0, origin-u)/b.Gap)
	b.forced = b.AppendInputs(b.phase(b.forced, u, b.harmonics()), w.Record, u)
	b.place = append(b.place, int(math.Round(u-start))%max(1, b.Season))
	b.owner = append(b.owner, i)
}

// ask appends to window i a row at the coordinate u without a target.
func (b *batch) ask(i int, u float64) {
	b.rows = append(b.rows, len(b.owner))
	b.observe(i, u)
	for range b.row {
		b.target = append(b.target, math.NaN())
	}
}

// askBack appends to window i rows at the times that it asks for, the last first, as far from the
// context as their lead times say.
func (b *batch) askBack(i int) {
	w, first := &b.windows[i], len(b.rows)
	for _, u := range slices.Backward(w.asked) {
		b.ask(i, u)
		row := len(b.owner) - 1
		b.lead[row], b.age[row] = (w.U[w.From]-u)/(b.Gap*float64(b.Horizon)), 0
	}
	slices.Reverse(b.rows[first:])
}

// repeat makes the batch's observations stand for draws trajectories of every
// window, one after another, and returns the window of each trajectory.
func (b *batch) repeat(draws int) []int {
	one := *b
	several := func(x []float64) []float64 { return make([]float64, 0, draws*len(x)) }
	b.at, b.target, b.lead, b.age, b.forced = several(b.at), several(b.target), several(b.lead), several(b.age), several(b.forced)
	b.place, b.owner = make([]int, 0, draws*len(b.place)), make([]int, 0, draws*len(b.owner))
	b.t0, b.times = nil, nil
	var index []int
	at, c, width := 0, len(b.Channels), b.forcing()
	for i, t := range one.times {
		end := at + len(t)
		for range draws {
			for range t {
				b.owner = append(b.owner, len(index))
			}
			index = append(index, i)
			b.t0 = append(b.t0, 0)
			b.times = append(b.times, t)
			b.at = append(b.at, one.at[at:end]...)
			b.target = append(b.target, one.target[at*c:end*c]...)
			b.lead = append(b.lead, one.lead[at:end]...)
			b.age = append(b.age, one.age[at:end]...)
			b.forced = append(b.forced, one.forced[at*width:end*width]...)
			b.place = append(b.place, one.place[at:end]...)
		}
		at = end
	}
	b.of = index
	return index
}

// eachTrajectory calls f for every trajectory and channel with the rows where the context,
// the future and the next trajectory begin.
func (b *batch) eachTrajectory(channels int, f func(j, from, origin, end int)) {
	from := 0
	for _, t := range b.times {
		end := from + len(t)
		origin := from
		for origin < end && b.lead[origin] == 0 {
			origin++
		}
		for j := range channels {
			f(j, from, origin, end)
		}
		from = end
	}
}

// grow returns *s with length n, longer memory where it does not suffice.
func grow[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
	return *s
}
