package models

import (
	"context"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/fits"
	"tsgen/internal/magnitude"
	"tsgen/internal/shards"
	"tsgen/models/baseline"
	"tsgen/models/zeroshot"
	"tsgen/series"
)

// leastAlone is the number of values of every channel of a series from which on nothing is
// taken from the other series of its panel.
const leastAlone = 8

// Alone reports whether what the model estimates and forecasts of each series of a panel depends on
// that series alone, so that series may be worked on some at a time: the model estimates each on its
// own (forecast.Keeper) or nothing, with a calibration or without, or is made of such, and all have
// enough values for that.
func Alone(m forecast.Model, history *series.Panel) bool {
	if !alone(m, history.Step.Regular(), len(history.Known) > len(history.Static)) {
		return false
	}
	if _, scales := magnitude.Rescale(history); scales != nil {
		return false
	}
	width := history.Width()
	seen := make([]int, width)
	for _, s := range history.Series {
		clear(seen)
		for k, v := range s.Values {
			if !math.IsNaN(v) {
				seen[k%width]++
			}
		}
		for _, n := range seen {
			if n < leastAlone {
				return false
			}
		}
	}
	return true
}

func alone(m forecast.Model, regular, covaried bool) bool {
	switch m := m.(type) {
	case *forecast.Calibrated:
		return alone(m.Unwrap(), regular, covaried)
	case *Ensemble:
		return !slices.ContainsFunc(m.Members, func(member forecast.Model) bool { return !alone(member, regular, covaried) })
	case *zeroshot.Model:
		return regular && !m.Options.Tune && !(covaried && !m.Options.Bare) // irregular series have a grid in common
	case forecast.Keeper:
		return !(covaried && baseline.SharesEffects(m))
	case baseline.Naive, baseline.Drift, baseline.SeasonalNaive:
		return true
	}
	return false
}

// keepInParts is Keep of a model that estimates each series alone, some series at a time.
func keepInParts(ctx context.Context, m forecast.Keeper, seen *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	type growing interface {
		forecast.Model
		Fits() *fits.Fits
		Extend(more *fits.Fits)
	}
	var all growing
	n := len(seen.Series)
	for from, to := range shards.Runs(n) {
		part, err := m.Keep(ctx, seen.With(seen.Series[from:to]), opt)
		if err != nil {
			return nil, err
		}
		kept, ok := part.(growing)
		if !ok { // a keeper from elsewhere
			return m.Keep(ctx, seen, opt)
		}
		kept.Fits().Estimates.Move(opt.Scratch)
		if err := opt.Scratch.Err(); err != nil {
			return nil, err
		}
		if all == nil {
			all = kept
		} else {
			all.Extend(kept.Fits())
		}
		if opt.Parts != nil {
			opt.Parts(to, n)
		}
	}
	return all, nil
}
