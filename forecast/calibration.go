package forecast

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"tsgen/series"
)

// A Calibration corrects the spread of forecasts by what was seen of past ones.
// The zero value corrects nothing.
//
// Intervals are widened or narrowed about the median, each side alike, by
// factors that depend on the step of the horizon and on how far out in the law
// a quantile lies: the median stays, quantiles keep their order, and sample
// paths keep the ranks that they have at each time, so that what they say of
// several times together stays. It is split conformal prediction (Lei et al.
// 2018) with the scores of conformalized quantile regression (Romano et al.
// 2019) taken as ratios, as Sousa et al. (2022) do: the correction of an
// interval of level l is the quantile of level l of the ratios
//
//	|y - median| / |bound on the side of y - median|
//
// of past actual values y, with the finite-sample rank of the conformal method.
type Calibration struct {
	// Leads holds the last step of each stretch of the horizon, in increasing
	// order. Later steps belong to the last stretch.
	Leads []int `json:"leads"`

	// Levels holds the levels of the intervals that are corrected, in percent
	// and in increasing order. Quantiles between are corrected by factors
	// linear in between in their normal scores, and those beyond by that of the
	// nearest level.
	Levels []float64 `json:"levels"`

	// Factors holds for each stretch a positive factor for each level.
	Factors [][]float64 `json:"factors"`
}

// calibrationLevels are the levels at which a calibration is learned.
func calibrationLevels() []float64 { return []float64{50, 80, 95} }

// Bounds of what is learned.
const (
	mostStretches = 4
	leastFactor   = 0.25
	mostFactor    = 10
)

// Half of the logarithm of a factor is believed of this many records, a record
// being a channel of a series from one origin, and half of it of this many
// origins that do not overlap: the values within a record err together, and so
// do the records of an origin, so that the values themselves are not what
// counts. Less proof is asked for that intervals are too narrow, which they
// mostly are, since the uncertainty of what a model estimated is not part of its
// law.
const (
	recordsToWiden, originsToWiden   = 1, 0.5
	recordsToNarrow, originsToNarrow = 8, 1
)

// A sighting is what a past forecast of one value says: the ratios of the
// deviation from the median to the half-widths of the intervals.
type sighting struct {
	lead   int
	record record
	ratios []float64 // NaN where the half-width is zero
}

// A record is a channel of a series from one origin.
type record struct{ origin, series, channel int }

// Calibrate learns the calibration of a model from its examination by a
// backtest with the given origins. It returns nil if there is nothing to learn
// from: no forecasts with a spread.
func (t *Tested) Calibrate(origins []Origin) *Calibration {
	var seen []sighting
	for o := range origins {
		seen = append(seen, t.sightings(origins, o)...)
	}
	return calibrate(seen, apart(origins))
}

// CrossCalibrated returns the examination as it would have gone with
// calibration: the forecasts from each origin are corrected by what those from
// the others show. What the correction of later models comes to can so be told
// from the same forecasts. With a single origin nothing is corrected.
func (r *Report) CrossCalibrated() (*Report, error) {
	if len(r.Origins) < 2 {
		return r, nil
	}
	corrected := *r
	corrected.Models = make([]Tested, len(r.Models))
	for i := range r.Models {
		if r.Models[i].Err != nil {
			corrected.Models[i] = r.Models[i]
			continue
		}
		var err error
		if corrected.Models[i], err = r.crossCalibrate(&r.Models[i]); err != nil {
			return nil, err
		}
	}
	return &corrected, nil
}

func (r *Report) crossCalibrate(t *Tested) (Tested, error) {
	seen := make([][]sighting, len(r.Origins))
	for o := range seen {
		seen[o] = t.sightings(r.Origins, o)
	}
	n := len(r.Origins)
	c := Tested{Name: t.Name, Forecasts: make([]*Forecast, n), SQL: make([][]float64, n), PIT: make([][][]float64, n)}
	tallies := make([]originTally, n)
	whole := apart(r.Origins)
	for o, origin := range r.Origins {
		others := slices.Concat(slices.Concat(seen[:o]...), slices.Concat(seen[o+1:]...))
		f := t.Forecasts[o]
		if learned := calibrate(others, whole*float64(n-1)/float64(n)); learned != nil {
			f = learned.apply(f, origin.Leads)
		}
		c.Forecasts[o] = f
		var err error
		if tallies[o], c.SQL[o], c.PIT[o], err = examineOrigin(f, origin, r.Season, r.Horizon); err != nil {
			return c, err
		}
	}
	c.sumUp(tallies, r.Horizon)
	return c, nil
}

// apart returns the number of origins, those that overlap counted in part: the
// time that their horizons cover, in horizons.
func apart(origins []Origin) float64 {
	most := 0.0
	for _, last := range origins[len(origins)-1].Actual.Series {
		first := origins[0].Actual.Lookup(last.ID)
		if first == nil {
			continue
		}
		p := origins[0].Actual
		begin, end := p.Coordinate(first.Times[0]), p.Coordinate(last.Times[last.Len()-1])
		if span := end - p.Coordinate(last.Times[0]); span > 0 {
			most = max(most, (end-begin)/span)
		}
	}
	return min(max(most, 1), float64(len(origins)))
}

