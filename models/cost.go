package models

import (
	"math"

	"tsgen/internal/effects"
	"tsgen/latentode"
	"tsgen/models/auto"
	"tsgen/models/baseline"
	"tsgen/models/boost"
	"tsgen/models/statespace"
	"tsgen/series"
)

// The costs of the kinds are of the form that the work has by its steps, with factors that
// bench/effort measured.

// combiningCost is that of putting the forecasts of others together.
func combiningCost(p *series.Panel, _ int) auto.Cost { return auto.Cost{Forecast: 2e-5 * values(p)} }

// values returns the number of values of the panel, those that are missing counted.
func values(p *series.Panel) float64 {
	n := 0
	for _, s := range p.Series {
		n += len(s.Values)
	}
	return float64(n)
}

// perValue returns the cost of models that do all their work at the forecast, so many
// seconds a value without a season, and with any.
func perValue(without, with float64) func(*series.Panel, int) auto.Cost {
	return func(p *series.Panel, _ int) auto.Cost {
		per := without
		if len(p.SeasonsBeside(0)) > 0 {
			per = with
		}
		return auto.Cost{Forecast: per * values(p)}
	}
}

// withEffects returns the cost of models that take the effects of covariates from the history, for each forecast.
func withEffects(cost func(*series.Panel, int) auto.Cost) func(*series.Panel, int) auto.Cost {
	return func(p *series.Panel, horizon int) auto.Cost {
		c := cost(p, horizon)
		c.Forecast += 1.5e-9 * effects.Work(p, p.SeasonsBeside(0))
		return c
	}
}

// stlCost is that of a decomposition, for each season.
func stlCost(p *series.Panel, _ int) auto.Cost {
	return auto.Cost{Forecast: 1.4e-5 * float64(max(1, len(p.SeasonsBeside(0)))) * values(p)}
}

// arimaCost is that of a search among forms, which have coefficients of a season that is
// short and the only one.
func arimaCost(p *series.Panel, _ int) auto.Cost {
	per := 1e-4
	switch seasons := p.SeasonsBeside(0); {
	case len(seasons) == 1 && seasons[0] <= baseline.LongestARIMA:
		per = 1e-3
	case len(seasons) > 0:
		per = 3e-4
	}
	return auto.Cost{Forecast: per * values(p)}
}

// linearMapCost is that of the normal equations of a regression to the whole horizon.
func linearMapCost(p *series.Panel, horizon int) auto.Cost {
	return auto.Cost{Fit: 1e-6 * values(p) * float64(horizon), Forecast: 1e-6 * values(p)}
}

// gaussCost is that of the covariance of windows.
func gaussCost(p *series.Panel, horizon int) auto.Cost {
	width := float64(p.Width())
	d := width * windowOf(p, horizon)
	return auto.Cost{Fit: 1.5e-9 * values(p) / width * d * d, Forecast: 2e-6 * values(p)}
}

// pooledCost is that of likelihoods of records that are thinned where they are many.
func pooledCost(p *series.Panel, _ int) auto.Cost {
	return auto.Cost{Fit: min(2e-4*values(p), 0.5), Forecast: 1e-6 * values(p)}
}

// stateSpaceCost is that of a filter whose state has the harmonics of the seasons, over the
// times that variances are estimated from.
func stateSpaceCost(p *series.Panel, _ int) auto.Cost {
	seasons, longest := seasonsOf(p)
	per := 4e-5
	if len(seasons) > 0 {
		per += 4e-5 * (min(longest/2, statespace.MostHarmonics) + float64(len(seasons)-1))
	}
	rows := 0
	for _, s := range p.Series {
		rows += min(s.Len(), statespace.Estimated(longest, len(seasons) > 1))
	}
	return auto.Cost{Forecast: per * float64(rows*p.Width())}
}

// seasonsOf returns the seasons of the panel and the longest of them, 1 if there is none.
func seasonsOf(p *series.Panel) (seasons []float64, longest float64) {
	seasons, longest = p.SeasonsBeside(0), 1
	for _, m := range seasons {
		longest = max(longest, m)
	}
	return seasons, longest
}

