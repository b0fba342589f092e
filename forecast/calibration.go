package forecast

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"tsgen/internal/variogram"
)

// A Calibration corrects the spread of forecasts by what was seen of past ones.
// The zero value corrects nothing.
//
// Intervals are widened or narrowed about the median, each side alike, by
// factors that depend on the step of the horizon and on how far out in the distribution
// a quantile lies: the median stays, quantiles keep their order, and sample
// paths keep the ranks that they have at each time, so that what they say of
// several times together stays. It is split conformal prediction (Lei et al.
// 2018) with the scores of conformalized quantile regression (Romano et al.
// 2019) taken as ratios instead of differences: the correction of an interval of
// level l is the quantile of level l of
//
//	|y - median| / |bound on the side of y - median|
//
// of past actual values y, with the finite-sample rank of the conformal method,
// and shrunk towards no correction the less there is to learn from.
type Calibration struct {
	// Leads holds the last step of each stretch of the horizon, in increasing
	// order. Later steps belong to the last stretch, but factors below 1 fade there. What is learned
	// from data has a stretch for each step, unless there are many.
	Leads []int `json:"leads"`

	// Levels holds the levels of the intervals that are corrected, in percent
	// and in increasing order. Quantiles between are corrected by factors
	// linear in between in their normal scores, and those beyond by that of the
	// nearest level.
	Levels []float64 `json:"levels"`

	// Factors holds for each stretch a positive factor for each level.
	Factors [][]float64 `json:"factors"`

	// Channels holds for each channel a positive factor for each level, by which those
	// of the stretches are multiplied: errors of channels are of unlike sizes. Nil
	// means ones.
	Channels [][]float64 `json:"channels,omitempty"`

	// Bounds holds for each stretch and level how wide a correction may make an
	// interval: on either side as wide as the quantile of the level of the absolute
	// deviations of past values from the medians at these steps, in units of the mean
	// absolute seasonal difference of the series. Intervals that are wider to begin
	// with are not widened. Nil means no bounds.
	Bounds [][]float64 `json:"bounds,omitempty"`

	// Level says that no factor falls along the horizon by more than the interval widens: none shrinks that does
	// not as it is. It is so where what was learned covers less than two horizons, which do not tell what comes of
	// the step from what came of the time.
	Level bool `json:"level,omitempty"`

	// Laws holds for each channel of a panel of many series, too short to look back, how far they go in so many
	// steps. Intervals of series in regular steps become as wide as that has values be off the medians, or, unless Leads
	// is empty, half the way there, in logarithms, from what the factors make of them. Nil stands for a channel that
	// tells nothing.
	Laws []*variogram.Law `json:"laws,omitempty"`
}

// String says what the calibration does to 80 % intervals along the horizon: "x
// 1.10 at step 1, x 1.21 at step 8, x 1.32 at step 24", or "x 1.10" if it is the
// same for all steps.
func (c *Calibration) String() string {
	if c != nil && c.Laws != nil && len(c.Leads) == 0 {
		return "as wide as all series together go"
	}
	if c == nil || len(c.Leads) == 0 {
		return "as they are"
	}
	const most = 4
	var parts []string
	factor := ""
	for i := range most {
		k := i * (len(c.Leads) - 1) / (most - 1)
		if x := fmt.Sprintf("x %.2f", c.factor(c.Factors[k], 0.9)); x != factor {
			factor = x
			parts = append(parts, fmt.Sprintf("%s at step %d", x, c.Leads[k]))
		}
	}
	if len(parts) == 1 {
		parts[0] = factor
	}
	if len(c.Channels) > 0 {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, f := range c.Channels {
			x := c.factor(f, 0.9)
			lo, hi = min(lo, x), max(hi, x)
		}
		parts = append(parts, fmt.Sprintf("by channel x %.2f to x %.2f of that", lo, hi))
	}
	if c.Laws != nil {
		parts = append(parts, "and half the way to as wide as all series together go")
	}
	return strings.Join(parts, ", ")
}

// Validate says what is wrong with a calibration that was read, if anything.
func (c *Calibration) Validate() error {
	if len(c.Factors) != len(c.Leads) {
		return fmt.Errorf("calibration: factors of %d stretches, %d stretches", len(c.Factors), len(c.Leads))
	}
	if c.Bounds != nil && len(c.Bounds) != len(c.Leads) {
		return fmt.Errorf("calibration: bounds of %d stretches, %d stretches", len(c.Bounds), len(c.Leads))
	}
	for _, law := range c.Laws {
		if err := law.Validate(); err != nil {
			return fmt.Errorf("calibration: %w", err)
		}
	}
	if len(c.Leads)+len(c.Laws) > 0 && len(c.Levels) == 0 {
		return errors.New("calibration: no levels")
	}
	if !increase(c.Leads) || !increase(c.Levels) {
		return errors.New("calibration: stretches or levels that do not increase")
	}
	for _, l := range c.Levels {
		if !(l > 0 && l < 100) {
			return fmt.Errorf("calibration: a level of %v %%", l)
		}
	}
	for _, f := range slices.Concat(c.Factors, c.Channels, c.Bounds) {
		if len(f) != len(c.Levels) {
			return fmt.Errorf("calibration: %d factors or bounds, %d levels", len(f), len(c.Levels))
		}
		for _, x := range f {
			if !(x > 0) || math.IsInf(x, 0) {
				return fmt.Errorf("calibration: a factor of %v", x)
			}
		}
	}
	return nil
}

func increase[T cmp.Ordered](x []T) bool {
	for i := 1; i < len(x); i++ {
		if !(x[i] > x[i-1]) {
			return false
		}
	}
	return true
}