// sightings returns what the forecasts from origin o say.
func (t *Tested) sightings(origins []Origin, o int) []sighting {
	levels := calibrationLevels()
	probs := lawProbabilities(levels)
	var seen []sighting
	for i, d := range t.Forecasts[o].Series {
		width := d.Width()
		q := d.Quantiles(probs...)
		for k, y := range origins[o].Actual.Series[i].Values {
			if math.IsNaN(y) {
				continue
			}
			s := sighting{lead: origins[o].Leads[i][k/width], record: record{o, i, k % width}}
			for l := range levels {
				bound := q[1+2*l][k]
				if y > q[0][k] {
					bound = q[2+2*l][k]
				}
				ratio := math.NaN()
				if half := math.Abs(bound - q[0][k]); half > 0 {
					ratio = math.Abs(y-q[0][k]) / half
				}
				s.ratios = append(s.ratios, ratio)
			}
			seen = append(seen, s)
		}
	}
	return seen
}

func calibrate(seen []sighting, origins float64) *Calibration {
	horizon := 0
	for _, s := range seen {
		horizon = max(horizon, s.lead)
	}
	c := &Calibration{Levels: calibrationLevels()}
	slices.SortStableFunc(seen, func(a, b sighting) int { return cmp.Compare(a.lead, b.lead) })
	stretches := min(mostStretches, horizon)
	for i := range stretches {
		last := horizon * (i + 1) / stretches
		n := sort.Search(len(seen), func(k int) bool { return seen[k].lead > last })
		if factors := stretchFactors(seen[:n], origins); factors != nil {
			c.Leads, c.Factors = append(c.Leads, last), append(c.Factors, factors)
		}
		seen = seen[n:]
	}
	if len(c.Leads) == 0 {
		return nil
	}
	return c
}

// stretchFactors returns the factor of each level, or nil if nothing tells of
// them.
func stretchFactors(seen []sighting, origins float64) []float64 {
	records := make(map[record]bool)
	for _, s := range seen {
		records[s.record] = true
	}
	levels := calibrationLevels()
	factors := make([]float64, len(levels))
	for l := range factors {
		var ratios []float64
		for _, s := range seen {
			if !math.IsNaN(s.ratios[l]) {
				ratios = append(ratios, s.ratios[l])
			}
		}
		if len(ratios) == 0 {
			return nil
		}
		slices.Sort(ratios)
		rank := int(math.Ceil(float64(len(ratios)+1) * levels[l] / 100))
		full := math.Log(max(ratios[min(rank, len(ratios))-1], leastFactor))
		n := float64(len(records))
		belief := n / (n + recordsToNarrow) * origins / (origins + originsToNarrow)
		if full > 0 {
			belief = n / (n + recordsToWiden) * origins / (origins + originsToWiden)
		}
		factors[l] = min(math.Exp(full*belief), mostFactor)
	}
	return factors
}

// String says what the calibration does to 80 % intervals, by stretches of the
// horizon: "x 1.10 up to step 6, x 1.32 up to step 12".
func (c *Calibration) String() string {
	if c == nil || len(c.Leads) == 0 {
		return "as they are"
	}
	var parts []string
	for i, last := range c.Leads {
		parts = append(parts, fmt.Sprintf("x %.2f up to step %d", c.factor(c.Factors[i], 0.9), last))
	}
	return strings.Join(parts, ", ")
}

// Validate says what is wrong with a calibration that was read, if anything.
func (c *Calibration) Validate() error {
	if len(c.Factors) != len(c.Leads) {
		return fmt.Errorf("calibration: factors of %d stretches, %d stretches", len(c.Factors), len(c.Leads))
	}
	if len(c.Leads) > 0 && len(c.Levels) == 0 {
		return errors.New("calibration: no levels")
	}
	if !increase(c.Leads) || !increase(c.Levels) {
		return errors.New("calibration: stretches or levels that do not increase")
	}
	for _, l := range c.Levels {
		if !(l > 0 && l < 100) {
			return fmt.Errorf("calibration: a level of %v %%", l)
		}
	}
	for _, f := range c.Factors {
		if len(f) != len(c.Levels) {
			return fmt.Errorf("calibration: %d factors, %d levels", len(f), len(c.Levels))
		}
		for _, x := range f {
			if !(x > 0) || math.IsInf(x, 0) {
				return fmt.Errorf("calibration: a factor of %v", x)
			}
		}
	}
	return nil
}

func increase[T cmp.Ordered](x []T) bool {
	for i := 1; i < len(x); i++ {
		if !(x[i] > x[i-1]) {
			return false
		}
	}
	return true
}

// Apply returns the forecast of the continuation of history as c corrects it.
// Gaussian marginals become quantiles. It shares what it does not change with
// f. Series are matched by position.
func (c *Calibration) Apply(f *Forecast, history *series.Panel) *Forecast {
	if c == nil || len(c.Leads) == 0 {
		return f
	}
	leads := make([][]int, len(f.Series))
	for i, d := range f.Series {
		leads[i] = leadsOf(history, history.Series[i], d.Times)
	}
	return c.apply(f, leads)
}

