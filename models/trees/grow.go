package trees

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// A boosting is trees under way.
type boosting struct {
	*binned
	BoostOptions
	b                        *Boosted
	sum, gradient, curvature []float64 // by row; no gradient of a quantile
	rows, left               []int32   // of the next tree, and those left out
	features                 []int     // likewise
	rng                      *rand.Rand
	spare                    []histogram

	// Room to work in, by row of a leaf.
	gradients, curvatures, rest []float64
	marks                       []uint64
}

// boost learns a sum of trees.
func boost(ctx context.Context, b *binned, o BoostOptions) (*Boosted, error) {
	n := len(b.Y)
	g := &boosting{binned: b, BoostOptions: o, b: &Boosted{}, sum: make([]float64, n), rows: make([]int32, n),
		rest: make([]float64, n), rng: rand.New(rand.NewPCG(o.Seed, uint64(n)))}
	if o.Loss == Quantile {
		g.marks = make([]uint64, n)
	} else {
		g.gradient, g.curvature = make([]float64, n), make([]float64, n)
		g.gradients, g.curvatures = make([]float64, n), make([]float64, n)
	}
	for i := range n {
		g.rows[i] = int32(i)
	}
	for j := range b.Columns {
		g.features = append(g.features, j)
	}
	g.b.base = g.start()
	for i := range g.sum {
		g.sum[i] = g.b.base
	}
	for range o.Trees {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.derive()
		g.add()
	}
	return g.b, nil
}

// start returns the constant with the least loss.
func (g *boosting) start() float64 {
	if g.Loss == Quantile {
		return quantile(slices.Clone(g.Y), g.Level)
	}
	mean := 0.0
	for _, y := range g.Y {
		mean += y / float64(len(g.Y))
	}
	if g.Loss == Logistic {
		mean = min(max(mean, 1e-6), 1-1e-6)
		return math.Log(mean / (1 - mean))
	}
	return mean
}

// quantile returns the quantile of values, which it reorders.
func quantile(v []float64, level float64) float64 {
	at := level * float64(len(v)-1)
	i := int(at)
	low := nth(v, i)
	if i+1 >= len(v) {
		return low
	}
	return low + (at-float64(i))*(slices.Min(v[i+1:])-low)
}

// nth returns the value that is at place k in order, and puts it there, what is less
// before and what is more behind it.
func nth(v []float64, k int) float64 {
	low, high := 0, len(v)-1
	for low < high {
		middle := low + (high-low)/2
		a, b, c := v[low], v[middle], v[high]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := low, high
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return v[k]
		}
	}
	return v[k]
}

// derive sets the derivatives of the loss of every row.
func (g *boosting) derive() {
	for i := range g.gradient {
		y, f := g.Y[i], g.sum[i]
		if g.gradient[i], g.curvature[i] = f-y, 1; g.Loss == Logistic {
			p := 1 / (1 + math.Exp(-f))
			g.gradient[i], g.curvature[i] = p-y, p*(1-p)
		}
	}
}

// A growing is a leaf that may be split.
type growing struct {
	at        int32 // its place in the tree
	rows      []int32
	histogram histogram
	total     sums
	gain      float64
	feature   int
	last      int // bin that goes left
}

// gather returns the histogram of rows, of the features of the tree.
func (g *boosting) gather(rows []int32) histogram {
	var h histogram
	if k := len(g.spare); k > 0 {
		h, g.spare = g.spare[k-1], g.spare[:k-1]
		h.clear()
	} else {
		h = newHistogram(g.Columns*g.width, g.Loss == Quantile)
	}
	n := len(g.Y)
	if h.counts != nil {
		marks := g.marks[:len(rows)]
		for i, r := range rows {
			if marks[i] = 1; g.Y[r] <= g.sum[r] {
				marks[i] = 1 | 1<<32
			}
		}
		for _, j := range g.features {
			column, bins := h.counts[j*g.width:(j+1)*g.width], g.bins[j*n:(j+1)*n]
			for i, r := range rows {
				column[bins[r]] += marks[i]
			}
		}
		return h
	}
	gradients, curvatures := g.gradients[:len(rows)], g.curvatures[:len(rows)]
	for i, r := range rows {
		gradients[i], curvatures[i] = g.gradient[r], g.curvature[r]
	}
	for _, j := range g.features {
		column, bins := h.cells[j*g.width:(j+1)*g.width], g.bins[j*n:(j+1)*n]
		for i, r := range rows {
			s := &column[bins[r]]
			s.gradient += gradients[i]
			s.curvature += curvatures[i]
			s.rows++
		}
	}
	return h
}

