package mdn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/series"
)

// Options are the choices of a model, each described by its help. A zero field
// stands for the default.
type Options struct {
	Hidden     int              `json:"hidden" min:"1" max:"65536" default:"16 to 96 by the number of values" help:"width of the recurrence"`
	Head       int              `json:"head" min:"1" max:"65536" default:"24" help:"width of the layers of a channel"`
	Components int              `json:"components" min:"1" default:"5" help:"components of the mixture of a value"`
	Context    int              `json:"context" min:"1" default:"3 seasons or 2 horizons, all of many series up to 128 steps" help:"steps that a forecast is conditioned on at most"`
	Transform  neural.Transform `json:"transform" oneof:"none log" default:"as the values suggest" help:"what is done to positive values first"`
	Dropout    float64          `json:"dropout,omitempty" below:"1" default:"0.1, of few values and of smooth ones none" help:"part of the state that training leaves out at random; -1: none"`
	Updates    int              `json:"updates" min:"1" default:"1500, or 2000 from 100,000 values on, twice that of smooth series" help:"updates of the parameters at most"`
	Batch      int              `json:"batch" min:"1" default:"64, of windows over 192 steps fewer" help:"windows in an update"`
	Rate       float64          `json:"rate" min:"0" default:"0.005" help:"learning rate at its highest"`
	Patience   int              `json:"patience" min:"1" default:"10" help:"validations without a better score before training stops"`
	Precision  neural.Precision `json:"precision,omitempty" oneof:"float64 float32" default:"float32 on amd64, else float64" help:"width of the numbers in training"`
}

// Validate says which option is out of its range, if any is.
func (o Options) Validate() error { return option.Validate("mdn", o) }

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame
	HoldSeries bool `json:"holdSeries,omitempty"` // fits hold back whole series

	// Moves holds the mean and the deviation of the increments of each channel, in units
	// of the panel's scale.
	Moves [][2]float64 `json:"moves"`

	// Discrete says which channels have the probability of intervals about the values
	// of their support, Repeats and Zeros which have one of staying as they are, and of
	// being zero.
	Discrete []bool `json:"discrete"`
	Repeats  []bool `json:"repeats"`
	Zeros    []bool `json:"zeros"`
	// Rows says that there is a probability of repeating all channels at once.
	Rows bool `json:"rows,omitempty"`
	// Lines are regressions of the increments of each channel, in their deviations, on
	// what a track knows and on those of the channels before it, and First those of the
	// first values of windows on those of the channels before. Nil in files that don't
	// know them, and where there is too little to learn them from.
	Lines []line `json:"lines,omitempty"`
	First []line `json:"first,omitempty"`
	// Early are lines of the increments of the first steps after that of smooth series that are learned
	// as wholes, before which there are fewer increments than those of later steps regress on.
	Early [][]line `json:"early,omitempty"`
	// Opening is the distribution of the first rows of series, nil where the network has it or Plain.
	Opening opening `json:"opening,omitempty"`
	// Plain is of how many of the first rows the network knows less than their lines and scores do, by
	// what is held back: these have independent normal targets, but the first one the opening that
	// there may be.
	Plain int `json:"plain,omitempty"`
	// Places is the number of steps of a series whose places the network is told, later ones
	// being told the last; 0 if it is told none.
	Places int `json:"places,omitempty"`
	// Curves are what series that are learned as wholes lie on, nil if they do on none.
	Curves *curves `json:"curves,omitempty"`
}

