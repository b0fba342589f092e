package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

func naiveKind() Kind {
	return plainKind(baseline.Naive{}, Kind{
		cost:      perValue(1e-6, 1e-6),
		Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		About: "The last value, with the intervals of a random walk.",
	})
}

func driftKind() Kind {
	return plainKind(baseline.Drift{}, Kind{
		cost:      perValue(1e-6, 1e-6),
		Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		About: "The line through the first and the last value, with the intervals of a random walk with drift.",
	})
}

func thetaKind() Kind {
	return olderKind(baseline.Theta{}, baseline.Theta{Bare: true}, baseline.KeptFromState, Kind{
		cost:      withEffects(perValue(3e-6, 3e-6)),
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian",
		About: "The theta method (Assimakopoulos and Nikolopoulos 2000; optimised by Fiorucci et al. 2016): simple exponential smoothing with a drift, after the season is taken out.",
	})
}

func etsKind() Kind {
	return olderKind(baseline.ETS{}, baseline.ETS{Bare: true}, baseline.KeptFromState, Kind{
		cost:      withEffects(perValue(1e-5, 3e-5)),
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian or sample paths",
		About: "Exponential smoothing in state space form (Hyndman et al. 2008); errors, trend and season are of the form with the least AICc.",
	})
}

func arimaKind() Kind {
	return olderKind(baseline.ARIMA{}, baseline.ARIMA{Plain: true, Bare: true}, baseline.KeptFromState, Kind{
		cost:      withEffects(arimaCost),
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian",
		About: "A seasonal autoregressive integrated moving average, whose orders the search of Hyndman and Khandakar (2008) chooses for each series by AICc.",
	})
}

func intermittentKind() Kind {
	return keptKind(baseline.Intermittent{}, baseline.KeptFromState, Kind{
		cost:      perValue(4e-5, 8e-5),
		Irregular: "no", Missing: "yes", Channels: "one by one", Distribution: "sample paths",
		Suits: baseline.Intermittent{}.Suits,
		About: "Counts, and demand that is mostly zero: negative binomial and hurdle distributions whose means move with what comes, or the methods of Croston, of Syntetos and Boylan, and of Teunter, Syntetos and Babai.",
	})
}

func stlKind() Kind {
	return olderKind(baseline.STL{}, baseline.STL{Plain: true, Bare: true}, baseline.KeptFromState, Kind{
		cost:      withEffects(stlCost),
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian",
		About: "A decomposition by loess (Cleveland et al. 1990): the season repeats, and exponential smoothing or an autoregression continues the rest.",
	})
}

func linearMapKind() Kind {
	return Kind{
		cost: withEffects(linearMapCost),
		Name: baseline.LinearMapName, Irregular: "no", Missing: "yes", Channels: "one map for all", Known: true, Distribution: "Gaussian",
		About:   "One ridge regression for all series, from the last steps of a window, with its level and scale taken out, to the whole horizon.",
		Options: baseline.LinearMapOptions{},
		build: func(options []byte) (forecast.Model, error) {
			m := &baseline.LinearMap{}
			err := decodeOptions(options, &m.LinearMapOptions)
			return m, cmp.Or(err, m.Validate())
		},
		load: func(s *forecast.State) (forecast.Model, error) { return baseline.LinearMapFromState(s) },
	}
}

func seasonalNaiveKind() Kind {
	return plainKind(baseline.SeasonalNaive{}, Kind{
		cost:      perValue(1e-6, 1e-6),
		Reference: true,
		Irregular: "last value", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		About: "The value a season before, with the intervals of a seasonal random walk: what every model is held against.",
	})
}

func arKind() Kind {
	return olderKind(baseline.AR{}, baseline.AR{Bare: true}, baseline.KeptFromState, Kind{
		cost:      withEffects(perValue(5e-6, 5e-6)),
		Reference: true,
		Irregular: "no", Missing: "yes", Channels: "one by one", Known: true, Distribution: "Gaussian",
		About: "An autoregression of each series, estimated by maximum likelihood, with lags over two seasons.",
	})
}
