// Package baseline holds the models that a learned model must beat: naive,
// seasonal naive and drift, the theta method, exponential smoothing (ETS),
// seasonal decomposition (STL), autoregression, ARIMA and distributions of intermittent demand.
//
// They are local: each channel of each series is a series of its own, and what
// there is to estimate is estimated from the history that Forecast is given,
// within milliseconds. So Fit has nothing to learn, and a series need not have
// been seen before. What AR, ETS, STL and Theta estimate can be kept beside them, with
// their method Keep. Their predictive distributions are Gaussian and known in
// closed form: forecasts carry means and standard deviations, and the number
// of samples and the seed of the options change nothing. Only the multiplicative
// forms of ETS and intermittent demand have sample paths.
//
// On a regular panel a gap is a step without an observation, as is a missing
// value. A time to forecast that lies between two steps is refused, but for the
// random walks of Naive and Drift, which take any time.
package baseline