// reading has all steps of a panel's grid read.
var reading = neural.Reading{Grid: true, Effects: true}

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	frame, records, err := neural.NewFrame(train, opt, reading, o.Transform)
	if err != nil {
		return nil, nil, err
	}
	c := &config{Options: o, Frame: *frame}
	c.LearnSupport(train)
	values := 0
	for _, r := range records {
		values += len(r.X)
	}
	hidden, updates := 96, 2000
	if values < manyValues {
		hidden, updates = 64, 1500
	}
	for _, few := range []int{10_000, 1000} {
		if values < few {
			hidden /= 2
		}
	}
	c.Options.Hidden, c.Options.Updates = cmp.Or(o.Hidden, hidden), cmp.Or(o.Updates, updates)
	c.Options.Context, c.HoldSeries = c.Context(o.Context, len(records), len(records) >= neural.ManySeries)
	if o.Context == 0 && len(records) >= neural.ManySeries { // short ones are learned as a whole, and so is how they begin
		c.Options.Context = max(c.Options.Context, min(c.Length, neural.ShortSeries)-c.Horizon)
	}
	c.Options.Batch = cmp.Or(o.Batch, min(mostBatch, max(leastBatch, mostBatch*LongWindow/(c.Options.Context+c.Horizon))))
	c.Options.Precision = cmp.Or(o.Precision, neural.DefaultPrecision())
	option.Defaults(&c.Options)
	c.learnIncrements(records)
	c.learnRows(records)
	c.learnLines(records)
	c.learnOpening(records)
	c.learnPlaces(records)
	switch {
	case c.Lines == nil:
	case !c.foretold():
		c.Options.Dropout = cmp.Or(o.Dropout, dropout)
	case o.Updates == 0:
		c.Options.Updates *= 2
	}
	return c, records, nil
}

// manyValues is the number of values from which on the recurrence is the widest.
const manyValues = 100_000

// LongWindow is the number of steps from which on windows are so long that updates are of fewer.
const LongWindow = 192

// Updates are of mostBatch windows, or of as many long ones as have as many steps as those of
// LongWindow have together, but of leastBatch.
const mostBatch, leastBatch = 64, 8

// dropout is the part of the state that training leaves out where there is enough to learn
// lines from.
const dropout = 0.1

// foretold says whether lines tell most of the increments of every channel, as those of smooth
// series: then a state that is not whole costs more than it spares, and long training gains.
func (c *config) foretold() bool {
	return !slices.ContainsFunc(c.Lines, func(l line) bool { return l.Unit > foretoldTo })
}

// foretoldTo is what lines leave of the deviation of increments at most where they foretell
// them.
const foretoldTo = 0.5

const (
	coarse  = 0.05 // of a usual increment, from which on the steps of a grid are told apart
	often   = 0.01 // share of the values that repeat from which on they have a probability
	minMove = 1e-6 // of the scale of a channel, the least deviation of its increments
)

// learnIncrements sets what depends on the increments.
func (c *config) learnIncrements(records []neural.Record) {
	k := len(c.Channels)
	c.Moves = make([][2]float64, k)
	c.Discrete, c.Repeats, c.Zeros = make([]bool, k), make([]bool, k), make([]bool, k)
	for j := range k {
		var m, raw moments.Moments
		same := 0.0
		for _, r := range records {
			last, had := math.NaN(), 0.0
			for i := j; i < len(r.X); i += k {
				if x := r.X[i]; !math.IsNaN(x) {
					added := c.Effect(&r, r.U[i/k], j)
					if d := x - last; !math.IsNaN(d) {
						m.Add((d - (added - had)) / c.Scale[j])
						raw.Add(c.Restore(j, x) - c.Restore(j, last))
						if d == 0 {
							same++
						}
					}
					last, had = x, added
				}
			}
		}
		c.Moves[j] = [2]float64{m.Mean, max(math.Sqrt(m.Variance()), minMove)}
		s := c.Support[j]
		c.Discrete[j] = s.Values != nil || s.Grid > coarse*math.Sqrt(raw.Variance())
		c.Repeats[j] = same > often*m.N
		c.Zeros[j] = s.Zeros > 0 && !c.Discrete[j] && !c.Log[j]
	}
}

