package models

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tsgen/forecast"
	"tsgen/internal/panics"
	"tsgen/models/modelfile"
	"tsgen/series"
)

// Bounds of the trial of a model that was read.
const (
	trialTimes   = 128 // of one series, at most
	trialSamples = 8
	trialFactor  = 1e9 // by which a median one step ahead may exceed the history
)

// verify says what is wrong with the model of a file that neither its digest nor its
// names, shapes and bounds can tell: a forecast of the last time of a series from
// those before, or of closed forms the one after its end, must be finite, and of a magnitude
// that has to do with the series.
// Models without weights have nothing to try. What the model cannot treat is no
// fault of the file.
func verify(m forecast.Model, file *modelfile.File) (err error) {
	if len(file.Tensors) == 0 {
		return nil
	}
	defer func() {
		var bug *forecast.PanicError
		if errors.As(err, &bug) {
			err = fmt.Errorf("a trial forecast failed: %v", bug.Value)
		}
	}()
	defer panics.Catch(&err)
	s := trialSeries(file.History)
	if s == nil {
		return nil
	}
	history, at := file.History.With([]*series.Series{s}), file.History.Future(s, 1)
	if IsTrained(m) {
		n := s.Len() - 1
		history, at = history.With([]*series.Series{s.Slice(max(0, n-trialTimes), n)}), s.Times[n:]
	} else {
		// What was estimated of a series is of all of it, without its outliers.
		history, _ = file.Outliers.Seen(history, file.Season)
	}
	f, err := m.Forecast(context.Background(), history, forecast.Options{
		At: [][]float64{at}, Samples: trialSamples, Season: file.Season, Seed: file.Seed,
	})
	if errors.Is(err, forecast.ErrMismatch) || errors.Is(err, forecast.ErrTooShort) || errors.Is(err, series.ErrKnown) {
		return nil
	}
	if err == nil {
		f = file.Calibration.Apply(f, history)
		err = f.Validate()
	}
	if err != nil {
		return fmt.Errorf("a trial forecast failed: %w", err)
	}
	for j, median := range f.Series[0].Quantiles(0.5)[0] {
		if most := largest(s, j); most > 0 && math.Abs(median) > trialFactor*most {
			return fmt.Errorf("a trial forecast of %s is %.3g, where its history is at most %.3g", file.History.Channels[j], median, most)
		}
	}
	return nil
}

// trialSeries returns the first series with enough times for a trial, nil if there is
// none.
func trialSeries(p *series.Panel) *series.Series {
	for _, s := range p.Series {
		if s.Len() > 4 && s.Observed() > 0 {
			return s
		}
	}
	return nil
}

// largest returns the largest absolute value of channel j of s.
func largest(s *series.Series, j int) float64 {
	most, width := 0.0, len(s.Values)/s.Len()
	for k := j; k < len(s.Values); k += width {
		if v := math.Abs(s.Values[k]); v > most {
			most = v
		}
	}
	return most
}
