// Package pooled forecasts and imputes panels of series, at whatever times they were
// observed, by Gaussian processes whose parameters all series share: what a series of few
// observations cannot tell of itself, the others tell.
//
// A value of a channel, or its logarithm, is
//
//	x(t) = mean(t) + level + u(t) + noise
//
// with a mean that all series have in common, a level of each series' own, and a process of Ornstein and Uhlenbeck, which forgets: a mixed model of longitudinal data
// (Laird & Ware 1982; Diggle 1988; Taylor, Cumberland & Sy 1994). The mean is constant, a
// line, or a natural cubic spline, over the times themselves or over those since the start of a
// series; it stays as it is beyond the times that were seen. The variances and the range of the
// process maximise the likelihood of all series, which a Kalman filter computes in
// linear time (Jones 1993), the coefficients of the mean by generalised least squares
// within it; a slight prior keeps them sane where the panel says little. Which mean, and
// whether logarithms are modelled, is what the Bayesian information criterion says.
//
// Times of many decades that are evenly spread by their logarithms go by these.
//
// Channels are modelled one by one. A distribution has the shape of the filter's standardised
// errors on the panel, so that heavy tails and skewness come out as they were. Outside of the times
// of a series it is wider the farther away, by as much as the second halves of the series, forecast
// from the first, say that they go their own ways. Where few series have no curve in common, the slopes that they had may go on or
// not, and tails are Student's.
package pooled
