// Package mdn holds an autoregressive generator with an exact likelihood: a recurrent
// network over the steps of a series whose outputs are mixture densities (Bishop 1994;
// Graves 2013) of the next values,
//
//	h_t     = GRU(h_t-1, values, increments, season, covariates)
//	p(x_t)  = Π_j p(x_tj | h_t, x_t1 .. x_tj-1)
//	x_tj    = x_t-1,j + l_tj + σ_j g_j(y + c_j y_tj of a season before),  y ~ Σ_k w_k logistic(m_k, s_k)
//
// in which the channels of a step see those before them. The lines l are linear
// regressions of increments on the values and increments before and on those of the
// channels before, of which the network says what they leave; g_j brings normal scores
// to what they leave where that is far from normal, and is linear elsewhere. The first
// step has lines and scores of its own, those of the first steps of training windows, and where many
// short series tell it a density about their first rows (Silverman and Young 1987). Of short
// series whose increments depend on it, the network is told each step's place in its series.
//
// Values of a grid, or of a list, have the probability of the interval about them (as in
// PixelCNN++; Salimans et al. 2017), and values that repeat, exact zeros and rows that
// repeat as a whole, as held chords do, have a probability of their own, so that the
// density is one with respect to the values that there are.
//
// It is trained by its likelihood and draws by ancestral sampling; forecasts go on from
// the state that the context leaves. Of many series that are learned as wholes, each that is
// generated is one of some draws from the same first row, by the odds of being real that trees
// learned after the fit, where these hold for series that they have not seen (Azadi et al. 2019).
//
// Many short series of smooth channels, such as solutions of differential equations, are drawn
// as wholes instead: all values of a channel are lines of those at a few steps, which have a
// distribution of their own, each given those before it, if series that are held back are
// likelier by it. Likelihoods and forecasts are the network's.
package mdn
