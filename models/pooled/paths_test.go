package pooled

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// What comes has the covariances of the joint Gaussian given what was seen, by linear algebra.
func TestCovarianceAgainstDenseGaussian(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	k := kernel{Level: 0.5, Process: 0.8, Range: 2.5, Noise: 0.2}
	seen, _ := example(rng, 9)
	f := &channelFit{Scale: 1, Kernel: k, Mean: mean{Coefficients: []float64{0.1}}}
	n := len(seen.t)
	end := seen.t[n-1]
	asked := []float64{end + 0.3, end + 1, end + 4}
	all := append(append([]float64(nil), seen.t...), asked...)
	whole := k.dense(all, func(int) float64 { return k.Noise })
	var inverse, product mat.Dense
	if err := inverse.Inverse(whole.SliceSym(0, n)); err != nil {
		t.Fatal(err)
	}
	across := mat.DenseCopyOf(whole).Slice(n, len(all), 0, n)
	product.Product(across, &inverse, across.T())
	got := f.covariance(seen, asked, false)
	for i := range asked {
		for j := range asked {
			if want := whole.At(n+i, n+j) - product.At(i, j); math.Abs(got.At(i, j)-want) > 1e-10 {
				t.Errorf("%d, %d: covariance %v, want %v", i, j, got.At(i, j), want)
			}
		}
	}
}
