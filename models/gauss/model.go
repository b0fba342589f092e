package gauss

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/extent"
	"tsgen/internal/freedom"
	"tsgen/internal/magnitude"
	"tsgen/internal/option"
	"tsgen/internal/support"
	"tsgen/internal/walk"
	"tsgen/series"
)

// Name is the kind of the model.
const Name = "gauss"

// Options are the choices of a model. The zero value is ready to use.
type Options struct {
	// Lookback is the number of steps that a forecast is conditioned on, at least
	// the horizon; zero means two seasons or two horizons, whichever is longer, as
	// far as the series and MostValues allow.
	Lookback int `json:"lookback" min:"1" max:"600" default:"2 seasons or 2 horizons" help:"steps that a forecast is conditioned on"`

	// Copula gives every channel the distribution of its own values instead of a Gaussian.
	Copula bool `json:"copula" default:"false" help:"whether every channel has the distribution of its own values instead of a Gaussian"`
}

// MostValues is the most values, of all channels, that a window has.
const MostValues = 600

// Validate says what is wrong with the options, if anything.
func (o Options) Validate() error { return option.Validate(Name, o) }

// A Model is the joint distribution of windows. A fitted one may be used concurrently.
type Model struct {
	Options
	fit *fitted
}

// fitted is what a fit leaves.
type fitted struct {
	config
	cov     *mat.SymDense // of a window, step by step
	margins []margin      // of each channel; nil for Gaussians
	bank    []float64     // means and deviations of training series, series × 2·channels

	shapes  *shapes  // of whole series; nil where these are few or long
	courses []course // of seasons
	rest    *fitted  // what windows are without them; nil where there are none

	chol  mat.Cholesky // of the lookback's covariance
	gain  *mat.Dense   // horizon given lookback: values × values
	after *mat.SymDense

	continuation func() (*continuation, error) // beyond the horizon; worked out once
}

// A config is what a fit decides but for the numbers.
type config struct {
	Options  Options     `json:"options"`
	Channels []string    `json:"channels"`
	Step     series.Step `json:"step"`
	Axis     series.Axis `json:"axis"`
	ID       string      `json:"id,omitempty"`
	Time     string      `json:"time"`
	Start    float64     `json:"start"`
	Usual    int         `json:"usual"` // length of the longest series

	Lengths  extent.Lengths `json:"lengths,omitempty"` // where they differ, nil also in files that don't know them
	Lookback int            `json:"lookback"`
	Horizon  int            `json:"horizon"`
	Shrink   float64        `json:"shrink"` // λ
	Free     bool           `json:"free"`   // the level of a window is apart from its shape
	Raised   int            `json:"raised"` // eigenvalues of the stationary covariance that were raised to the floor

	Support []support.Channel `json:"support,omitempty"` // of the values, nil in files that don't know it
}

func (c *config) width() int  { return len(c.Channels) }
func (c *config) past() int   { return c.Lookback * c.width() }
func (c *config) length() int { return c.Lookback + c.Horizon }
func (c *config) values() int { return c.length() * c.width() }

// Name returns "gauss".
func (m *Model) Name() string { return Name }

// prepare works out what every forecast needs. The error says that the covariance
// is not positive definite.
func (f *fitted) prepare() error {
	n, past := f.values(), f.past()
	lookback := f.cov.SliceSym(0, past).(*mat.SymDense)
	if !f.chol.Factorize(lookback) {
		return errors.New("gauss: the covariance of the lookback is not positive definite")
	}
	var gainT mat.Dense
	full := mat.DenseCopyOf(f.cov)
	if err := f.chol.SolveTo(&gainT, full.Slice(0, past, past, n)); err != nil {
		return fmt.Errorf("gauss: the covariance of the lookback: %w", err)
	}
	f.gain = mat.DenseCopyOf(gainT.T())
	var explained mat.Dense
	explained.Mul(f.gain, full.Slice(0, past, past, n))
	f.after = mat.NewSymDense(n-past, nil)
	for i := range n - past {
		for j := i; j < n-past; j++ {
			f.after.SetSym(i, j, f.cov.At(past+i, past+j)-(explained.At(i, j)+explained.At(j, i))/2)
		}
	}
	f.continuation = sync.OnceValues(f.steady)
	return nil
}

// accepts says why the model cannot treat the panel.
func (c *config) accepts(panel *series.Panel) error {
	switch {
	case !slices.Equal(panel.Channels, c.Channels):
		return fmt.Errorf("gauss: %w: it learned the channels %v, the data have %v", forecast.ErrMismatch, c.Channels, panel.Channels)
	case !panel.Step.Same(c.Step):
		return fmt.Errorf("gauss: %w: it learned times that are %s, those of the data are %s",
			forecast.ErrMismatch, c.Step.Describe(c.Axis.Calendar()), panel.Step.Describe(panel.Axis.Calendar()))
	}
	return nil
}

// A reading returns means and deviations, in normal scores, of the steps of z that
// are asked for, counted from the first; rows are len(steps) × channels.
type reading func(f *fitted, z []float64, steps []int) (mean, sd []float64, err error)

// Forecast implements forecast.Model. The error wraps forecast.ErrMismatch if the
// panel is not of the kind that the model learned or a time is not on the grid. A
// series with a channel of too few observations to tell its level and spread keeps its
// last value, as a random walk like those of its panel, and the notes say so; the
// error wraps forecast.ErrTooShort if no series of the panel has two.
func (m *Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, (*fitted).ahead)
}

// Impute implements forecast.Imputer. The error is as that of Forecast.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, (*fitted).within)
}

