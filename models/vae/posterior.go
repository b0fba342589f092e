package vae

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/nn"
)

const (
	candidates = 4       // draws for each latent state that is kept
	maxDecoded = 1 << 21 // values of heads that are computed at once
)

// posterior returns n draws of the latent variables of each of the m windows of
// x, in units of the model with NaN for what is missing, one after another in
// rows of m·n × latent: of candidates·n draws from the encoder's distribution those that
// their importance weights choose (sampling importance resampling; Rubin 1988),
// so that they follow the decoder's posterior where the encoder's is off. A
// window of which nothing is known has draws from the prior.
func (f *fitted) posterior(ctx context.Context, x []float64, m, n int, rng *rand.Rand) ([]float64, error) {
	latent, d, k := f.config.Options.Latent, f.config.width(), candidates*n
	z, weights := make([]float64, m*k*latent), make([]float64, m*k)
	p := nn.Pass{Values: f.Params.Values}
	most := f.decodedAtOnce()
	rows, draws := max(1, most/k), min(k, most)
	for i := 0; i < m; i += rows {
		rows := min(rows, m-i)
		for j := 0; j < k; j += draws {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			draws := min(draws, k-j)
			p.Reset()
			zs, ws := f.network.logWeights(&p, x[i*d:(i+rows)*d], draws, rng)
			at := i*k + j
			copy(z[at*latent:], zs.Val)
			copy(weights[at:], ws.Val)
		}
	}
	chosen := make([]float64, m*n*latent)
	for i := range m {
		dst := chosen[i*n*latent : (i+1)*n*latent]
		if !slices.ContainsFunc(x[i*d:(i+1)*d], isNumber) {
			for j := range dst {
				dst[j] = rng.NormFloat64()
			}
			continue
		}
		if err := resample(dst, z[i*k*latent:(i+1)*k*latent], weights[i*k:(i+1)*k], latent, rng); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

func isNumber(x float64) bool { return !math.IsNaN(x) }

// decodedAtOnce returns the number of windows whose heads are computed at once.
func (f *fitted) decodedAtOnce() int {
	return max(1, maxDecoded/(f.config.Options.Length*f.network.likelihood.Outputs()))
}

// resample fills dst with rows of z, of the given width, chosen by the
// logarithms of their weights systematically (Kitagawa 1996, appendix) and in
// random order.
func resample(dst, z, logWeights []float64, width int, rng *rand.Rand) error {
	top, sum := slices.Max(logWeights), 0.0
	if math.IsNaN(top - top) {
		return fmt.Errorf("%w: the weight e^%v of a latent state", nn.ErrNonFinite, top)
	}
	for _, w := range logWeights {
		sum += math.Exp(w - top)
	}
	n := len(dst) / width
	order := rng.Perm(n)
	u, total, at := rng.Float64(), 0.0, 0
	for i, w := range logWeights {
		total += math.Exp(w-top) / sum * float64(n)
		for ; at < n && float64(at)+u < total; at++ {
			copy(dst[order[at]*width:(order[at]+1)*width], z[i*width:(i+1)*width])
		}
	}
	for ; at < n; at++ { // what rounding left over
		copy(dst[order[at]*width:(order[at]+1)*width], z[len(z)-width:])
	}
	return nil
}

// sample calls use with a draw of every window that z stands for, in units of
// the model, in the order of the rows.
func (f *fitted) sample(ctx context.Context, z []float64, rng *rand.Rand, use func(i int, x []float64) error) error {
	return f.heads(ctx, z, func(i int, dst, head []float64) {
		f.network.likelihood.Sample(f.Params.Values, dst, head, rng)
	}, use)
}

// distributions calls value for every step of every window that z stands for, to make a
// row of values of the head of its distribution, and use with the whole windows.
func (f *fitted) heads(ctx context.Context, z []float64, value func(i int, dst, head []float64), use func(i int, x []float64) error) error {
	latent, d, c, outputs := f.config.Options.Latent, f.config.width(), len(f.config.Channels), f.network.likelihood.Outputs()
	p := nn.Pass{Values: f.Params.Values}
	x := make([]float64, d)
	n, most := len(z)/latent, f.decodedAtOnce()
	for from := 0; from < n; from += most {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(most, n-from)
		p.Reset()
		heads := decode(f.network, &p, p.Const(rows, latent, z[from*latent:(from+rows)*latent])).Val
		for i := range rows {
			for s := range f.config.Options.Length {
				at := (i*f.config.Options.Length + s) * outputs
				value(from+i, x[s*c:(s+1)*c], heads[at:at+outputs])
			}
			if err := use(from+i, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// restored returns the value x of a window in units of the model with its level
// and scale put back.
func restored(x, center, scale float64) (float64, error) {
	v := center + scale*x
	if math.IsNaN(v - v) {
		return v, fmt.Errorf("%w: a draw leaves the range of numbers", nn.ErrNonFinite)
	}
	return v, nil
}
