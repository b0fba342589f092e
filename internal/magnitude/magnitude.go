// Package magnitude brings values to a size at which their squares neither overflow
// nor vanish.
package magnitude

import (
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/series"
)

// largest is the exponent up to which the largest value of a channel is left as it is,
// and its negative that down to which it is: float64 goes from 2^-1022 to 2^1024, and
// models square values and their differences, and sum the squares.
const largest = 400

// exponent returns the power of two that the largest of some values is below, or 0 if
// they may stay as they are.
func exponent(most float64) int {
	if _, e := math.Frexp(most); e > largest || e < -largest {
		return e
	}
	return 0
}

// Scales are the powers of two by which the channels of a panel were divided.
type Scales []int

// Rescale returns the panel with the channels whose largest value is out of the range
// in which it may be squared divided by powers of two, so that it is below one and at
// least a half, and which these are; nil, and the panel itself, if there is none. The
// copy shares everything but the values.
func Rescale(p *series.Panel) (*series.Panel, Scales) {
	width := p.Width()
	if width == 0 {
		return p, nil
	}
	most := make([]float64, width)
	for _, s := range p.Series {
		for k, x := range s.Values {
			if x = math.Abs(x); x > most[k%width] {
				most[k%width] = x
			}
		}
	}
	var scales Scales
	for j, x := range most {
		if e := exponent(x); e != 0 {
			if scales == nil {
				scales = make(Scales, width)
			}
			scales[j] = e
		}
	}
	if scales == nil {
		return p, nil
	}
	all := make([]*series.Series, len(p.Series))
	for i, s := range p.Series {
		scaled := *s
		scaled.Values = make([]float64, len(s.Values))
		for k, x := range s.Values {
			scaled.Values[k] = math.Ldexp(x, -scales[k%width])
		}
		all[i] = &scaled
	}
	return p.With(all), scales
}

// Forecast returns what a model makes of the rescaled history, in the units of the
// history. The error is the model's, or wraps forecast.ErrMismatch if a distribution has values
// beyond what float64 holds.
func Forecast(history *series.Panel, model func(history *series.Panel) (*forecast.Forecast, error)) (*forecast.Forecast, error) {
	scaled, scales := Rescale(history)
	f, err := model(scaled)
	if err != nil || scales == nil {
		return f, err
	}
	for _, d := range f.Series {
		if !scales.restore(d) {
			return nil, fmt.Errorf("%s: %w: %s: the values are too large to be forecast; divide them by a power of ten",
				f.Model, forecast.ErrMismatch, forecast.Describe(d.ID))
		}
	}
	return f, nil
}

// Restore multiplies values, row by row of the channels, by what the channels were
// divided by, and reports whether they are finite.
func (s Scales) Restore(values []float64) (finite bool) {
	finite = true
	for k, x := range values {
		values[k] = math.Ldexp(x, s[k%len(s)])
		finite = finite && !math.IsInf(values[k], 0)
	}
	return finite
}

// tails is how many standard deviations from the mean of a Gaussian float64 must
// reach.
const tails = 10

// restore does so for a whole distribution.
func (s Scales) restore(d *forecast.Distribution) (finite bool) {
	finite = s.Restore(d.Mean) && s.Restore(d.SD)
	for k, m := range d.Mean {
		finite = finite && !math.IsInf(math.Abs(m)+tails*d.SD[k], 0)
	}
	for _, rows := range [][][]float64{d.Values, d.Paths} {
		for _, row := range rows {
			finite = s.Restore(row) && finite
		}
	}
	return finite
}
