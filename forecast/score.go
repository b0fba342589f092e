package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"tsgen/series"
)

// Scores says how well a forecast agrees with what came. Each channel of each
// series counts as a series of its own, and missing values are left out. The
// point forecast of MASE, sMAPE, MAE and RMSE is the mean of the predictive
// distribution; its quantiles are those of Distribution.Quantiles. Smaller is better
// for all but the coverages.
//
// MASE, SQL, MSIS and Width80 divide by the series' scale, the mean absolute
// error of the seasonal naive forecast one season ahead within the history
// (for irregular series, of the last value observed). A series that has no
// scale, because its history repeats exactly or is shorter than a season, is
// left out of these four and counted in Unscaled. A score to which nothing
// contributes is NaN.
type Scores struct {
	// MASE is the mean absolute scaled error (Hyndman and Koehler 2006),
	// averaged over times, then over series.
	MASE float64

	// SMAPE is the symmetric mean absolute percentage error of the M4
	// competition, 200 |y-f| / (|y|+|f|), 0 to 200, averaged over times, then
	// over series. Where y and f are both zero the error is zero.
	SMAPE float64

	// CRPS is the continuous ranked probability score in the data's unit, the
	// mean over all values: GaussianCRPS or SampleCRPS. It tells little where
	// channels differ in unit, as do MAE and RMSE.
	CRPS float64

	// SQL is the scaled quantile loss (AutoGluon): twice the pinball loss,
	// averaged over the quantiles 0.1, 0.2 ... 0.9, divided by the series'
	// scale, averaged over times, then over series.
	SQL float64

	// SQLError is the standard error of SQL, as a mean over series that do not depend on
	// each other. It is NaN of fewer than two.
	SQLError float64

	// WQL is the weighted quantile loss (GluonTS): twice the pinball loss,
	// averaged over the quantiles 0.1, 0.2 ... 0.9, summed over all values and
	// divided by the sum of their magnitudes.
	WQL float64

	// MSIS is the mean scaled score of the 95 % interval (Gneiting and Raftery
	// 2007, as in M4): its width and 40 times what an observation lies outside,
	// divided by the series' scale, averaged over times, then over series.
	MSIS float64

	// Coverage80 and Coverage95 are the shares of all values within the central
	// 80 % and 95 % intervals, 0 to 1.
	Coverage80, Coverage95 float64

	// Width80 is the width of the 80 % interval divided by the series' scale,
	// averaged over times, then over series.
	Width80 float64

	// MAE and RMSE are the mean absolute and the root mean square error over
	// all values, in the data's unit.
	MAE, RMSE float64

	Values   int // values compared
	Series   int // series, each channel for itself, with a value to compare
	Unscaled int // of these series, those without a scale

	Magnitude float64 // the sum of the magnitudes of the values, by which WQL divides
}

// Score compares a forecast of the continuation of history with what came.
// The series of the three are matched by position and must have the same
// identifiers. Each time of actual must have been forecast; forecast times
// without an actual value are ignored. Season is the lag of the seasonal
// naive forecast that gives the scale; zero means history.Season().
func Score(history, actual *series.Panel, f *Forecast, season int) (Scores, error) {
	var t scoreAccumulator
	if err := t.addForecast(history, actual, f, season); err != nil {
		return Scores{}, err
	}
	return t.some()
}

// addForecast adds what Score compares.
func (t *scoreAccumulator) addForecast(history, actual *series.Panel, f *Forecast, season int) error {
	if season < 0 {
		return fmt.Errorf("forecast: a season of %d steps", season)
	}
	if season == 0 {
		season = history.Season()
	}
	if err := f.Validate(); err != nil {
		return err
	}
	if err := match(history, f); err != nil {
		return fmt.Errorf("forecast: the history: %w", err)
	}
	if err := match(actual, f); err != nil {
		return fmt.Errorf("forecast: the actual values: %w", err)
	}
	own := make([]scoreAccumulator, len(f.Series))
	err := EachSeries(context.Background(), len(own), func(i int) error {
		d := f.Series[i]
		rows, err := forecastRows(actual, actual.Series[i], d)
		if err != nil {
			return err
		}
		scale, err := scales(history, history.Series[i], season)
		if err != nil {
			return err
		}
		own[i].add(d, actual.Series[i].Values, rows, scale)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range own {
		t.merge(&own[i])
	}
	return nil
}

// some returns the scores, or an error if there was nothing to score.
func (t *scoreAccumulator) some() (Scores, error) {
	if t.values == 0 {
		return Scores{}, errors.New("forecast: there is no actual value to score against")
	}
	return t.scores(), nil
}

// match reports how the series of p differ from those that were forecast.
func match(p *series.Panel, f *Forecast) error {
	if !slices.Equal(p.Channels, f.Channels) {
		return fmt.Errorf("channels %v, those forecast are %v", p.Channels, f.Channels)
	}
	if len(p.Series) != len(f.Series) {
		return fmt.Errorf("%d series, %d were forecast", len(p.Series), len(f.Series))
	}
	for i, s := range p.Series {
		if s.ID != f.Series[i].ID {
			return fmt.Errorf("series %d is %q, the one forecast is %q", i, s.ID, f.Series[i].ID)
		}
	}
	return nil
}

// forecastRows returns the row of d for each time of s.
func forecastRows(p *series.Panel, s *series.Series, d *Distribution) ([]int, error) {
	rows := make([]int, len(s.Times))
	for i, t := range s.Times {
		r, found := slices.BinarySearch(d.Times, t)
		if !found {
			return nil, fmt.Errorf("forecast: %s has a value at %s, for which there is no forecast",
				Describe(s.ID), series.Stamp(p.Axis, t))
		}
		rows[i] = r
	}
	return rows, nil
}

// scales returns the scale of each channel of s, NaN for those that have none. The season is
// that of the panel's step.
func scales(p *series.Panel, s *series.Series, season int) ([]float64, error) {
	p, season = p.For(s), seasonOf(p, s, season)
	scale := make([]float64, p.Width())
	if p.Step.Regular() {
		grid, _, err := p.Grid(s)
		if err != nil {
			return nil, fmt.Errorf("forecast: %w", err)
		}
		for c := range scale {
			scale[c] = lagError(grid, c, len(scale), season)
		}
		return scale, nil
	}
	for c := range scale {
		var seen []float64
		for i := range s.Times {
			if x := s.Row(i)[c]; !math.IsNaN(x) {
				seen = append(seen, x)
			}
		}
		scale[c] = lagError(seen, 0, 1, 1)
	}
	return scale, nil
}

// seasonOf returns the season of s in its own steps where it has any, else the given one of the
// panel.
func seasonOf(p *series.Panel, s *series.Series, season int) int {
	if own := p.For(s); own != p {
		return own.Season()
	}
	return season
}

// lagError returns the mean absolute difference between the values of channel
// c and those lag rows before, or NaN if it is zero or if there are none.
func lagError(values []float64, c, width, lag int) float64 {
	sum, n := 0.0, 0
	for i := lag*width + c; i < len(values); i += width {
		if d := math.Abs(values[i] - values[i-lag*width]); !math.IsNaN(d) {
			sum += d
			n++
		}
	}
	if n == 0 || sum == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}