// learnRows sets Rows, if all channels may repeat and often all do at once.
func (c *config) learnRows(records []neural.Record) {
	k := len(c.Channels)
	c.Rows = k > 1
	for j := range k {
		c.Rows = c.Rows && c.Repeats[j]
	}
	same, n := 0.0, 0.0
	for _, r := range records {
		for i := k; i < len(r.X) && c.Rows; i += k {
			if n++; slices.Equal(r.X[i-k:i], r.X[i:i+k]) {
				same++
			}
		}
	}
	c.Rows = c.Rows && same > often*n
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	err := cmp.Or(c.Options.Validate(), c.Frame.Check())
	o, k := c.Options, len(c.Channels)
	if err == nil && (min(o.Hidden, o.Head, o.Components, o.Context, c.Season) < 1 || max(o.Hidden, o.Head) > neural.MaxWidth ||
		len(c.Moves) != k || len(c.Discrete) != k || len(c.Repeats) != k || len(c.Zeros) != k || len(c.Support) != k) {
		err = fmt.Errorf("hidden %d, head %d, components %d, context %d, and %d increments of %d channels",
			o.Hidden, o.Head, o.Components, o.Context, len(c.Moves), k)
	}
	if err == nil && (c.Places < 0 || c.Places > neural.ShortSeries) {
		err = fmt.Errorf("places of %d steps, want at most %d", c.Places, neural.ShortSeries)
	}
	if err == nil && (c.Early != nil && c.Lines == nil || c.Plain < 0 || c.Plain > len(c.Early)+1) {
		err = fmt.Errorf("lines of %d early steps, %d first rows that are plain", len(c.Early), c.Plain)
	}
	for at, l := range append([][]line{c.First, c.Lines}, c.Early...) {
		if err == nil && l != nil && len(l) != k {
			err = fmt.Errorf("%d lines of %d channels", len(l), k)
		}
		for j := range l {
			n := j
			if at > 0 {
				n += 4*k + c.Waves(harmonics, harmonics)
			}
			err = cmp.Or(err, l[j].check(n))
		}
	}
	err = cmp.Or(err, c.Opening.check(k), c.Curves.check(k, c.Length))
	for _, m := range c.Moves {
		err = cmp.Or(err, neural.Finite(m[0]), neural.Positive(m[1]))
	}
	return err
}

// split says what is trained on.
func (c *config) split() neural.Split {
	return neural.Split{Context: c.Options.Context, Horizon: c.Horizon, Series: c.HoldSeries, Windows: maxValid}
}

// harmonics bounds those of a season that the model is given.
const harmonics = 4

// knownWidth returns the number of values that are known of a step beforehand, and
// inputWidth that of all that the recurrence sees.
func (c *config) knownWidth() int { return c.Waves(harmonics, harmonics) + c.Inputs() + c.Places + 1 }
func (c *config) inputWidth() int {
	if c.Lines != nil {
		return 7*len(c.Channels) + c.knownWidth()
	}
	return 5*len(c.Channels) + c.knownWidth()
}

// appendKnown appends what is known of a step at the coordinate u, a gap after the one
// before.
func (c *config) appendKnown(dst []float64, r *neural.Record, u, gap float64) []float64 {
	dst = c.AppendInputs(c.AppendWaves(dst, u, harmonics, harmonics), r, u)
	place := min(int(math.Round(u-r.U[0])), c.Places-1)
	for i := range c.Places {
		dst = append(dst, neural.Indicator(i == place))
	}
	if c.Step.Regular() {
		gap = 0
	}
	return append(dst, math.Log1p(max(0, gap)/c.Gap))
}

// An interval is that of the real numbers which a value of a discrete channel stands
// for, in the unit of the panel's scale about its center; the outermost are open.
type interval struct{ low, high float64 }

// about returns the interval of x, a value of channel j in the unit of records.
func (c *config) about(j int, x float64) interval {
	s, value := c.Support[j], c.Restore(j, x)
	low, high := value-s.Grid/2, value+s.Grid/2
	if n := len(s.Values); n > 0 {
		i, _ := slices.BinarySearch(s.Values, s.Nearest(value))
		low, high = math.Inf(-1), math.Inf(1)
		if i > 0 {
			low = (s.Values[i-1] + s.Values[i]) / 2
		}
		if i+1 < n {
			high = (s.Values[i] + s.Values[i+1]) / 2
		}
	} else {
		if s.Least != nil && value <= *s.Least {
			low = math.Inf(-1)
		}
		if s.Most != nil && value >= *s.Most {
			high = math.Inf(1)
		}
	}
	unit := func(v float64) float64 {
		if c.Log[j] {
			if v <= 0 {
				return math.Inf(-1)
			}
			v = math.Log(v)
		}
		return (v - c.Center[j]) / c.Scale[j]
	}
	return interval{unit(low), unit(high)}
}
