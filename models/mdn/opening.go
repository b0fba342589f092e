package mdn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/neural"
	"tsgen/internal/nn"
)

// An opening is the distribution of first rows in the units of their targets: a density about n
// rows y_i that series began with, whose kernels k are logistic,
//
//	p(y) = Σ_i Π_j k((y_j - a y_ij) / s) / (n s),
//
// with a such that the deviation of a column is that of the rows (the smoothed bootstrap of Silverman
// and Young 1987). A network that is told nothing of a first row sees it once in a series, and knows
// less of how channels begin together.
type opening [][]float64

const (
	mostOpenings = 1024 // rows
	tested       = 256  // of them, each by the others
	blur         = 0.3  // deviation of a kernel before a row is brought to the deviation of the rows
)

// kernel returns the factor a of rows and the scale of a kernel.
func kernel() (a, scale float64) {
	a = 1 / math.Sqrt(1+blur*blur)
	return a, a * blur * math.Sqrt(3) / math.Pi
}

// draw returns a row.
func (o opening) draw(rng *rand.Rand) []float64 {
	a, scale := kernel()
	var y []float64
	for _, v := range o[rng.IntN(len(o))] {
		y = append(y, a*v+scale*logistic(rng))
	}
	return y
}

// opened returns n draws of row t of a series in the units of its targets, nil if the network has it.
func (c *config) opened(t, n int, rng *rand.Rand) (rows [][]float64) {
	opening := t == 0 && len(c.Opening) > 0
	if !opening && t >= c.Plain {
		return nil
	}
	for range n {
		var row []float64
		if opening {
			row = c.Opening.draw(rng)
		} else {
			for range c.Channels {
				row = append(row, rng.NormFloat64())
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// plain returns the log density of a row of targets that are normal and independent. What is missing
// has none.
func plain(row []target) (l float64) {
	for _, t := range row {
		if t.seen {
			l -= (t.y*t.y + math.Log(2*math.Pi)) / 2
		}
	}
	return l
}

// learnPlain sets Plain by the windows that are held back.
func (o *objective) learnPlain() {
	c := o.config
	c.Plain = 0
	if c.Early == nil || c.Season > 1 || c.Inputs() > 0 || slices.Contains(slices.Concat(c.Discrete, c.Repeats, c.Zeros), true) {
		return
	}
	gain := make([]float64, 1+earlySteps)
	b, p := &batch{config: c}, &nn.Pass{Values: o.Params.Values}
	for windows := range slices.Chunk(slices.Clone(o.held), 16) {
		for i := range windows {
			windows[i].From = 0
		}
		p.Reset()
		b.fill(windows)
		l := logDensity(o.network, p, b, nil).Val
		row := 0
		for t, n := range b.active[:min(len(b.active), len(gain))] {
			for range n {
				gain[t] += plain(b.row(row)) - l[row]
				row++
			}
		}
	}
	for c.Plain < len(gain) && (gain[c.Plain] > 0 || c.Plain == 0 && c.Opening != nil) {
		c.Plain++
	}
}

// logDensity returns that of a row of targets, the logarithm of the probability of their intervals
// in discrete channels. What is missing has none.
func (o opening) logDensity(row []target, discrete []bool) float64 {
	a, scale := kernel()
	logs := make([]float64, len(o))
	for i, y := range o {
		for j, t := range row {
			var l float64
			switch at := a * y[j]; {
			case !t.seen:
			case discrete[j]:
				l, _ = logInterval((t.low-at)/scale, (t.high-at)/scale, scale)
			default:
				l, _ = logLogistic((t.y-at)/scale, scale)
			}
			logs[i] += l
		}
	}
	return softmax(logs) - math.Log(float64(len(o)))
}

// check says what is wrong with an opening of so many channels that was read.
func (o opening) check(channels int) error {
	if len(o) > mostOpenings {
		return fmt.Errorf("%d first rows, want at most %d", len(o), mostOpenings)
	}
	for _, y := range o {
		if len(y) != channels {
			return fmt.Errorf("a first row of %d channels, want %d", len(y), channels)
		}
		if err := neural.Finite(y...); err != nil {
			return err
		}
	}
	return nil
}

// learnOpening sets Opening where many series are learned as wholes, with nothing known of how they
// begin, if each first row is likelier by the others than by a normal distribution in every channel.
func (c *config) learnOpening(records []neural.Record) {
	c.Opening = nil
	if c.First == nil || !c.wholes(records) || c.Season > 1 || c.Inputs() > 0 {
		return
	}
	var rows opening
	for i := range records {
		r := &records[i]
		t := newTrack(c)
		t.look(r, r.U[0])
		y := make([]float64, len(c.Channels))
		seen := true
		for j := range y {
			g := t.target(j, r.X[j])
			if y[j] = g.y; g.zero && c.Zeros[j] {
				return // zeros have a probability of their own
			}
			seen = seen && g.seen
		}
		if seen {
			rows = append(rows, y)
		}
	}
	rows = neural.Spread(rows, mostOpenings)
	if rows.gain() > 0 {
		c.Opening = rows
	}
}

// gain returns how much likelier rows are by the others than by a normal distribution.
func (o opening) gain() (gain float64) {
	if len(o) < 2 {
		return 0
	}
	real := make([]bool, len(o[0]))
	others := make(opening, 0, len(o))
	for k := range min(tested, len(o)) {
		at := k * len(o) / min(tested, len(o))
		others = append(append(others[:0], o[:at]...), o[at+1:]...)
		row := make([]target, len(o[at]))
		for j, y := range o[at] {
			row[j] = target{seen: true, y: y}
		}
		gain += others.logDensity(row, real) - plain(row)
	}
	return gain
}
