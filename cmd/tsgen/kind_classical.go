package main

import (
	"cmp"

	"tsgen/forecast"
	"tsgen/models/baseline"
)

func naiveKind() kind {
	return baselineKind(baseline.Naive{}, kind{
		irregular: "yes", missing: "yes", channels: "one by one", law: "Gaussian",
		about: "The last value, with the intervals of a random walk.",
	})
}

func driftKind() kind {
	return baselineKind(baseline.Drift{}, kind{
		irregular: "yes", missing: "yes", channels: "one by one", law: "Gaussian",
		about: "The line through the first and the last value, with the intervals of a random walk with drift.",
	})
}

func thetaKind() kind {
	return checkedKind(baseline.Theta{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian",
		about: "The theta method (Assimakopoulos and Nikolopoulos 2000; optimised by Fiorucci et al. 2016): simple exponential smoothing with a drift, after the season is taken out.",
	})
}

func etsKind() kind {
	return checkedKind(baseline.ETS{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian or sample paths",
		about: "Exponential smoothing in state space form (Hyndman et al. 2008); errors, trend and season are of the form with the least AICc.",
	})
}

func stlKind() kind {
	return checkedKind(baseline.STL{}, kind{
		irregular: "no", missing: "yes", channels: "one by one", law: "Gaussian",
		about: "A decomposition by loess (Cleveland et al. 1990): the season repeats, and exponential smoothing or an autoregression continues the rest.",
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
