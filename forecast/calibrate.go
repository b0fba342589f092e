package forecast

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sort"

	"tsgen/series"
)

// calibrationLevels are the levels at which a calibration is learned.
func calibrationLevels() []float64 { return []float64{50, 80, 95} }

// Bounds of what is learned.
const (
	mostKnots     = 4  // parts of the horizon that have factors of their own
	mostStretches = 96 // between which the factors are interpolated
	leastFactor   = 0.25
	mostFactor    = 10
)

// fading is the weight of an origin as a part of that of the next: the latest say most
// of what comes.
const fading = 0.7

// Before anything is seen the logarithm of a factor is Gaussian: intervals are mostly too
// narrow, since the uncertainty of what a model estimated is not part of its distribution. That
// of a channel is Gaussian about what all channels say.
const (
	usualLogFactor, logFactorSpread = 0.15, 0.5
	channelSpread                   = 0.4
)

// What the logarithms of the quantiles of single origins deviate by is measured. What is
// expected of it counts as much as expectedDegrees origins: originSpread, and beside
// it recordSpread over the root of the number of records, a record being a channel of a
// series from one origin. The values within a record err together, and so do the
// records of an origin, so that the values themselves are not what counts.
const (
	originSpread, recordSpread = 0.15, 0.8
	expectedDegrees            = 3
)

// Half of what the logarithm of a factor of a part of the horizon is apart from that of all is
// believed of this many records, and half of it of this many origins that do not overlap.
const partRecords, partOrigins = 20, 1

// A calibrationResidual is what a past forecast of one value says: the ratios of the
// deviation from the median to the half-widths of the intervals.
type calibrationResidual struct {
	lead   int
	record record
	ratios []float64 // NaN where the half-width is zero
	size   float64   // of the deviation in the scale of the series, NaN where that has none
	weight float64
}

// A record is a channel of a series from one origin.
type record struct{ origin, series, channel int }

// Calibrate learns the calibration of a model from its examination by a
// backtest with the given origins. It returns nil if there is nothing to learn
// from: no forecasts with a spread.
func (t *Tested) Calibrate(origins []Origin) *Calibration {
	var seen []calibrationResidual
	scale := historyScales(origins[len(origins)-1].whole())
	for o := range origins {
		seen = append(seen, t.residuals(origins, o, scale)...)
	}
	return calibrate(seen, Apart(origins))
}

// whole returns the history with what came after the origin.
func (o Origin) whole() *series.Panel {
	all := make([]*series.Series, len(o.History.Series))
	for i, head := range o.History.Series {
		tail := o.Actual.Series[i]
		all[i] = &series.Series{ID: head.ID, Times: slices.Concat(head.Times, tail.Times), Values: slices.Concat(head.Values, tail.Values)}
	}
	return o.History.With(all)
}

// historyScales returns the scale of each channel of the series of a panel by their
// identifiers: the mean absolute seasonal difference, NaN for those that have none.
func historyScales(p *series.Panel) map[string][]float64 {
	each := make([][]float64, len(p.Series))
	err := EachSeries(context.Background(), len(each), func(i int) error {
		if scale, err := scales(p, p.Series[i], p.Season()); err == nil {
			each[i] = scale
		}
		return nil
	})
	if err != nil {
		panic(err) // of a panel that is not valid
	}
	all := make(map[string][]float64, len(each))
	for i, scale := range each {
		if scale != nil {
			all[p.Series[i].ID] = scale
		}
	}
	return all
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
	seen := make([][]calibrationResidual, len(r.Origins))
	scale := historyScales(r.Origins[len(r.Origins)-1].whole())
	for o := range seen {
		seen[o] = t.residuals(r.Origins, o, scale)
	}
	n := len(r.Origins)
	c := Tested{Name: t.Name, Forecasts: make([]*Forecast, n), SQL: make([][]float64, n), PIT: make([][][]float64, n)}
	accumulators := make([]originScores, n)
	whole := Apart(r.Origins)
	for o, origin := range r.Origins {
		others := slices.Concat(slices.Concat(seen[:o]...), slices.Concat(seen[o+1:]...))
		f := t.Forecasts[o]
		if learned := calibrate(others, whole*float64(n-1)/float64(n)); learned != nil {
			f = learned.apply(f, origin.Leads, scale)
		}
		c.Forecasts[o] = f
		var err error
		if accumulators[o], c.SQL[o], c.PIT[o], err = examineOrigin(f, origin, r.Season, r.Horizon); err != nil {
			return c, err
		}
	}
	c.sumUp(accumulators, r.Horizon)
	return c, nil
}

