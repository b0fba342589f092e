package auto

import (
	"cmp"
	"context"
	"slices"

	"tsgen/forecast"
	"tsgen/series"
)

// allot shares out an amount of work among candidates on what is seen: from the cheapest on each has an even part
// of what is left, and sees so many rows of the ends of long series, all or a half of a half of them, as cost no
// more, but leastRows in any case. If the least of each are too much together, all see those.
func (c *choosing) allot(closed []int, most float64) {
	longest, least := 0, c.leastRows()
	for _, s := range c.seen.Series {
		longest = max(longest, s.Len())
	}
	order := slices.Clone(closed)
	examination := func(i int) float64 { return c.cost(i, c.seen).examination(c.windows) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(examination(a), examination(b)) })
	left := most
	for k, i := range order {
		share := left / float64(len(order)-k)
		for rows := longest; rows > least && examination(i) > share; c.tried[i].rows = rows {
			rows = max(rows/2, least)
		}
		left -= examination(i)
	}
	if left < 0 && longest > least {
		for _, i := range closed {
			c.tried[i].rows = least
		}
	}
}

// leastRows returns the number of rows that every candidate sees of a series that has them.
func (c *choosing) leastRows() int {
	return max(leastRows, rowHorizons*c.opt.Horizon, int(rowSeasons*longestSeason(c.panel, c.opt.Season)))
}

// ends returns the panel with the last rows of series that have more, or p if rows is zero.
func ends(p *series.Panel, rows int) *series.Panel {
	if rows == 0 {
		return p
	}
	cut := make([]*series.Series, len(p.Series))
	for i, s := range p.Series {
		cut[i] = s.Slice(max(0, s.Len()-rows), s.Len())
	}
	return p.With(cut)
}

// A lately is a model that sees so many rows of the end of each series.
type lately struct {
	forecast.Model
	rows int
}

// Fit implements forecast.Model.
func (m lately) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	return m.Model.Fit(ctx, ends(train, m.rows), opt)
}

// Forecast implements forecast.Model.
func (m lately) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.Model.Forecast(ctx, ends(history, m.rows), opt)
}

// lately returns candidate i as it sees the rows that it is to.
func (c *choosing) lately(i int) Candidate {
	candidate, rows := c.candidates[i], c.tried[i].rows
	if rows > 0 {
		whole := candidate.New
		candidate.New = func() forecast.Model { return lately{whole(), rows} }
	}
	return candidate
}
