package trees

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
)

// A Loss is what boosting makes small.
type Loss int

// The losses.
const (
	Squared  Loss = iota // the mean
	Logistic             // the logit of the probability of 1, of targets 0 and 1
	Quantile             // the quantile that BoostOptions.Level names
)

// BoostOptions are the choices of gradient boosting. A zero field stands for the
// default in its comment.
type BoostOptions struct {
	Loss     Loss
	Level    float64 // of the quantile, between 0 and 1: 0.5
	Trees    int     // 150
	Leaves   int     // of a tree at most: 31
	LeastRow int     // rows in a leaf at least: 20
	Rate     float64 // by which a tree counts: 0.1
	Ridge    float64 // added to the curvature of a leaf's loss: 0
	Bins     int     // of a feature at most, up to 255: 255
}

// withDefaults returns o complete, or an error if it is out of range.
func (o BoostOptions) withDefaults() (BoostOptions, error) {
	if o.Trees < 0 || o.Leaves < 0 || o.LeastRow < 0 || !(o.Rate >= 0) || !(o.Ridge >= 0) || o.Bins < 0 || o.Bins > 255 ||
		!(o.Level >= 0 && o.Level < 1) || o.Loss < Squared || o.Loss > Quantile {
		return o, fmt.Errorf("%w: %+v", errOption, o)
	}
	or := func(v *int, usual int) {
		if *v == 0 {
			*v = usual
		}
	}
	or(&o.Trees, 150)
	or(&o.Leaves, 31)
	or(&o.LeastRow, 20)
	or(&o.Bins, 255)
	if o.Rate == 0 {
		o.Rate = 0.1
	}
	if o.Level == 0 {
		o.Level = 0.5
	}
	return o, nil
}

// A Boosted is a sum of trees.
type Boosted struct {
	base  float64
	trees []tree
}

// Predict returns what the trees say of a row of features: the mean, the logit or the
// quantile.
func (b *Boosted) Predict(row []float64) float64 {
	sum := b.base
	for _, t := range b.trees {
		sum += t.at(row)
	}
	return sum
}

