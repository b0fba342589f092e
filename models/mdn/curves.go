package mdn

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/neural"
	"tsgen/internal/scores"
)

// Curves are what many short series of smooth channels lie on: each channel is its mean and some multiples of a few
// directions, its principal ones, up to a remainder that is hardly there,
//
//	x_tj = mean_tj + Σ_i scale_i z_i direction_it + remainder_tj.
//
// A chain over the coordinates z, channel by channel and by their size, draws them without the errors that increments add
// up to over time.
type curves struct {
	Means      [][]float64   `json:"means"`      // of each channel at each step, in units of the panel
	Directions [][][]float64 `json:"directions"` // of each channel, orthonormal
	Scales     []float64     `json:"scales"`     // of the coordinates of all channels
	Left       []float64     `json:"left"`       // deviation of a channel's remainder along each direction that is left
	Lines      []line        `json:"lines"`      // of each coordinate on all those before
}

const (
	smallest        = 1e-5 // part of a channel's deviation for which no further direction is taken
	hardly          = 1e-3 // part that a remainder is at most
	stepsPerOne     = 3    // steps for each direction at least
	mostCoordinates = 64
)

// learnCurves sets Curves by the records that are trained on, if these lie on any and tell the lines of their coordinates.
func (c *config) learnCurves(records []neural.Record) {
	c.Curves = nil
	k := len(c.Channels)
	if !c.wholes(records) || !c.Step.Regular() || c.Season > 1 || c.Inputs() > 0 || c.Lengths != nil ||
		slices.Contains(slices.Concat(c.Discrete, c.Repeats, c.Zeros), true) {
		return
	}
	var all [][]float64
	for i := range records {
		if r := &records[i]; r.Limit > 0 {
			if !c.onGrid(r) {
				return
			}
			all = append(all, c.units(r.X))
		}
	}
	var found curves
	for j := range k {
		if !found.learn(all, j, k) {
			return
		}
	}
	var rows [][]float64
	for _, x := range all {
		rows = append(rows, found.coordinates(x))
	}
	if found.Lines = fitLines(rows, len(found.Scales)); found.Lines == nil {
		return
	}
	at := 0
	for _, directions := range found.Directions { // what the first of a channel tells of the others is told best as it is
		for i := range directions {
			if i > 0 {
				found.Lines[at].Scores = scores.Map{}
			}
			at++
		}
	}
	c.Curves = &found
}

// onGrid reports whether a record has every step of a series and no gap.
func (c *config) onGrid(r *neural.Record) bool {
	n := len(r.U)
	return n == c.Length && math.Round(r.U[n-1]-r.U[0]) == float64(n-1) && !slices.ContainsFunc(r.X, math.IsNaN)
}

// units returns values of records, rows of a value a channel, in units of the panel.
func (c *config) units(x []float64) []float64 {
	z := slices.Clone(x)
	for i := range z {
		j := i % len(c.Channels)
		z[i] = (z[i] - c.Center[j]) / c.Scale[j]
	}
	return z
}

