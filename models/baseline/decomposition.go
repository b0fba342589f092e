package baseline

import (
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
)

// A Decomposition splits a series into the sum of its parts, a value for each
// step. The remainder is NaN where the series is missing.
type Decomposition struct {
	Trend, Seasonal, Remainder []float64

	// Weights are the robustness weights of the values, from 0 to 1; 0 where
	// the series is missing.
	Weights []float64
}

// DecomposeOptions are the options of Decompose. The zero value of all but the
// period is ready to use.
type DecomposeOptions struct {
	Period int // steps in a season, 2 or more

	// The widths of the local regressions, in seasons for Seasonal and in steps
	// for the others; odd. Zero means 11 for Seasonal, the least odd number of at
	// least 1.5 Period / (1 - 1.5/Seasonal) for Trend and of at least Period for
	// LowPass.
	Seasonal, Trend, LowPass int

	// SeasonalDegree is the degree of the regression that smooths the seasonal
	// part, 0 or 1. The other regressions have degree 1.
	SeasonalDegree int

	// Periodic makes all seasons alike; Seasonal and SeasonalDegree are not used.
	Periodic bool

	// Inner and Outer are the numbers of inner loops, and of robustness
	// iterations around them. Zero means 2 inner loops; 15 outer ones make the
	// decomposition robust to outliers.
	Inner, Outer int
}

// complete returns the options with what is zero replaced, for a series of n
// values.
func (o DecomposeOptions) complete(n int) DecomposeOptions {
	if o.Periodic {
		o.Seasonal = 10*n + 1
	}
	if o.Seasonal == 0 {
		o.Seasonal = 11
	}
	if o.Trend == 0 {
		o.Trend = odd(1.5 * float64(o.Period) / (1 - 1.5/float64(o.Seasonal)))
	}
	if o.LowPass == 0 {
		o.LowPass = odd(float64(o.Period))
	}
	if o.Inner == 0 {
		o.Inner = 2
	}
	return o
}

// odd returns the least odd number that is no less than x.
func odd(x float64) int {
	k := int(math.Ceil(x))
	return k + 1 - k%2
}

func (o DecomposeOptions) check(y []float64) error {
	for _, w := range []struct {
		name  string
		value int
	}{{"Seasonal", o.Seasonal}, {"Trend", o.Trend}, {"LowPass", o.LowPass}} {
		if w.value != 0 && (w.value < 3 || w.value%2 == 0) {
			return fmt.Errorf("decomposition: a window %s of %d, want an odd number of 3 or more", w.name, w.value)
		}
	}
	switch {
	case o.Period < 2:
		return fmt.Errorf("decomposition: a period of %d steps, want 2 or more", o.Period)
	case o.SeasonalDegree != 0 && o.SeasonalDegree != 1:
		return fmt.Errorf("decomposition: a seasonal degree of %d, want 0 or 1", o.SeasonalDegree)
	case o.Inner < 0 || o.Outer < 0:
		return fmt.Errorf("decomposition: %d inner and %d outer loops", o.Inner, o.Outer)
	case len(y)/2 < o.Period:
		return fmt.Errorf("decomposition: %w: %d, two seasons of %d steps are needed", forecast.ErrTooShort, len(y), o.Period)
	case !isObserved(y[0]) || !isObserved(y[len(y)-1]):
		return fmt.Errorf("decomposition: the first or the last value is missing")
	}
	for t, v := range y {
		if math.IsInf(v, 0) {
			return fmt.Errorf("decomposition: value %d is %v", t, v)
		}
	}
	return nil
}

// Decompose splits y by STL, a seasonal-trend decomposition by local regression
// (R. B. Cleveland, W. S. Cleveland, McRae and Terpenning 1990, Journal of
// Official Statistics 6:3). Missing values (NaN) have no weight in any of the
// regressions; the first and the last must be there. The error wraps
// forecast.ErrTooShort if y has fewer than two seasons.
func Decompose(y []float64, opt DecomposeOptions) (*Decomposition, error) {
	if err := opt.check(y); err != nil {
		return nil, err
	}
	return decompose(y, opt.complete(len(y))), nil
}

func decompose(y []float64, o DecomposeOptions) *Decomposition {
	n := len(y)
	z := filled(y)
	d := &Decomposition{Trend: make([]float64, n), Seasonal: make([]float64, n), Remainder: make([]float64, n), Weights: make([]float64, n)}
	for t, v := range y {
		if isObserved(v) {
			d.Weights[t] = 1
		}
	}
	s := newSTLSpace(n, o.Period)
	for k := range o.Outer + 1 {
		for range o.Inner {
			s.inner(z, d, o)
		}
		if k < o.Outer {
			d.robust(y)
		}
	}
	if o.Periodic {
		d.average(o.Period)
	}
	for t, v := range y {
		d.Remainder[t] = v - d.Trend[t] - d.Seasonal[t]
	}
	return d
}

