package effects

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"tsgen/forecast"
	"tsgen/series"
)

// mostCommon is the number of values of a channel, about, that what series have in common is
// estimated from: those of series that are evenly spread over the panel.
const mostCommon = 1 << 17

// Forecast returns what a model that knows no covariates makes of the history, whose seasons have these periods in
// steps: it sees the values without the effects of the known covariates, which are put onto its
// forecast; static ones have none. The effects are estimated from the history, those that all series have in
// common and by what each departs from them, and are factors where the channel is
// best modelled by its logarithm. Squares of the covariates and their products with waves of the season
// are among them if they are worth their number by Schwarz's criterion. Covariates
// beyond the range of the history count as its ends. The error is the model's, or wraps series.ErrKnown
// if the covariates do not reach.
func Forecast(ctx context.Context, history *series.Panel, periods []float64, model func(*series.Panel) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	if len(history.Known) == len(history.Static) {
		return model(history)
	}
	p, err := learn(ctx, history, periods)
	if err != nil {
		return nil, err
	}
	f, err := model(p.without)
	if err != nil {
		return nil, err
	}
	for i, d := range f.Series {
		if err := p.restore(i, d); err != nil {
			return nil, err
		}
	}
	if names := p.names(); len(names) > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("models that learn nothing of covariates forecast what a regression on %s leaves, and have the effects put onto their forecasts", strings.Join(names, ", ")))
	}
	return f, nil
}

// Without returns what the model of Forecast sees.
func Without(ctx context.Context, history *series.Panel, periods []float64) (*series.Panel, error) {
	if len(history.Known) == len(history.Static) {
		return history, nil
	}
	p, err := learn(ctx, history, periods)
	if err != nil {
		return nil, err
	}
	return p.without, nil
}

// Work estimates the multiplications that it takes to estimate the effects in a panel whose seasons have
// these periods; none if it has no covariates.
func Work(p *series.Panel, periods []float64) float64 {
	n := len(p.Known) - len(p.Static)
	if n == 0 {
		return 0
	}
	c := covariates{of: p, periods: periods[:min(len(periods), seasons)], curved: make([]bool, n)}
	waves := c.appendWaves(nil, 0)
	width := float64(n + len(waves) + len(c.appendBends(nil, make([]float64, n), waves)))
	values := 0.0
	for _, s := range p.Series {
		values += float64(len(s.Values))
	}
	return (2*passes + 1) * values * width * width
}

// A panel is one with what its covariates do.
type panel struct {
	*series.Panel
	*covariates
	channels []effect    // that all series have in common
	own      [][]float64 // coefficients of each series for each channel, i*channels+j; nil where they are the common ones
	unit     []float64   // of the values, likewise
	without  *series.Panel
}

// An effect is what the covariates do to a channel.
type effect struct {
	logs  bool      // to its logarithm
	bends bool      // their squares and products too
	b     []float64 // coefficients
}

func learn(ctx context.Context, history *series.Panel, periods []float64) (*panel, error) {
	width := history.Width()
	cells := len(history.Series) * width
	p := &panel{
		Panel: history, covariates: newCovariates(history, periods), channels: make([]effect, width),
		own: make([][]float64, cells), unit: make([]float64, cells),
	}
	for j := range p.channels {
		positive, likelier := history.LogarithmFits(j, history.Season())
		p.channels[j].logs = positive && likelier
		if err := p.common(j); err != nil {
			return nil, err
		}
	}
	all := make([]*series.Series, len(history.Series))
	err := forecast.EachSeries(ctx, len(all), func(i int) error {
		known, err := p.KnownAt(history.Series[i], history.Series[i].Times)
		if err != nil {
			return err
		}
		for j := range p.channels {
			p.depart(i, j, known)
		}
		all[i] = p.bare(i, known)
		return nil
	})
	p.without = history.With(all)
	p.without.Known, p.without.Static, p.without.Events = nil, nil, nil
	return p, err
}

// common sets what series have in common of the effects on channel j.
func (p *panel) common(j int) error {
	e := &p.channels[j]
	values := 0
	for _, s := range p.Series {
		values += s.Len()
	}
	every := max(1, (values+mostCommon-1)/mostCommon)
	var plain, bent []Record
	for i := 0; i < len(p.Series); i += every {
		s := p.Series[i]
		known, err := p.KnownAt(s, s.Times)
		if err != nil {
			return err
		}
		p.unit[i*p.Width()+j] = p.measure(i, j)
		if r := p.record(i, j, known, false); len(r.Y) > 1 {
			plain, bent = append(plain, r), append(bent, p.record(i, j, known, true))
		}
	}
	if len(plain) == 0 {
		e.b = make([]float64, p.number())
		return nil
	}
	n := p.number()
	waves := len(p.appendWaves(nil, 0))
	b, line, correlation := lines(plain, n, waves)
	e.b = b
	if line.b == nil {
		return nil
	}
	wide := len(bent[0].X)/len(bent[0].Y) - waves
	rows := float64(line.n)
	if curve := leastSquares(bent, wide+waves, correlation); curve.b != nil && rows*math.Log(line.left/curve.left) > float64(wide-n)*math.Log(rows) {
		e.bends = true
		e.b, _, _ = lines(bent, wide, waves)
	}
	return nil
}

