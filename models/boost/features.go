package boost

import (
	"math"

	"tsgen/internal/moments"
	"tsgen/internal/neural"
)

const (
	lasts   = 4 // last values that are features
	lags    = 3 // values of the last seasons at the same place, of each season
	shortly = 8 // steps that stand for a season where there is none
	means   = 2 // means of seasons before the last
)

// A view is a channel of a record as it is seen from an origin.
type view struct {
	c       *config
	r       *neural.Record
	origin  int // the first step that is not known
	channel int

	level, unit float64   // mean of the last season, mean absolute difference of one
	told        bool      // values enough to tell the unit
	spread      float64   // mean deviation of the last season in units
	before      []float64 // means of the seasons before
	moved       float64   // mean change to the season before of the last quarter of one
}

// season returns the steps in a season, or what stands for them.
func (c *config) season() int {
	if c.Season > 1 {
		return c.Season
	}
	return shortly
}

// periods returns the steps of the seasons whose places are told apart.
func (c *config) periods() []int {
	var all []int
	if c.Season > 1 {
		all = append(all, c.Season)
	}
	if long := c.LongLag(); long > 1 {
		all = append(all, long)
	}
	return all
}

// view returns what is seen of channel j of r from an origin.
func (c *config) view(r *neural.Record, origin, j int) *view {
	v := &view{c: c, r: r, origin: origin, channel: j}
	m := c.season()
	var last, apart moments.Moments
	for i := max(0, origin-m); i < origin; i++ {
		last.Add(v.value(i))
	}
	if v.level = last.Mean; last.N == 0 {
		v.level = c.Center[j]
	}
	lag := c.Season
	for i := max(lag, origin-contextSeasons*m); i < origin; i++ {
		apart.Add(math.Abs(v.value(i) - v.value(i-lag)))
	}
	v.unit = apart.Mean
	least := float64(max(leastApart, m/4))
	if apart.N < least || !(v.unit > leastUnit*c.Scale[j]) {
		v.unit = max(v.unit, math.Sqrt(last.Variance()), leastUnit*c.Scale[j])
	}
	if v.told = apart.N >= least || last.N >= least; !v.told {
		v.unit = max(v.unit, c.Scale[j])
	}
	v.spread = math.Sqrt(last.Variance()) / v.unit
	for k := range means {
		var one moments.Moments
		for i := max(0, origin-(k+2)*m); i < origin-(k+1)*m; i++ {
			one.Add(v.value(i))
		}
		v.before = append(v.before, v.scaled(orNaN(one)))
	}
	var moved moments.Moments
	for i := max(0, origin-max(1, m/4)); i < origin; i++ {
		moved.Add(v.value(i) - v.value(i-m))
	}
	v.moved = orNaN(moved) / v.unit
	return v
}

const (
	contextSeasons = 6    // by which the unit is measured
	leastApart     = 3    // differences that tell it, or values of the last season, or a quarter of a season of them
	leastUnit      = 1e-3 // in units of the panel's scale
)

// orNaN returns the mean, NaN if there is none.
func orNaN(m moments.Moments) float64 {
	if m.N == 0 {
		return math.NaN()
	}
	return m.Mean
}

// value returns the value at step i, NaN where there is none.
func (v *view) value(i int) float64 {
	if i < 0 {
		return math.NaN()
	}
	return v.r.X[i*len(v.c.Channels)+v.channel]
}

// scaled returns a value as features have it.
func (v *view) scaled(x float64) float64 { return (x - v.level) / v.unit }

// at returns the step of the same place in the k-th last whole number of seasons of m steps
// before the origin.
func (v *view) at(lead, m, k int) int {
	back := (lead + m - 1) / m
	return v.origin + lead - 1 - (back+k)*m
}

// base returns what a value so many steps ahead is measured from: the level and, by the
// mean of the last seasons, how far its place is from the mean of the season about it
// (steady), or from that of the season before an origin as far away (moving); or the last
// value where there is no season.
func (v *view) base(lead int) (steady, moving float64) {
	var still, along moments.Moments
	if v.c.Season > 1 {
		m := v.c.Season
		if long := v.c.LongLag(); long > 1 && v.at(lead, long, 0) >= 0 {
			m = long
		}
		for k := range lags {
			i := v.at(lead, m, k)
			still.Add(v.value(i) - v.around(i))
			along.Add(v.value(i) - v.around(i-lead))
		}
	} else {
		for i := v.origin - 1; i >= max(0, v.origin-shortly) && still.N == 0; i-- {
			still.Add(v.value(i) - v.level)
		}
	}
	return v.level + still.Mean, v.level + along.Mean
}

// target returns what is learned of a step, NaN if it is not there.
func (v *view) target(lead int) float64 {
	i := v.origin + lead - 1
	if i >= len(v.r.U) {
		return math.NaN()
	}
	steady, _ := v.base(lead)
	return (v.value(i) - steady) / v.unit
}

// around returns the mean of the season that ends at step i.
func (v *view) around(i int) float64 {
	var own moments.Moments
	for k := i - v.c.season() + 1; k <= i; k++ {
		own.Add(v.value(k))
	}
	return orNaN(own)
}

// features appends those of the step lead after the origin, from 1: first those to which
// values are in proportion.
func (v *view) features(dst []float64, lead int) []float64 {
	c := v.c
	u := v.r.U[v.origin-1] + float64(lead)
	steady, moving := v.base(lead)
	dst = append(dst, v.scaled(steady), v.scaled(moving), v.moved)
	dst = append(dst, v.before...)
	for k := range lasts {
		dst = append(dst, v.scaled(v.value(v.origin-1-k)))
	}
	for _, m := range c.periods() {
		for k := range lags {
			dst = append(dst, v.scaled(v.value(v.at(lead, m, k))))
		}
		same := v.at(lead, m, 0)
		after := math.NaN()
		if same+1 < v.origin {
			after = v.value(same + 1)
		}
		dst = append(dst, v.scaled(v.value(same-1)), v.scaled(after))
	}
	if k := len(c.Known); k > 0 {
		first := len(dst)
		dst = c.AppendKnown(dst, v.r, u)
		dst = c.AppendKnown(dst, v.r, v.r.U[v.origin-1])
		for i := range k {
			dst[first+k+i] = dst[first+i] - dst[first+k+i]
		}
	}
	dst = append(dst, float64(min(lead, c.Horizon)), v.spread, math.Log(v.unit/c.Scale[v.channel]), v.level/v.unit)
	for _, m := range c.periods() {
		dst = append(dst, math.Mod(u, float64(m)))
	}
	if c.Year > 0 {
		dst = append(dst, math.Mod(u, c.Year))
	}
	if len(c.Channels) > 1 {
		dst = append(dst, float64(v.channel))
	}
	return dst
}

// proportional returns how many features values are in proportion to.
func (c *config) proportional() int {
	return 3 + means + lasts + len(c.periods())*(lags+2) + 2*len(c.Known)
}

// features returns how many there are.
func (c *config) features() int {
	n := c.proportional() + 4 + len(c.periods())
	if c.Year > 0 {
		n++
	}
	if len(c.Channels) > 1 {
		n++
	}
	return n
}
