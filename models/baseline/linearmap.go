package baseline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/kernel"
	"tsgen/internal/option"
	"tsgen/series"
)

// LinearMapName is the kind of a [LinearMap].
const LinearMapName = "linear-map"

// A LinearMap forecasts all steps of the horizon at once by one linear map of
// the last values, which is the same for all channels of all series. The last
// value is taken out of a window first and put back afterwards, as in the
// NLinear of Zeng et al. 2023, and windows are in units of the root mean square
// seasonal difference of their series. The map is a ridge regression in closed
// form; its lookback and its ridge are those that forecast best what was held
// back of every series.
//
// Gaps are filled by interpolation with the season taken out. Forecasts are
// Gaussian. Their standard deviations are those of the errors of the held-back
// windows, in units of the series. Beyond the horizon of the fit the map is
// applied to its own forecasts. Such a horizon leads no farther from the last value
// before it than a horizon of the history did, in root mean square, so that what it
// makes of its own errors cannot run away; and as it repeats its errors, their standard
// deviations add up, not their variances. Notes say of how many series more than four
// horizons are asked for. The model needs a regular panel.
type LinearMap struct {
	LinearMapOptions

	fit *linearFit
}

// LinearMapOptions are the options of a LinearMap. The zero value is ready to
// use.
type LinearMapOptions struct {
	// Lookback is the number of steps before the last value that a forecast is
	// made from, at most 1024. Zero chooses among a few multiples of the season
	// and of the horizon.
	Lookback int `json:"lookback" min:"1" max:"1024" default:"chosen on held-back data" help:"steps that a forecast is made from"`

	// Ridge is the penalty on the squared coefficients, as a multiple of the mean
	// sum of squares of an input. Zero chooses among powers of ten from 1e-6
	// to 10.
	Ridge float64 `json:"ridge" min:"0" default:"chosen on held-back data" help:"penalty on the squared coefficients"`

	// Season is the number of steps in a season; zero means that of the options
	// of Fit.
	Season int `json:"season" min:"1" max:"131072" default:"that of --season" help:"steps in a season"`

	// Bare is as that of AR.
	Bare bool `json:"bare" default:"false" help:"whether covariates that are known ahead are left out of account"`
}

const (
	maxLookback = 1024
	maxHorizon  = 4096
)

// Validate says what is wrong with the options, if anything.
func (o LinearMapOptions) Validate() error { return option.Validate("", o) }

// A linearFit is what a LinearMap has learned.
type linearFit struct {
	Lookback int         `json:"lookback"`
	Horizon  int         `json:"horizon"`
	Season   int         `json:"season"`
	Ridge    float64     `json:"ridge"`
	Step     series.Step `json:"step"`

	// Spread is the mean over the series of the fit of what spread says of them.
	Spread float64 `json:"spread"`

	// weights is 1+Lookback x Horizon: the intercept, then the values 1, 2 ...
	// steps before the last, less the last. sd has one value for each step ahead.
	weights, sd []float64
}

// Name returns "linear-map".
func (m *LinearMap) Name() string { return LinearMapName }

// Forecast implements forecast.Model. The error wraps forecast.ErrNotFitted if
// Fit has not been called, forecast.ErrMismatch if the panel is irregular, off
// its grid or of another step than that of the fit, and forecast.ErrTooShort if
// no series of the panel has two observations of some channel.
func (m *LinearMap) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	if m.fit == nil {
		return nil, fmt.Errorf("%s: %w", LinearMapName, forecast.ErrNotFitted)
	}
	if history != nil && history.Step.Regular() && !history.Step.Same(m.fit.Step) {
		return nil, fmt.Errorf("%s: %w: it learned from a panel that is %s, this one is %s", LinearMapName, forecast.ErrMismatch,
			m.fit.Step.Describe(history.Axis.Calendar()), history.Step.Describe(history.Axis.Calendar()))
	}
	l := localModel{m, "a linear map", m.fit.Season, func(*series.Panel, []float64) continuation {
		return fitter{fit: func([]float64, int) core { return plainly(m.fit.project) }}.continuation()
	}, nil, false, !m.Bare}
	return l.forecast(ctx, history, opt)
}

