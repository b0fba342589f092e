package mixer

import (
	"cmp"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/series"
)

// A config is what a fit decides about the model from the options and the
// training panel, before the weights: with it and them the model is complete.
type config struct {
	Options Options `json:"model"` // no field is left to a default
	neural.Frame

	Long       int  `json:"longSeason,omitempty"` // steps in a longer season, 0 for none
	HoldSeries bool `json:"holdSeries,omitempty"` // fits hold back whole series
}

// reading has all steps of a regular panel's grid read.
var reading = neural.Reading{Grid: true}

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	if train != nil && !train.Step.Regular() {
		return nil, nil, fmt.Errorf("mixer: %w: the times are not equally spaced", forecast.ErrMismatch)
	}
	frame, records, err := neural.NewFrame(train, opt, reading, o.Transform)
	if err != nil {
		return nil, nil, fmt.Errorf("mixer: %w", err)
	}
	c := &config{Options: o, Frame: *frame, Long: train.LongSeason(frame.Season)}
	values := 0
	for _, r := range records {
		values += len(r.X)
	}
	hidden := 64
	if values < 2000 {
		hidden = 32
	}
	c.Options.Hidden = cmp.Or(o.Hidden, hidden)
	c.Options.Context, c.HoldSeries = c.Context(o.Context, len(records), false)
	option.Defaults(&c.Options)
	return c, records, nil
}

// check says what is wrong with a config that was read.
func (c *config) check() error {
	if err := cmp.Or(c.Options.Validate(), c.Frame.Check()); err != nil {
		return err
	}
	if o := c.Options; o.Hidden < 1 || o.Context < 1 || o.Context > neural.MaxLength || c.Horizon > neural.MaxLength || c.Season < 1 || c.Long < 0 || c.Long > neural.MaxSeason {
		return fmt.Errorf("hidden %d, context %d, horizon %d, seasons %d and %d", o.Hidden, o.Context, c.Horizon, c.Season, c.Long)
	}
	return nil
}

// split says what is trained on.
func (c *config) split() neural.Split {
	return neural.Split{Context: c.Options.Context, Horizon: c.Horizon, Series: c.HoldSeries, Windows: maxValid}
}

// maxHarmonics bounds the harmonics of a season that the model is told.
const maxHarmonics = 6

// appendPhase appends the place of a step at the coordinate u in the seasons: sine
// and cosine of their harmonics.
func (c *config) appendPhase(dst []float64, u float64) []float64 {
	for _, season := range []int{c.Season, c.Long} {
		for h := 1; h <= min(season/2, maxHarmonics); h++ {
			turns := u / float64(season)
			sin, cos := math.Sincos(2 * math.Pi * float64(h) * (turns - math.Floor(turns)))
			dst = append(dst, sin, cos)
		}
	}
	return dst
}

// phaseWidth returns the number of values that appendPhase appends.
func (c *config) phaseWidth() int {
	return 2 * (min(c.Season/2, maxHarmonics) + min(c.Long/2, maxHarmonics))
}

// inputWidth returns the number of values that the network is told of a channel
// of a window, knownWidth of a step to forecast.
func (c *config) inputWidth() int {
	return 2*c.Options.Context + max(0, c.Options.Context-c.Season) + 2 + len(c.Channels) + c.phaseWidth()
}

func (c *config) knownWidth() int { return c.phaseWidth() + len(c.Known) + 1 }
