package rnn

import (
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A noise holds what is random in the passage of a batch through a network.
type noise struct {
	normal []float64 // rows×latent variables: of z, standard normal

	// What remains of activations, rows×columns; empty where nothing is dropped.
	features, latent, deterministic, known []float64
}

// draw fills x for a number of rows of a network of config c.
func (x *noise) draw(c *config, rows int, thinned, rng *rand.Rand) {
	o := c.Options
	x.features = dropped(x.features[:0], thinned, o.Dropout, rows*o.Hidden)
	x.normal = x.normal[:0]
	for range rows * o.Latent {
		x.normal = append(x.normal, rng.NormFloat64())
	}
	x.latent = dropped(x.latent[:0], thinned, o.Dropout, rows*o.Hidden)
	x.deterministic, x.known = x.deterministic[:0], x.known[:0]
	known := c.knownWidth()
	for range rows {
		x.deterministic = dropped(x.deterministic, thinned, o.Dropout, o.Hidden)
		x.known = dropped(x.known, thinned, o.Dropout, known)
	}
}

// dropped appends n factors, 0 with the probability rate and for the others what
// keeps the mean (Srivastava et al. 2014), or nothing if there is no source or
// the rate is 0.
func dropped(dst []float64, source *rand.Rand, rate float64, n int) []float64 {
	if source == nil || rate == 0 {
		return dst
	}
	for range n {
		keep := 0.0
		if source.Float64() >= rate {
			keep = 1 / (1 - rate)
		}
		dst = append(dst, keep)
	}
	return dst
}

// thin multiplies x, activations of the rows of a batch from row from on, by
// what remains of them.
func thin[T ad.Float](p *nn.PassOf[T], x *ad.NodeOf[T], remains []float64, from int) *ad.NodeOf[T] {
	if len(remains) == 0 {
		return x
	}
	return p.Mul(x, p.Data(x.Rows, x.Cols, remains[from*x.Cols:(from+x.Rows)*x.Cols]))
}

// sample returns a draw of z from the Gaussians of the rows of a batch from row
// from on.
func sample[T ad.Float](p *nn.PassOf[T], x *noise, mean, sd *ad.NodeOf[T], from int) *ad.NodeOf[T] {
	k := mean.Cols
	return p.Reparameterise(mean, sd, p.Data(mean.Rows, k, x.normal[from*k:(from+mean.Rows)*k]))
}