// whole returns the sums of all rows of a leaf with the histogram h.
func (g *boosting) whole(h histogram) (s sums) {
	first := g.features[0] * g.width
	for b := range len(g.edges[g.features[0]]) + 1 {
		own := h.at(first+b, g.Level)
		s.gradient += own.gradient
		s.curvature += own.curvature
		s.rows += own.rows
	}
	return s
}

// weight returns what a leaf of the given sums gains over one of the value 0, twice.
func (g *boosting) weight(s sums) float64 {
	return s.gradient * s.gradient / (s.curvature + g.Ridge + 1e-12)
}

// seek sets the best split of a leaf.
func (g *boosting) seek(l *growing) {
	l.gain, l.feature = 1e-10, -1
	whole, least := g.weight(l.total), float64(g.LeastRow)
	for _, j := range g.features {
		var left sums
		for b := range g.edges[j] {
			s := l.histogram.at(j*g.width+b, g.Level)
			if s.rows == 0 {
				continue
			}
			left.gradient += s.gradient
			left.curvature += s.curvature
			left.rows += s.rows
			if left.rows < least {
				continue
			}
			right := sums{l.total.gradient - left.gradient, l.total.curvature - left.curvature, l.total.rows - left.rows}
			if right.rows < least {
				break
			}
			if gain := g.weight(left) + g.weight(right) - whole; gain > l.gain {
				l.gain, l.feature, l.last = gain, j, b
			}
		}
	}
}

// draw returns the rows of the next tree, and draws its features.
func (g *boosting) draw() []int32 {
	if g.FeaturePart < 1 {
		g.features = g.rng.Perm(g.Columns)[:max(1, int(math.Round(g.FeaturePart*float64(g.Columns))))]
		slices.Sort(g.features)
	}
	if g.Part == 1 {
		return g.rows
	}
	rows := g.rows[:0]
	g.left = g.left[:0]
	for i := range g.Y {
		if g.rng.Float64() < g.Part {
			rows = append(rows, int32(i))
		} else {
			g.left = append(g.left, int32(i))
		}
	}
	return rows
}

// add learns the next tree and adds it to the sums.
func (g *boosting) add() {
	rows := g.draw()
	if len(rows) == 0 {
		return
	}
	t := tree{node{feature: -1}}
	root := &growing{rows: rows, histogram: g.gather(rows)}
	root.total = g.whole(root.histogram)
	g.seek(root)
	leaves := []*growing{root}
	for len(leaves) < g.Leaves {
		best := 0
		for i, l := range leaves {
			if l.gain > leaves[best].gain || leaves[best].feature < 0 {
				best = i
			}
		}
		l := leaves[best]
		if l.feature < 0 {
			break
		}
		left, right := g.divide(l)
		left.at, right.at = int32(len(t)), int32(len(t)+1)
		t = append(t, node{feature: -1}, node{feature: -1})
		t[l.at] = node{feature: int32(l.feature), left: left.at, right: right.at, threshold: g.edges[l.feature][l.last]}
		if len(leaves) < g.Leaves-1 {
			g.seek(left)
			g.seek(right)
		}
		leaves[best] = left
		leaves = append(leaves, right)
	}
	for _, l := range leaves {
		v := g.Rate * g.leaf(l)
		t[l.at].value = v
		for _, r := range l.rows {
			g.sum[r] += v
		}
		g.spare = append(g.spare, l.histogram)
	}
	for _, r := range g.left {
		g.sum[r] += t.at(g.X[int(r)*g.Columns : (int(r)+1)*g.Columns])
	}
	g.b.trees = append(g.b.trees, t)
}

// divide splits a leaf and returns its parts.
func (g *boosting) divide(l *growing) (left, right *growing) {
	column := g.bins[l.feature*len(g.Y) : (l.feature+1)*len(g.Y)]
	k := 0
	for i, r := range l.rows {
		if int(column[r]) <= l.last {
			l.rows[i], l.rows[k] = l.rows[k], r
			k++
		}
	}
	left, right = &growing{rows: l.rows[:k]}, &growing{rows: l.rows[k:]}
	small, large := left, right
	if k > len(l.rows)-k {
		small, large = right, left
	}
	small.histogram = g.gather(small.rows)
	large.histogram = l.histogram
	large.histogram.subtract(small.histogram)
	small.total = g.whole(small.histogram)
	large.total = sums{l.total.gradient - small.total.gradient, l.total.curvature - small.total.curvature, float64(len(large.rows))}
	return left, right
}

// leaf returns the value of a leaf: a step of Newton's method, or the quantile of what
// is left of its rows.
func (g *boosting) leaf(l *growing) float64 {
	if g.Loss != Quantile {
		return -l.total.gradient / (l.total.curvature + g.Ridge + 1e-12)
	}
	rest := g.rest[:len(l.rows)]
	for i, r := range l.rows {
		rest[i] = g.Y[r] - g.sum[r]
	}
	return quantile(rest, g.Level)
}
