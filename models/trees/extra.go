package trees

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"tsgen/forecast"
)

// ExtraOptions are the choices of extremely randomised trees. A zero field stands for
// the default in its comment.
type ExtraOptions struct {
	Trees    int // 150
	LeastRow int // rows in a leaf at least: 2
	Features int // features that a split is chosen from: the root of their number
	Seed     uint64
}

// A Forest is extremely randomised trees, whose mean is what it says of a row.
type Forest struct{ trees []tree }

// FitExtra learns extremely randomised trees: every split is the best of some random
// features, each at a random threshold, by the variance of the targets that it leaves,
// which for targets 0 and 1 is Gini's impurity. All rows are in each tree.
func FitExtra(ctx context.Context, t Table, o ExtraOptions) (*Forest, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if o.Trees < 0 || o.LeastRow < 0 || o.Features < 0 || o.Features > t.Columns {
		return nil, fmt.Errorf("%w: %+v", errOption, o)
	}
	if o.Trees == 0 {
		o.Trees = 150
	}
	if o.LeastRow == 0 {
		o.LeastRow = 2
	}
	if o.Features == 0 {
		o.Features = max(1, int(math.Sqrt(float64(t.Columns))))
	}
	f := &Forest{trees: make([]tree, o.Trees)}
	columns := t.columns()
	err := forecast.EachSeries(ctx, o.Trees, func(i int) error {
		g := extraGrowth{Table: t, ExtraOptions: o, columns: columns, rng: rand.New(rand.NewPCG(o.Seed, uint64(i))), order: make([]int32, len(t.Y))}
		for r := range g.order {
			g.order[r] = int32(r)
		}
		g.features = make([]int, t.Columns)
		for k := range g.features {
			g.features[k] = k
		}
		g.grow(g.order)
		f.trees[i] = g.tree
		return nil
	})
	return f, err
}

// Predict returns the mean of the targets in the leaves to which a row of features
// belongs: for targets 0 and 1 the probability of 1.
func (f *Forest) Predict(row []float64) float64 {
	sum := 0.0
	for _, t := range f.trees {
		sum += t.at(row)
	}
	return sum / float64(len(f.trees))
}

// An extraGrowth is the growing of one tree.
type extraGrowth struct {
	Table
	ExtraOptions
	columns  []float64 // the features, column by column
	rng      *rand.Rand
	order    []int32 // rows
	features []int
	tree     tree
}

// grow adds the tree of some rows, which it reorders, and returns its place.
func (g *extraGrowth) grow(rows []int32) int32 {
	at := int32(len(g.tree))
	sum, square := 0.0, 0.0
	for _, r := range rows {
		sum += g.Y[r]
		square += g.Y[r] * g.Y[r]
	}
	n := float64(len(rows))
	g.tree = append(g.tree, node{feature: -1, value: sum / n})
	if len(rows) < 2*g.LeastRow || square-sum*sum/n <= 1e-12*square {
		return at
	}
	feature, threshold := g.split(rows)
	if feature < 0 {
		return at
	}
	left, column := 0, g.column(feature)
	for i, r := range rows {
		if !(column[r] > threshold) {
			rows[i], rows[left] = rows[left], r
			left++
		}
	}
	l := g.grow(rows[:left])
	r := g.grow(rows[left:])
	g.tree[at].feature, g.tree[at].threshold, g.tree[at].left, g.tree[at].right = int32(feature), threshold, l, r
	return at
}

// column returns the values of a feature.
func (g *extraGrowth) column(j int) []float64 { return g.columns[j*len(g.Y) : (j+1)*len(g.Y)] }

// split returns the best of the random splits, or -1 if none leaves enough rows on
// both sides. Features that are constant in the rows do not count.
func (g *extraGrowth) split(rows []int32) (feature int, threshold float64) {
	feature = -1
	best := math.Inf(-1)
	for tried, k := 0, 0; k < len(g.features) && tried < g.Features; k++ {
		pick := k + g.rng.IntN(len(g.features)-k)
		g.features[k], g.features[pick] = g.features[pick], g.features[k]
		j := g.features[k]
		column := g.column(j)
		low, high := math.Inf(1), math.Inf(-1)
		for _, r := range rows {
			x := column[r]
			if x < low {
				low = x
			}
			if x > high {
				high = x
			}
		}
		if !(high > low) {
			continue
		}
		tried++
		t := low + g.rng.Float64()*(high-low)
		if t >= high {
			t = low
		}
		nl, sl, sum := 0.0, 0.0, 0.0
		for _, r := range rows {
			y := g.Y[r]
			sum += y
			if !(column[r] > t) {
				nl++
				sl += y
			}
		}
		nr, least := float64(len(rows))-nl, float64(g.LeastRow)
		if nl < least || nr < least {
			continue
		}
		if score := sl*sl/nl + (sum-sl)*(sum-sl)/nr; score > best {
			best, feature, threshold = score, j, t
		}
	}
	return feature, threshold
}
