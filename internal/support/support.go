// Package support learns which values a channel takes, apart from how likely they
// are: whole numbers, a few decimals, a list of values, none below a bound, a share
// of exact zeros; and which channels are never below others, or the sums of others. What a continuous model draws is brought to the nearest of them,
// so that generated counts are counts.
package support

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// A Channel is the support of a channel. The zero value is all real numbers.
type Channel struct {
	// Grid is the distance of the multiples that all values are, 0 for none.
	Grid float64 `json:"grid,omitempty"`

	// Values are all values there are, rising, where these are few and leave much of
	// their grid out.
	Values []float64 `json:"values,omitempty"`

	// Zeros is the share of exact zeros below which nothing lies, 0 where that is
	// small.
	Zeros float64 `json:"zeros,omitempty"`

	// Amounts are quantiles of the values above zero, at even probabilities from the least to the greatest, of a
	// channel with a share of zeros; nil also in files that don't know them.
	Amounts []float64 `json:"amounts,omitempty"`

	// Least and Most bound the values, nil where nothing does.
	Least *float64 `json:"least,omitempty"`
	Most  *float64 `json:"most,omitempty"`

	// Seen holds the least and the greatest value seen, nil where nothing was.
	Seen []float64 `json:"seen,omitempty"`

	// Over are the channels that this one is never below in a row, nil also in files that don't know them.
	Over []int `json:"over,omitempty"`

	// Ties are how often it equals some of these, nil also in files that don't know them.
	Ties []Tie `json:"ties,omitempty"`

	// Whole is what all channels of a row sum to, nil where they do not and in files that don't know it.
	Whole *float64 `json:"whole,omitempty"`

	// Total says of which channels it is the sum, nil where it is of none and in files that don't know it.
	Total *Total `json:"total,omitempty"`
}

// slack is the part of the range of what was seen by which draws may leave it.
const slack = 0.05

// within returns x, or the end of what was seen, and a little more, that it lies
// beyond.
func (c Channel) within(x float64) float64 {
	if len(c.Seen) != 2 {
		return x
	}
	more := slack * (c.Seen[1] - c.Seen[0])
	return math.Min(math.Max(x, c.Seen[0]-more), c.Seen[1]+more)
}

// leaves reports whether x lies beyond what within allows, but for an end at which values pile up
// in the data, too.
func (c Channel) leaves(x float64) bool {
	switch y := c.within(x); {
	case y > x:
		return c.Least == nil || *c.Least < c.Seen[0]
	case y < x:
		return c.Most == nil || *c.Most > c.Seen[1]
	}
	return false
}

// astray returns how many of values, rows of a value a channel, lie beyond the range that was seen
// and a little more.
func astray(all []Channel, values []float64) (n int) {
	for k, x := range values {
		if len(all) > 0 && all[k%len(all)].leaves(x) {
			n++
		}
	}
	return n
}

const (
	mostValues = 1024 // in a list
	repeated   = 4    // times that a value of a list occurs on average at least
	sparse     = 2    // points of the grid for each value of a list at least
	decimals   = 6    // of a grid at most
	atom       = 0.01 // share of the values at a bound that makes it one
	fewest     = 20   // values from which a support is learned
	amounts    = 33   // quantiles of what is above zero, of twice as many values at least
)

// Learn returns the support of each channel of x, rows of a value a channel with NaN
// for what is missing.
func Learn(x []float64, channels int) []Channel {
	all := make([]Channel, channels)
	for j := range all {
		var v []float64
		for k := j; k < len(x); k += channels {
			if !math.IsNaN(x[k]) {
				v = append(v, x[k])
			}
		}
		if len(v) >= fewest {
			all[j] = learn(v)
		}
	}
	return all
}

