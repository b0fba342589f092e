package rnn

import (
	"math/rand/v2"

	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A chance holds what is random in the passage of a batch through a network.
type chance struct {
	noise []float64 // rows×latent variables: of z, standard normal

	// What remains of activations, rows×columns; empty where nothing is dropped.
	features, latent, deterministic, known []float64
}

// draw fills c for a number of rows of a network of plan p.
func (c *chance) draw(p *plan, rows int, thinned, rng *rand.Rand) {
	o := p.Options
	c.features = dropped(c.features[:0], thinned, o.Dropout, rows*o.Hidden)
	c.noise = c.noise[:0]
	for range rows * o.Latent {
		c.noise = append(c.noise, rng.NormFloat64())
	}
	c.latent = dropped(c.latent[:0], thinned, o.Dropout, rows*o.Hidden)
	c.deterministic, c.known = c.deterministic[:0], c.known[:0]
	for range rows {
		c.deterministic = dropped(c.deterministic, thinned, o.Dropout, o.Hidden)
		c.known = dropped(c.known, thinned, o.Dropout, p.knownWidth())
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
func thin(p *nn.Pass, x *ad.Node, remains []float64, from int) *ad.Node {
	if len(remains) == 0 {
		return x
	}
	return p.Mul(x, p.Const(x.Rows, x.Cols, remains[from*x.Cols:(from+x.Rows)*x.Cols]))
}

// sample returns a draw of z from the Gaussians of the rows of a batch from row
// from on.
func (c *chance) sample(p *nn.Pass, mean, sd *ad.Node, from int) *ad.Node {
	k := mean.Cols
	return p.Reparameterise(mean, sd, p.Const(mean.Rows, k, c.noise[from*k:(from+mean.Rows)*k]))
}
