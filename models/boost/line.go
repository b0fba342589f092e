package boost

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/models/trees"
)

const (
	// blocks are the parts of the horizon that have lines of their own.
	blocks = 4

	// ridge is the penalty on the squared coefficients of a line, as a part of the sum of
	// squares of a feature, and of few rows as if there were so many.
	ridge, usual = 1e-3, 2500

	// farthest bounds features and targets of a line, in units.
	farthest = 10
)

// block returns the part of the horizon to which a step belongs.
func (c *config) block(lead int) int { return min(blocks*(lead-1)/c.Horizon, blocks-1) }

// line returns what the line of a step says of its features.
func (c *config) line(lines [][]float64, row []float64, lead int) float64 {
	sum := 0.0
	for k, w := range lines[c.block(lead)] {
		sum += w * bounded(row[k])
	}
	return sum
}

// bounded returns a feature as lines have it.
func bounded(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return max(-farthest, min(farthest, x))
}

// learnLines returns for each part of the horizon the ridge regression of the targets on
// the features that they are in proportion to.
func (c *config) learnLines(t trees.Table, from []place) [][]float64 {
	n := c.proportional()
	lines := make([][]float64, blocks)
	x := make([]float64, n)
	for b := range lines {
		lines[b] = make([]float64, n)
		moments, product := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
		count := 0.0
		for i, target := range t.Y {
			if c.block(from[i].lead) != b {
				continue
			}
			for k := range x {
				x[k] = bounded(t.X[i*t.Columns+k])
			}
			v := mat.NewVecDense(n, x)
			moments.SymRankOne(moments, 1, v)
			product.AddScaledVec(product, bounded(target), v)
			count++
		}
		mean := mat.Trace(moments) / float64(n)
		for k := range n {
			moments.SetSym(k, k, moments.At(k, k)+ridge*mean*(1+usual/(count+1))+1e-9)
		}
		var chol mat.Cholesky
		if !chol.Factorize(moments) || chol.SolveVecTo(mat.NewVecDense(n, lines[b]), product) != nil {
			clear(lines[b]) // the features say nothing apart
		}
	}
	return lines
}
