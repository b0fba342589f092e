package gauss

import (
	"math"

	running "tsgen/internal/moments"
)

const (
	sureSlope  = 3  // standard errors by which series rise or fall for sure
	leastRises = 8  // that say how sure
	manyGrids  = 20 // from which on each says a slope
)

// slopesOf returns by how much channels rise a step in grids, nil if none surely does: by the mean of what they rise
// in so many steps, a season, which of many series is one number of each, and of few one for each season.
func slopesOf(grids [][]float64, season, width int) []float64 {
	slopes, some := make([]float64, width), false
	for j := range slopes {
		var rises running.Moments
		for _, g := range grids {
			var own running.Moments
			for k := season*width + j; k < len(g); k += season * width {
				rise := g[k] - g[k-season*width]
				if own.Add(rise); len(grids) < manyGrids {
					rises.Add(rise)
				}
			}
			if len(grids) >= manyGrids && own.N > 0 {
				rises.Add(own.Mean)
			}
		}
		if rises.N >= leastRises && math.Abs(rises.Mean) > sureSlope*math.Sqrt(rises.Variance()/(rises.N-1)) {
			slopes[j], some = rises.Mean/float64(season), true
		}
	}
	if !some {
		return nil
	}
	return slopes
}

// incline adds so many times what channels rise to a grid, 0 in its middle.
func (f *fitted) incline(g []float64, times float64) {
	if f.slopes == nil {
		return
	}
	width := f.width()
	middle := float64(len(g)/width-1) / 2
	for k := range g {
		g[k] += times * f.slopes[k%width] * (float64(k/width) - middle)
	}
}

// beginning returns where a series of n of some drawn steps begins: at the first, but if what few series were learned from
// rises at any like step of the season, as what is learned of windows does.
func (f *fitted) beginning(drawn, n int, pick func(n int) int) int {
	if f.slopes == nil || len(f.bank)/(2*f.width()) >= manyGrids {
		return 0
	}
	season := 1
	for _, c := range f.courses {
		season = c.period // the longest comes last
	}
	return season * pick((drawn-n)/season+1)
}
