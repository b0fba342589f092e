// Package trees learns decision trees: forests of extremely randomised ones (Geurts,
// Ernst & Wehenkel 2006) and gradient boosting by histograms (Friedman 2001; Ke et
// al. 2017), of squared, logistic and quantile loss. Rows are observations and columns
// features; NaN is a missing value, which goes the way of the least ones.
//
// The same data, options and seed give the same trees on any number of processors.
package trees

import (
	"errors"
	"fmt"
	"math"
)

// A Table holds rows of features, row by row, and what is to be learned of each.
type Table struct {
	Columns int
	X       []float64 // len(Y)×Columns
	Y       []float64
}

// check says what is wrong with t.
func (t Table) check() error {
	switch {
	case t.Columns < 1 || len(t.Y) == 0 || len(t.X) != len(t.Y)*t.Columns:
		return fmt.Errorf("trees: %d features of %d columns for %d rows", len(t.X), t.Columns, len(t.Y))
	case len(t.Y) > math.MaxInt32:
		return fmt.Errorf("trees: %d rows, want at most %d", len(t.Y), math.MaxInt32)
	}
	for i, y := range t.Y {
		if math.IsNaN(y - y) {
			return fmt.Errorf("trees: the target of row %d is %v", i, y)
		}
	}
	return nil
}

// columns returns the features column by column, as learning reads them.
func (t Table) columns() []float64 {
	n := len(t.Y)
	c := make([]float64, len(t.X))
	for i := range n {
		for j := range t.Columns {
			c[j*n+i] = t.X[i*t.Columns+j]
		}
	}
	return c
}

// A node is a split, or a leaf if feature is negative: rows whose feature is at most
// the threshold, or missing, go left.
type node struct {
	feature     int32
	left, right int32
	threshold   float64
	value       float64
}

// A tree is nodes, the first of which is the root.
type tree []node

// at returns the value of the leaf to which a row belongs.
func (t tree) at(row []float64) float64 {
	n := &t[0]
	for n.feature >= 0 {
		if row[n.feature] > n.threshold {
			n = &t[n.right]
		} else {
			n = &t[n.left]
		}
	}
	return n.value
}

var errOption = errors.New("trees: an option is out of its range")
