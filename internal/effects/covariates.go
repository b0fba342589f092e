package effects

import (
	"math"

	"tsgen/internal/moments"
	"tsgen/series"
)

const (
	harmonics    = 6 // of each season, beside the covariates
	seasons      = 2 // that have them
	mostProducts = 8 // covariates that have products
)

// covariates are those of a panel that change, as a regression sees them.
type covariates struct {
	of        *series.Panel
	first     int       // among the panel's known ones; those before are static
	scale     []float64 // by which each is seen: one over its deviation up to the last observations, 0 if it has none
	base      []float64 // of each series, one after the other: its mean where it varies in proportion to that, else 1
	mean      []float64 // likewise, in bases
	low, high []float64 // in bases
	curved    []bool    // have more than two values, so that a square says more
	periods   []float64 // of the seasons that have waves, in steps
	waves     int       // columns of them
	width     int       // columns in all
}

func newCovariates(p *series.Panel, periods []float64) *covariates {
	k, first := len(p.Known), len(p.Static)
	n := k - first
	c := &covariates{
		of: p, first: first, scale: make([]float64, n), base: make([]float64, len(p.Series)*n), mean: make([]float64, len(p.Series)*n),
		low: make([]float64, n), high: make([]float64, n),
		curved: make([]bool, n), periods: periods[:min(len(periods), seasons)],
	}
	for l := range n {
		c.low[l], c.high[l] = math.Inf(1), math.Inf(-1)
	}
	each := func(see func(i, l int, v float64)) {
		for i, s := range p.Series {
			for t, at := range s.Known.Times {
				if s.Len() == 0 || at > s.Times[s.Len()-1] {
					break
				}
				for l, v := range s.Known.Values[t*k+first : (t+1)*k] {
					see(i, l, v)
				}
			}
		}
	}
	size, own := make([]moments.Moments, n), make([]moments.Moments, len(c.mean))
	each(func(i, l int, v float64) { own[i*n+l].Add(v) })
	for l := range n {
		proportional := variesInProportion(own, l, n)
		for k := l; k < len(own); k += n {
			if c.base[k] = 1; proportional && own[k].N > 0 {
				c.base[k] = own[k].Mean
			}
			c.mean[k] = own[k].Mean / c.base[k]
		}
	}
	each(func(i, l int, v float64) {
		v /= c.base[i*n+l]
		size[l].Add(v)
		c.low[l], c.high[l] = min(c.low[l], v), max(c.high[l], v)
	})
	for l := range size {
		if sd := math.Sqrt(size[l].Variance()); sd > 0 {
			c.scale[l] = 1 / sd
		}
	}
	each(func(i, l int, v float64) {
		v /= c.base[i*n+l]
		c.curved[l] = c.curved[l] || c.low[l] < v && v < c.high[l]
	})
	waves := c.appendWaves(nil, 0)
	c.waves, c.width = len(waves), len(c.append(nil, 0, make([]float64, k), waves))
	return c
}

// variesInProportion reports whether series differ less in what one of so many covariates varies by as a part of its mean
// than in what it varies by, as prices of a cent and of a thousand do. Series in which it does not vary tell nothing, and
// where one is not positive in the mean none does.
func variesInProportion(own []moments.Moments, l, covariates int) bool {
	var plain, parts moments.Moments
	for k := l; k < len(own); k += covariates {
		sd, mean := math.Sqrt(own[k].Variance()), own[k].Mean
		if own[k].N > 0 && !(mean > 0) {
			return false
		}
		if sd > 0 {
			plain.Add(math.Log(sd))
			parts.Add(math.Log(sd / mean))
		}
	}
	return parts.Variance() < plain.Variance()
}

// number returns that of the covariates.
func (c *covariates) number() int { return len(c.low) }

// beyond is how far past the range that was seen, in ranges, lines go on; squares and products end with it.
const beyond = 1

// scaled returns covariate l of series i less its mean in the series and over its deviation in the panel (0 if that is 0),
// no farther beyond the range than so many ranges.
func (c *covariates) scaled(i, l int, v, ranges float64) float64 {
	if c.scale[l] == 0 {
		return 0
	}
	more, k := ranges*(c.high[l]-c.low[l]), i*c.number()+l
	return (max(c.low[l]-more, min(c.high[l]+more, v/c.base[k])) - c.mean[k]) * c.scale[l]
}

// isBeyond reports whether covariate l of series i is farther from the range than lines go.
func (c *covariates) isBeyond(i, l int, v float64) bool {
	more := beyond * (c.high[l] - c.low[l])
	v /= c.base[i*c.number()+l]
	return v < c.low[l]-more || v > c.high[l]+more
}

// append appends a row of the known covariates of series i, their squares and products with the first of some
// waves, and the waves.
func (c *covariates) append(dst []float64, i int, known, waves []float64) []float64 {
	known = known[c.first:]
	for l, v := range known {
		dst = append(dst, c.scaled(i, l, v, beyond))
	}
	with := waves
	if len(known) > mostProducts {
		with = nil
	}
	for l, v := range known {
		if c.curved[l] || len(with) > 0 {
			dst = appendBends(dst, c.scaled(i, l, v, 0), c.curved[l], with)
		}
	}
	return append(dst, waves...)
}

// appendWaves appends the waves of the seasons at a time.
func (c *covariates) appendWaves(dst []float64, at float64) []float64 {
	return appendWaves(dst, c.of.Coordinate(at), c.periods)
}

// appendWaves appends the waves of seasons of some periods at a coordinate.
func appendWaves(dst []float64, u float64, periods []float64) []float64 {
	for _, m := range periods {
		for h := 1; h <= min(harmonics, int(m/2)); h++ {
			sin, cos := math.Sincos(2 * math.Pi * float64(h) * (u/m - math.Floor(u/m)))
			dst = append(dst, sin, cos)
		}
	}
	return dst
}