func learn(v []float64) (c Channel) {
	slices.Sort(v)
	n, least, most := len(v), v[0], v[len(v)-1]
	c.Grid, c.Seen = grid(v), []float64{least, most}
	distinct := slices.Compact(slices.Clone(v))
	if len(distinct) <= mostValues && n >= repeated*len(distinct) &&
		(c.Grid == 0 || (most-least)/c.Grid >= sparse*float64(len(distinct))) {
		c.Values = distinct
	}
	share := func(x float64) float64 {
		from, _ := slices.BinarySearch(v, x)
		return float64(sort.Search(n, func(i int) bool { return v[i] > x })-from) / float64(n)
	}
	bound := func(x float64) *float64 { return &x }
	switch {
	case least >= 0 && most <= 1 && most > 0.5:
		c.Least, c.Most = bound(0), bound(1)
	case least == 0:
		c.Least = bound(0)
	case least > 0:
		c.Least = bound(max(least/2, c.Grid))
	case most <= 0:
		c.Most = bound(0)
	}
	if s := share(least); s >= atom && s*float64(n) > 2 {
		c.Least = bound(least)
	}
	if s := share(most); s >= atom && s*float64(n) > 2 {
		c.Most = bound(most)
	}
	if s := share(0); least == 0 && s >= 2*atom {
		c.Zeros = s
		c.Amounts = spread(v[sort.SearchFloat64s(v, math.SmallestNonzeroFloat64):])
	}
	return c
}

// spread returns the quantiles of sorted values at even probabilities, nil of few values.
func spread(v []float64) []float64 {
	if len(v) < 2*amounts {
		return nil
	}
	q := make([]float64, amounts)
	for i := range q {
		q[i] = v[i*(len(v)-1)/(amounts-1)]
	}
	return q
}

// grid returns the largest distance of which all values are multiples, of no more
// than a few decimals, or 0.
func grid(v []float64) float64 {
	unit := 1.0
	for range decimals + 1 {
		var divisor float64
		whole := true
		for _, x := range v {
			y := math.Abs(x / unit)
			r := math.Round(y)
			if whole = y < 1<<52 && math.Abs(y-r) <= 1e-9*math.Max(1, y); !whole {
				break
			}
			for r > 0 {
				divisor, r = r, math.Mod(divisor, r)
			}
		}
		if whole {
			return divisor * unit
		}
		unit /= 10
	}
	return 0
}

// Nearest returns the value of the support next to x.
func (c Channel) Nearest(x float64) float64 {
	if n := len(c.Values); n > 0 {
		i := sort.SearchFloat64s(c.Values, x)
		switch {
		case i == 0:
			return c.Values[0]
		case i == n || x-c.Values[i-1] < c.Values[i]-x:
			return c.Values[i-1]
		}
		return c.Values[i]
	}
	if c.Least != nil {
		x = math.Max(x, *c.Least)
	}
	if c.Most != nil {
		x = math.Min(x, *c.Most)
	}
	if c.Grid > 0 {
		x = multiple(x, c.Grid)
	}
	return x
}

// multiple returns the multiple of grid next to x, as it is written in decimals.
func multiple(x, grid float64) float64 {
	if grid < 1 {
		if inverse := math.Round(1 / grid); math.Abs(inverse*grid-1) < 1e-9 {
			return math.Round(x*inverse) / inverse
		}
	}
	return math.Round(x/grid) * grid
}

// Check says what is wrong with the supports of a number of channels that were read.
func Check(all []Channel, channels int) error {
	if all != nil && len(all) != channels {
		return fmt.Errorf("%d channels, but the supports of %d", channels, len(all))
	}
	for _, c := range all {
		if !(c.Grid >= 0) || math.IsInf(c.Grid, 1) || !(c.Zeros >= 0 && c.Zeros <= 1) || !slices.IsSorted(c.Values) || len(c.Seen) != 0 && len(c.Seen) != 2 {
			return fmt.Errorf("a support of the grid %v with a share %v of zeros and %d values", c.Grid, c.Zeros, len(c.Values))
		}
		if n := len(c.Amounts); n != 0 && n != amounts || !slices.IsSorted(c.Amounts) {
			return fmt.Errorf("%d quantiles of amounts, or some that do not rise", n)
		}
		if slices.ContainsFunc(c.Over, func(i int) bool { return i < 0 || i >= channels }) {
			return fmt.Errorf("a channel over the channels %v of %d", c.Over, channels)
		}
		for i := range c.Ties {
			if err := c.Ties[i].check(channels); err != nil {
				return err
			}
		}
		if c.Total != nil {
			if err := c.Total.check(channels); err != nil {
				return err
			}
		}
	}
	return nil
}

