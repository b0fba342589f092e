package models

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

const seasonHelp = "season     steps in a season (that of --season)"

func naiveKind() Kind {
	return plainKind(baseline.Naive{}, Kind{
		Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
	})
}

func driftKind() Kind {
	return plainKind(baseline.Drift{}, Kind{
		Irregular: "yes", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
	})
}

func thetaKind() Kind {
	return plainKind(baseline.Theta{}, Kind{
		Irregular: "no", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		Help: []string{
			"theta      of the line that is smoothed; 2 is the standard method (estimated)",
			"dynamic    true: a regression line for each step (one for all)",
			seasonHelp,
		},
	})
}

func etsKind() Kind {
	return plainKind(baseline.ETS{}, Kind{
		Irregular: "no", Missing: "yes", Channels: "one by one", Distribution: "Gaussian or sample paths",
		Help: []string{
			"additive   true: no multiplicative errors and seasons (where they fit better)",
			seasonHelp,
		},
	})
}

func stlKind() Kind {
	return plainKind(baseline.STL{}, Kind{
		Irregular: "no", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		Help: []string{
			"remainder  ets or ar: what continues the seasonally adjusted series (the better)",
			"order      number of lags of ar (that of the least AICc)",
			"window     seasons over which the season is smoothed (11; -1: it never changes)",
			"robust     true: outliers lose their weight (they keep it)",
			seasonHelp,
		},
	})
}

func linearMapKind() Kind {
	return Kind{
		Name: baseline.LinearMapName, Irregular: "no", Missing: "yes", Channels: "one map for all", Distribution: "Gaussian",
		Options: baseline.LinearMapOptions{},
		Help: []string{
			"lookback  steps that a forecast is made from (chosen on held-back data)",
			"ridge     penalty on the coefficients (chosen on held-back data)",
			"season    steps in a season (that of --season)",
		},
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
		Reference: true,
		Irregular: "last value", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		Help: []string{"season  steps in a season (that of --season)"},
	})
}

func arKind() Kind {
	return plainKind(baseline.AR{}, Kind{
		Reference: true,
		Irregular: "no", Missing: "yes", Channels: "one by one", Distribution: "Gaussian",
		Help: []string{
			"order   number of lags (twice the season and 1)",
			"season  steps in a season (that of --season)",
		},
	})
}
