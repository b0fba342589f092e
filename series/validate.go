package series

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/series/internal/stamp"
)

// Bounds of calendar times: the years 1 to 9998, which every layout can write
// in every zone.
const (
	minCalendar = -62135596800 // 0001-01-01
	maxCalendar = 253370764800 // 9999-01-01
)

// Validate checks what every panel must keep, for panels that were not read by
// this package: that it is not nil; channels and known covariates with names of their own; identifiers that are not
// empty (unless the panel has one series) and do not repeat; as many values as
// times and channels; times finite, strictly increasing and, on a calendar
// axis, within the years 1 to 9998; values finite or NaN; known covariates
// finite and known up to the last observation.
func (p *Panel) Validate() error {
	if p == nil {
		return errors.New("series: no panel")
	}
	if p.Axis.Calendar() && stamp.CompileNumber(p.Axis.Layout) == nil {
		if _, err := stamp.Compile(p.Axis.Layout); err != nil {
			return fmt.Errorf("series: the layout %q of the axis: %w", p.Axis.Layout, err)
		}
	}
	if len(p.Channels) == 0 {
		return errors.New("series: the panel has no channels")
	}
	seen := make(map[string]bool, len(p.Channels)+len(p.Known))
	for i, c := range slices.Concat(p.Channels, p.Known) {
		switch {
		case c == "":
			return fmt.Errorf("series: channel %d has no name", i)
		case seen[c]:
			return fmt.Errorf("series: two channels are named %q", c)
		}
		seen[c] = true
	}
	if n := len(p.Static); n > len(p.Known)-len(p.Events) || !slices.Equal(p.Static, p.Known[:n]) {
		return fmt.Errorf("series: the static covariates %q are not the first of the known ones, %q", p.Static, p.Known)
	}
	if err := validateSeasons(p.Seasons); err != nil {
		return fmt.Errorf("series: %w", err)
	}
	ids := make(map[string]bool, len(p.Series))
	for i, s := range p.Series {
		switch {
		case s == nil:
			return fmt.Errorf("series: series %d is nil", i)
		case s.ID == "" && len(p.Series) > 1:
			return fmt.Errorf("series: series %d of %d has no identifier", i, len(p.Series))
		case ids[s.ID]:
			return fmt.Errorf("series: two series have the identifier %q", s.ID)
		}
		ids[s.ID] = true
		if err := p.validateSeries(s); err != nil {
			return fmt.Errorf("series: series %q: %w", s.ID, err)
		}
	}
	return nil
}

// leastSeason and mostSeason bound the steps in a season.
const leastSeason, mostSeason = 2, 1 << 17

func validateSeasons(seasons []float64) error {
	for i, m := range seasons {
		if !(m >= leastSeason && m <= mostSeason) || i > 0 && !(m > seasons[i-1]) {
			return fmt.Errorf("seasons of %v steps, want increasing numbers from %v to %v", seasons, leastSeason, mostSeason)
		}
	}
	return nil
}

func (p *Panel) validateSeries(s *Series) error {
	width := len(p.Channels)
	if err := validateSeasons(s.Seasons); err != nil {
		return err
	}
	if len(s.Values) != len(s.Times)*width {
		return fmt.Errorf("%d values for %d times and %d channels", len(s.Values), len(s.Times), width)
	}
	if err := p.validateTimes(s.Times); err != nil {
		return err
	}
	for i, v := range s.Values {
		if math.IsInf(v, 0) {
			return fmt.Errorf("channel %q is infinite at %s",
				p.Channels[i%width], p.Axis.Stamp(s.Times[i/width]))
		}
	}
	return p.validateTrack(s)
}

func (p *Panel) validateTimes(times []float64) error {
	for i, t := range times {
		switch {
		case math.IsNaN(t) || math.IsInf(t, 0):
			return fmt.Errorf("time %d is %v", i, t)
		case p.Axis.Calendar() && (t < minCalendar || t >= maxCalendar):
			return fmt.Errorf("time %d (%v seconds since 1970) is outside the years 1 to 9998", i, t)
		case i > 0 && t <= times[i-1]:
			return fmt.Errorf("time %d (%s) does not come after time %d (%s)",
				i, p.Axis.Stamp(t), i-1, p.Axis.Stamp(times[i-1]))
		}
	}
	return nil
}