func (c *Calibration) apply(f *Forecast, leads [][]int) *Forecast {
	corrected := *f
	corrected.Series = make([]*Distribution, len(f.Series))
	for i, d := range f.Series {
		corrected.Series[i] = c.correct(d, leads[i])
	}
	return &corrected
}

// leadsOf returns the step of the horizon in which each time falls: steps of
// the panel, or of the usual distance where times are irregular.
func leadsOf(p *series.Panel, s *series.Series, times []float64) []int {
	leads := make([]int, len(times))
	origin := p.Coordinate(s.Times[len(s.Times)-1])
	step := 1.0
	if !p.Step.Regular() {
		step = p.Coordinate(p.Future(s, 1)[0]) - origin
	}
	for i, t := range times {
		leads[i] = max(1, int(math.Round((p.Coordinate(t)-origin)/step)))
	}
	return leads
}

// correct returns the law of d, whose times lie in the given steps, with its
// spread corrected.
func (c *Calibration) correct(d *Distribution, leads []int) *Distribution {
	if len(d.Times) == 0 {
		return d
	}
	width := d.Width()
	r := &Distribution{ID: d.ID, Times: d.Times}
	if len(d.Paths) > 0 {
		r.Paths = make([][]float64, len(d.Paths))
		for i := range r.Paths {
			r.Paths[i] = make([]float64, d.size())
		}
		ranks := make([]int, len(d.Paths))
		for k := range d.size() {
			c.correctSample(r.Paths, d.Paths, k, c.stretch(leads[k/width]), ranks)
		}
		return r
	}
	source := d
	if len(d.Probs) == 0 {
		source = &Distribution{Times: d.Times, Probs: c.probabilities()}
		source.Values = d.Quantiles(source.Probs...)
	}
	r.Probs, r.Values = source.Probs, make([][]float64, len(source.Probs))
	median := d.Quantiles(0.5)[0]
	for i, p := range r.Probs {
		r.Values[i] = make([]float64, len(median))
		for k, m := range median {
			x := source.Values[i][k]
			r.Values[i][k] = m + (x-m)*c.factor(c.stretch(leads[k/width]), p)
		}
	}
	for k := range median {
		outwards(len(r.Probs), sort.SearchFloat64s(r.Probs, 0.5), median[k],
			func(i int) float64 { return r.Values[i][k] }, func(i int, x float64) { r.Values[i][k] = x })
	}
	return r
}

// probabilities returns those that stand for a Gaussian: the bounds of the
// levels and the median, and one far out on either side, beyond which the tails
// are as wide as a factor that no longer changes makes them.
func (c *Calibration) probabilities() []float64 {
	p := append(lawProbabilities(c.Levels), 1e-4, 1-1e-4)
	slices.Sort(p)
	return slices.Compact(p)
}

// stretch returns the factors of a step.
func (c *Calibration) stretch(lead int) []float64 {
	return c.Factors[min(sort.SearchInts(c.Leads, lead), len(c.Leads)-1)]
}

// factor returns the factor of the p-quantile.
func (c *Calibration) factor(factors []float64, p float64) float64 {
	level := 100 * math.Abs(2*p-1)
	i := sort.SearchFloat64s(c.Levels, level)
	switch i {
	case 0:
		return factors[0]
	case len(c.Levels):
		return factors[i-1]
	}
	a, b, x := levelScore(c.Levels[i-1]), levelScore(c.Levels[i]), levelScore(level)
	return factors[i-1] + (factors[i]-factors[i-1])*(x-a)/(b-a)
}

// levelScore returns the normal score of the upper bound of a central interval.
func levelScore(level float64) float64 {
	return math.Sqrt2 * math.Erfinv(level/100)
}

// correctSample writes into value k of the paths dst what it is in src,
// corrected. ranks is room to work in.
func (c *Calibration) correctSample(dst, src [][]float64, k int, factors []float64, ranks []int) {
	for i := range ranks {
		ranks[i] = i
	}
	slices.SortStableFunc(ranks, func(a, b int) int { return cmp.Compare(src[a][k], src[b][k]) })
	n := len(ranks)
	median := (src[ranks[(n-1)/2]][k] + src[ranks[n/2]][k]) / 2
	for i, path := range ranks {
		p := (float64(i) + 0.5) / float64(n)
		dst[path][k] = median + (src[path][k]-median)*c.factor(factors, p)
	}
	outwards(n, n/2, median, func(i int) float64 { return dst[ranks[i]][k] }, func(i int, x float64) { dst[ranks[i]][k] = x })
}

// outwards puts n values that should increase in order, from the middle on: a
// factor that falls steeply may have carried an outer one inside.
func outwards(n, middle int, median float64, get func(int) float64, set func(int, float64)) {
	bound := median
	for i := middle; i < n; i++ {
		bound = max(bound, get(i))
		set(i, bound)
	}
	bound = median
	for i := middle - 1; i >= 0; i-- {
		bound = min(bound, get(i))
		set(i, bound)
	}
}
