package trees

import (
	"math"
	"slices"
	"sort"
)

// binned is a table whose features are cut into bins.
type binned struct {
	Table
	bins  []uint8     // column by column
	edges [][]float64 // of each feature's bins: the last is open
	width int         // bins of a feature at most
}

// newBinned cuts every feature into bins of about as many rows each. Missing values have
// one of their own, the first.
func newBinned(t Table, most int) *binned {
	n := len(t.Y)
	g := &binned{Table: t, bins: make([]uint8, n*t.Columns), edges: make([][]float64, t.Columns), width: 1}
	v := make([]float64, 0, n)
	for j := range t.Columns {
		v = v[:0]
		for i := range n {
			if x := t.X[i*t.Columns+j]; !math.IsNaN(x) {
				v = append(v, x)
			}
		}
		slices.Sort(v)
		g.edges[j] = edges(v, most, len(v) < n)
		g.width = max(g.width, len(g.edges[j])+1)
		for i := range n {
			if x := t.X[i*t.Columns+j]; !math.IsNaN(x) {
				g.bins[j*n+i] = uint8(sort.SearchFloat64s(g.edges[j], x))
			}
		}
	}
	return g
}

// edges returns where sorted values are cut into as many bins at most; missing says that
// there are others, which are to go to a bin below.
func edges(v []float64, most int, missing bool) (edges []float64) {
	if missing && len(v) > 0 && most > 1 {
		edges = append(edges, math.Nextafter(v[0], math.Inf(-1)))
		most--
	}
	distinct := slices.Compact(slices.Clone(v))
	for k := 1; k < most && len(distinct) > 1; k++ {
		var edge float64
		if len(distinct) <= most {
			if k >= len(distinct) {
				break
			}
			edge = middle(distinct[k-1], distinct[k])
		} else {
			at := k * len(v) / most
			edge = middle(v[at-1], v[at])
		}
		if len(edges) == 0 || edge > edges[len(edges)-1] {
			edges = append(edges, edge)
		}
	}
	return edges
}

// middle returns a threshold at or above a and below b, a ≤ b.
func middle(a, b float64) float64 {
	if m := a + (b-a)/2; m < b {
		return m
	}
	return a
}

// sums are those of a bin's rows.
type sums struct{ gradient, curvature, rows float64 }

// A histogram holds for every bin of every feature what its rows come to. The gradient of
// a quantile's loss takes but two values, so that whole numbers say it: counts has the
// number of rows in the lower half of a word, and of those below the quantile in the upper.
type histogram struct {
	cells  []sums
	counts []uint64
}

// newHistogram returns an empty one for that many bins.
func newHistogram(bins int, counted bool) histogram {
	if counted {
		return histogram{counts: make([]uint64, bins)}
	}
	return histogram{cells: make([]sums, bins)}
}

// clear empties h.
func (h histogram) clear() {
	clear(h.cells)
	clear(h.counts)
}

// subtract takes the rows of another histogram out of h.
func (h histogram) subtract(of histogram) {
	for k, c := range of.counts {
		h.counts[k] -= c
	}
	for k, of := range of.cells {
		s := &h.cells[k]
		s.gradient -= of.gradient
		s.curvature -= of.curvature
		s.rows -= of.rows
	}
}

// at returns the sums of bin k; level is that of the quantile.
func (h histogram) at(k int, level float64) sums {
	if h.counts == nil {
		return h.cells[k]
	}
	c := h.counts[k]
	rows := float64(uint32(c))
	return sums{float64(c>>32) - level*rows, rows, rows}
}