// stlSpace is the room that the inner loop needs.
type stlSpace struct {
	work    []float64 // detrended or deseasonalised series
	cycle   []float64 // smoothed subseries, a season more at either end
	a, b    []float64 // moving averages of cycle
	low     []float64
	one, w  []float64 // a subseries and its weights
	through []float64 // a smoothed one
}

func newSTLSpace(n, period int) *stlSpace {
	k := n/period + 1
	return &stlSpace{
		work: make([]float64, n), cycle: make([]float64, n+2*period),
		a: make([]float64, n+period+1), b: make([]float64, n+2), low: make([]float64, n),
		one: make([]float64, k), w: make([]float64, k), through: make([]float64, k+2),
	}
}

// inner is one pass of the inner loop of Cleveland et al. (1990).
func (s *stlSpace) inner(y []float64, d *Decomposition, o DecomposeOptions) {
	n, p := len(y), o.Period
	for t, v := range y {
		s.work[t] = v - d.Trend[t]
	}
	for place := range p {
		k := (n-place-1)/p + 1
		for i := range k {
			s.one[i], s.w[i] = s.work[place+i*p], d.Weights[place+i*p]
		}
		if o.Periodic {
			fillMean(s.through[:k+2], s.one[:k], s.w[:k])
		} else {
			loess(s.through[:k+2], s.one[:k], -1, o.Seasonal, o.SeasonalDegree, s.w[:k])
		}
		for i, v := range s.through[:k+2] {
			s.cycle[place+i*p] = v
		}
	}
	movingAverage(s.a, s.cycle)
	movingAverage(s.b, s.a)
	movingAverage(s.work, s.b)
	loess(s.low, s.work, 0, o.LowPass, 1, nil)
	for t, v := range y {
		d.Seasonal[t] = s.cycle[t+p] - s.low[t]
		s.work[t] = v - d.Seasonal[t]
	}
	loess(d.Trend, s.work, 0, o.Trend, 1, d.Weights)
}

// fillMean fills dst with the weighted mean of y, which is what local regression
// of degree 0 comes to with a window much wider than y.
func fillMean(dst, y, weight []float64) {
	sum, total := 0.0, 0.0
	for i, v := range y {
		sum += weight[i] * v
		total += weight[i]
	}
	if total == 0 {
		sum, total = y[len(y)-1], 1
	}
	for i := range dst {
		dst[i] = sum / total
	}
}

// freedom returns the degrees of freedom of the seasonal part of a series of n
// values: for each place in the season but one the trace of the smoothing of
// its subseries, which is 1 for a mean.
func (o DecomposeOptions) freedom(n int) float64 {
	if o.Periodic {
		return float64(o.Period - 1)
	}
	k := n / o.Period
	unit, value := make([]float64, k), make([]float64, 1)
	trace := 0.0
	for i := range k {
		unit[i] = 1
		loess(value, unit, i, o.Seasonal, o.SeasonalDegree, nil)
		unit[i] = 0
		trace += value[0]
	}
	return float64(o.Period-1) * trace
}

// robust sets the weights to the bisquare of the remainders (Cleveland et al.
// 1990).
func (d *Decomposition) robust(y []float64) {
	var sizes []float64
	for t, v := range y {
		if isObserved(v) {
			sizes = append(sizes, math.Abs(v-d.Trend[t]-d.Seasonal[t]))
		}
	}
	slices.Sort(sizes)
	n := len(sizes)
	h := 3 * (sizes[(n-1)/2] + sizes[n/2]) // six medians
	for t, v := range y {
		if !isObserved(v) {
			continue
		}
		switch r := math.Abs(v - d.Trend[t] - d.Seasonal[t]); {
		case r <= 0.001*h:
			d.Weights[t] = 1
		case r <= 0.999*h:
			u := r / h
			d.Weights[t] = (1 - u*u) * (1 - u*u)
		default:
			d.Weights[t] = 0
		}
	}
}

// average makes all seasons the mean season.
func (d *Decomposition) average(period int) {
	for place := range period {
		sum, k := 0.0, 0.0
		for t := place; t < len(d.Seasonal); t += period {
			sum += d.Seasonal[t]
			k++
		}
		for t := place; t < len(d.Seasonal); t += period {
			d.Seasonal[t] = sum / k
		}
	}
}
