package series

import (
	"fmt"
	"math"
	"slices"
)

// An Aggregate says what becomes of several values that fall on one time.
type Aggregate string

// The aggregates. Missing values count for none of them; a time that has no other
// is missing.
const (
	Mean  Aggregate = "mean"
	Sum   Aggregate = "sum"
	First Aggregate = "first"
	Last  Aggregate = "last"
	Count Aggregate = "count" // of the values, zero where there is none
)

// Aggregates returns the aggregates.
func Aggregates() []Aggregate { return []Aggregate{Mean, Sum, First, Last, Count} }

// of returns the aggregate of values.
func (a Aggregate) of(values []float64) float64 {
	sum, n := 0.0, 0
	first, last := math.NaN(), math.NaN()
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if n == 0 {
			first = v
		}
		sum, last = sum+v, v
		n++
	}
	switch {
	case a == Count:
		return float64(n)
	case n == 0:
		return math.NaN()
	case a == Sum:
		return sum
	case a == First:
		return first
	case a == Last:
		return last
	}
	return sum / float64(n)
}

// merge brings together the observations of s that at puts on the same time, which
// must not fall where theirs rise, and returns how many were left out for it.
func (s *Series) merge(width int, at func(t float64) float64, how Aggregate) int {
	var times, values, some []float64
	var lines []int32
	for i := 0; i < len(s.Times); {
		t, j := at(s.Times[i]), i+1
		for j < len(s.Times) && at(s.Times[j]) == t {
			j++
		}
		times = append(times, t)
		if s.lines != nil {
			lines = append(lines, int32(s.Line(i)))
		}
		for c := range width {
			some = some[:0]
			for k := i; k < j; k++ {
				some = append(some, s.Values[k*width+c])
			}
			values = append(values, how.of(some))
		}
		i = j
	}
	left := len(s.Times) - len(times)
	s.Times, s.Values, s.lines = times, values, lines
	return left
}

// merge leaves the first of values at the same time.
func (k *Track) merge(width int) {
	var times, values []float64
	for i, t := range k.Times {
		if i == 0 || t != k.Times[i-1] {
			times, values = append(times, t), append(values, k.Values[i*width:(i+1)*width]...)
		}
	}
	k.Times, k.Values = times, values
}

// fill adds the times of the step at which s has no observation, between its first
// and its last, with zeros.
func (p *Panel) fill(s *Series) {
	grid, rows, err := p.Grid(s)
	if err != nil || len(grid) == len(s.Values) {
		return
	}
	width := p.Width()
	first := p.Coordinate(s.Times[0])
	times := make([]float64, len(grid)/width)
	seen := make([]bool, len(times))
	for i, r := range rows {
		times[r], seen[r] = s.Times[i], true
	}
	for r := range times {
		if !seen[r] {
			times[r] = p.TimeAt(first + float64(r))
			for c := range width {
				grid[r*width+c] = 0
			}
		}
	}
	s.Times, s.Values, s.lines = times, grid, nil
}

// Bins returns the step that words say, as ParseStep reads them, and a function that returns
// the beginning of the one in which a time of the axis lies: days begin at midnight, weeks on
// Monday. The error wraps ErrStep if the words are no step, or none of such an axis.
func Bins(a Axis, words string) (Step, func(t float64) float64, error) {
	step, err := ParseStep(words)
	if err != nil || !step.Regular() {
		return step, nil, fmt.Errorf("%s: %w", words, ErrStep)
	}
	if !a.Calendar() {
		if step.Width == 0 {
			return step, nil, fmt.Errorf("%s: %w: the times are plain numbers; give a number", words, ErrStep)
		}
		return step, func(t float64) float64 { return roundDigits(step.Width*math.Floor(t/step.Width), 15) }, nil
	}
	switch {
	case step.Width == week:
		step = Step{Weekdays: 1}
	case step.Width >= day && math.Mod(step.Width, day) == 0:
		step = Step{Days: int(step.Width / day)}
	case step.Width > 0:
		return step, func(t float64) float64 {
			c := a.civil(t)
			return t - (c - step.Width*math.Floor(c/step.Width))
		}, nil
	}
	p := &Panel{Axis: a, Step: step}
	return step, func(t float64) float64 { return p.TimeAt(math.Floor(p.Coordinate(t) + 1e-9)) }, nil
}

// aggregate brings the observations of every series into the steps that opt asks
// for, and returns what is to be said of it.
func (p *Panel) aggregate(opt *ReadOptions) (string, error) {
	how := opt.Aggregate
	if how == "" {
		how = Mean
	}
	if !slices.Contains(Aggregates(), how) {
		return "", fmt.Errorf("--aggregate %s: %w", how, ErrStep)
	}
	step, at, err := Bins(p.Axis, opt.Every)
	if err != nil {
		return "", fmt.Errorf("--every %w", err)
	}
	p.Every, p.Aggregate = opt.Every, how
	before, after := 0, 0
	for i := range p.Series {
		s := p.own(i)
		before += s.Len()
		s.merge(p.Width(), at, how)
		if how == Count || how == Sum {
			q := *p
			q.Step = step
			q.fill(s)
		}
		after += s.Len()
	}
	were := "were"
	if before == 1 {
		were = "was"
	}
	return fmt.Sprintf("%s %s brought into %s (%s) by their %s; the first and the last step may not be whole",
		count(before, "row"), were, count(after, "step"), step.Describe(p.Axis.Calendar()), how), nil
}
