package density

import (
	"math/rand/v2"

	"tsgen/internal/kernel"
)

// SampleRows sets the rows of dst, of a value a channel, to draws from the distributions of l
// that the rows of heads, of l.Outputs() values, stand for: as [Likelihood.Sample] does row by
// row, but faster of Gaussians, in the width of heads and with the deviates of normal. It
// changes heads.
func SampleRows[T kernel.Float](l Likelihood, params, dst []float64, heads []T, normal *kernel.Normal, rng *rand.Rand) {
	n := l.Outputs()
	rows := len(heads) / n
	c := len(dst) / rows
	g, ok := l.(*gaussian)
	if !ok {
		head := make([]float64, n)
		for i := range rows {
			kernel.Widen(head, heads[i*n:(i+1)*n])
			l.Sample(params, dst[i*c:(i+1)*c], head, rng)
		}
		return
	}
	for i := range rows {
		head := heads[i*n : (i+1)*n]
		kernel.Widen(dst[i*c:(i+1)*c], head[:c])
		copy(heads[i*c:], head[c:])
	}
	deviations, noise := heads[:rows*c], heads[rows*c:2*rows*c]
	kernel.Softplus(deviations, deviations)
	kernel.Normals(normal, noise)
	for k, s := range deviations {
		dst[k] += (g.floor + float64(s)) * float64(noise[k])
	}
}
