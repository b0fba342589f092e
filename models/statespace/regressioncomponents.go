package statespace

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/magnitude"
	"tsgen/series"
)

// Components implements forecast.Decomposer: trend (the constant and the slope), each season, what
// each covariate adds to where it is zero, or to its mean if it never is, and remainder, which has the
// autoregressive errors in it. Values are modelled as they are, not by their logarithm, so that
// components add up. A covariate that those before it tell, but for a hundredth of its variance, has no part of its own: what
// they add together is theirs. Deviations are those of the coefficients, widened as those of forecasts. Of long
// series the times before those that the regression is of have no components (NaN). The errors are
// those of Forecast.
func (m Regression) Components(ctx context.Context, history *series.Panel, opt forecast.Options) ([]*forecast.Components, error) {
	if err := m.check(history); err != nil {
		return nil, err
	}
	m.Plain = true
	history = history.BareOfStatic()
	scaled, scales := magnitude.Rescale(history)
	return eachComponents(ctx, RegressionName, history, scaled, scales, m.regressing(scaled, opt).components)
}

// components returns those of x, without the remainder.
func (r *regressing) components(x *series.Series) (*forecast.Components, error) {
	g, err := r.gridded(x, nil)
	if err != nil {
		return nil, err
	}
	g.known = untold(g.known, len(r.panel.Known))
	_, rows, err := r.panel.Grid(x)
	if err != nil {
		return nil, err
	}
	c := &forecast.Components{ID: x.ID, Names: []string{"trend"}}
	for _, period := range r.seasons() {
		c.Names = append(c.Names, forecast.SeasonName(period))
	}
	c.Names = append(append(c.Names, r.panel.Known...), forecast.Remainder)
	place := make(map[string]int, len(c.Names))
	for k, name := range c.Names {
		place[name] = k
		c.Mean, c.SD = append(c.Mean, make([]float64, len(x.Values))), append(c.SD, make([]float64, len(x.Values)))
	}
	width := r.panel.Width()
	for j := range width {
		e, err := r.estimate(x, j, g)
		if err != nil {
			return nil, fmt.Errorf("%w: %s has too few values", err, r.panel.Channels[j])
		}
		var parts map[string][]int
		var base []float64
		if e.scale > 0 {
			parts = r.parts(e, g)
			base = r.base(e, g, parts)
		}
		for at, row := range rows {
			k := at*width + j
			c.Mean[0][k] = e.center
			if row < e.from {
				for p := range c.Mean {
					c.Mean[p][k], c.SD[p][k] = math.NaN(), math.NaN()
				}
				continue
			}
			for name, columns := range parts {
				of := make([]float64, len(e.columns))
				for _, p := range columns {
					of[p] = e.columns[p][row-e.from] - base[p]
				}
				if name == "trend" {
					floats.Add(of, base)
				}
				mean, sd := e.part(of)
				c.Mean[place[name]][k] += mean
				c.SD[place[name]][k] = sd
			}
		}
	}
	return c, nil
}

// leastOwn is the part of the variance of a covariate, in what those before it leave, below which they tell it.
const leastOwn = 0.01

// untold returns covariates, row by row, with zeros for those that the ones before them tell.
func untold(known []float64, width int) []float64 {
	out := slices.Clone(known)
	var before [][]float64 // orthogonal, of mean nought
	for k := range width {
		left := series.Column(known, k, width)
		floats.AddConst(-floats.Sum(left)/float64(len(left)), left)
		all := floats.Dot(left, left)
		for _, b := range before {
			floats.AddScaled(left, -floats.Dot(left, b)/floats.Dot(b, b), b)
		}
		if floats.Dot(left, left) > leastOwn*all {
			before = append(before, left)
			continue
		}
		for i := k; i < len(out); i += width {
			out[i] = 0
		}
	}
	return out
}

// parts returns the places of the columns of each component.
func (r *regressing) parts(e *chosen, g gridded) map[string][]int {
	parts := map[string][]int{"trend": {0}}
	n, first, next := len(e.columns[0]), g.first+float64(e.from), 1
	add := func(name string, count int) {
		for range count {
			parts[name] = append(parts[name], next)
			next++
		}
	}
	// How many columns a part has is told by a regression on nothing else: those that are constant
	// have none.
	alone := *r
	own := *r.panel
	own.Known = nil
	alone.panel = &own
	count := func(slope bool, harmonics int, known []float64) int {
		return len(alone.regressors(n, e.past, first, slope, harmonics, known)) - 1
	}
	add("trend", count(e.recipe.slope, 0, nil))
	if e.recipe.harmonics > 0 {
		add(forecast.SeasonName(r.seasons()[0]), count(false, e.recipe.harmonics, nil))
	}
	width := len(r.panel.Known)
	for k, name := range r.panel.Known {
		own.Known = []string{name}
		add(name, count(false, 0, series.Column(g.known[e.from*width:], k, width)))
	}
	for _, w := range e.recipe.waves {
		if w.period == 0 {
			add("trend", 1)
		} else {
			add(forecast.SeasonName(w.period), len(w.columns(first, n)))
		}
	}
	for _, q := range e.recipe.products {
		add(r.panel.Known[q.known], q.count())
	}
	return parts
}

// base returns for each column of a covariate what it is where the covariate is zero, or zero, its
// mean, if it never is, and for the others zero.
func (r *regressing) base(e *chosen, g gridded, parts map[string][]int) []float64 {
	base := make([]float64, len(e.columns))
	width, lines := len(r.panel.Known), len(e.columns)
	for _, q := range e.recipe.products {
		lines -= q.count() // they are nought there by themselves
	}
	for k, name := range r.panel.Known {
		zero := slices.Index(series.Column(g.known[e.from*width:], k, width)[:e.past], 0)
		for _, p := range parts[name] {
			if zero >= 0 && p < lines {
				base[p] = e.columns[p][zero]
			}
		}
	}
	return base
}

// part returns what regressors say of a value, and its deviation.
func (c *chosen) part(regressors []float64) (mean, sd float64) {
	row := mat.NewVecDense(len(regressors), regressors)
	mean = floats.Dot(c.gls.beta, regressors)
	var solved mat.VecDense
	if err := c.gls.chol.SolveVecTo(&solved, row); err != nil {
		return c.scale * mean, math.NaN() // the regressors tell too little of each other
	}
	return c.scale * mean, c.scale * c.wider(c.columns, c.gls) * math.Sqrt(c.gls.sigma2*mat.Dot(row, &solved))
}
