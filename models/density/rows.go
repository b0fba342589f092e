package density

import (
	"math/rand/v2"

	"tsgen/internal/kernel"
)

// SampleRows sets the rows of dst, of a value a channel, to draws from the distributions of l
// that the rows of heads, of l.Outputs() values, stand for: as [Likelihood.Sample] does row by
// row, but for the last bits, and faster of Gaussians. It changes heads.
func SampleRows(l Likelihood, params, dst, heads []float64, rng *rand.Rand) {
	n := l.Outputs()
	rows := len(heads) / n
	c := len(dst) / rows
	g, ok := l.(*gaussian)
	if !ok {
		for i := range rows {
			l.Sample(params, dst[i*c:(i+1)*c], heads[i*n:(i+1)*n], rng)
		}
		return
	}
	for i := range rows {
		head := heads[i*n : (i+1)*n]
		copy(dst[i*c:], head[:c])
		copy(heads[i*c:], head[c:])
	}
	deviations := heads[:rows*c]
	kernel.Softplus(deviations, deviations)
	for k, s := range deviations {
		dst[k] += (g.floor + s) * rng.NormFloat64()
	}
}
