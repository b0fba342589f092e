package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tsgen/series"
)

// A Domain is the set of values that a channel can have. Forecasts are confined to it
// in distribution: what a model holds possible outside lies at the bound or just within
// it, in quantiles, means, paths and scores alike. So that this moves no mean, the others
// move away from the bound, by half a standard deviation at most.
type Domain struct {
	// Min and Max are the bounds, -Inf and +Inf for none.
	Min, Max float64

	// Step, if not zero, is the distance between the values, which are whole multiples of
	// it: 1 of counts.
	Step float64

	// NeverFalls and NeverRises tell that no value is less, or greater, than the one before it, as
	// readings of a meter are and totals to date: what follows a series is then no less than its
	// last value, or no greater, unless that bound is given.
	NeverFalls, NeverRises bool

	// GivenMin and GivenMax tell that a bound is said by a user, and not seen from
	// values: it then holds whatever the values are.
	GivenMin, GivenMax bool

	// Beyond low and high the values of a forecast are drawn together so that they stay
	// within the bounds; a knee that is the bound itself cuts them off there.
	low, high float64
}

// Unbounded returns the domain of all numbers, said and not seen.
func Unbounded() Domain {
	d := allNumbers()
	d.GivenMin, d.GivenMax = true, true
	return d
}

// allNumbers returns the domain of which nothing is seen.
func allNumbers() Domain {
	return Domain{Min: math.Inf(-1), Max: math.Inf(1), low: math.Inf(-1), high: math.Inf(1)}
}

// What it takes to believe in a domain.
const (
	leastWhole   = 10 // values, to take whole numbers for counts
	leastGrid    = 30 // values other than zero, for a grid other than whole numbers
	leastLevels  = 3  // of a grid that is finer than whole numbers
	mostLevels   = 12 // of a grid that is finer than whole numbers
	leastBinary  = 20 // values that are zero or one, to take one for a bound
	finestGrid   = 20 // parts of a unit
	leastCeiling = 3  // values of 100, never surpassed, to take it for a bound
)

// SeenDomains returns the domain of each channel as its values show it, those of all series
// together: numbers that were never negative; whole numbers never negative, which are
// counts, or the multiples of another number; shares, from 0 to 1 or up to 100 where that is often
// reached; scales of whole numbers, whose end is reached more often than the numbers below it tell; and
// values that never fall, or never rise, along a series. Values between 0 and 1 are shares if their name says
// so, if channels sum to 1, or if they come near to both or to 1 again and again.
func SeenDomains(p *series.Panel) []Domain {
	extents := make([]*extent, p.Width())
	for c := range extents {
		extents[c] = newExtent()
		for _, s := range p.Series {
			extents[c].add(s, c, p.Width())
		}
	}
	all, whole := make([]Domain, p.Width()), parts(p, extents)
	for c, e := range extents {
		all[c] = e.domain()
		all[c].NeverFalls, all[c].NeverRises = oneWay(p, c, &e.course)
		switch {
		case e.n == 0 || e.min < 0:
		case e.max <= 1 && e.between > 0 && (whole[c] || e.isShare(p, c)):
			all[c].Max = 1
		case math.IsInf(all[c].Max, 1) && e.endsScale(p, c):
			all[c].Max = e.max
		}
	}
	return all
}

// An extent is what the values of a channel have in common.
type extent struct {
	min, max          float64
	n, zeros, ones    int
	hundreds, between int // values of 100, and those strictly between 0 and 1
	whole             bool
	divisor           float64   // of whole values
	fine              []bool    // by parts of a unit, whether all values are multiples
	levels            []float64 // of the values, the first ones
	course            course
}

func newExtent() *extent {
	e := &extent{min: math.Inf(1), max: math.Inf(-1), whole: true, fine: make([]bool, finestGrid+1)}
	for parts := range e.fine {
		e.fine[parts] = parts >= 2
	}
	return e
}

