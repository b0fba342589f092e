package forecast

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"

	"tsgen/series"
)

// calibrationLevels are the levels at which a calibration is learned.
func calibrationLevels() []float64 { return []float64{50, 80, 95} }

// Bounds of what is learned.
const (
	mostKnots     = 4  // parts of the horizon that have factors of their own, the values of which err together
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

// leastLevel is the number of origins that do not overlap, up to which intervals do not shrink by calibration.
const leastLevel = 2

// Half of what the logarithm of a factor of a part of the horizon is apart from that of all is
// believed of this many records, and half of it of this many origins that do not overlap.
const partRecords, partOrigins = 20, 1

// Calibrate learns the calibration of a model from its examination by a
// backtest with the given origins. It returns nil if there is nothing to learn
// from: no forecasts with a spread.
func (t *Tested) Calibrate(origins []Origin) *Calibration {
	return calibrate(t.residuals(origins, scalesOf(origins)), Apart(origins))
}

// scalesOf returns the scales of the series up to the end of the last horizon.
func scalesOf(origins []Origin) map[string][]float64 {
	last := origins[len(origins)-1]
	return historyScales(last.History, last.Actual)
}

// historyScales returns the scale of each channel of the series of a panel, and of what came after
// it unless that is nil, by their identifiers: the mean absolute seasonal difference, NaN for those
// that have none.
func historyScales(p, after *series.Panel) map[string][]float64 {
	each := make([][]float64, len(p.Series))
	err := EachSeries(context.Background(), len(each), func(i int) error {
		s := p.Series[i]
		if after != nil {
			tail := after.Series[i]
			s = &series.Series{ID: s.ID, Times: slices.Concat(s.Times, tail.Times), Values: slices.Concat(s.Values, tail.Values)}
		}
		if scale, err := scales(p, s, p.Season()); err == nil {
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
	scale := scalesOf(r.Origins)
	seen := t.residuals(r.Origins, scale)
	n := len(r.Origins)
	c := Tested{Name: t.Name, Forecasts: make([]*Forecast, n), SQL: make([][]float64, n), PIT: make([][][]float64, n)}
	accumulators := make([]originScores, n)
	whole := Apart(r.Origins)
	for o, origin := range r.Origins {
		others := slices.Concat(seen[:o], seen[o+1:])
		f := t.Forecasts[o]
		if learned := calibrate(others, whole*float64(n-1)/float64(n)); learned != nil {
			f = learned.apply(f, origin.Leads, scale, origin.History)
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
	n := float64(len(origins))
	return min(max(covered(origins[0].Actual, origins[len(origins)-1].Actual), 1), n)
}

// covered returns how many horizons the time from the first to the last one covers at most in a series,
// infinitely many if they are of one step, which do not overlap.
func covered(first, last *series.Panel) float64 {
	most := 0.0
	firsts := first.ByID()
	for _, s := range last.Series {
		f := firsts[s.ID]
		if f == nil {
			continue
		}
		begin, end := first.Coordinate(f.Times[0]), first.Coordinate(s.Times[s.Len()-1])
		span := end - first.Coordinate(s.Times[0])
		if span <= 0 {
			return math.Inf(1)
		}
		most = max(most, (end-begin)/span)
	}
	return most
}

// calibrate learns the factors of parts of the horizon, and from the middle of one
// part to that of the next goes straight in their logarithms: the width of an
// interval shall not jump from one step to the next. The bounds are learned alike.
func calibrate(seen []originResiduals, origins float64) *Calibration {
	all := selection{origins: seen}
	horizon, channels := all.extent()
	if horizon == 0 {
		return nil
	}
	parts := make([]horizonPart, min(mostKnots, horizon))
	var whole []float64
	concurrently(1+len(parts), func(i int) {
		if i == 0 {
			whole = logQuantiles(all, leastFactor, ratio)
			return
		}
		parts[i-1].learn(seen, horizon*(i-1)/len(parts)+1, horizon*i/len(parts))
	})
	if whole == nil {
		return nil
	}
	usual := slices.Repeat([]float64{usualLogFactor}, len(whole))
	believed := posterior(all, whole, usual, logFactorSpread, origins)
	c := &Calibration{Levels: calibrationLevels(), Channels: ofChannels(all, channels, believed, origins), Level: origins < leastLevel}
	var factors, bounds knots
	for _, part := range parts {
		if own := part.factors; own != nil {
			apart := part.records / (part.records + partRecords) * origins / (origins + partOrigins)
			for l := range own {
				own[l] = believed[l] + apart*(own[l]-whole[l])
			}
			factors.add(part.middle, own)
		}
		if part.bounds != nil {
			bounds.add(part.middle, part.bounds)
		}
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

// A horizonPart is what is learned of a part of the horizon.
type horizonPart struct {
	middle, records float64
	factors, bounds []float64 // quantiles of the levels, logarithms
}

// learn learns of the leads from first to last.
func (p *horizonPart) learn(seen []originResiduals, first, last int) {
	part := selection{seen, func(r *calibrationResidual) bool { return first <= int(r.lead) && int(r.lead) <= last }}
	p.middle, p.records = float64(first+last)/2, float64(part.records())
	p.factors = logQuantiles(part, leastFactor, ratio)
	p.bounds = logQuantiles(part, math.SmallestNonzeroFloat64, size)
}

// concurrently calls do for 0 to n-1 on all processors.
func concurrently(n int, do func(i int)) {
	err := EachSeries(context.Background(), n, func(i int) error {
		do(i)
		return nil
	})
	if err != nil {
		panic(err) // of do
	}
}

// posterior returns the means of the logarithms of the factors of the levels, given their
// quantiles and what single origins say, so many of which do not overlap: the posterior of a
// Gaussian about before with the given spread.
func posterior(seen selection, quantiles, before []float64, spread, origins float64) []float64 {
	var single [][]float64 // quantiles of each origin
	var weights []float64
	records, total, square := 0, 0.0, 0.0
	each := make([]struct {
		quantiles []float64
		records   int
	}, len(seen.origins))
	concurrently(len(each), func(o int) {
		own := selection{seen.origins[o : o+1], seen.wanted}
		if q := weightedLogQuantiles(own, 0, leastFactor, ratio); q != nil {
			each[o].quantiles, each[o].records = q, own.records()
		}
	})
	for o, own := range each {
		if own.quantiles == nil {
			continue
		}
		w := seen.origins[o].weight
		single, weights = append(single, own.quantiles), append(weights, w)
		records += own.records
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
func ofChannels(seen selection, channels int, all []float64, origins float64) [][]float64 {
	if channels < 2 {
		return nil
	}
	factors := make([][]float64, channels)
	concurrently(channels, func(c int) {
		own := selection{seen.origins, func(r *calibrationResidual) bool { return r.channel == int32(c) }}
		factors[c] = slices.Repeat([]float64{1}, len(all))
		q := logQuantiles(own, leastFactor, ratio)
		if q == nil {
			return
		}
		for l, mean := range posterior(own, q, all, channelSpread, origins) {
			factors[c][l] = math.Exp(mean - all[l])
		}
	})
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

// logQuantiles is weightedLogQuantiles with the finite-sample rank of weighted conformal
// prediction (Tibshirani et al. 2019) for something new that counts as much as a part of a record:
// neighbouring values err together, so that a record says as much as a few values alone.
func logQuantiles(seen selection, least float64, value measure) []float64 {
	total, n := 0.0, 0
	for weight := range seen.each() {
		total += weight
		n++
	}
	apart := max(1, min(mostKnots*seen.records(), n))
	return weightedLogQuantiles(seen, total/float64(apart), least, value)
}

// weightedLogQuantiles returns the logarithms of the quantiles of the levels of what value says
// of the residuals, which are least at least, by their weights and that of what is new, or nil
// if nothing does for one of them.
func weightedLogQuantiles(seen selection, fresh, least float64, value measure) []float64 {
	p := calibrationLevels()
	for l := range p {
		p[l] /= 100
	}
	quantiles := weightedQuantiles(seen, fresh, p, value)
	for l, q := range quantiles {
		quantiles[l] = math.Log(max(q, least))
	}
	return quantiles
}

// weightedQuantiles returns the quantiles with the probabilities of what value says of the residuals
// for each of them, which is not negative or NaN; nil if it is always NaN for one. Of many, what lies in a
// bin of the first bits of numbers is weighed together, and the bin in which a quantile lies alone is sorted.
func weightedQuantiles(seen selection, fresh float64, probabilities []float64, value measure) []float64 {
	const many, most = 1 << 12, 15
	bits := 0 // of numbers that are not negative, but for the sign
	if seen.atMost() > many {
		bits = most
	}
	bin := func(v float64) int { return int(math.Float64bits(math.Abs(v)) >> (63 - bits)) }
	all := make([]binned, len(probabilities))
	for l := range all {
		all[l] = binned{weights: make([]float64, 1<<bits), lowest: 1 << bits, highest: -1}
	}
	for weight, r := range seen.each() {
		for l := range all {
			if v := value(r, l); !math.IsNaN(v) {
				all[l].add(bin(v), weight)
			}
		}
	}
	for l := range all {
		if all[l].highest < 0 {
			return nil
		}
		all[l].find((all[l].total + fresh) * probabilities[l])
	}
	for weight, r := range seen.each() {
		for l := range all {
			if v := value(r, l); bin(v) == all[l].at && !math.IsNaN(v) {
				all[l].within = append(all[l].within, weighted{v, weight})
			}
		}
	}
	quantiles := make([]float64, len(all))
	for l := range all {
		quantiles[l] = all[l].quantile()
	}
	return quantiles
}

// binned are weights of values by bins, and those of the bin of a quantile.
type binned struct {
	weights         []float64
	total           float64
	lowest, highest int // bins that have weights

	at     int     // the bin of the quantile
	rest   float64 // weight up to the quantile from the bin's beginning
	within []weighted
}

func (b *binned) add(bin int, weight float64) {
	b.weights[bin] += weight
	b.total += weight
	b.lowest, b.highest = min(b.lowest, bin), max(b.highest, bin)
}

// find finds the bin of the quantile below which so much weight lies.
func (b *binned) find(below float64) {
	b.at, b.rest = b.lowest, below
	for ; b.at < b.highest && b.rest-b.weights[b.at] > rounding*b.total; b.at++ {
		b.rest -= b.weights[b.at]
	}
}

// quantile returns the quantile of the values within its bin.
func (b *binned) quantile() float64 {
	slices.SortFunc(b.within, func(a, b weighted) int { return cmp.Compare(a.value, b.value) })
	k := 0
	for rest := b.rest - b.within[0].weight; rest > rounding*b.total && k < len(b.within)-1; rest -= b.within[k].weight {
		k++
	}
	return b.within[k].value
}

// weighted is a value with its weight.
type weighted struct{ value, weight float64 }

// rounding is what sums of weights may be off by, as a part of them.
const rounding = 1e-12
