package main

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

const seasonHelp = "season     steps in a season (that of --season)"

func naiveKind() kind {
	return baselineKind(baseline.Naive{}, kind{
		irregular: "yes", missing: "yes", channels: "one by one", law: "Gaussian",
	})
}

func driftKind() kind {
	return baselineKind(baseline.Drift{}, kind{
		irregular: "yes", missing: "yes", channels: "one by one", law: "Gaussian",
	})
}

func thetaKind() kind {
	return checkedKind(baseline.Theta{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian",
		help: []string{
			"theta      of the line that is smoothed; 2 is the standard method (estimated)",
			"dynamic    true: a regression line for each step (one for all)",
			seasonHelp,
		},
	})
}

func etsKind() kind {
	return checkedKind(baseline.ETS{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian or sample paths",
		help: []string{
			"additive   true: no multiplicative errors and seasons (where they fit better)",
			seasonHelp,
		},
	})
}

func stlKind() kind {
	return checkedKind(baseline.STL{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian",
		help: []string{
			"remainder  ets or ar: what continues the seasonally adjusted series (the better)",
			"order      number of lags of ar (that of the least AICc)",
			"window     seasons over which the season is smoothed (11; -1: it never changes)",
			"robust     true: outliers lose their weight (they keep it)",
			seasonHelp,
		},
	})
}

// checkedKind completes the kind of a model that is nothing but its options and
// knows which of them make no sense.
func checkedKind[M interface {
	forecast.Model
	Validate() error
}](zero M, k kind) kind {
	k = baselineKind(zero, k)
	k.build = func(options []byte) (forecast.Model, error) {
		m := zero
		err := decodeOptions(options, &m)
		return m, cmp.Or(err, m.Validate())
	}
	return k
}