func (e *extent) add(s *series.Series, c, width int) {
	e.course.begin()
	for k := c; k < len(s.Values); k += width {
		v := s.Values[k]
		if math.IsNaN(v) {
			continue
		}
		e.course.add(v)
		e.n++
		e.min, e.max = min(e.min, v), max(e.max, v)
		if len(e.levels) < leastLevels && !slices.Contains(e.levels, v) {
			e.levels = append(e.levels, v)
		}
		switch {
		case v == 0:
			e.zeros++
		case v == 1:
			e.ones++
		case v == 100:
			e.hundreds++
		case v > 0 && v < 1:
			e.between++
		}
		if e.whole = e.whole && v == math.Trunc(v) && math.Abs(v) < 1<<53; e.whole {
			e.divisor = divisor(math.Abs(v), e.divisor)
		} else {
			for parts, all := range e.fine {
				e.fine[parts] = all && isMultiple(v, 1/float64(parts))
			}
		}
	}
}

// divisor returns the greatest common divisor of two whole numbers.
func divisor(a, b float64) float64 {
	for b != 0 {
		a, b = b, math.Mod(a, b)
	}
	return a
}

func isMultiple(v, step float64) bool { return v == snap(v, step) }

// snap returns the multiple of step next to x.
func snap(x, step float64) float64 {
	if step < 1 {
		parts := math.Round(1 / step)
		return math.Round(x*parts) / parts
	}
	return math.Round(x/step) * step
}

func (e *extent) domain() Domain {
	d := allNumbers()
	if e.n == 0 || e.min < 0 {
		return d
	}
	d.Min = 0
	switch {
	case e.max <= 1 && e.between == 0 && e.zeros > 0 && e.ones > 0 && e.n >= leastBinary:
		d.Max = 1
	case e.max == 100 && e.hundreds >= leastCeiling && e.hundreds < e.n:
		d.Max = 100
	}
	d.Step = e.step()
	return d
}

func (e *extent) step() float64 {
	switch {
	case e.whole && e.n-e.zeros >= leastGrid && e.divisor > 1 && e.max > e.divisor:
		return e.divisor
	case e.whole && e.n >= leastWhole:
		return 1
	case e.whole || e.n-e.zeros < leastGrid || len(e.levels) < leastLevels:
		return 0
	}
	for parts, all := range e.fine {
		if all && (e.max-e.min)*float64(parts) <= mostLevels {
			return 1 / float64(parts)
		}
	}
	return 0
}

// kneePart is the part of the way from a bound to the nearest value that was seen on
// which the values of a forecast are drawn together.
const kneePart = 0.1

// of returns the domain for the continuation of one series, whose values are e. Bounds
// that are only seen give way where values lie beyond them, and a series that was never
// negative stays so in the company of others that were.
func (d Domain) of(e *extent) Domain {
	if e.n > 0 && !d.GivenMin {
		d.Min = math.Inf(-1)
		if e.min >= 0 {
			d.Min = 0
		}
	}
	if e.n > 0 && !d.GivenMax && e.max > d.Max {
		d.Max = math.Inf(1)
	}
	if d.Step > 0 && e.n > 0 {
		switch {
		case d.Step >= 1 && e.whole && math.Mod(e.divisor, d.Step) == 0:
		case d.Step >= 1 && e.whole:
			d.Step = 1
		case d.Step < 1 && (e.whole || e.fine[int(math.Round(1/d.Step))]):
		default:
			d.Step = 0
		}
	}
	d.NeverFalls = d.NeverFalls && e.course.falls == 0
	d.NeverRises = d.NeverRises && e.course.rises == 0
	d.low, d.high = d.Min, d.Max
	if d.Step == 0 && e.min > d.Min && !math.IsInf(d.Min, 0) && e.n > 0 {
		d.low = d.Min + kneePart*(e.min-d.Min)
	}
	if d.Step == 0 && e.max < d.Max && !math.IsInf(d.Max, 0) && e.n > 0 {
		d.high = d.Max - kneePart*(d.Max-e.max)
	}
	return d
}