// A Cut says which draws of a channel stand for exact zeros, and which differences for ties.
type Cut struct {
	threshold float64     // up to which they do, -Inf if draws are zero by themselves or none is to be
	drawn     []float64   // quantiles of the draws above, as Amounts has those of the data; nil where they are left as they are
	closings  [][]float64 // of each tie
}

// Cuts returns for each channel how drawn, rows of a value a channel, are cut so that as many are zero, and as many
// equal to others, as should be.
func Cuts(all []Channel, drawn []float64) []Cut {
	cuts := make([]Cut, len(all))
	for j, c := range all {
		cuts[j].threshold = math.Inf(-1)
		var v []float64
		for k := j; k < len(drawn); k += len(all) {
			v = append(v, drawn[k])
		}
		if c.Zeros > 0 && len(v) > 0 {
			slices.Sort(v)
			if _, exact := slices.BinarySearch(v, 0); exact {
				continue
			}
			cut := min(len(v)-1, int(c.Zeros*float64(len(v))))
			cuts[j].threshold = v[cut]
			if c.Amounts != nil {
				cuts[j].drawn = spread(v[cut+1:])
			}
		}
	}
	if len(drawn) > 0 && slices.ContainsFunc(all, func(c Channel) bool { return c.Ties != nil }) {
		rows := slices.Clone(drawn)
		Snap(all, cuts, rows, true)
		for j, c := range all {
			for i := range c.Ties {
				cuts[j].closings = append(cuts[j].closings, c.Ties[i].closings(rows, len(all), j))
			}
		}
	}
	return cuts
}

// amount returns what a draw above the threshold stands for: a value of the data with as many of the amounts below it. Without
// that there would be none between zero and the threshold.
func (c Channel) amount(x float64, drawn []float64) float64 {
	if drawn == nil {
		return x
	}
	last := len(drawn) - 1
	i := sort.SearchFloat64s(drawn, x)
	switch {
	case i == 0:
		return c.Amounts[0]
	case i > last:
		return c.Amounts[last] + x - drawn[last]
	}
	part := (x - drawn[i-1]) / (drawn[i] - drawn[i-1])
	return c.Amounts[i-1] + part*(c.Amounts[i]-c.Amounts[i-1])
}

// Snap brings values, rows of a value a channel, to the supports, those that the cuts say to zero and the others to
// amounts, and rows to the orders and the sums of their channels. near says that they stay about the range
// that was seen, as those of series do that are no longer than the ones that were learned from.
func Snap(all []Channel, cuts []Cut, values []float64, near bool) {
	if len(all) == 0 {
		return
	}
	for k, x := range values {
		c, cut := all[k%len(all)], cuts[k%len(all)]
		if x <= cut.threshold {
			values[k] = 0
			continue
		}
		x = c.amount(x, cut.drawn)
		if near {
			x = c.within(x)
		}
		values[k] = c.Nearest(x)
		if values[k] == 0 && !math.IsInf(cut.threshold, -1) {
			values[k] = c.above()
		}
	}
	keepOrder(all, values)
	keepWhole(all, values)
	keepTotals(all, values)
}

// ToGrid brings values, rows of a value a channel, to the grids of their channels and rows to the orders and the sums of
// these, whatever else is known of which there are: those of a series that goes on may be new.
func ToGrid(all []Channel, values []float64) {
	free := make([]Channel, len(all))
	for j, c := range all {
		free[j] = Channel{Grid: c.Grid, Over: c.Over, Whole: c.Whole, Total: c.Total}
	}
	for k, x := range values {
		values[k] = free[k%len(free)].Nearest(x)
	}
	keepOrder(free, values)
	keepWhole(free, values)
	keepTotals(free, values)
}

// above returns the least value above zero of a channel with a share of zeros.
func (c Channel) above() float64 {
	if i := sort.SearchFloat64s(c.Values, 0); len(c.Values) > i+1 {
		return c.Values[i+1]
	}
	return c.Grid
}
