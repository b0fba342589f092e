package boost

import (
	"context"
	"math"
	"slices"

	"tsgen/models/trees"
)

// Trees of up to FewRows rows come closer to them than to others, and of LeastSeries series or more it is known by how
// much: each of Folds parts of the series is foretold by trees of the others.
const (
	Folds       = 4
	FewRows     = 10_000
	LeastSeries = 20
)

const medianAt = 3 // place of the median among the levels

// wider returns by how much quantiles of other series are farther from the median than trees say that do not
// know them, by level; nil if there are rows enough, or too few series.
func (l *learning) wider(ctx context.Context, seed uint64) ([]float64, error) {
	series := 1 + slices.Max(l.of)
	if len(l.rows.Y) > FewRows || series < LeastSeries {
		return nil, nil
	}
	ratios := make([][]float64, len(levels()))
	for fold := range Folds {
		rest := trees.Table{Columns: l.rows.Columns}
		var leads, out []int
		for i, of := range l.of {
			if of%Folds == fold {
				out = append(out, i)
				continue
			}
			row := l.rows.X[i*l.rows.Columns : (i+1)*l.rows.Columns]
			rest.X, rest.Y, leads = append(rest.X, row...), append(rest.Y, l.target(i)), append(leads, l.leads[i])
		}
		if len(rest.Y) < leastRows || len(out) == 0 {
			continue
		}
		lines := l.learnLines(rest, leads)
		for i := range rest.Y {
			rest.Y[i] -= l.line(lines, rest.X[i*rest.Columns:], leads[i])
		}
		own := learning{config: l.config, rows: rest}
		all, err := trees.FitQuantiles(ctx, rest, levels(), own.boosting(seed))
		if err != nil {
			return nil, err
		}
		q := make([]float64, len(all))
		for _, i := range out {
			row := l.rows.X[i*l.rows.Columns : (i+1)*l.rows.Columns]
			for k, b := range all {
				q[k] = b.Predict(row)
			}
			slices.Sort(q)
			e := l.target(i) - l.line(lines, row, l.leads[i]) - q[medianAt]
			for k := range q {
				if half := q[k] - q[medianAt]; half != 0 && (half > 0) == (e > 0) {
					ratios[k] = append(ratios[k], e/half)
				}
			}
		}
	}
	factors := make([]float64, len(ratios))
	for k, p := range levels() {
		factors[k] = 1
		if r := ratios[k]; len(r) > 0 {
			slices.Sort(r)
			inside := math.Abs(2*p - 1)
			factors[k] = max(1, r[min(len(r)-1, int(inside*float64(len(r))))])
		}
	}
	return factors, nil
}

// target returns that of a row, what lines say of it included.
func (l *learning) target(i int) float64 {
	return l.rows.Y[i] + l.line(l.lines, l.rows.X[i*l.rows.Columns:], l.leads[i])
}

// spread brings the quantiles of the steps of a horizon, one row each, in order, for those that are learned apart
// may cross. Where rows are few they are as far apart as they are of series that trees do not know, and as far as
// others beside them where they would come closer along the horizon, which few rows are no reason to believe.
func (c *config) spread(rows [][]float64) {
	for _, q := range rows {
		slices.Sort(q)
	}
	if c.Wider == nil {
		return
	}
	far := make([]float64, len(rows))
	for k, factor := range c.Wider {
		if k == medianAt {
			continue
		}
		for i, q := range rows {
			far[i] = factor * math.Abs(q[k]-q[medianAt])
		}
		rise(far)
		for i, q := range rows {
			q[k] = q[medianAt] + math.Copysign(far[i], float64(k-medianAt))
		}
	}
	for _, q := range rows {
		slices.Sort(q)
	}
}

// rise replaces x by the sequence that falls nowhere and is nearest to it in the squares (pool adjacent violators,
// Ayer et al. 1955).
func rise(x []float64) {
	type block struct {
		sum float64
		n   int
	}
	var blocks []block
	for _, v := range x {
		blocks = append(blocks, block{v, 1})
		for n := len(blocks); n > 1 && blocks[n-1].sum*float64(blocks[n-2].n) < blocks[n-2].sum*float64(blocks[n-1].n); n-- {
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].n += blocks[n-1].n
			blocks = blocks[:n-1]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			x[i] = b.sum / float64(b.n)
			i++
		}
	}
}
