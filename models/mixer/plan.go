package mixer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A plan is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type plan struct {
	Options Options `json:"model"` // no field is left to a default

	Channels []string    `json:"channels"`
	Step     series.Step `json:"step"`
	Axis     series.Axis `json:"axis"`
	ID       string      `json:"id,omitempty"`
	Time     string      `json:"time"`
	Start    float64     `json:"start"`
	Season   int         `json:"season"`
	Long     int         `json:"longSeason,omitempty"` // steps in a longer season, 0 for none
	Horizon  int         `json:"horizon"`
	Length   int         `json:"length"` // of a usual series

	// Gap is the usual distance between observations in the coordinate of
	// series.Panel; 1 in a regular panel.
	Gap float64 `json:"gap"`

	// HoldSeries says that fits hold back whole series and not the ends of all.
	HoldSeries bool `json:"holdSeries,omitempty"`

	// Known names the covariates that are known ahead, KnownScaling brings them
	// to a common level and scale.
	Known        []string        `json:"known,omitempty"`
	KnownScaling *series.Scaling `json:"knownScaling,omitempty"`

	// Log tells the channels that are modelled by their logarithm; the scaling
	// is the panel's level and scale per channel after that, Usual the usual
	// deviation of a series from its own level, nil in files that don't know it.
	Log []bool `json:"log"`
	series.Scaling
	Usual []float64 `json:"usual,omitempty"`
}

// A record is a series as the model sees it: of a regular panel all steps of its
// grid, else its observations.
type record struct {
	id    string
	u     []float64 // in the coordinate of the panel
	x     []float64 // len(u)×channels, after the transform, NaN where missing
	known []float64 // len(u)×covariates known ahead, scaled
	limit int       // steps that may be trained on
	unit  []float64
}

const (
	leastLength = 4       // steps that a series must have to be learned from
	maxSteps    = 100_000 // of a series that is generated or forecast
	manySeries  = 20      // from which on whole series may be held back
)

// newPlan decides what is open in o.
func newPlan(o Options, train *series.Panel, opt forecast.FitOptions) (*plan, []record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	if train.Width() == 0 || len(train.Series) == 0 {
		return nil, nil, fmt.Errorf("mixer: %w: the panel has %d series of %d channels", forecast.ErrTooShort, len(train.Series), train.Width())
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return nil, nil, fmt.Errorf("mixer: horizon %d and season %d must not be negative", opt.Horizon, opt.Season)
	}
	p := &plan{
		Options: o, Channels: slices.Clone(train.Channels),
		Step: train.Step, Axis: train.Axis, ID: train.IDColumn, Time: train.TimeColumn, Start: math.Inf(1),
		Season: 1, Gap: 1, Known: slices.Clone(train.Known), KnownScaling: train.KnownScaling(),
	}
	if p.Step.Regular() {
		p.Season = max(1, cmp.Or(opt.Season, train.Season()))
	}
	p.chooseTransform(train)
	p.Long = train.LongSeason(p.Season)
	var records []record
	var gaps []float64
	var lengths []int
	for _, s := range train.Series {
		if s.Len() < leastLength || s.Observed() == 0 {
			continue
		}
		r, err := p.record(train, s)
		if err != nil {
			return nil, nil, fmt.Errorf("mixer: series %q: %w", s.ID, err)
		}
		for j := 1; j < len(r.u); j++ {
			gaps = append(gaps, r.u[j]-r.u[j-1])
		}
		records, lengths = append(records, r), append(lengths, len(r.u))
		p.Start = min(p.Start, s.Times[0])
	}
	if len(records) == 0 {
		return nil, nil, fmt.Errorf("mixer: %w: no series has %d observation times and a value", forecast.ErrTooShort, leastLength)
	}
	slices.Sort(gaps)
	slices.Sort(lengths)
	if !p.Step.Regular() {
		p.Gap = gaps[len(gaps)/2]
	}
	p.Length = min(lengths[len(lengths)/2], maxSteps)
	var values []float64
	var each [][]float64
	for _, r := range records {
		values, each = append(values, r.x...), append(each, r.x)
	}
	p.Usual = moments.Usual(each, len(p.Channels))
	p.chooseSizes(opt.Horizon, len(records), len(values))
	p.Scaling = series.FitScaling(values, len(p.Channels), 0)
	return p, records, nil
}

