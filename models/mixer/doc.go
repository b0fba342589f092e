// Package mixer holds a direct forecaster: a perceptron that reads the context of
// a series as a whole and returns the quantiles of all steps of the horizon at
// once, in the spirit of N-BEATS (Oreshkin et al. 2020), TSMixer (Chen et al. 2023)
// and TiDE (Das et al. 2023). Series and channels share it. For a channel of a
// window whose values x lie about the level c with the deviation s, and whose
// mean absolute seasonal difference is m, it is
//
//	h = blocks[(x - c)/s, what is missing, asinh(seasonal differences/m), covariates, season, channel]
//	h = h + mix(h of all channels)
//	y_k = x_(last of k's season) + m (skip_k·(x - c)/m + head(decoder_k(h), season and covariates of k))
//
// for the steps k of the horizon, the head being that of density.Quantiles. It
// learns by the loss of the quantiles in the unit m, by which forecasts are scored.
// A model is the mean of several such networks, which learn from windows of their
// own.
//
// A Gaussian copula, with the correlations that the scores of training windows
// have, makes sample paths of the quantiles. Paths go on beyond the horizon that
// was learned block by block, each fed with its own values.
package mixer
