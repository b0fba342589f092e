package effects

import (
	"cmp"
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
const mostCommon = 1 << 16

// Forecast returns what a model that knows no covariates makes of the history, whose seasons have these periods in
// steps: it sees the values without the effects of the known covariates, which are put onto its
// forecast; static ones have none. The effects are estimated from the history, those that all series have in
// common and by what each departs from them, and are factors where the channel is
// best modelled by its logarithm. Squares of the covariates and their products with waves of the season
// are among them where they explain what lines leave. The lines go on beyond the range of the history by
// as much again, the others end with it. The error is the model's, or wraps series.ErrKnown
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
	f.Notes = append(f.Notes, p.notes()...)
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
	width := float64(newCovariates(p.With(nil), periods).width)
	values := 0.0
	for _, s := range p.Series {
		values += float64(len(s.Values))
	}
	return 3 * values * width * width
}

// A panel is one with what its covariates do.
type panel struct {
	*series.Panel
	*covariates
	channels []effect    // that all series have in common
	own      [][]float64 // coefficients of each series for each channel, i*channels+j; nil where they are the common ones
	unit     []float64   // of the values, likewise
	beyond   []bool      // the covariates that are farther from the range than lines go, in what is forecast
	without  *series.Panel
}

// An effect is what the covariates do to a channel.
type effect struct {
	logs bool      // to its logarithm
	b    []float64 // coefficients
}

func learn(ctx context.Context, history *series.Panel, periods []float64) (*panel, error) {
	width := history.Width()
	cells := len(history.Series) * width
	p := &panel{
		Panel: history, covariates: newCovariates(history, periods), channels: make([]effect, width),
		own: make([][]float64, cells), unit: make([]float64, cells), beyond: make([]bool, len(history.Known)),
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
		for j := range p.channels {
			if err := p.depart(i, j); err != nil {
				return err
			}
		}
		var err error
		all[i], err = p.bare(i)
		return err
	})
	p.without = history.With(all)
	p.without.Known, p.without.Static, p.without.Events = nil, nil, nil
	return p, err
}

// each calls do with what a regression sees of series i at each of some times, a row that is not to be kept.
func (p *panel) each(i int, times []float64, do func(t int, row []float64)) error {
	known, err := p.KnownAt(p.Series[i], times)
	if err != nil {
		return err
	}
	k := len(p.Known)
	row, waves := make([]float64, 0, p.covariates.width), make([]float64, 0, p.waves)
	for t, at := range times {
		waves = p.appendWaves(waves[:0], at)
		row = p.append(row[:0], i, known[t*k:(t+1)*k], waves)
		do(t, row)
	}
	return nil
}