// chooseSizes decides what depends on the number of series and of their values.
func (p *plan) chooseSizes(horizon, count, values int) {
	o := &p.Options
	p.Horizon = horizon
	if p.Horizon == 0 {
		p.Horizon = max(1, p.Length/10)
		if p.Season > 1 && 6*p.Season <= p.Length {
			p.Horizon = 2 * p.Season
		}
	}
	if o.Context == 0 {
		o.Context = max(2*p.Horizon, 3*p.Season, p.Long+p.Season)
	}
	// Series must have room for a context, some origins and two horizons, one
	// to train on and one to hold back; short ones of many have it if others
	// are held back. So are binary ones, which are not validated on what follows
	// a context alone, but on whole windows.
	room := p.Length - 2*p.Horizon - max(1, p.Length/8)
	if count >= manySeries && (room < o.Context) {
		p.HoldSeries = true
		room = p.Length - p.Horizon
	}
	o.Context = max(2, min(o.Context, room))
	o.setDefaults(values)
}

// chooseTransform says for each channel whether its logarithm is modelled.
func (p *plan) chooseTransform(train *series.Panel) {
	p.Log = make([]bool, train.Width())
	if p.Options.Transform == TransformNone {
		return
	}
	for j := range p.Log {
		positive, likelier := train.LogarithmFits(j, p.Season)
		p.Log[j] = positive && (likelier || p.Options.Transform == TransformLog)
	}
}

// record returns s in the model's terms. The error wraps forecast.ErrMismatch
// if times are off the grid or the likelihood cannot treat a value.
func (p *plan) record(panel *series.Panel, s *series.Series) (record, error) {
	r := record{id: s.ID}
	if panel.Step.Regular() {
		values, _, err := panel.Grid(s)
		if err != nil {
			return r, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		r.x = values
		first := panel.Coordinate(s.Times[0])
		for i := range len(values) / len(p.Channels) {
			r.u = append(r.u, first+float64(i))
		}
	} else {
		r.x = slices.Clone(s.Values)
		for _, t := range s.Times {
			r.u = append(r.u, panel.Coordinate(t))
		}
	}
	for i := range r.x {
		if j := i % len(p.Channels); p.Log[j] {
			if r.x[i] <= 0 {
				return r, fmt.Errorf("%w: it learned that %s is positive, there is %v", forecast.ErrMismatch, p.Channels[j], r.x[i])
			}
			r.x[i] = math.Log(r.x[i])
		}
	}
	r.limit = len(r.u)
	return r, p.know(panel, s, &r)
}

// know looks up the covariates that are known ahead at all steps of r, a record
// of s.
func (p *plan) know(panel *series.Panel, s *series.Series, r *record) error {
	k := len(p.Known)
	if k == 0 {
		return nil
	}
	times := make([]float64, len(r.u))
	for i, u := range r.u {
		times[i] = panel.TimeAt(u)
	}
	known, err := panel.KnownAt(s, times)
	if err != nil {
		return err
	}
	for i := range known {
		known[i] = (known[i] - p.KnownScaling.Center[i%k]) / p.KnownScaling.Scale[i%k]
	}
	r.known = known
	return nil
}

// usual returns the usual deviation of channel j, 0 if it is not known.
func (p *plan) usual(j int) float64 {
	if p.Usual == nil {
		return 0
	}
	return p.Usual[j]
}

// accepts says why the model cannot treat the panel.
func (p *plan) accepts(panel *series.Panel) error {
	switch {
	case !slices.Equal(panel.Channels, p.Channels):
		return fmt.Errorf("mixer: %w: it learned the channels %v, the data have %v", forecast.ErrMismatch, p.Channels, panel.Channels)
	case !slices.Equal(panel.Known, p.Known):
		return fmt.Errorf("mixer: %w: it learned the known covariates %q, the data have %q", forecast.ErrMismatch, p.Known, panel.Known)
	case !panel.Step.Same(p.Step) || panel.Axis.Calendar() != p.Axis.Calendar():
		return fmt.Errorf("mixer: %w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, p.Step.Describe(p.Axis.Calendar()), panel.Step.Describe(panel.Axis.Calendar()))
	}
	return nil
}

// maxHarmonics bounds the harmonics of the season that the model is told,
// longHarmonics is how many of a longer season it is told.
const (
	maxHarmonics  = 6
	longHarmonics = 3
)

func (p *plan) harmonics() int {
	if p.Season < 2 {
		return 0
	}
	return min(p.Season/2, maxHarmonics)
}

// restore undoes the transform of a value of channel j.
func (p *plan) restore(j int, x float64) float64 {
	if p.Log[j] {
		return math.Exp(x)
	}
	return x
}
