// Package statespace holds linear-Gaussian state space models: the exact
// likelihood of what was observed, the distribution of the states behind it, estimation by
// expectation maximisation, and two forecasters: of trend and season, and by
// regression.
//
// # Systems
//
// A [System] is, for t = 1 ... T,
//
//	z₁ ~ N(m, P),  z_t = A z_{t-1} + w_t,  x_t = C z_t + v_t,
//	w_t ~ N(0, Q),  v_t ~ N(0, R)
//
// where any value of x may be missing. [System.Filter] gives p(z_t | x₁ ... x_t)
// and the logarithm of p(x₁ ... x_T) (Kalman 1960; covariances are updated in
// Joseph's form, which keeps them positive), [Filtered.Smooth] gives
// p(z_t | x₁ ... x_T) (Rauch, Tung & Striebel 1965), and [System.EM] the
// parameters under which the likelihood of some series is greatest nearby
// (Shumway & Stoffer 1982; Ghahramani & Hinton 1996): it never falls from one
// iteration to the next. Their bounds on the likelihood are what variational
// models can be held against.
//
// # The forecasters
//
// A [Regression] is what its name says, with errors that are an autoregression:
// their filter (the same for the values and for each regressor) makes the errors
// independent, so that least squares are exact maximum likelihood for given
// autocorrelations, missing values or not.
//
// A [Model] describes each channel of each series as a sum of processes in
// continuous time, so that observations may be as irregular as they like
// (Harvey 1989, chapters 2, 4 and 9):
//
//	x(t) = trend(t) + level(t) + Σ_h season_h(t) + noise
//
// a trend whose slope is a Wiener process, a level that is one, and for each
// harmonic of the season a point that turns at its frequency while a planar
// Wiener process moves it. The four variances, of slope, level, season and noise,
// are estimated by expectation maximisation with the state's own covariances
// integrated out (Koopman 1993: the smoothed disturbances are all it takes),
// speeded up by extrapolation (Varadhan & Roland 2008) which is undone where the
// likelihood would fall.
package statespace
