package joint

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/shrinkage"
	"tsgen/series"
)

// Channels returns the lower Cholesky factor of the correlations between the channels of
// a series of p: those of what each does that its past does not tell, shrunk as package
// shrinkage does. It is nil if there is one channel.
//
// What the past does not tell is what an autoregression of the first order leaves of the
// changes from one row to the next and, of three seasons or more, from one season
// to the next. Over irregular times a change counts by the root of the time that it took.
func Channels(p *series.Panel, s *series.Series) *mat.TriDense {
	width := p.Width()
	if width < 2 {
		return nil
	}
	rows, lag := s.Values, 1
	took := func(int) float64 { return 1 }
	if grid, _, err := p.Grid(s); p.Step.Regular() && err == nil {
		rows = grid
		if m := p.Season(); m > 1 && len(grid)/width >= 3*m {
			lag = m
		}
	} else {
		took = func(i int) float64 { return p.Coordinate(s.Times[i]) - p.Coordinate(s.Times[i-1]) }
	}
	n := len(rows) / width
	news := make([][]float64, 0, n)
	for i := 1; i < n; i++ {
		row := make([]float64, width)
		for c := range row {
			row[c] = (rows[i*width+c] - rows[(i-1)*width+c]) / math.Sqrt(took(i))
		}
		news = append(news, row)
	}
	if lag > 1 {
		news = differences(news, lag, func(int) float64 { return 1 })
	}
	news = differences(news, 1, func(c int) float64 { return firstOrder(news, c) })
	cov, _ := shrinkage.Covariance(news)
	if cov == nil {
		return nil
	}
	return shrinkage.Factor(cov)
}

// differences returns the rows less a part of those lag before, a part for each column.
func differences(rows [][]float64, lag int, part func(c int) float64) [][]float64 {
	if len(rows) <= lag {
		return nil
	}
	parts := make([]float64, len(rows[0]))
	for c := range parts {
		parts[c] = part(c)
	}
	out := make([][]float64, len(rows)-lag)
	for i := range out {
		out[i] = slices.Clone(rows[i+lag])
		for c, f := range parts {
			out[i][c] -= f * rows[i][c]
		}
	}
	return out
}

// firstOrder returns the coefficient of an autoregression of the first order of column c.
func firstOrder(rows [][]float64, c int) float64 {
	cross, square := 0.0, 0.0
	for i := 1; i < len(rows); i++ {
		if x := rows[i][c] * rows[i-1][c]; !math.IsNaN(x) {
			cross += x
			square += rows[i-1][c] * rows[i-1][c]
		}
	}
	if square == 0 {
		return 0
	}
	return math.Max(-0.95, math.Min(cross/square, 0.95))
}