// Apart returns the number of origins, those that overlap counted in part: the
// time that their horizons cover, in horizons.
func Apart(origins []Origin) float64 {
	most := 0.0
	for _, last := range origins[len(origins)-1].Actual.Series {
		first := origins[0].Actual.Lookup(last.ID)
		if first == nil {
			continue
		}
		p := origins[0].Actual
		begin, end := p.Coordinate(first.Times[0]), p.Coordinate(last.Times[last.Len()-1])
		span := end - p.Coordinate(last.Times[0])
		if span <= 0 { // a horizon of one step, which does not overlap
			return float64(len(origins))
		}
		most = max(most, (end-begin)/span)
	}
	return min(max(most, 1), float64(len(origins)))
}

// residuals returns what the forecasts from origin o say.
func (t *Tested) residuals(origins []Origin, o int, scale map[string][]float64) []calibrationResidual {
	weight := math.Pow(fading, float64(len(origins)-1-o))
	levels := calibrationLevels()
	probs := quantileProbabilities(levels)
	var seen []calibrationResidual
	for i, d := range t.Forecasts[o].Series {
		width := d.Width()
		q := d.free().Quantiles(probs...)
		for k, y := range origins[o].Actual.Series[i].Values {
			if math.IsNaN(y) {
				continue
			}
			s := calibrationResidual{lead: origins[o].Leads[i][k/width], record: record{o, i, k % width}, weight: weight, size: math.NaN()}
			if own := scale[d.ID]; own != nil {
				s.size = math.Abs(y-q[0][k]) / own[k%width]
			}
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

// calibrate learns the factors of parts of the horizon, and from the middle of one
// part to that of the next goes straight in their logarithms: the width of an
// interval shall not jump from one step to the next. The bounds are learned alike.
func calibrate(seen []calibrationResidual, origins float64) *Calibration {
	horizon := 0
	for _, s := range seen {
		horizon = max(horizon, s.lead)
	}
	if horizon == 0 {
		return nil
	}
	ratio := func(s calibrationResidual, l int) float64 { return s.ratios[l] }
	whole := logQuantiles(seen, leastFactor, ratio)
	if whole == nil {
		return nil
	}
	usual := slices.Repeat([]float64{usualLogFactor}, len(whole))
	believed := posterior(seen, whole, usual, logFactorSpread, origins)
	c := &Calibration{Levels: calibrationLevels(), Channels: ofChannels(seen, believed, origins)}
	slices.SortStableFunc(seen, func(a, b calibrationResidual) int { return cmp.Compare(a.lead, b.lead) })
	var factors, bounds knots
	parts := min(mostKnots, horizon)
	first := 1
	for i := range parts {
		last := horizon * (i + 1) / parts
		n := sort.Search(len(seen), func(k int) bool { return seen[k].lead > last })
		middle := float64(first+last) / 2
		if own := logQuantiles(seen[:n], leastFactor, ratio); own != nil {
			records := float64(countRecords(seen[:n]))
			apart := records / (records + partRecords) * origins / (origins + partOrigins)
			for l := range own {
				own[l] = believed[l] + apart*(own[l]-whole[l])
			}
			factors.add(middle, own)
		}
		if own := logQuantiles(seen[:n], math.SmallestNonzeroFloat64, func(s calibrationResidual, _ int) float64 { return s.size }); own != nil {
			bounds.add(middle, own)
		}
		seen, first = seen[n:], last+1
	}
	stretches := min(mostStretches, horizon)
	previous := 0
	for i := range stretches {
		last := horizon * (i + 1) / stretches
		at := float64(previous+1+last) / 2
		c.Leads, c.Factors = append(c.Leads, last), append(c.Factors, factors.between(at, mostFactor))
		if len(bounds.middles) > 0 {
			c.Bounds = append(c.Bounds, bounds.between(at, math.Inf(1)))
		}
		previous = last
	}
	return c
}

// posterior returns the means of the logarithms of the factors of the levels, given their
// quantiles and what single origins say, so many of which do not overlap: the posterior of a
// Gaussian about before with the given spread.
func posterior(seen []calibrationResidual, quantiles, before []float64, spread, origins float64) []float64 {
	by := make(map[int][]calibrationResidual)
	for _, s := range seen {
		by[s.record.origin] = append(by[s.record.origin], s)
	}
	single := make([][]float64, 0, len(by)) // quantiles of each origin
	var weights []float64
	records, total, square := 0, 0.0, 0.0
	for _, o := range slices.Sorted(maps.Keys(by)) {
		q := weightedLogQuantiles(by[o], 0, leastFactor, func(s calibrationResidual, l int) float64 { return s.ratios[l] })
		if q == nil {
			continue
		}
		w := by[o][0].weight
		single, weights = append(single, q), append(weights, w)
		records += countRecords(by[o])
		total, square = total+w, square+w*w
	}
	n := float64(len(single))
	apart := min(origins, total*total/square)
	means := make([]float64, len(quantiles))
	for l, q := range quantiles {
		mean, squares := 0.0, 0.0
		for i, own := range single {
			mean += weights[i] / total * own[l]
		}
		for i, own := range single {
			squares += weights[i] / total * (own[l] - mean) * (own[l] - mean) * n
		}
		expected := originSpread*originSpread + recordSpread*recordSpread*n/float64(records)
		variance := (expectedDegrees*expected + squares) / (expectedDegrees + n - 1) / apart
		prior := spread * spread
		means[l] = (q*prior + before[l]*variance) / (prior + variance)
	}
	return means
}

// ofChannels returns the factors of channels beside those of all, nil if there is one channel.
func ofChannels(seen []calibrationResidual, all []float64, origins float64) [][]float64 {
	var by [][]calibrationResidual
	for _, s := range seen {
		for len(by) <= s.record.channel {
			by = append(by, nil)
		}
		by[s.record.channel] = append(by[s.record.channel], s)
	}
	if len(by) < 2 {
		return nil
	}
	factors := make([][]float64, len(by))
	for c, own := range by {
		factors[c] = slices.Repeat([]float64{1}, len(all))
		q := logQuantiles(own, leastFactor, func(s calibrationResidual, l int) float64 { return s.ratios[l] })
		if q == nil {
			continue
		}
		for l, mean := range posterior(own, q, all, channelSpread, origins) {
			factors[c][l] = math.Exp(mean - all[l])
		}
	}
	return factors
}

// knots are what was learned of the parts of a horizon.
type knots struct {
	middles []float64   // of the parts
	values  [][]float64 // by part and level, logarithms
}

func (k *knots) add(middle float64, values []float64) {
	k.middles, k.values = append(k.middles, middle), append(k.values, values)
}

// between returns the values of the levels at x, whose logarithms are linear between
// the middles and constant beyond them, but no more than most.
func (k *knots) between(x, most float64) []float64 {
	values := make([]float64, len(k.values[0]))
	for l := range values {
		values[l] = min(math.Exp(between(k.middles, k.values, l, x)), most)
	}
	return values
}

// between returns the value of level l at x, linear between the middles and
// constant beyond them.
func between(middles []float64, knots [][]float64, l int, x float64) float64 {
	i := sort.SearchFloat64s(middles, x)
	switch i {
	case 0:
		return knots[0][l]
	case len(middles):
		return knots[i-1][l]
	}
	part := (x - middles[i-1]) / (middles[i] - middles[i-1])
	return knots[i-1][l] + part*(knots[i][l]-knots[i-1][l])
}

func countRecords(seen []calibrationResidual) int {
	records := make(map[record]bool)
	for _, s := range seen {
		records[s.record] = true
	}
	return len(records)
}

// logQuantiles is weightedLogQuantiles with the finite-sample rank of weighted conformal
// prediction (Tibshirani et al. 2019) for a new residual of weight 1.
func logQuantiles(seen []calibrationResidual, least float64, value func(s calibrationResidual, l int) float64) []float64 {
	return weightedLogQuantiles(seen, 1, least, value)
}

// weightedLogQuantiles returns the logarithm of the quantile for each level of what value says
// of the residuals, which are least at least, by their weights and that of what is new, or nil
// if nothing does.
func weightedLogQuantiles(seen []calibrationResidual, fresh, least float64, value func(s calibrationResidual, l int) float64) []float64 {
	levels := calibrationLevels()
	quantiles := make([]float64, len(levels))
	for l := range quantiles {
		var all []weighted
		total := 0.0
		for _, s := range seen {
			if v := value(s, l); !math.IsNaN(v) {
				all = append(all, weighted{v, s.weight})
				total += s.weight
			}
		}
		if len(all) == 0 {
			return nil
		}
		slices.SortFunc(all, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
		rest := (total + fresh) * levels[l] / 100
		k := 0
		for rest -= all[0].weight; rest > rounding*total && k < len(all)-1; rest -= all[k].weight {
			k++
		}
		quantiles[l] = math.Log(max(all[k].value, least))
	}
	return quantiles
}

// weighted is a value with its weight.
type weighted struct{ value, weight float64 }

// rounding is what sums of weights may be off by, as a part of them.
const rounding = 1e-12