// project continues y.
func (f *linearFit) project(y []float64, lead int) (prospect, remark) {
	unit := unitOf(y, f.Season)
	l := table{make([]float64, 1, lead+f.Horizon+1), make([]float64, 1, lead+f.Horizon+1)}
	l.mean[0] = y[len(y)-1]
	var why remark
	past := fill(y, f.Season)
	if need := f.Lookback + 1 - len(past); need > 0 {
		past = prolong(past, need, f.Season)
		why = "are shorter than the lookback; their first season was repeated before them"
	}
	if lead > trusted*f.Horizon {
		why = remark(fmt.Sprintf("are asked for more than %d steps, and %d at a time were learned: what is beyond is not to be trusted", trusted*f.Horizon, f.Horizon))
	}
	wide := unit * f.width(y, past, unit)
	most := 0.0
	if lead > f.Horizon {
		most = f.farthest(past, unit)
	}
	x := make([]float64, 1+f.Lookback)
	out := make([]float64, f.Horizon)
	for before := 0.0; len(l.mean) <= lead; {
		inputs(x, past, len(past)-1, unit)
		kernel.MulNN(out, x, f.weights, 1, len(x), f.Horizon, false)
		last := past[len(past)-1]
		if far := rootMeanSquare(out); len(l.mean) == 1 {
			most = math.Max(most, far)
		} else if far > most {
			for h := range out {
				out[h] *= most / far
			}
		}
		for h, z := range out {
			past = append(past, last+unit*z)
			l.mean = append(l.mean, last+unit*z)
			l.sd = append(l.sd, wide*(before+f.sd[h]))
		}
		before += f.sd[f.Horizon-1]
	}
	return prospect{marginals: l}, why
}

// trusted is how many of the horizons of the fit ahead no note is given.
const trusted = 4

// farthest returns the largest root mean square, in units, of the distances of the
// values of a horizon from the value before them.
func (f *linearFit) farthest(past []float64, unit float64) float64 {
	if unit == 0 {
		return 0
	}
	most := 0.0
	away := make([]float64, f.Horizon)
	for t := 0; t+f.Horizon < len(past); t++ {
		for h := range away {
			away[h] = (past[t+1+h] - past[t]) / unit
		}
		most = math.Max(most, rootMeanSquare(away))
	}
	return most
}

func rootMeanSquare(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(x)))
}

// width returns by how much the errors of y are larger than those of the series
// of the fit: the root of the ratio of their mean squares, drawn to 1 as if two
// horizons had been seen with errors of the usual size.
func (f *linearFit) width(y, past []float64, unit float64) float64 {
	const usual = 2
	own, horizons := f.spread(y, past[len(past)-len(y):], unit)
	if horizons == 0 || f.Spread == 0 {
		return 1
	}
	return math.Sqrt((usual + horizons*own/f.Spread) / (usual + horizons))
}

// spread returns the mean of the squared errors, each over the variance of its
// step, of forecasts of the last values of y, and how many horizons next to each
// other they span. past is y without gaps.
func (f *linearFit) spread(y, past []float64, unit float64) (mean, horizons float64) {
	const most = 256 // forecasts
	first := f.Lookback
	last := len(y) - 1 - f.Horizon
	if last < first || unit == 0 {
		return 0, 0
	}
	every := max(1, f.Horizon/8)
	first = max(first, last-(most-1)*every)
	x, out := make([]float64, 1+f.Lookback), make([]float64, f.Horizon)
	sum, n := 0.0, 0.0
	for t := last; t >= first; t-- {
		if !isKept(last-t, every, f.Season) {
			continue
		}
		inputs(x, past, t, unit)
		kernel.MulNN(out, x, f.weights, 1, len(x), f.Horizon, false)
		for h, z := range out {
			if e := (y[t+1+h]-past[t])/unit - z; isObserved(e) && f.sd[h] > 0 {
				sum += e * e / (f.sd[h] * f.sd[h])
				n++
			}
		}
	}
	if n == 0 {
		return 0, 0
	}
	return sum / n, float64(last-first)/float64(f.Horizon) + 1
}

// inputs fills x with what the map makes a forecast from: 1, and the values
// 1, 2 ... len(x)-1 steps before y[t], less y[t], in units. They are zero for a
// series that never changes, whose unit is zero.
func inputs(x, y []float64, t int, unit float64) {
	x[0] = 1
	for j := 1; j < len(x); j++ {
		x[j] = 0
		if unit > 0 {
			x[j] = (y[t-j] - y[t]) / unit
		}
	}
}

// unitOf returns the root mean square of the differences of y a season apart,
// or of neighbours if there are no two observations a season apart or if they
// are all alike up to rounding; zero if those are too.
func unitOf(y []float64, season int) float64 {
	const rounding = 1e-12
	largest := 0.0
	for _, v := range y {
		if isObserved(v) {
			largest = math.Max(largest, math.Abs(v))
		}
	}
	for _, lag := range []int{season, 1} {
		sum, n := 0.0, 0
		for t := lag; t < len(y); t++ {
			if d := (y[t] - y[t-lag]) / largest; isObserved(d) {
				sum, n = sum+d*d, n+1
			}
		}
		if unit := math.Sqrt(sum / float64(n)); unit > rounding {
			return unit * largest
		}
	}
	return 0
}

