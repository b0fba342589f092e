package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tsgen/series"
)

// What it takes to believe that values only go one way: so many steps, of which so many lead somewhere, and so many next to
// nowhere, which would go as far back as onwards if they could; or many more that lead somewhere.
const (
	leastSteps = 50
	leastMoves = 20
	leastShort = 8
	shortPart  = 0.125 // of the mean step
	manyMoves  = 200
)

// A course counts which way values go along series.
type course struct {
	last                float64 // value of the series, NaN before the first
	steps, falls, rises int
}

// begin begins another series.
func (c *course) begin() { c.last = math.NaN() }

func (c *course) add(v float64) {
	if !math.IsNaN(c.last) {
		c.steps++
	}
	switch {
	case v < c.last:
		c.falls++
	case v > c.last:
		c.rises++
	}
	c.last = v
}

// oneWay reports whether channel c of the panel never falls, or never rises, and not by chance.
func oneWay(p *series.Panel, c int, seen *course) (neverFalls, neverRises bool) {
	moves := max(seen.falls, seen.rises)
	if seen.steps < leastSteps || moves < leastMoves || min(seen.falls, seen.rises) > 0 {
		return false, false
	}
	if moves < manyMoves {
		var steps []float64
		for _, s := range p.Series {
			values := slices.DeleteFunc(series.Column(s.Values, c, p.Width()), math.IsNaN)
			for k := 1; k < len(values); k++ {
				steps = append(steps, math.Abs(values[k]-values[k-1]))
			}
		}
		short, limit := 0, shortPart*stat.Mean(steps, nil)
		for _, x := range steps {
			if x <= limit {
				short++
			}
		}
		if short < leastShort {
			return false, false
		}
	}
	return seen.falls == 0, seen.rises == 0
}

// onwards returns the distribution of what follows s, of whose channels these are the domains, and the domains of that:
// values that never fall are no less than the last one, and no quantile is less than at an earlier time.
func (d *Distribution) onwards(s *series.Series, domains []Domain) (*Distribution, []Domain) {
	if !slices.ContainsFunc(domains, Domain.isOneWay) || len(d.Times) == 0 || s.Len() == 0 || d.Times[0] <= s.Times[s.Len()-1] {
		return d, domains
	}
	own, ahead, width := *d, slices.Clone(domains), len(domains)
	own.Values = cloned(d.Values)
	for c := range ahead {
		of := &ahead[c]
		values := slices.DeleteFunc(series.Column(s.Values, c, width), math.IsNaN)
		if !of.isOneWay() || len(values) == 0 {
			continue
		}
		last := values[len(values)-1]
		if of.NeverFalls && !of.GivenMin {
			of.Min, of.low = last, last
		}
		if of.NeverRises && !of.GivenMax {
			of.Max, of.high = last, last
		}
		for _, q := range own.Values {
			of.goOn(q, c, width)
		}
	}
	return &own, ahead
}

func (d Domain) isOneWay() bool { return d.NeverFalls && !d.GivenMin || d.NeverRises && !d.GivenMax }

// goOn brings values of channel c that turn back to the farthest before them.
func (d Domain) goOn(values []float64, c, width int) {
	for k := c + width; k < len(values); k += width {
		if d.NeverFalls && !d.GivenMin {
			values[k] = math.Max(values[k], values[k-width])
		}
		if d.NeverRises && !d.GivenMax {
			values[k] = math.Min(values[k], values[k-width])
		}
	}
}

// inOrder brings the values of a series, a value a channel for each time, to the order in which those that only go one way come.
func inOrder(values []float64, domains []Domain) {
	for c, d := range domains {
		if !d.isOneWay() {
			continue
		}
		v := slices.DeleteFunc(series.Column(values, c, len(domains)), math.IsNaN)
		slices.Sort(v)
		if d.NeverRises {
			slices.Reverse(v)
		}
		for k := c; k < len(values); k += len(domains) {
			if !math.IsNaN(values[k]) {
				values[k], v = v[0], v[1:]
			}
		}
	}
}
