// Package judge says how generated series differ from real ones. What is compared are
// windows of both, of the same length:
//
//   - discriminative scores |accuracy - ½| of three classifiers told to separate real
//     windows from generated ones: a recurrent network (Yoon, Jarrett & van der Schaar
//     2019), extremely randomised trees and boosted trees on windows and their
//     differences. 0 says that nobody can tell them apart, ½ that anybody can;
//   - the predictive score of the same paper: the mean absolute error, on real windows, of
//     a recurrent network that learned from generated ones to tell the last channel's
//     next value;
//   - the squared maximum mean discrepancy (Gretton et al. 2012), the distances of
//     marginals, autocorrelations, correlations between channels and spectra, and the
//     Fréchet distance of features (Heusel et al. 2017) that random convolutions make;
//   - copying: whether generated windows are nearer to those that were trained on than
//     new real ones are.
//
// All are known of real windows against others of their own, too, whose two parts are
// drawn at random, as is customary, or lie in alternating blocks of time. Windows that
// are not alike between blocks tell how much of a score says nothing of a generator.
//
// The same windows and options give the same scores on any number of processors.
package judge
