package forecast

import (
	"math"
	"slices"

	"tsgen/internal/freedom"
	"tsgen/internal/variogram"
	"tsgen/series"
)

// mostTelling is the number of series that laws are learned from at most, evenly spread over the panel.
const mostTelling = 2000

// WithLaws returns c, which may be nil, with the laws by which the series of p go together (Calibration.Laws), for a
// season of so many steps; c itself where they are few, or long enough to look back a horizon of so many steps.
func (c *Calibration) WithLaws(p *series.Panel, horizon, season int) *Calibration {
	if roomToLookBack(p, horizon, season) >= 0 {
		return c
	}
	laws := lawsOf(p, season)
	if laws == nil {
		return c
	}
	lawful := Calibration{Levels: calibrationLevels()}
	if c != nil {
		lawful = *c
	}
	lawful.Laws = laws
	return &lawful
}

// lawsOf returns the laws by which the channels of a panel of short series go on, for a season of so many steps; nil
// if the series are too few for that.
func lawsOf(p *series.Panel, season int) []*variogram.Law {
	if !p.Step.Regular() || medianLength(p) > variogram.MostValues {
		return nil
	}
	p = p.Spread(mostTelling)
	columns := make([][][]float64, p.Width())
	for _, s := range p.Series {
		grid, _, err := p.Grid(s)
		if err != nil {
			return nil
		}
		for c := range columns {
			columns[c] = append(columns[c], series.Column(grid, c, p.Width()))
		}
	}
	laws, any := make([]*variogram.Law, p.Width()), false
	for c := range laws {
		laws[c] = variogram.Learn(columns[c], season)
		any = any || laws[c] != nil
	}
	if !any {
		return nil
	}
	return laws
}

// reach brings the factors of the levels for the values of d, which continues s, a series of p, and whose times lie in
// the given steps, to what the law of the channel says: intervals as wide as it has the values be off the
// medians, none narrower than that of the first step. Where past forecasts say something too, factors are the geometric
// means of both. widths holds the quantiles of d that quantileProbabilities says.
func (c *Calibration) reach(factors [][]float64, p *series.Panel, s *series.Series, leads []int, widths [][]float64) {
	if len(c.Laws) != p.Width() || !p.Step.Regular() {
		return
	}
	grid, _, err := p.Grid(s)
	if err != nil {
		return
	}
	width := p.Width()
	for j, law := range c.Laws {
		if law == nil {
			continue
		}
		a, ok := law.Ahead(series.Column(grid, j, width), leads[len(leads)-1])
		if !ok {
			continue
		}
		wider := freedom.Student(a.Degrees)
		first := 0.0
		for k := j; k < len(factors); k += width {
			h := leads[k/width] - 1
			sd := max(first, wider*math.Hypot(a.SD[h], a.Mean[h]-widths[0][k]))
			if k == j {
				first = sd
			}
			factors[k] = slices.Clone(factors[k])
			for l, level := range c.Levels {
				half := (widths[2+2*l][k] - widths[1+2*l][k]) / 2
				if !(half > 0) {
					continue
				}
				f := min(max(sd*freedom.Score(levelScore(level), a.Degrees)/half, leastFactor), mostFactor)
				if len(c.Leads) > 0 {
					f = math.Sqrt(f * factors[k][l])
				}
				factors[k][l] = f
			}
		}
	}
}