// common sets what series have in common of the effects on channel j.
func (p *panel) common(j int) error {
	e := &p.channels[j]
	values := 0
	for _, s := range p.Series {
		values += s.Len()
	}
	every := max(1, (values+mostCommon-1)/mostCommon)
	var all []Record
	for i := 0; i < len(p.Series); i += every {
		r, err := p.record(i, j)
		if err != nil {
			return err
		}
		if len(r.Y) > 1 {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil
	}
	e.b = p.regress(all, nil)
	return nil
}

// regress returns the coefficients of the regression of some records, in which those squares and products take part
// that have a coefficient, if some are given.
func (p *panel) regress(records []Record, coefficients []float64) []float64 {
	bends := columns(p.number(), len(records[0].X)/len(records[0].Y)-p.waves)
	if coefficients != nil {
		bends = slices.DeleteFunc(bends, func(i int) bool { return coefficients[i] == 0 })
	}
	return regress(records, p.waves, columns(0, p.number()), bends).drawn
}

// depart sets by which coefficients series i departs from the others in channel j, if it tells.
func (p *panel) depart(i, j int) error {
	e := &p.channels[j]
	cell := i*p.Width() + j
	if len(p.Series) == 1 || e.b == nil {
		return nil
	}
	r, err := p.record(i, j)
	if err != nil || len(r.Y) < 2 {
		return err
	}
	n := len(e.b) - p.waves
	for t := range r.Y {
		r.Y[t] -= dot(e.b[:n], r.X[t*len(e.b):])
	}
	own := p.regress([]Record{r}, e.b)
	for l := range n {
		own[l] += e.b[l]
	}
	p.own[cell] = own
	return nil
}

// record returns the last values of channel j of series i in its unit, which it sets, without what is missing.
func (p *panel) record(i, j int) (r Record, err error) {
	s, c := p.Series[i], p.Width()
	p.unit[i*c+j] = p.measure(i, j)
	from := max(0, s.Len()-mostCommon)
	r.Y, r.X = make([]float64, 0, s.Len()-from), make([]float64, 0, (s.Len()-from)*p.covariates.width)
	err = p.each(i, s.Times[from:], func(t int, row []float64) {
		y := s.Values[(from+t)*c+j]
		if math.IsNaN(y) {
			return
		}
		if p.channels[j].logs {
			y = math.Log(y)
		}
		r.Y, r.X = append(r.Y, y/p.unit[i*c+j]), append(r.X, row...)
	})
	return r, err
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

// of returns what a row adds to channel j of series i, or to its logarithm.
func (p *panel) of(i, j int, row []float64) float64 {
	b := p.own[i*p.Width()+j]
	if b == nil {
		b = p.channels[j].b
	}
	if b == nil {
		return 0
	}
	return p.unit[i*p.Width()+j] * dot(b[:len(b)-p.waves], row)
}

// bare returns series i less the effects, without its covariates.
func (p *panel) bare(i int) (*series.Series, error) {
	x := *p.Series[i]
	c := p.Width()
	x.Known, x.Values = series.Track{}, slices.Clone(x.Values)
	err := p.each(i, x.Times, func(t int, row []float64) {
		for j, v := range x.Values[t*c : (t+1)*c] {
			switch e := p.of(i, j, row); {
			case math.IsNaN(v):
			case p.channels[j].logs:
				x.Values[t*c+j] = v * math.Exp(-e)
			default:
				x.Values[t*c+j] = v - e
			}
		}
	})
	return &x, err
}

// restore puts the effects onto a forecast of series i.
func (p *panel) restore(i int, d *forecast.Distribution) error {
	known, err := p.KnownAt(p.Series[i], d.Times)
	if err != nil {
		return err
	}
	for l, v := range known {
		if l %= len(p.Known); l >= p.first && p.isBeyond(i, l-p.first, v) {
			p.beyond[l] = true
		}
	}
	c := p.Width()
	forms := slices.Concat(d.Paths, d.Values)
	if d.Mean != nil {
		forms = append(forms, d.Mean)
	}
	err = p.each(i, d.Times, func(t int, row []float64) {
		for j := range c {
			l := t*c + j
			factor, shift := 1.0, p.of(i, j, row)
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
	})
	return cmp.Or(err, d.Validate())
}

// notes says which covariates have an effect on some channel, and which go too far.
func (p *panel) notes() []string {
	var used, far []string
	for l, name := range p.Known[p.first:] {
		if slices.ContainsFunc(p.channels, func(e effect) bool { return e.b != nil && e.b[l] != 0 }) {
			used = append(used, name)
		}
		if p.beyond[p.first+l] {
			far = append(far, name)
		}
	}
	var notes []string
	if len(used) > 0 {
		notes = append(notes, fmt.Sprintf("models that learn nothing of covariates forecast what a regression on %s leaves, and have the effects put onto their forecasts", some(used)))
	}
	if len(far) > 0 {
		notes = append(notes, fmt.Sprintf("farther from what the history has than that is wide, and taken for as far as it: %s", some(far)))
	}
	return notes
}

// some returns the first of some names.
func some(names []string) string {
	const most = 4
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func dot(b, x []float64) (sum float64) {
	for l, v := range b {
		sum += v * x[l]
	}
	return sum
}
