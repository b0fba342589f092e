package neural

import (
	"context"
	"math"
	"math/rand/v2"

	"tsgen/internal/copula"
	"tsgen/internal/moments"
)

// Seen returns channel j of step i of the record, NaN before the window.
func (w *Window) Seen(i, j, channels int) float64 {
	if i < w.From {
		return math.NaN()
	}
	return w.Value(i, j, channels)
}

// leastUnit is the least unit of AppendNaive in units of a window's scale.
const leastUnit = 0.01

// AppendNaive appends the seasonal naive forecast of channel j of w to dst, a
// value a step of the horizon, and returns what it is measured by: level, the mean of
// the last season, and unit. This is the mean absolute difference of a season, by
// which scores of forecasts are scaled: of the whole record and of the context in
// geometric mean, or of the record alone where covariates move the values, by as
// much in quiet windows as in others. mean and scale, those of the window, stand
// for what is missing. The record is that of a grid.
func (f *Frame) AppendNaive(dst []float64, w *Window, j int, mean, scale float64) (naive []float64, level, unit float64) {
	c, m := len(f.Channels), f.Season
	var apart, season moments.Moments
	for i := w.From; i < w.Origin; i++ {
		apart.Add(math.Abs(w.Seen(i, j, c) - w.Seen(i-m, j, c)))
		if i >= w.Origin-m {
			season.Add(w.Seen(i, j, c))
		}
	}
	if level, unit = mean, scale; season.N > 0 {
		level = season.Mean
	}
	if apart.N > 0 {
		if unit = w.unit[j]; len(f.Known) == 0 {
			unit = math.Sqrt(apart.Mean * unit)
		}
		unit = max(unit, leastUnit*scale)
	}
	for k := range f.Horizon {
		last := math.NaN()
		for i := w.Origin + k%m - m; i >= w.From && math.IsNaN(last); i -= m {
			last = w.Seen(i, j, c)
		}
		if math.IsNaN(last) {
			last = level
		}
		dst = append(dst, last)
	}
	return dst, level, unit
}

// DrawBlocks returns a number of draws of all steps of r from first on, for a model
// that forecasts a whole horizon at once by the quantiles of its values: block returns
// the value of channel j at step t after the window's origin that has the normal score
// z, and joint draws the scores. The first horizon has the same quantiles in all draws,
// those after it have the values of their draw before them, which DrawBlocks writes
// into r.
func (f *Frame) DrawBlocks(ctx context.Context, r *Record, first, context, draws int, joint copula.Gaussian, rng *rand.Rand,
	block func(w Window) func(t, j int, z float64) float64) ([][]float64, error) {
	c := len(f.Channels)
	paths, scores := make([][]float64, draws), make([]float64, f.Horizon*c)
	var value func(t, j int, z float64) float64
	for origin := first; origin < len(r.U); origin += f.Horizon {
		for k := range paths {
			if k == 0 || origin > first {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				copy(r.X[first*c:], paths[k])
				value = block(Window{Record: r, From: max(0, origin-context), Origin: origin, To: origin})
			}
			joint.Draw(scores, rng)
			for i, z := range scores {
				paths[k] = append(paths[k], value(i/c, i%c, z))
			}
		}
	}
	return paths, nil
}
