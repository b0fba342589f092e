package boost

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/models/trees"
)

// Trees of up to FewRows rows come closer to them than to others. By how much is known of LeastSeries series or more by each of
// Folds parts of them, foretold by trees of the others, and of fewer by what comes after the first EarlyShare of each, foretold by
// trees of that.
const (
	Folds       = 4
	FewRows     = 10_000
	LeastSeries = 20
	EarlyShare  = 0.65
)

const medianAt = 3 // place of the median among the levels

// wider returns by how much quantiles of what trees do not know are farther from the median than they say, by level; nil if
// there are rows enough. The error wraps forecast.ErrTooShort if there are too few to tell.
func (l *learning) wider(ctx context.Context, seed uint64) ([]float64, error) {
	if len(l.rows.Y) > FewRows {
		return nil, nil
	}
	ratios := make([][]float64, len(levels()))
	if series := 1 + l.from[len(l.from)-1].series; series < LeastSeries {
		cut := func(p place) int { return int(EarlyShare * float64(p.steps)) }
		early := l.part(func(p place) bool { return p.origin+p.lead <= cut(p) })
		if n := len(early.from); n < leastRows {
			return nil, fmt.Errorf("%w: the first two thirds have %d values after a season, and want %d, to tell what trees of few series do not know", forecast.ErrTooShort, n, leastRows)
		}
		if err := l.miss(ctx, seed, early, func(p place) bool { return p.origin >= cut(p) }, ratios); err != nil {
			return nil, err
		}
	} else {
		for fold := range Folds {
			others := l.part(func(p place) bool { return p.series%Folds != fold })
			if len(others.from) < leastRows {
				continue
			}
			if err := l.miss(ctx, seed, others, func(p place) bool { return p.series%Folds == fold }, ratios); err != nil {
				return nil, err
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

// part returns what is learned from the rows that are wanted.
func (l *learning) part(wanted func(place) bool) *learning {
	some := &learning{config: l.config, rows: trees.Table{Columns: l.rows.Columns}}
	for i, p := range l.from {
		if wanted(p) {
			some.rows.X, some.rows.Y = append(some.rows.X, l.row(i)...), append(some.rows.Y, l.rows.Y[i]+l.said(i))
			some.from = append(some.from, p)
		}
	}
	some.straighten()
	return some
}

// miss has trees of some rows foretell those that are out of them, and adds to the ratios of a level how far these are from
// the median as a part of how far its quantile is, on their side.
func (l *learning) miss(ctx context.Context, seed uint64, some *learning, out func(place) bool, ratios [][]float64) error {
	all, err := trees.FitQuantiles(ctx, some.rows, levels(), some.boosting(seed))
	if err != nil {
		return err
	}
	q := make([]float64, len(all))
	for i, p := range l.from {
		if !out(p) {
			continue
		}
		row := l.row(i)
		for k, b := range all {
			q[k] = b.Predict(row)
		}
		slices.Sort(q)
		e := l.rows.Y[i] + l.said(i) - some.line(some.lines, row, p.lead) - q[medianAt]
		for k := range q {
			if half := q[k] - q[medianAt]; half != 0 && (half > 0) == (e > 0) {
				ratios[k] = append(ratios[k], e/half)
			}
		}
	}
	return nil
}

// spreadOver returns the number of steps to spread where so many are asked for: what is said of a step is the same however many
// are, unless covariates are known for these alone.
func (c *config) spreadOver(asked int) int {
	if len(c.Known) > 0 {
		return asked
	}
	return max(asked, c.Horizon)
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
		within := min(c.Horizon, len(far))
		rise(far[:within])
		for i := within; i < len(far); i++ {
			far[i] = max(far[i], far[i-1])
		}
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
