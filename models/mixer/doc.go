// Package mixer holds a direct forecaster: a perceptron that reads the context of
// a series as a whole and returns quantiles of all steps of the horizon at once,
// in the spirit of N-BEATS (Oreshkin et al. 2020), TiDE (Das et al. 2023) and
// TSMixer (Chen et al. 2023).
//
// It is shared by all series and channels. For a channel of a window with the
// context x, of which c is the mean, s the deviation and m the mean absolute
// difference of a season, it is
//
//	h = residual blocks of [(x - c)/s, asinh of seasonal differences/m, which are there, covariates, season, channel]
//	h = h + mix(h of all channels)
//	d_k = decoder_k(h), k = 1 … horizon
//	q_k = x_{k - season} + m (skip_k·(x - c)/m + head(d_k, what is known of step k))
//
// The head gives the median and, made positive, the distances between
// neighbouring quantiles (Park et al. 2022 do so), so that these never cross. The loss is
// that of the quantiles, in units of m, as the scores of forecasts are. A model is
// the mean of several such networks, its members, that learn from windows of
// their own.
//
// Sample paths are drawn from the quantiles by a Gaussian copula, whose
// correlations between steps and between channels are those of training windows.
// Beyond the horizon for which the model was fitted paths go on block by block, each
// fed with its own values.
package mixer