// isFree reports whether the domain is that of all numbers.
func (d Domain) isFree() bool {
	return math.IsInf(d.Min, -1) && math.IsInf(d.Max, 1) && d.Step == 0 && !d.NeverFalls && !d.NeverRises
}

// Confine returns the value within the domain that stands for x. It never decreases as x
// increases, and leaves values of the domain as they are but for those very near to a
// bound that no value of the past has come close to.
func (d Domain) Confine(x float64) float64 {
	x = d.bend(x)
	if d.Step > 0 {
		x = min(max(snap(x, d.Step), d.Min), d.Max)
	}
	return x
}

// bend is Confine without the grid: beyond a knee the distance to the bound falls off as a
// hyperbola, whose slope at the knee is one.
func (d Domain) bend(x float64) float64 {
	if x < d.low {
		if room := d.low - d.Min; room > 0 {
			return d.Min + room*(room/(room+d.low-x))
		}
		return d.Min
	}
	if x > d.high {
		if room := d.Max - d.high; room > 0 {
			return d.Max - room*(room/(room+x-d.high))
		}
		return d.Max
	}
	return x
}

// straighten is the inverse of bend, infinite at and beyond a bound.
func (d Domain) straighten(x float64) float64 {
	switch {
	case x <= d.Min && d.Min > math.Inf(-1) && (x < d.Min || d.low > d.Min):
		return math.Inf(-1)
	case x >= d.Max && d.Max < math.Inf(1) && (x > d.Max || d.high < d.Max):
		return math.Inf(1)
	case x < d.low:
		room := d.low - d.Min
		return d.low + room - room*(room/(x-d.Min))
	case x > d.high:
		room := d.Max - d.high
		return d.high - room + room*(room/(d.Max-x))
	}
	return x
}

// DomainsOf returns the domain of each channel of series i of the panel, of whose
// channels domains are known. It is nil if every channel may have any value.
func DomainsOf(p *series.Panel, i int, domains []Domain) []Domain {
	own := make([]Domain, len(domains))
	for c, d := range domains {
		e := newExtent()
		e.add(p.Series[i], c, p.Width())
		own[c] = d.of(e)
	}
	if !slices.ContainsFunc(own, func(d Domain) bool { return !d.isFree() }) {
		return nil
	}
	return own
}

// Confine returns the forecast of the continuation of history, or of values within it,
// confined to the domains of its channels, which are seen from history if they are nil. What follows at steps of a
// season that rest, as at night or on days on which a shop is always closed, is certain.
// It shares with f what does not change. Series are matched by position.
func Confine(f *Forecast, history *series.Panel, domains []Domain) *Forecast {
	if domains == nil {
		domains = SeenDomains(history)
	}
	if len(domains) != len(f.Channels) || len(f.Series) != len(history.Series) {
		return f // which Validate and Score tell of
	}
	confined := *f
	confined.Series = make([]*Distribution, len(f.Series))
	err := EachSeries(context.Background(), len(f.Series), func(i int) error {
		settled := f.Series[i].settled(history, history.Series[i])
		onwards, own := settled.onwards(history.Series[i], DomainsOf(history, i, domains))
		confined.Series[i] = onwards.confine(own)
		return nil
	})
	if err != nil {
		panic(err) // of a distribution that is not valid
	}
	return &confined
}

