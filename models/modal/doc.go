// Package modal forecasts and imputes panels of oscillating series, at whatever times they were
// observed, by damped modes whose parameters each series has for itself and whose prior all series
// share.
//
// A value of channel j, in units of the channel's deviation about its mean, is
//
//	x_j(t) = o_j + Σ_k exp(-s_k t) (a_jk cos ω_k t + b_jk sin ω_k t) + noise,
//
// with t counted from the start of the series: the solution of a damped linear oscillator in closed
// form, driven or coupled to others if there is more than one mode, exact at irregular times. The
// frequencies ω_k and the dampings s_k of a series, the same in all channels, are a priori
// log-normal; its offsets o and amplitudes a, b are normal with a deviation for each channel and
// mode. Given the former, the latter and their likelihood are known in closed form, so that the
// search is over frequencies and dampings alone (variable projection; Golub & Pereyra 1973), by the
// method of Levenberg and Marquardt from many starts. The prior and the noise are those of the
// panel by rounds of fitting all series and measuring what was found (empirical Bayes).
//
// A prediction is a mixture of Gaussians: of the best modes found, and draws about each by the
// curvature there, weighted by importance. Held-back ends of series say by how much it is too
// narrow beyond the observations, and how far series go their own ways, by which it is the wider the
// farther ahead. What a mode leaves open of observations decays with it in the model, and not in truth: no
// interval of observations is narrower than one of an earlier time ahead. Of few series, which tell no prior apart from their own
// courses, more is held back, and the number of coefficients counts.
package modal
