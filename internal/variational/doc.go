// Package variational holds what makes an autoencoder a variational one, which
// the model families share: the diagonal Gaussian [Posterior], its samples and
// its divergence from the prior, and the bounds
//
//	log p(x) ≥ E_q(z|x)[log p(x|z)] - KL(q(z|x) ‖ p(z))
//
// (Kingma & Welling 2014, equation 3), the divergence weighted in the course
// of training by an [Annealing], and the importance-weighted one of several
// draws, [ImportanceBound].
package variational
