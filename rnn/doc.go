// Package rnn holds the recurrent models with latent variables: the variational
// recurrent network VRNN (Chung et al. 2015) and the stochastic recurrent
// network SRNN (Fraccaro et al. 2016).
//
// With x the observations, z the latent variables, u what is known beforehand
// (place in the season, gaps, past observations a season away) and φ small
// networks, the VRNN is
//
//	z_t ~ N(prior(h_{t-1}, u_t)),  x_t ~ p(· | decoder(φ(z_t), h_{t-1}, u_t))
//	h_t = GRU(h_{t-1}, [φ(x_t), φ(z_t)]),  q(z_t) = N(posterior(φ(x_t), h_{t-1}, u_t))
//
// (equations 5 to 9 there), and the SRNN separates the two recurrences,
//
//	d_t = GRU(d_{t-1}, [φ(x_{t-1}), u_t]),  z_t ~ N(prior(z_{t-1}, d_t))
//	x_t ~ p(· | decoder(φ(z_t), d_t)),  a_t = GRU(a_{t+1}, [d_t, φ(x_t)])
//	q(z_t) = N(posterior(z_{t-1}, a_t)),  its mean relative to the prior's
//
// (equations 2 to 11 there; a_t runs backwards, so that the posterior smooths;
// by option it filters). The recurrences may be long short-term memories.
// The distribution of the observations is any of package density's. To its locations a linear
// function of the last observation and of those about a season ago is added.
//
// A forecast never sees what it forecasts: on the observed part the latent
// variables are inferred, by particles that are weighted and resampled, and
// beyond it all is drawn from the prior, each path fed with its own values.
//
// Level and scale of each window are taken out and put back, and positive values
// that vary with their level are modelled by their logarithm, as package
// latentode does it. Missing values are absent from the bound; the recurrence is
// given a mask of them.
package rnn