// depart sets by which coefficients series i departs from the others in channel j, if it tells.
func (p *panel) depart(i, j int, known []float64) {
	e := &p.channels[j]
	cell := i*p.Width() + j
	p.unit[cell] = p.measure(i, j)
	if len(p.Series) == 1 {
		return
	}
	r := p.record(i, j, known, e.bends)
	if len(r.Y) < 2 {
		return
	}
	width := len(r.X) / len(r.Y)
	for t := range r.Y {
		r.Y[t] -= dot(e.b, r.X[t*width:])
	}
	if own, fit, _ := lines([]Record{r}, len(e.b), width-len(e.b)); fit.b != nil {
		for l := range own {
			own[l] += e.b[l]
		}
		p.own[cell] = own
	}
}

// record returns channel j of series i in its unit, with the covariates and the waves, and their bends between
// them if these are asked for.
func (p *panel) record(i, j int, known []float64, bends bool) (r Record) {
	s, k, c := p.Series[i], len(p.Known), p.Width()
	var waves []float64
	for t := max(0, s.Len()-mostCommon); t < s.Len(); t++ {
		at, y := s.Times[t], s.Values[t*c+j]
		if math.IsNaN(y) {
			continue
		}
		if p.channels[j].logs {
			y = math.Log(y)
		}
		r.Y = append(r.Y, y/p.unit[i*c+j])
		from := len(r.X)
		waves = p.appendWaves(waves[:0], at)
		r.X = p.append(r.X, i, known[t*k:(t+1)*k])
		if bends {
			r.X = p.appendBends(r.X, r.X[from:], waves)
		}
		r.X = append(r.X, waves...)
	}
	return r
}

// measure returns the unit of channel j of series i: 1 of logarithms, else the mean absolute value of
// what has no negative ones, and the mean absolute deviation of the rest.
func (p *panel) measure(i, j int) float64 {
	if p.channels[j].logs {
		return 1
	}
	y := series.Column(p.Series[i].Values, j, p.Width())
	y = slices.DeleteFunc(y, math.IsNaN)
	var sum, abs, away float64
	for _, v := range y {
		sum, abs = sum+v, abs+math.Abs(v)
	}
	n := float64(len(y))
	for _, v := range y {
		away += math.Abs(v - sum/n)
	}
	unit := abs / n
	if sum < abs {
		unit = away / n
	}
	if !(unit > 0) {
		return 1
	}
	return unit
}

// of returns what a row of the known covariates adds at a time to channel j of series i, or to its logarithm.
func (p *panel) of(i, j int, at float64, known []float64) float64 {
	e := &p.channels[j]
	b := p.own[i*p.Width()+j]
	if b == nil {
		b = e.b
	}
	x := p.append(nil, i, known)
	if e.bends {
		x = p.appendBends(x, x, p.appendWaves(nil, at))
	}
	return p.unit[i*p.Width()+j] * dot(b, x)
}

// bare returns series i less the effects, without its covariates.
func (p *panel) bare(i int, known []float64) *series.Series {
	x := *p.Series[i]
	c, k := p.Width(), len(p.Known)
	x.Known, x.Values = series.Track{}, slices.Clone(x.Values)
	for l, v := range x.Values {
		t, j := l/c, l%c
		switch e := p.of(i, j, x.Times[t], known[t*k:(t+1)*k]); {
		case math.IsNaN(v):
		case p.channels[j].logs:
			x.Values[l] = v * math.Exp(-e)
		default:
			x.Values[l] = v - e
		}
	}
	return &x
}

// restore puts the effects onto a forecast of series i.
func (p *panel) restore(i int, d *forecast.Distribution) error {
	known, err := p.KnownAt(p.Series[i], d.Times)
	if err != nil {
		return err
	}
	c, k := p.Width(), len(p.Known)
	forms := slices.Concat(d.Paths, d.Values)
	if d.Mean != nil {
		forms = append(forms, d.Mean)
	}
	for l := range len(d.Times) * c {
		t, j := l/c, l%c
		factor, shift := 1.0, p.of(i, j, d.Times[t], known[t*k:(t+1)*k])
		if p.channels[j].logs {
			factor, shift = math.Exp(shift), 0
		}
		for _, v := range forms {
			v[l] = v[l]*factor + shift
		}
		if d.SD != nil {
			d.SD[l] *= factor
		}
	}
	return d.Validate()
}

// names returns those of the covariates that have an effect on some channel.
func (p *panel) names() (names []string) {
	for l, name := range p.Known[p.first:] {
		if slices.ContainsFunc(p.channels, func(e effect) bool { return e.b[l] != 0 }) {
			names = append(names, name)
		}
	}
	return names
}

func dot(b, x []float64) (sum float64) {
	for l, v := range b {
		sum += v * x[l]
	}
	return sum
}