// learn appends what is learned of channel j of k, and reports whether it lies on curves.
func (v *curves) learn(all [][]float64, j, k int) bool {
	steps := len(all[0]) / k
	mean, own := make([]float64, steps), make([]float64, steps)
	for _, x := range all {
		for t := range mean {
			mean[t] += x[t*k+j] / float64(len(all))
		}
	}
	covariance := mat.NewSymDense(steps, nil)
	for _, x := range all {
		for t := range own {
			own[t] = x[t*k+j] - mean[t]
		}
		covariance.SymRankOne(covariance, 1/float64(len(all)), mat.NewVecDense(steps, own))
	}
	var e mat.EigenSym
	if !e.Factorize(covariance, true) {
		return false
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	total := mat.Trace(covariance)
	left := total
	var directions [][]float64
	for i := steps - 1; i >= 0 && left > smallest*smallest*total; i-- {
		if len(directions)*stepsPerOne >= steps-stepsPerOne || len(v.Scales) == mostCoordinates {
			break
		}
		variance := e.Values(nil)[i]
		left -= variance
		directions = append(directions, mat.Col(nil, i, &vectors))
		v.Scales = append(v.Scales, math.Sqrt(variance))
	}
	left = max(0, left)
	v.Means, v.Directions = append(v.Means, mean), append(v.Directions, directions)
	v.Left = append(v.Left, max(minMove*minMove, math.Sqrt(left/float64(steps-len(directions)))))
	return len(directions) > 0 && left <= hardly*hardly*total
}

// coordinates returns those of a series in units of the panel.
func (v *curves) coordinates(x []float64) (z []float64) {
	k := len(v.Means)
	for j, directions := range v.Directions {
		for _, d := range directions {
			sum := 0.0
			for t, part := range d {
				sum += part * (x[t*k+j] - v.Means[j][t])
			}
			z = append(z, sum/v.Scales[len(z)])
		}
	}
	return z
}

// curve returns what the coordinates say of a series, in units of the panel.
func (v *curves) curve(z []float64) []float64 {
	k := len(v.Means)
	x := make([]float64, k*len(v.Means[0]))
	at := 0
	for j, directions := range v.Directions {
		for t, m := range v.Means[j] {
			x[t*k+j] = m
		}
		for _, d := range directions {
			for t, part := range d {
				x[t*k+j] += v.Scales[at] * z[at] * part
			}
			at++
		}
	}
	return x
}

// addRemainder adds a draw of the remainder to a series, in units of the panel.
func (v *curves) addRemainder(x []float64, rng *rand.Rand) {
	k := len(v.Means)
	for j, directions := range v.Directions {
		noise := make([]float64, len(v.Means[j]))
		for t := range noise {
			noise[t] = v.Left[j] * rng.NormFloat64()
		}
		for _, d := range directions { // which are orthonormal
			along := 0.0
			for t, part := range d {
				along += part * noise[t]
			}
			for t, part := range d {
				noise[t] -= along * part
			}
		}
		for t, e := range noise {
			x[t*k+j] += e
		}
	}
}

// logRemainder returns the log density of what the coordinates leave of a series, in units of the panel.
func (v *curves) logRemainder(x, z []float64) (l float64) {
	k := len(v.Means)
	curve := v.curve(z)
	for j, directions := range v.Directions {
		square := 0.0
		for t := j; t < len(x); t += k {
			square += (x[t] - curve[t]) * (x[t] - curve[t])
		}
		variance := v.Left[j] * v.Left[j]
		l -= square/variance/2 + float64(len(v.Means[j])-len(directions))*math.Log(2*math.Pi*variance)/2
	}
	return l
}

// place returns where the distribution of the coordinate d is, given those before it.
func (v *curves) place(d int, z []float64) place {
	l := &v.Lines[d]
	p := place{from: l.at(z[:d]), unit: l.Unit}
	if len(l.Scores.Values) > 0 {
		p.scores = &l.Scores
	}
	return p
}

// target returns the coordinate d of z as its distribution sees it.
func (v *curves) target(d int, z []float64) target {
	p := v.place(d, z)
	g := target{seen: true, begun: true, unit: p.unit, y: p.target(z[d])}
	if p.scores != nil {
		g.unit /= p.scores.Slope((z[d] - p.from) / p.unit)
	}
	return g
}

// check says what is wrong with curves of so many channels and steps that were read.
func (v *curves) check(channels, steps int) error {
	if v == nil {
		return nil
	}
	n := len(v.Scales)
	if len(v.Means) != channels || len(v.Directions) != channels || len(v.Left) != channels || len(v.Lines) != n || n > mostCoordinates {
		return fmt.Errorf("curves of %d coordinates with %d lines, %d means, %d lists of directions and %d remainders of %d channels", n, len(v.Lines), len(v.Means), len(v.Directions), len(v.Left), channels)
	}
	err := cmp.Or(neural.Positive(v.Scales...), neural.Positive(v.Left...))
	for j, directions := range v.Directions {
		n -= len(directions)
		for _, x := range append([][]float64{v.Means[j]}, directions...) {
			if err = cmp.Or(err, neural.Finite(x...)); len(x) != steps {
				return fmt.Errorf("curves of %d steps, want %d", len(x), steps)
			}
		}
	}
	if n != 0 {
		return fmt.Errorf("curves of %d coordinates, %d more than directions", len(v.Scales), n)
	}
	for d := range v.Lines {
		err = cmp.Or(err, v.Lines[d].check(d))
	}
	return err
}