func (m *Model) each(ctx context.Context, history *series.Panel, opt forecast.Options, read reading) (*forecast.Forecast, error) {
	f := m.fit
	if f == nil {
		return nil, fmt.Errorf("gauss: %w", forecast.ErrNotFitted)
	}
	if err := history.Validate(); err != nil {
		return nil, err
	}
	if err := f.accepts(history); err != nil {
		return nil, err
	}
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	return magnitude.Forecast(history, func(p *series.Panel) (*forecast.Forecast, error) { return f.forecastEach(ctx, p, opt, read) })
}

// distributions makes the forecast of values that may be squared.
func (f *fitted) forecastEach(ctx context.Context, history *series.Panel, opt forecast.Options, read reading) (*forecast.Forecast, error) {
	out, err := forecast.BySeries(ctx, Name, history, func(i int) (*forecast.Distribution, error) {
		d, err := f.distribution(history, history.Series[i], opt.At[i], read)
		if errors.Is(err, forecast.ErrTooShort) {
			return nil, nil
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("gauss: %w", err)
	}
	if f.Raised > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("gauss: %d of %d directions of the stationary covariance of its windows had no variance left and were given a little", f.Raised, f.values()))
	}
	far := 0
	for i, s := range history.Series {
		if n, k := s.Len(), len(opt.At[i]); n > 0 && k > 0 &&
			history.Coordinate(opt.At[i][k-1])-history.Coordinate(s.Times[n-1]) > float64(trusted*f.Horizon) {
			far++
		}
	}
	if far > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("gauss: of %d of %d series more than %d steps are asked for, and %d at a time were learned: "+
			"what is beyond goes back to the usual level and spread of a series and is not to be trusted",
			far, len(out.Series), trusted*f.Horizon, f.Horizon))
	}
	if err := walk.StandIns(out, history, opt.At); err != nil {
		return nil, err
	}
	return out, nil
}

// trusted is how many of the horizons of the fit ahead no note is given.
const trusted = 4

// maxSteps bounds how far ahead a time to forecast may be.
const maxSteps = 1 << 17

// distribution returns the distribution of s at the times at.
func (f *fitted) distribution(panel *series.Panel, s *series.Series, at []float64, read reading) (*forecast.Distribution, error) {
	grid, _, err := panel.Grid(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	width := f.width()
	level, err := levels(grid, width)
	if err != nil {
		return nil, err
	}
	steps, err := panel.StepsFrom(s.Times[0], at)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	if len(steps) > 0 && steps[0] < 0 {
		return nil, fmt.Errorf("%w: time %s lies before the series", forecast.ErrMismatch, panel.Axis.Stamp(at[0]))
	}
	if n := len(steps); n > 0 && steps[n-1] > maxSteps+len(grid)/width {
		return nil, fmt.Errorf("%w: time %s is more than %d steps ahead", forecast.ErrMismatch, panel.Axis.Stamp(at[n-1]), maxSteps)
	}
	d := &forecast.Distribution{ID: s.ID, Times: slices.Clone(at)}
	mean, sd, err := read(f, f.scores(grid, level), steps)
	if err != nil {
		return nil, err
	}
	for j := range width {
		wider := freedom.Widening(observed(grid, j, width)/dependent, 1)
		for k := j; k < len(sd); k += width {
			sd[k] *= wider
		}
	}
	if f.margins == nil {
		for k := range mean {
			j := k % width
			mean[k], sd[k] = level[j]+level[width+j]*mean[k], level[width+j]*sd[k]
		}
		d.Mean, d.SD = mean, sd
		return d, d.Validate()
	}
	d.Probs, d.Values = forecast.SummaryQuantiles(len(mean), func(k int, z float64) float64 {
		j := k % width
		return level[j] + level[width+j]*f.margins[j].value(mean[k]+z*sd[k])
	})
	return d, d.Validate()
}

// fewest is the number of observations of a channel that tell its mean and deviation.
const fewest = 4

// dependent is how many values of a series are reckoned to say as much of its level and
// spread as an independent one.
const dependent = 5

// observed returns the number of observations of channel j of a grid.
func observed(grid []float64, j, width int) float64 {
	n := 0.0
	for k := j; k < len(grid); k += width {
		if !math.IsNaN(grid[k]) {
			n++
		}
	}
	return n
}

// levels returns mean and deviation of every channel of a grid: channels means,
// then channels deviations. A constant has the deviation 1.
func levels(grid []float64, width int) ([]float64, error) {
	out := make([]float64, 2*width)
	for j := range width {
		n, mean, square := 0.0, 0.0, 0.0
		for k := j; k < len(grid); k += width {
			if x := grid[k]; !math.IsNaN(x) {
				n++
				d := x - mean
				mean += d / n
				square += d * (x - mean)
			}
		}
		if n < fewest {
			return nil, fmt.Errorf("%w: channel %d has %.0f, at least %d are needed", forecast.ErrTooShort, j+1, n, fewest)
		}
		sd := math.Sqrt(square / n)
		if !(sd > 1e-12*math.Abs(mean)) {
			sd = 1
		}
		out[j], out[width+j] = mean, sd
	}
	return out, nil
}

// scores returns the normal scores of a grid, NaN where a value is missing.
func (f *fitted) scores(grid, level []float64) []float64 {
	width := f.width()
	z := make([]float64, len(grid))
	for k, x := range grid {
		j := k % width
		z[k] = (x - level[j]) / level[width+j]
		if f.margins != nil {
			z[k] = f.margins[j].score(z[k])
		}
	}
	return z
}
