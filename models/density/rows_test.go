package density

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/internal/kernel"
	"tsgen/internal/nn"
)

// TestSampleRows: rows drawn at once are those drawn one by one, but for rounding; of Gaussians
// those of the given deviates.
func TestSampleRows(t *testing.T) {
	const rows, channels = 50, 3
	for _, family := range Families() {
		var s nn.Params
		l, err := NewLikelihood(&s, "likelihood", family, channels, LikelihoodOptions{Floor: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		heads := make([]float64, rows*l.Outputs())
		for i := range heads {
			heads[i] = rng.NormFloat64()
		}
		got, want := make([]float64, rows*channels), make([]float64, rows*channels)
		rng = rand.New(rand.NewPCG(3, 4))
		normal := func() *kernel.Normal { return kernel.NewNormal(rand.NewPCG(5, 6).Uint64) }
		if family == Gaussian {
			kernel.Normals(normal(), want)
		}
		for i := range rows {
			head, row := heads[i*l.Outputs():(i+1)*l.Outputs()], want[i*channels:(i+1)*channels]
			if family != Gaussian {
				l.Sample(s.Values, row, head, rng)
				continue
			}
			for j, e := range row {
				row[j] = head[j] + (0.1+math.Log1p(math.Exp(head[channels+j])))*e
			}
		}
		SampleRows(l, s.Values, got, slices.Clone(heads), normal(), rand.New(rand.NewPCG(3, 4)))
		for i, x := range got {
			if math.Abs(x-want[i]) > 1e-13*(1+math.Abs(want[i])) {
				t.Errorf("%s: value %d is %v, drawn alone %v", family, i, x, want[i])
			}
		}
	}
}