// confine returns the distribution confined to the domains of its channels.
func (d *Distribution) confine(domains []Domain) *Distribution {
	if domains == nil && d.Domains == nil {
		return d
	}
	c := *d
	c.Domains = domains
	if domains != nil && len(d.Paths) > 0 {
		c.Paths = make([][]float64, len(d.Paths))
		n := d.size()
		all := make([]float64, n*len(d.Paths))
		for i := range d.Paths {
			c.Paths[i], all = all[:n:n], all[n:]
		}
		sample := make([]float64, len(d.Paths))
		for k := range d.size() {
			own := domains[k%len(domains)]
			for i, p := range d.Paths {
				sample[i] = p[k]
			}
			shift := own.shiftOf(sample)
			for i, x := range sample {
				c.Paths[i][k] = own.Confine(x - shift)
			}
		}
		for _, p := range c.Paths {
			inOrder(p, domains)
		}
	}
	return &c
}

// shiftOf returns the shift of a sample.
func (d Domain) shiftOf(sample []float64) float64 {
	if slices.Min(sample) >= d.low && slices.Max(sample) <= d.high {
		return 0
	}
	mean, sd := stat.MeanStdDev(sample, nil)
	return d.shift(mean, sd, func(shift float64) float64 {
		bent := 0.0
		for _, x := range sample {
			bent += d.bend(x - shift)
		}
		return bent / float64(len(sample))
	})
}

// free returns the distribution before it was confined, where that is known: of sample paths it
// is not.
func (d *Distribution) free() *Distribution {
	if d.Domains == nil {
		return d
	}
	f := *d
	f.Domains = nil
	return &f
}

// OfSignal returns the domains of what is measured without the noise of an observation: what is
// meant by counts need not be whole.
func OfSignal(domains []Domain) []Domain {
	all := slices.Clone(domains)
	for c := range all {
		all[c].Step = 0
	}
	return all
}

// ConfineSeries confines the values of a generated panel, in place, to domains such as
// those of the panel that the model was fitted to. At steps of a season at which all series of this rest
// they do so, too, if most of them do anyway, and where none there ever falls, or rises, none does.
func ConfineSeries(generated, fitted *series.Panel, domains []Domain) {
	if domains == nil {
		domains = SeenDomains(fitted)
	}
	var all []Domain
	for c, d := range domains {
		e := newExtent()
		for _, s := range fitted.Series {
			e.add(s, c, fitted.Width())
		}
		own := d.of(e)
		for _, s := range generated.Series {
			for k := c; k < len(s.Values); k += len(domains) {
				s.Values[k] = own.Confine(s.Values[k])
			}
		}
		all = append(all, own)
	}
	settle(generated, fitted)
	for _, s := range generated.Series {
		inOrder(s.Values, all)
	}
}

// Words says in words what the values of the domain are, "" of all numbers.
func (d Domain) Words() string {
	what := "numbers"
	switch {
	case d.Step == 1:
		what = "whole numbers"
	case d.Step > 0:
		what = "multiples of " + series.FormatNumber(d.Step)
	}
	course := ""
	switch {
	case d.NeverFalls && !d.GivenMin:
		course = " that never fall"
	case d.NeverRises && !d.GivenMax:
		course = " that never rise"
	}
	low, high := !math.IsInf(d.Min, 0), !math.IsInf(d.Max, 0)
	switch {
	case low && high:
		return fmt.Sprintf("%s from %s to %s%s", what, series.FormatNumber(d.Min), series.FormatNumber(d.Max), course)
	case low:
		return fmt.Sprintf("%s from %s up%s", what, series.FormatNumber(d.Min), course)
	case high:
		return fmt.Sprintf("%s up to %s%s", what, series.FormatNumber(d.Max), course)
	case d.Step > 0 || course != "":
		return what + course
	}
	return ""
}

// Validate says what is wrong with the domain, if anything.
func (d Domain) Validate() error {
	switch {
	case !(d.Min < d.Max) || math.IsInf(d.Min, 1) || math.IsInf(d.Max, -1):
		return fmt.Errorf("forecast: a domain from %v to %v", d.Min, d.Max)
	case !(d.Step >= 0) || math.IsInf(d.Step, 1):
		return fmt.Errorf("forecast: a domain in steps of %v", d.Step)
	}
	return nil
}
