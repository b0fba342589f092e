package models

import (
	"context"
	"errors"
	"fmt"

	"tsgen/forecast"
	"tsgen/series"
)

// Keep returns a fitted model with what it estimates of the series of a panel, if it
// estimates when it forecasts (forecast.Keeper), as models in closed form do: a model file
// then holds it, and the forecasts of these series take no estimation. opt is that of the fit,
// whose outliers the panel is limited by first. So are the members of an ensemble kept. Other
// models are returned as they are.
func Keep(ctx context.Context, m forecast.Model, history *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	seen, _ := opt.Outliers.Seen(history, opt.Season)
	return keep(ctx, m, seen, opt)
}

func keep(ctx context.Context, m forecast.Model, seen *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
	switch m := m.(type) {
	case *Ensemble:
		e := *m
		e.Members = make([]forecast.Model, len(m.Members))
		for i, member := range m.Members {
			var err error
			e.Members[i] = member
			if m.Refused(i) != nil {
				continue
			}
			if e.Members[i], err = keep(ctx, member, seen, opt); err != nil {
				return nil, fmt.Errorf("member %d: %w", i+1, err)
			}
		}
		return &e, nil
	case *stepwise:
		return m.keep(ctx, seen, opt)
	case forecast.Keeper:
		keep := m.Keep
		if len(seen.Series) > forecast.PartSeries && Alone(m, seen) {
			keep = func(ctx context.Context, seen *series.Panel, opt forecast.FitOptions) (forecast.Model, error) {
				return keepInParts(ctx, m, seen, opt)
			}
		}
		kept, err := keep(ctx, seen, opt)
		if refuses(err) || errors.Is(err, series.ErrKnown) {
			return m, nil // what it cannot treat, it says when it forecasts
		}
		return kept, err
	}
	return m, nil
}
