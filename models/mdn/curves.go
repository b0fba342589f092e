package mdn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"tsgen/internal/neural"
	"tsgen/internal/scores"
)

// Curves are what many short series of smooth channels lie on: all values of a channel are lines of those at a few steps, its
// first, if series differ there, and then each that the lines so far leave most of (a pivoted Cholesky factor), up to a remainder that is hardly there,
//
//	x_tj = mean_tj + Σ_i load_jit z_i + remainder_tj,
//
// of which there is none at those steps. A chain over the coordinates z, channel by channel, draws them without the errors
// that increments add up to over time.
type curves struct {
	Means [][]float64   `json:"means"` // of each channel at each step, in units of the panel
	Steps [][]int       `json:"steps"` // of each channel those that tell the others
	Loads [][][]float64 `json:"loads"` // of each channel, of each of these steps, on all steps
	Left  [][]float64   `json:"left"`  // deviation of a channel's remainder at each step, of the steps that tell others 0
	Lines []line        `json:"lines"` // of each coordinate on those before that it knows
	From  []int         `json:"from"`  // the first of these
}

const (
	smallest        = 1e-5 // part of a channel's deviation for which no further step is taken
	hardly          = 1e-3 // part that a remainder is at most
	stepsPerOne     = 3    // steps for each that tells others at least
	mostCoordinates = 64
	surely          = 4 // deviations of a correlation by chance
	open            = 2 // coordinates of a channel that are brought to scores, where a curve begins and where it goes
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
	if len(rows[0]) > mostCoordinates {
		return
	}
	for _, steps := range found.Steps {
		if !found.learnLines(rows, len(steps)) {
			return
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
	total := mat.Trace(covariance)
	left := total
	var loads [][]float64
	var told []int
	begins := covariance.At(0, 0) > smallest*smallest*total // each by itself
	for left > smallest*smallest*total {
		at := 0
		for t := range steps {
			if (len(told) > 0 || !begins) && covariance.At(t, t) > covariance.At(at, at) {
				at = t
			}
		}
		load := mat.Col(nil, at, covariance)
		if (len(told)+1)*stepsPerOne > steps || !(load[at] > 0) {
			break
		}
		deviation := math.Sqrt(load[at])
		for t := range load {
			load[t] /= deviation
		}
		covariance.SymRankOne(covariance, -1, mat.NewVecDense(steps, load))
		left = mat.Trace(covariance)
		loads, told = append(loads, load), append(told, at)
	}
	remainder := make([]float64, steps)
	for t := range remainder {
		if !slices.Contains(told, t) {
			remainder[t] = max(minMove*minMove, math.Sqrt(max(0, covariance.At(t, t))))
		}
	}
	v.Means, v.Steps, v.Loads, v.Left = append(v.Means, mean), append(v.Steps, told), append(v.Loads, loads), append(v.Left, remainder)
	return len(told) > 0 && left <= hardly*hardly*total
}

// learnLines appends the lines of the next coordinates, those of a channel, and from which on they know the ones before
// them: all, or their own where what is open of the channel has nothing to do with what is of those before it. It reports
// whether there are rows enough.
func (v *curves) learnLines(rows [][]float64, own int) bool {
	first := len(v.Lines)
	from := 0
	if first > 0 && !v.tied(rows, min(own, open)) {
		from = first
	}
	columns := make([][]float64, len(rows))
	for i, z := range rows {
		columns[i] = z[from : first+own]
	}
	lines := fitLines(columns, own)
	for i, l := range lines {
		if i >= open { // what is hardly open is told best as it is
			l.Scores = scores.Map{}
		}
		v.Lines, v.From = append(v.Lines, l), append(v.From, from)
	}
	return lines != nil
}

// tied reports whether any of the next so many coordinates, or its square, surely has to do with an open one of the channels
// before or with its square.
func (v *curves) tied(rows [][]float64, next int) bool {
	first := len(v.Lines)
	at := 0
	for _, steps := range v.Steps {
		for b := at; b < min(at+open, at+len(steps), first); b++ {
			for a := first; a < first+next; a++ {
				for _, p := range [][2]int{{1, 1}, {1, 2}, {2, 1}, {2, 2}} {
					x, y := make([]float64, len(rows)), make([]float64, len(rows))
					for i, z := range rows {
						x[i], y[i] = math.Pow(z[a], float64(p[0])), math.Pow(z[b], float64(p[1]))
					}
					if math.Abs(stat.Correlation(x, y, nil)) > surely/math.Sqrt(float64(len(rows))) {
						return true
					}
				}
			}
		}
		at += len(steps)
	}
	return false
}

// coordinates returns those of a series in units of the panel.
func (v *curves) coordinates(x []float64) (z []float64) {
	k := len(v.Means)
	for j, told := range v.Steps {
		first := len(z)
		for i, t := range told {
			left := x[t*k+j] - v.Means[j][t]
			for n := range i {
				left -= v.Loads[j][n][t] * z[first+n]
			}
			z = append(z, left/v.Loads[j][i][t])
		}
	}
	return z
}

// curve returns what the coordinates say of a series, in units of the panel.
func (v *curves) curve(z []float64) []float64 {
	k := len(v.Means)
	x := make([]float64, k*len(v.Means[0]))
	at := 0
	for j, loads := range v.Loads {
		for t, m := range v.Means[j] {
			x[t*k+j] = m
		}
		for _, load := range loads {
			for t, part := range load {
				x[t*k+j] += z[at] * part
			}
			at++
		}
	}
	return x
}

// addRemainder adds a draw of the remainder to a series, in units of the panel.
func (v *curves) addRemainder(x []float64, rng *rand.Rand) {
	for j, left := range v.Left {
		for t, deviation := range left {
			x[t*len(v.Left)+j] += deviation * rng.NormFloat64()
		}
	}
}

// logJacobian returns the logarithm of what takes the density of the coordinates z to that of the series x in units of the
// panel, with the density of what they leave.
func (v *curves) logJacobian(x, z []float64) (l float64) {
	curve := v.curve(z)
	for j, left := range v.Left {
		for i, t := range v.Steps[j] {
			l -= math.Log(v.Loads[j][i][t])
		}
		for t, deviation := range left {
			if deviation > 0 {
				e := (x[t*len(v.Left)+j] - curve[t*len(v.Left)+j]) / deviation
				l -= e*e/2 + math.Log(2*math.Pi)/2 + math.Log(deviation)
			}
		}
	}
	return l
}

// place returns where the distribution of the coordinate d is, given those before it.
func (v *curves) place(d int, z []float64) place {
	l := &v.Lines[d]
	p := place{from: l.at(z[v.From[d]:d]), unit: l.Unit}
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
	if len(v.Means) != channels || len(v.Steps) != channels || len(v.Loads) != channels || len(v.Left) != channels {
		return fmt.Errorf("curves of %d, %d, %d and %d channels, want %d", len(v.Means), len(v.Steps), len(v.Loads), len(v.Left), channels)
	}
	n := 0
	for j, told := range v.Steps {
		if n += len(told); len(told) != len(v.Loads[j]) || slices.ContainsFunc(told, func(t int) bool { return t < 0 || t >= steps }) {
			return fmt.Errorf("a channel's curves told at the steps %v of %d by %d loads", told, steps, len(v.Loads[j]))
		}
		for _, x := range append([][]float64{v.Means[j], v.Left[j]}, v.Loads[j]...) {
			if len(x) != steps {
				return fmt.Errorf("curves of %d steps, want %d", len(x), steps)
			}
			if err := neural.Finite(x...); err != nil {
				return err
			}
		}
		for i, t := range told {
			if err := neural.Positive(v.Loads[j][i][t]); err != nil {
				return err
			}
		}
	}
	if n != len(v.Lines) || n != len(v.From) || n > mostCoordinates {
		return fmt.Errorf("%d lines of %d coordinates, of which there are at most %d", len(v.Lines), n, mostCoordinates)
	}
	for d := range v.Lines {
		if v.From[d] < 0 || v.From[d] > d {
			return fmt.Errorf("coordinate %d knows those from %d on", d, v.From[d])
		}
		if err := v.Lines[d].check(d - v.From[d]); err != nil {
			return err
		}
	}
	return nil
}
