package forecast

import (
	"context"
	"iter"
	"math"
	"slices"

	"tsgen/internal/scratch"
	"tsgen/series"
)

// A calibrationResidual is what a past forecast of one value says: the ratios of the
// deviation from the median to the half-widths of the intervals.
type calibrationResidual struct {
	ratios        [3]float64 // of the levels, NaN where the half-width is zero
	size          float64    // of the deviation in the scale of the series, NaN where that has none
	lead, channel int32
}

// A measure is what is told of a residual for one of the levels.
type measure func(r *calibrationResidual, level int) float64

func ratio(r *calibrationResidual, level int) float64 { return r.ratios[level] }

func size(r *calibrationResidual, _ int) float64 { return r.size }

// originResiduals are what the forecasts from an origin say, series by series.
type originResiduals struct {
	weight float64 // of each of them
	values []calibrationResidual
	ends   []int           // in values, of each series that has some
	room   *series.Scratch // of values, nil for memory
}

// residuals returns what the forecasts from all origins say, none if there are no forecasts.
func (t *Tested) residuals(origins []Origin, scale map[string][]float64) []originResiduals {
	seen := make([]originResiduals, len(t.Forecasts))
	for o, f := range t.Forecasts {
		seen[o].weight = weightOf(o, len(origins))
		seen[o].add(f, origins[o], scale)
	}
	return seen
}

// weightOf returns the weight of origin o of so many.
func weightOf(o, origins int) float64 { return math.Pow(fading, float64(origins-1-o)) }

// add adds what the forecast of some series from the origin says.
func (r *originResiduals) add(f *Forecast, origin Origin, scale map[string][]float64) {
	each := make([][]calibrationResidual, len(f.Series))
	err := EachSeries(context.Background(), len(each), func(i int) error {
		each[i] = residualsOf(f.Series[i], origin.Actual.Series[i], origin.Leads[i], scale[f.Series[i].ID])
		return nil
	})
	if err != nil {
		panic(err) // of a distribution that is not valid
	}
	for _, own := range each {
		if len(own) > 0 {
			r.values = append(r.values, own...)
			r.ends = append(r.ends, len(r.values))
		}
	}
}

// residualsOf returns what the forecast d of a series says, whose values came to be actual.
func residualsOf(d *Distribution, actual *series.Series, leads []int, scale []float64) []calibrationResidual {
	width := d.Width()
	free := d.free()
	q := free.Quantiles(quantileProbabilities(calibrationLevels())...)
	heaped := newHeaps(d, free, actual)
	all := make([]calibrationResidual, 0, len(actual.Values))
	for k, y := range actual.Values {
		if math.IsNaN(y) {
			continue
		}
		r := calibrationResidual{size: math.NaN(), lead: int32(leads[k/width]), channel: int32(k % width)}
		if scale != nil {
			r.size = math.Abs(y-q[0][k]) / scale[k%width]
		}
		y, above := heaped.free(k, y, q[0][k])
		for l := range r.ratios {
			bound := q[1+2*l][k]
			if above {
				bound = q[2+2*l][k]
			}
			r.ratios[l] = math.NaN()
			if half := math.Abs(bound - q[0][k]); half > 0 {
				r.ratios[l] = math.Abs(y-q[0][k]) / half
			}
		}
		all = append(all, r)
	}
	return all
}

// A selection is those of the residuals of some origins that are wanted, all if wanted is nil.
type selection struct {
	origins []originResiduals
	wanted  func(r *calibrationResidual) bool
}

// partResiduals is the number of residuals that are in memory at a time, if they are in a file.
const partResiduals = 1 << 16

// each goes through the residuals, with their weights.
func (s selection) each() iter.Seq2[float64, *calibrationResidual] {
	return func(yield func(float64, *calibrationResidual) bool) {
		for o := range s.origins {
			own := &s.origins[o]
			for part := range slices.Chunk(own.values, partResiduals) {
				for i := range part {
					if r := &part[i]; (s.wanted == nil || s.wanted(r)) && !yield(own.weight, r) {
						return
					}
				}
				scratch.Release(own.room, part)
			}
		}
	}
}

// atMost returns a number of residuals that it goes through no more than.
func (s selection) atMost() int {
	n := 0
	for _, o := range s.origins {
		n += len(o.values)
	}
	return n
}

// extent returns the greatest lead and the number of channels.
func (s selection) extent() (horizon, channels int) {
	for _, r := range s.each() {
		horizon, channels = max(horizon, int(r.lead)), max(channels, int(r.channel)+1)
	}
	return horizon, channels
}

// records returns the number of records: channels of a series from one origin.
func (s selection) records() int {
	n := 0
	met := make(map[int32]bool)
	for _, o := range s.origins {
		first, held := 0, 0
		for _, end := range o.ends {
			for i := first; i < end; i++ {
				if r := &o.values[i]; s.wanted == nil || s.wanted(r) {
					met[r.channel] = true
				}
			}
			n += len(met)
			clear(met)
			if first = end; end-held >= partResiduals {
				scratch.Release(o.room, o.values[held:end])
				held = end
			}
		}
	}
	return n
}