// regressionCost is that of the choice among a number of regressions that does not depend
// on the length, and of the products of covariates that are tried beside.
func regressionCost(p *series.Panel, _ int) auto.Cost {
	records := float64(len(p.Series) * p.Width())
	c := auto.Cost{Forecast: 0.02*records + 1.5e-5*values(p)}
	known := len(p.Known) - len(p.Static)
	if known == 0 {
		return c
	}
	seasons, longest := seasonsOf(p)
	for _, s := range p.Series {
		times := min(s.Len(), statespace.Regressed(longest, len(seasons) > 1))
		products := statespace.Products(known, times, len(seasons) > 0)
		c.Forecast += (0.01 + 1.2e-7*float64(times*products)) * float64(p.Width())
	}
	return c
}

// trainedCost returns the cost of models that are trained on batches of windows: of an
// update, for a step of its window; and of the forecast of a series and a step.
func trainedCost(updates int, update, forecast float64) func(*series.Panel, int) auto.Cost {
	return func(p *series.Panel, horizon int) auto.Cost {
		return auto.Cost{
			Fit:      0.1,
			Update:   update * windowOf(p, horizon),
			Updates:  updates,
			Forecast: forecast * float64(len(p.Series)) * float64(horizon),
		}
	}
}

// flowCost is that of a training, and of forecasts that solve an equation for every path
// of a window, in which the channels stand together.
func flowCost(p *series.Panel, horizon int) auto.Cost {
	c := trainedCost(2500, 1e-3, 0.025)(p, horizon)
	c.Forecast *= float64(p.Width())
	return c
}

// modalCost is that of a search for frequencies from many starts.
func modalCost(p *series.Panel, _ int) auto.Cost {
	return auto.Cost{Fit: 1.2e-3 * values(p), Forecast: 6e-5 * values(p)}
}

// latentODECost is that of a training, of the search for modes of held-back data, and with
// irregular times of the companion in closed form.
func latentODECost(p *series.Panel, horizon int) auto.Cost {
	c := trainedCost(latentode.DefaultUpdates, 6e-4, 2e-3)(p, horizon)
	c.Fit = 2
	if !p.Step.Regular() {
		c.Fit += modalCost(p, horizon).Fit
	}
	return c
}

// boostCost is that of trees on a bounded number of rows of the past, of few rows also of those that foretell parts of
// the series, and of asking them for each step of each series.
func boostCost(p *series.Panel, horizon int) auto.Cost {
	rows := min(values(p)*float64(min(horizon, 4)), 30000)
	fit := 1.3e-4*rows + 0.05
	switch {
	case rows <= boost.FewRows && len(p.Series) >= boost.LeastSeries:
		fit *= boost.Folds // each fold has the rows of all others but its own
	case rows <= boost.FewRows:
		fit *= 1 + boost.EarlyShare
	}
	return auto.Cost{Fit: fit, Forecast: 4.5e-5 * float64(len(p.Series)*p.Width()*horizon)}
}

// zeroshotCost is that of a network that is asked for each step of each series.
func zeroshotCost(p *series.Panel, horizon int) auto.Cost {
	return auto.Cost{Forecast: 1e-4 * float64(len(p.Series)*p.Width()*horizon)}
}

// windowOf returns the number of steps of the windows that models learn from: three
// seasons or two horizons, and the horizon, as far as the longest series goes.
func windowOf(p *series.Panel, horizon int) float64 {
	longest := 1
	for _, s := range p.Series {
		longest = max(longest, s.Len())
	}
	return math.Min(float64(max(3*p.Season(), 2*horizon)+horizon), float64(longest))
}

// latentSDECost is that of a training and of paths through noise, those of held-back data among them.
func latentSDECost(p *series.Panel, horizon int) auto.Cost {
	c := trainedCost(latentode.DefaultUpdates, 3e-4, 2e-3)(p, horizon)
	c.Fit = 0.6
	return c
}
