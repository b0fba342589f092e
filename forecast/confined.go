package forecast

import "math"

// A confined marginal is one whose values are confined to a domain.
type confined struct {
	marginal
	domain Domain

	drawn bool // it is a sample that is confined but for what lies between the draws

	// shift is taken off before, so that what the bounds push inwards leaves the mean as it was.
	shift float64
}

// newConfined returns the marginal confined to the domain.
func newConfined(m marginal, d Domain) confined {
	c := confined{marginal: m, domain: d}
	if c.within() {
		return c
	}
	var weights, values [coarseNodes]float64 // which no shift changes
	z := -scoreEnd
	for i := range values {
		weights[i], values[i] = coarseStep*normalDensity(z), m.at(z)
		z += coarseStep
	}
	c.shift = d.shift(m.mean(), (m.at(1)-m.at(-1))/2, func(shift float64) float64 {
		mean := 0.0
		for i, v := range values {
			mean += weights[i] * d.bend(v-shift)
		}
		return mean
	})
	return c
}

// mostShift is the greatest shift in standard deviations: a mean at the bound is no reason
// to hold everything else impossible.
const mostShift = 0.5

// shift returns what is to be taken off values so that the mean of what they are bent to, as
// bent returns it for a shift, is that of the values, as nearly as it can; nothing if that
// lies beyond a bound.
func (d Domain) shift(mean, sd float64, bent func(shift float64) float64) float64 {
	if !(mean > d.Min && mean < d.Max && sd > 0) {
		return 0
	}
	lo, hi := 0.0, mostShift*sd
	if bent(0) < mean {
		lo, hi = -mostShift*sd, 0
	}
	for range 20 {
		if middle := (lo + hi) / 2; bent(middle) > mean {
			lo = middle
		} else {
			hi = middle
		}
	}
	return (lo + hi) / 2
}

// within reports whether there is no probability worth speaking of beyond the bounds.
func (c *confined) within() bool {
	return c.marginal.quantile(leastTail) >= c.domain.low && c.marginal.quantile(1-leastTail) <= c.domain.high
}

// untouched reports whether there is no probability worth speaking of where the domain
// changes anything.
func (c *confined) untouched() bool {
	return c.drawn || c.domain.Step == 0 && c.within()
}

const (
	leastTail = 1e-9 // probability that integrals leave out on either side
	mostCells = 400  // values of a grid over which is summed one by one
	scoreEnd  = 6.0  // normal scores from its negative to it stand for all probabilities
	scoreStep = 0.05

	coarseStep  = 0.1
	coarseNodes = 121 // from scoreEnd's negative to it
)

func (c *confined) quantile(p float64) float64 {
	return c.domain.Confine(c.marginal.quantile(p) - c.shift)
}

func (c *confined) at(z float64) float64 { return c.domain.Confine(c.marginal.at(z) - c.shift) }

// below returns the probability of values that are bent below x.
func (c *confined) below(x float64) float64 {
	switch u := c.domain.straighten(x); {
	case math.IsInf(u, -1):
		return 0
	case math.IsInf(u, 1):
		return 1
	default:
		return c.marginal.cdf(u + c.shift)
	}
}

// cdf implements marginal. Where the values are those of a grid x has the probability
// of half a step to either side.
func (c *confined) cdf(x float64) float64 {
	if c.drawn {
		return c.marginal.cdf(x)
	}
	half := c.domain.Step / 2
	lo, hi := 0.0, 1.0
	if x-half > c.domain.Min || half == 0 && x == c.domain.Min && c.domain.low > x {
		lo = c.below(x - half)
	}
	if x+half < c.domain.Max || half == 0 && x == c.domain.Max && c.domain.high < x {
		hi = c.below(x + half)
	}
	if x < c.domain.Min {
		return 0
	}
	if x > c.domain.Max {
		return 1
	}
	return (lo + hi) / 2
}

// cells returns the first value of the grid with some probability and the number of
// values, zero if they are too many to count, or if there is no grid.
func (c *confined) cells() (first float64, n int) {
	step := c.domain.Step
	if step == 0 {
		return 0, 0
	}
	first = c.quantile(leastTail)
	count := (c.quantile(1-leastTail)-first)/step + 1.5
	if count > mostCells {
		return 0, 0
	}
	return first, int(count)
}

// upTo returns the probability of values of the grid up to x.
func (c *confined) upTo(x float64) float64 {
	if x >= c.domain.Max {
		return 1
	}
	return c.below(x + c.domain.Step/2)
}

func (c *confined) mean() float64 {
	if c.untouched() {
		return c.marginal.mean()
	}
	if first, n := c.cells(); n > 0 {
		mean := first
		for i := range n - 1 {
			mean += c.domain.Step * (1 - c.upTo(first+float64(i)*c.domain.Step))
		}
		return mean
	}
	// What is gained where values are bent is little, and all that is summed numerically.
	gained := 0.0
	scores(func(p, weight float64) {
		x := c.marginal.quantile(p)
		gained += weight * (c.domain.bend(x-c.shift) - x)
	})
	return min(max(c.marginal.mean()+gained, c.domain.Min), c.domain.Max)
}

func (c *confined) crps(x float64) float64 {
	if c.untouched() {
		return c.marginal.crps(x)
	}
	if first, n := c.cells(); n > 0 {
		// The distribution function is constant from one value to the next.
		step := c.domain.Step
		last := first + float64(n-1)*step
		score := max(first-x, 0) + max(x-last, 0)
		for i := range n - 1 {
			a := first + float64(i)*step
			f := c.upTo(a)
			left := min(max(x-a, 0), step) // where x is still above
			score += left*f*f + (step-left)*(1-f)*(1-f)
		}
		return score
	}
	score := 0.0
	scores(func(p, weight float64) {
		score += 2 * weight * pinball(x, c.domain.bend(c.marginal.quantile(p)-c.shift), p)
	})
	return score
}

// scores calls f with probabilities and with weights by which a sum over them is an
// integral over all probabilities, by the trapezoidal rule in the normal score.
func scores(f func(p, weight float64)) {
	for z := -scoreEnd; z < scoreEnd+scoreStep/2; z += scoreStep {
		f(normalCDF(z), scoreStep*normalDensity(z))
	}
}
