// Package gauss holds a model in closed form that forecasts, imputes and generates:
// the joint Gaussian distribution of a window of all channels of a regular panel, or a
// Gaussian copula with margins of its own.
//
// Every channel of a series is brought to mean 0 and deviation 1. The covariance of
// a window of lookback + horizon steps is
//
//	Σ = (1-λ) S + λ T
//
// S being the covariances of the values of all training windows, what is missing
// drawn from its distribution given the rest as the estimates go on (EM, see complete), and T the same averaged over all places of a
// window that are as far apart, as for a stationary process: the fewer the windows,
// the more it takes of T (a shrinkage as that of Ledoit and Wolf 2004, to another
// target). λ is what makes the ends of the series likeliest, which were held back. So is
// whether the level of a window, the mean of its lookback, is apart from its shape:
// then S and T are of windows without their levels, and the covariances of these are
// added, so that a forecast goes on from where a series is, however far from its
// mean.
// Where T is not positive definite, as means over places need not be, its spectrum is raised to a
// floor.
//
// Forecasts are the distribution of the next horizon given the lookback. Beyond, the distribution of a
// lookback is taken on horizon by horizon in a way that leaves the usual one as it is
// (see steady), so that forecasts return to that. What is missing is imputed given all that a window around it holds; series
// are generated from the distribution of a window on, and many short series as wholes (see
// shapes). A season whose usual course tells values that are held back is apart in these: the course
// stands where the calendar has it, and windows are of what it leaves (see course).
//
// With a copula (Nelsen 2006, chapter 2) the values z of that Gaussian are normal
// scores: x = F⁻¹(Φ(z)), F being the distribution of a channel's values over all windows,
// piecewise linear between its quantiles in the normal score, with Gaussian tails.
package gauss
