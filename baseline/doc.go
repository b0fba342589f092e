// Package baseline holds the models with closed forms that a learned model must
// beat: the seasonal naive forecast and autoregression.
//
// They are local: each channel of each series is a series of its own, and what
// there is to estimate is estimated from the history that Forecast is given,
// within milliseconds. So Fit has nothing to learn, and a series need not have
// been seen before. Their predictive laws are Gaussian and known in
// closed form: forecasts carry means and standard deviations, and the number
// of samples and the seed of the options change nothing.
//
// On a regular panel a gap is a step without an observation, as is a missing
// value. A time to forecast that lies between two steps has the mean and the
// standard deviation interpolated between theirs.
package baseline