// FitBoosted learns trees one after the other, each along the gradient of the loss that
// those before it leave: leaf by leaf, the split that gains most first, the gain being
// that of a step of Newton's method.
func FitBoosted(ctx context.Context, t Table, o BoostOptions) (*Boosted, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	n := len(t.Y)
	g := &boosting{Table: t, BoostOptions: o, b: &Boosted{}}
	g.bin()
	g.b.base = g.start()
	g.sum, g.gradient, g.curvature = make([]float64, n), make([]float64, n), make([]float64, n)
	g.rows = make([]int32, n)
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

// A boosting is the state of FitBoosted.
type boosting struct {
	Table
	BoostOptions
	b                        *Boosted
	bins                     []uint8     // of the features, column by column
	edges                    [][]float64 // of each feature's bins: the last is open
	sum, gradient, curvature []float64
	rows                     []int32
	spare                    []histogram
}

// bin cuts every feature into bins of about as many rows each.
func (g *boosting) bin() {
	n := len(g.Y)
	g.bins, g.edges = make([]uint8, n*g.Columns), make([][]float64, g.Columns)
	v := make([]float64, 0, n)
	for j := range g.Columns {
		v = v[:0]
		for i := range n {
			if x := g.X[i*g.Columns+j]; !math.IsNaN(x) {
				v = append(v, x)
			}
		}
		slices.Sort(v)
		distinct := slices.Compact(slices.Clone(v))
		var edges []float64
		for k := 1; k < g.Bins && len(distinct) > 1; k++ {
			var edge float64
			if len(distinct) <= g.Bins {
				if k >= len(distinct) {
					break
				}
				edge = middle(distinct[k-1], distinct[k])
			} else {
				at := k * len(v) / g.Bins
				edge = middle(v[at-1], v[at])
			}
			if len(edges) == 0 || edge > edges[len(edges)-1] {
				edges = append(edges, edge)
			}
		}
		g.edges[j] = edges
		for i := range n {
			if x := g.X[i*g.Columns+j]; !math.IsNaN(x) {
				g.bins[j*n+i] = uint8(sort.SearchFloat64s(edges, x))
			}
		}
	}
}

// middle returns a threshold at or above a and below b, a ≤ b.
func middle(a, b float64) float64 {
	if m := a + (b-a)/2; m < b {
		return m
	}
	return a
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

// quantile returns the quantile of values, which it sorts.
func quantile(v []float64, level float64) float64 {
	slices.Sort(v)
	at := level * float64(len(v)-1)
	i := int(at)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

// derive sets the derivatives of the loss of every row.
func (g *boosting) derive() {
	for i, y := range g.Y {
		f := g.sum[i]
		g.curvature[i] = 1
		switch g.Loss {
		case Squared:
			g.gradient[i] = f - y
		case Logistic:
			p := 1 / (1 + math.Exp(-f))
			g.gradient[i], g.curvature[i] = p-y, p*(1-p)
		case Quantile:
			if g.gradient[i] = -g.Level; y <= f {
				g.gradient[i] = 1 - g.Level
			}
		}
	}
}

// A histogram holds of every bin of every feature the gradients, the curvatures and the
// number of rows.
type histogram [][256]sums

type sums struct{ gradient, curvature, rows float64 }

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

// gather returns the histogram of rows.
func (g *boosting) gather(rows []int32) histogram {
	var h histogram
	if k := len(g.spare); k > 0 {
		h, g.spare = g.spare[k-1], g.spare[:k-1]
		clear(h)
	} else {
		h = make(histogram, g.Columns)
	}
	n := len(g.Y)
	for j := range h {
		column, bins := &h[j], g.bins[j*n:(j+1)*n]
		for _, r := range rows {
			s := &column[bins[r]]
			s.gradient += g.gradient[r]
			s.curvature += g.curvature[r]
			s.rows++
		}
	}
	return h
}

// weight returns what a leaf of the given sums gains over one of the value 0, twice.
func (g *boosting) weight(s sums) float64 {
	return s.gradient * s.gradient / (s.curvature + g.Ridge + 1e-12)
}

// seek sets the best split of a leaf.
func (g *boosting) seek(l *growing) {
	l.gain, l.feature = 1e-10, -1
	whole, least := g.weight(l.total), float64(g.LeastRow)
	for j, edges := range g.edges {
		var left sums
		for b := range edges {
			s := l.histogram[j][b]
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

// add learns the next tree and adds it to the sums.
func (g *boosting) add() {
	for i := range g.rows {
		g.rows[i] = int32(i)
	}
	var t tree
	root := &growing{rows: g.rows, histogram: g.gather(g.rows)}
	for _, s := range root.histogram[0] {
		root.total.gradient += s.gradient
		root.total.curvature += s.curvature
		root.total.rows += s.rows
	}
	t = append(t, node{feature: -1})
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
		g.seek(left)
		g.seek(right)
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
	for j := range large.histogram {
		for b := range len(g.edges[j]) + 1 {
			s, of := &large.histogram[j][b], small.histogram[j][b]
			s.gradient -= of.gradient
			s.curvature -= of.curvature
			s.rows -= of.rows
		}
	}
	for _, r := range small.rows {
		small.total.gradient += g.gradient[r]
		small.total.curvature += g.curvature[r]
	}
	small.total.rows = float64(len(small.rows))
	large.total = sums{l.total.gradient - small.total.gradient, l.total.curvature - small.total.curvature, float64(len(large.rows))}
	return left, right
}

// leaf returns the value of a leaf: a step of Newton's method, or the quantile of what
// is left of its rows.
func (g *boosting) leaf(l *growing) float64 {
	if g.Loss != Quantile {
		return -l.total.gradient / (l.total.curvature + g.Ridge + 1e-12)
	}
	rest := make([]float64, len(l.rows))
	for i, r := range l.rows {
		rest[i] = g.Y[r] - g.sum[r]
	}
	return quantile(rest, g.Level)
}
