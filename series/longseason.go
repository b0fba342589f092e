package series

import "math"

const (
	// longSeasons is how often a longer season must fit into a series for it to
	// be found there.
	longSeasons = 2

	// daysInYear is a year in whole weeks.
	daysInYear = 364
)

// LongSeason returns the number of steps in a season that is longer than the
// given one, which has season steps, and that the panel shows too, or 0: a week
// for steps of five minutes to less than a day, and a year of 52 weeks for days.
// It shows in that values are closer to those of a long season before than to
// those of a season before, on average of the series and channels that are twice
// as long. Of plain numbers nothing is known that would make a week of them, and
// of irregular times neither.
func (p *Panel) LongSeason(season int) int {
	if !p.Axis.Calendar() || season < 2 || season != p.Step.season() {
		return 0
	}
	long := 0
	switch {
	case p.Step.Days == 1 || p.Step.Width == day:
		long = daysInYear
	case p.Step.Width >= 300 && p.Step.Width < day:
		long = 7 * season
	default:
		return 0
	}
	closer, n := 0.0, 0
	for _, s := range p.Series {
		grid, _, err := p.Grid(s)
		if err != nil {
			return 0
		}
		width := p.Width()
		if len(grid) < longSeasons*long*width {
			continue
		}
		for c := range width {
			near, far := lagDistance(grid, c, width, season, long), lagDistance(grid, c, width, long, long)
			if near > 0 && far >= 0 {
				closer += math.Log(far / near)
				n++
			}
		}
	}
	if n == 0 || !(closer < 0) {
		return 0
	}
	return long
}

// lagDistance returns the mean absolute difference of the values of channel c
// from those lag rows before, from row first on; NaN if there is none.
func lagDistance(grid []float64, c, width, lag, first int) float64 {
	sum, n := 0.0, 0
	for i := first*width + c; i < len(grid); i += width {
		if d := math.Abs(grid[i] - grid[i-lag*width]); !math.IsNaN(d) {
			sum += d
			n++
		}
	}
	return sum / float64(n)
}