// fill returns y with its gaps interpolated, if possible with the season taken
// out.
func fill(y []float64, season int) []float64 {
	if season == 1 || len(y) <= 2*season || observed(y) == len(y) {
		return filled(y)
	}
	effects := seasonalIndices(y, season, false)
	z := filled(adjust(y, effects, false))
	for t := range z {
		z[t] += effects[t%season]
	}
	return z
}

// prolong puts n values before y: those a season later, or the first if y is
// shorter than a season.
func prolong(y []float64, n, season int) []float64 {
	z := append(make([]float64, n, n+len(y)), y...)
	for t := n - 1; t >= 0; t-- {
		if season <= len(y) {
			z[t] = z[t+season]
		} else {
			z[t] = y[0]
		}
	}
	return z
}

func isNotFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// A linearState is what a model file holds of a LinearMap beside its tensors.
type linearState struct {
	Options LinearMapOptions `json:"options"`
	Fit     *linearFit       `json:"fit"`
}

// State implements forecast.Stater. The error is forecast.ErrNotFitted if Fit
// has not been called.
func (m *LinearMap) State() (*forecast.State, error) {
	f := m.fit
	if f == nil {
		return nil, fmt.Errorf("%s: %w", LinearMapName, forecast.ErrNotFitted)
	}
	options, err := json.Marshal(linearState{m.LinearMapOptions, f})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", LinearMapName, err)
	}
	return &forecast.State{Kind: LinearMapName, Options: options, Tensors: []forecast.Tensor{
		{Name: "weights", Shape: []int{1 + f.Lookback, f.Horizon}, Data: slices.Clone(f.weights)},
		{Name: "sd", Shape: []int{f.Horizon}, Data: slices.Clone(f.sd)},
	}}, nil
}

// LinearMapFromState returns the model that was stored. It shares no memory
// with s.
func LinearMapFromState(s *forecast.State) (*LinearMap, error) {
	m, err := linearMapFromState(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", LinearMapName, err)
	}
	return m, nil
}

func linearMapFromState(s *forecast.State) (*LinearMap, error) {
	st := linearState{Options: LinearMapOptions{Bare: true}} // as older files do not say
	if err := json.Unmarshal(s.Options, &st); err != nil {
		return nil, fmt.Errorf("the model's options: %w", err)
	}
	f := st.Fit
	switch {
	case s.Kind != LinearMapName:
		return nil, fmt.Errorf("a model of kind %q", s.Kind)
	case f == nil:
		return nil, errors.New("the model has no fit")
	case f.Lookback < 1 || f.Lookback > maxLookback || f.Horizon < 1 || f.Horizon > maxHorizon || f.Season < 1 || f.Season > maxLead:
		return nil, fmt.Errorf("a lookback of %d, a horizon of %d and a season of %d steps", f.Lookback, f.Horizon, f.Season)
	case f.Spread < 0:
		return nil, fmt.Errorf("a mean square of errors of %v", f.Spread)
	case len(s.Tensors) != 2:
		return nil, fmt.Errorf("%d tensors, want 2", len(s.Tensors))
	}
	for _, want := range []struct {
		name  string
		shape []int
		data  *[]float64
	}{
		{"weights", []int{1 + f.Lookback, f.Horizon}, &f.weights},
		{"sd", []int{f.Horizon}, &f.sd},
	} {
		i := slices.IndexFunc(s.Tensors, func(t forecast.Tensor) bool { return t.Name == want.name })
		if i < 0 {
			return nil, fmt.Errorf("there is no tensor %s", want.name)
		}
		t, size := s.Tensors[i], 1
		for _, n := range want.shape {
			size *= n
		}
		switch {
		case !slices.Equal(t.Shape, want.shape) || len(t.Data) != size:
			return nil, fmt.Errorf("tensor %s of shape %v, want %v", t.Name, t.Shape, want.shape)
		case slices.ContainsFunc(t.Data, func(v float64) bool { return isNotFinite(v) || want.name == "sd" && v < 0 }):
			return nil, fmt.Errorf("tensor %s has a value out of range", t.Name)
		}
		*want.data = slices.Clone(t.Data)
	}
	return &LinearMap{st.Options, f}, st.Options.Validate()
}
