package baseline

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/freedom"
	"tsgen/internal/joint"
	"tsgen/series"
)

// A prospect is the predictive distribution of one channel of one series.
type prospect struct {
	// marginals holds the Gaussian marginals; it is nil if they are not Gaussian.
	marginals marginals

	dependence

	// degrees are those of freedom with which the variance of the marginals was estimated, if their tails are
	// Student's for that: deviations are those that have the 80 % intervals right. Zero means Gaussian tails.
	degrees float64

	// draw fills path with a draw from the joint distribution of the values 0, 1 ...
	// steps after the last observation. It may be nil if the marginals are Gaussian.
	draw func(rng *rand.Rand, path []float64)
}

// A remark says in words what was done to a series for want of something
// better: what follows "3 of 100 series". It is empty if there is nothing to
// say.
type remark string

// notes counts the remarks, in the order in which they first come.
func notes(name string, remarks []remark) []string {
	var order []remark
	count := make(map[remark]int)
	for _, r := range remarks {
		if r == "" {
			continue
		}
		if count[r] == 0 {
			order = append(order, r)
		}
		count[r]++
	}
	var out []string
	for _, r := range order {
		out = append(out, fmt.Sprintf("%s: %d of %d series %s", name, count[r], len(remarks), r))
	}
	return out
}

// normalMarginals returns the means and the standard deviations at the leads, a row
// for each.
func normalMarginals(outs []prospect, leads []float64) (mean, sd []float64) {
	mean, sd = make([]float64, 0, len(leads)*len(outs)), make([]float64, 0, len(leads)*len(outs))
	for _, lead := range leads {
		for _, o := range outs {
			m, s := o.marginals.At(lead)
			mean, sd = append(mean, m), append(sd, s)
		}
	}
	return mean, sd
}

// fewDegrees are those of freedom from which on Student's tails are Gaussian ones.
const fewDegrees = 30

// setMarginals gives d the marginals of its channels at some leads: Gaussian ones, or quantiles if some have
// Student's tails.
func setMarginals(d *forecast.Distribution, outs []prospect, leads []float64) {
	mean, sd := normalMarginals(outs, leads)
	if !slices.ContainsFunc(outs, func(o prospect) bool { return o.degrees > 0 && o.degrees < fewDegrees }) {
		d.Mean, d.SD = mean, sd
		return
	}
	scores := make([]float64, len(outs)) // of the channels, at the score that is asked for
	d.Probs, d.Values = forecast.SummaryQuantiles(len(mean), func(k int, z float64) float64 {
		c := k % len(outs)
		if k == c {
			if scores[c] = z; outs[c].degrees > 0 && outs[c].degrees < fewDegrees && z != 0 {
				scores[c] = freedom.Score(z, outs[c].degrees)
			}
		}
		return mean[k] + sd[k]*scores[c]
	})
}

// paths draws sample paths at leads that are whole steps, the channels one after the other.
func paths(outs []prospect, leads []float64, opt forecast.Options, rng *rand.Rand) [][]float64 {
	if len(leads) == 0 {
		return nil
	}
	n, width := cmp.Or(opt.Samples, forecast.DefaultPaths), len(outs)
	if width == 1 {
		return drawPaths(outs[0], leads, n, rng)
	}
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, len(leads)*width)
	}
	for c, o := range outs {
		setColumn(out, drawPaths(o, leads, n, rng), c, width)
	}
	return out
}

// drawPaths draws n paths of a prospect at leads that are whole steps.
func drawPaths(o prospect, leads []float64, n int, rng *rand.Rand) [][]float64 {
	if o.draw == nil {
		d := &forecast.Distribution{Times: leads}
		setMarginals(d, []prospect{o}, leads)
		return forecast.Join(d, joint.Draws(n, len(leads), rng, []joint.Course{o.course(leads, o.marginals)}, nil)).Paths
	}
	out := make([][]float64, n)
	path := make([]float64, int(leads[len(leads)-1])+1)
	all := make([]float64, n*len(leads))
	for i := range out {
		o.draw(rng, path)
		out[i], all = all[:len(leads):len(leads)], all[len(leads):]
		for k, lead := range leads {
			out[i][k] = path[int(lead)]
		}
	}
	return out
}

// later returns the prospect as seen some steps after its own origin.
func (o prospect) later(after int) prospect {
	if after == 0 {
		return o
	}
	var l prospect
	if o.marginals != nil {
		l.marginals = later{o.marginals, after}
	}
	l.dependence, l.degrees = o.dependence, o.degrees
	l.after += after
	if o.draw != nil {
		l.draw = func(rng *rand.Rand, path []float64) {
			whole := make([]float64, after+len(path))
			o.draw(rng, whole)
			copy(path, whole[after:])
		}
	}
	return l
}

// later is a distribution some steps after its own origin.
type later struct {
	marginals marginals
	after     int
}

func (l later) At(lead float64) (mean, sd float64) { return l.marginals.At(lead + float64(l.after)) }

// trim cuts y down to the part between its first and its last observation, and
// says how many values followed that.
func trim(y []float64) (core []float64, after int) {
	first := slices.IndexFunc(y, isObserved)
	last := len(y) - 1
	for !isObserved(y[last]) {
		last--
	}
	return y[first : last+1], len(y) - 1 - last
}

// recent returns the part of a series from which models are estimated that
// cost more than a look at each value: up to its last 2048 observations, or 24
// seasons of them if that is more. The first value is observed.
func recent(y []float64, season int) []float64 {
	const values, seasons = 2048, 24
	left := max(values, seasons*season)
	for t := len(y) - 1; t >= 0; t-- {
		if isObserved(y[t]) {
			if left--; left == 0 {
				return y[t:]
			}
		}
	}
	return y
}

func isObserved(v float64) bool { return !math.IsNaN(v) }

// observed counts the values that are not missing.
func observed(y []float64) int {
	n := 0
	for _, v := range y {
		if isObserved(v) {
			n++
		}
	}
	return n
}

// filled returns y with its gaps interpolated linearly. The first and the last
// value must be observed.
func filled(y []float64) []float64 {
	z := slices.Clone(y)
	last := 0
	for i, v := range y {
		if !isObserved(v) {
			continue
		}
		for k := last + 1; k < i; k++ {
			z[k] = between(y[last], v, float64(k-last)/float64(i-last))
		}
		last = i
	}
	return z
}

// checkRegular refuses a panel without a step, in the name of a method.
func checkRegular(p *series.Panel, method string) error {
	if p == nil {
		return errors.New("no panel")
	}
	if !p.Step.Regular() {
		return fmt.Errorf("%w: %s needs observations in regular steps, these are irregular", forecast.ErrMismatch, method)
	}
	return nil
}
