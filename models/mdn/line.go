package mdn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/neural"
	"tsgen/internal/scores"
)

// A line is a linear regression, which a network adds to.
type line struct {
	Center  []float64  `json:"center"` // of what it regresses on
	Weights []float64  `json:"weights"`
	Mean    float64    `json:"mean"`
	Range   [2]float64 `json:"range"` // of its values in training, which it keeps to
	Unit    float64    `json:"unit"`  // deviation of what it leaves
	// Scores brings what it leaves, in this unit, to normal scores.
	Scores scores.Map `json:"scores,omitzero"`
}

// at returns the value of the line, at its mean in what is NaN.
func (l *line) at(x []float64) float64 {
	y := l.Mean
	for i, w := range l.Weights {
		if v := x[i]; v == v {
			y += w * (v - l.Center[i])
		}
	}
	return min(max(y, l.Range[0]), l.Range[1])
}

// check says what is wrong with a line of n weights that was read.
func (l *line) check(n int) error {
	if len(l.Weights) != n || len(l.Center) != n {
		return fmt.Errorf("a line of %d weights about %d, want %d", len(l.Weights), len(l.Center), n)
	}
	return cmp.Or(neural.Finite(l.Weights...), neural.Finite(l.Center...), neural.Finite(l.Mean, l.Range[0], l.Range[1]), neural.Positive(l.Unit), l.Scores.Check())
}

const (
	ridge     = 1e-6    // of a correlation
	perWeight = 50      // rows for each weight of a line at least
	widest    = 200     // weights of a line at most
	mostRows  = 100_000 // about so many, evenly spread
)

// fitLines returns the lines of the last channels columns of rows, each given the columns
// before it, with the mean in place of what is NaN. There are none if the rows are too few
// for the columns that vary.
func fitLines(rows [][]float64, channels int) []line {
	if len(rows) == 0 {
		return nil
	}
	n := len(rows[0])
	if n > widest {
		return nil
	}
	center, scale, varying := make([]float64, n), make([]float64, n), 0
	for j := range n {
		sum, square, count := 0.0, 0.0, 0.0
		for _, r := range rows {
			if v := r[j]; v == v {
				count++
				d := v - sum
				sum += d / count
				square += d * (v - sum)
			}
		}
		if center[j], scale[j] = sum, math.Sqrt(square/max(1, count)); scale[j] > minMove {
			varying++
		}
	}
	if len(rows) < perWeight*varying {
		return nil
	}
	moments := mat.NewSymDense(n, nil)
	z := make([]float64, n)
	for _, r := range rows {
		for j, v := range r {
			if z[j] = 0; v == v && scale[j] > minMove {
				z[j] = (v - center[j]) / scale[j]
			}
		}
		moments.SymRankOne(moments, 1, mat.NewVecDense(n, z))
	}
	moments.ScaleSym(1/float64(len(rows)), moments)
	for j := range n {
		moments.SetSym(j, j, moments.At(j, j)+ridge)
	}
	var c mat.Cholesky
	if !c.Factorize(moments) {
		return nil
	}
	var l mat.TriDense
	c.LTo(&l)
	lines := make([]line, channels)
	for j := range lines {
		// Of the row of the factor, the part before its diagonal is the weights times
		// that of the columns before.
		k := n - channels + j
		d := &lines[j]
		d.Weights, d.Center, d.Mean = make([]float64, k), slices.Clone(center[:k]), center[k]
		for a := k - 1; a >= 0; a-- {
			w := l.At(k, a)
			for b := a + 1; b < k; b++ {
				w -= l.At(b, a) * d.Weights[b]
			}
			d.Weights[a] = w / l.At(a, a)
		}
		for a := range k {
			if d.Weights[a] *= scale[k]; scale[a] > minMove {
				d.Weights[a] /= scale[a]
			} else {
				d.Weights[a] = 0
			}
		}
		d.Unit = max(l.At(k, k)*scale[k], minMove)
		d.Range = [2]float64{math.Inf(-1), math.Inf(1)}
		low, high := math.Inf(1), math.Inf(-1)
		for _, r := range rows {
			y := d.at(r)
			low, high = min(low, y), max(high, y)
		}
		d.Range = [2]float64{low, high}
		left := make([]float64, len(rows))
		for i, r := range rows {
			left[i] = (r[k] - d.at(r)) / d.Unit
		}
		d.Scores = scores.Choose(left)
	}
	return lines
}

// earlySteps is how many steps after the first have lines of their own where smooth series are learned
// as wholes: as many as there are increments before that lines regress on, which are not all there yet.
const earlySteps = 2

// learnLines sets the lines of the increments and of the first steps of windows.
func (c *config) learnLines(records []neural.Record) {
	k := len(c.Channels)
	if c.Lines, c.First, c.Early = nil, nil, nil; 5*k+c.Waves(harmonics, harmonics) > widest {
		return
	}
	steps := 0
	for i := range records {
		steps += len(records[i].U)
	}
	stride := (steps + mostRows - 1) / mostRows
	var rows, first [][]float64
	early := make([][][]float64, earlySteps)
	wholes := c.wholes(records)
	for i := range records {
		r, t := &records[i], newTrack(c)
		t.learning = true
		starts := c.starts(r)
		for at, u := range r.U {
			x := r.X[at*k : (at+1)*k]
			t.look(r, u)
			begins := wholes && at > 0 && at <= earlySteps
			if at%stride > 0 && !begins {
				t.step(x)
				continue
			}
			moves, levels := slices.Clone(t.features), make([]float64, 0, k)
			for j := range x {
				moves = append(moves, t.move(j, x[j]))
				levels = append(levels, t.own(j, x[j]))
			}
			if !slices.ContainsFunc(moves[len(t.features):], math.IsNaN) {
				if at%stride == 0 {
					rows = append(rows, moves)
				}
				if begins {
					early[at-1] = append(early[at-1], moves)
				}
			}
			if at < starts && !slices.ContainsFunc(levels, math.IsNaN) {
				first = append(first, levels)
			}
			t.step(x)
		}
	}
	c.Lines, c.First = fitLines(rows, k), fitLines(first, k)
	if c.Lines == nil || !c.foretold() {
		return
	}
	for _, e := range early {
		c.Early = append(c.Early, fitLines(e, k))
	}
	if slices.ContainsFunc(c.Early, func(l []line) bool { return l == nil }) {
		c.Early = nil
	}
}

// wholes says whether many series are learned as wholes.
func (c *config) wholes(records []neural.Record) bool {
	return c.HoldSeries && !slices.ContainsFunc(records, func(r neural.Record) bool { return c.starts(&r) > 1 })
}
