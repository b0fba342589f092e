package judge

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"tsgen/internal/seriestest"
	"tsgen/series"
)

// walks returns windows of two random walks each, of which the second follows the first.
func walks(n, steps int, seed uint64) *Sample {
	rng := rand.New(rand.NewPCG(seed, 5))
	s := &Sample{Steps: steps, Channels: 2}
	for i := range n {
		w := make([]float64, 0, 2*steps)
		x, y := 3*rng.NormFloat64(), 0.0
		for range steps {
			x += rng.NormFloat64()
			y = 0.7*x + 0.5*rng.NormFloat64()
			w = append(w, x, y)
		}
		s.Windows, s.blocks = append(s.Windows, w), append(s.blocks, i)
	}
	return s
}

func changed(s *Sample, f func(w []float64, rng *rand.Rand)) *Sample {
	rng := rand.New(rand.NewPCG(8, 5))
	t := &Sample{Steps: s.Steps, Channels: s.Channels, blocks: s.blocks}
	for _, w := range s.Windows {
		v := append([]float64(nil), w...)
		f(v, rng)
		t.Windows = append(t.Windows, v)
	}
	return t
}

func compare(t *testing.T, real, synthetic *Sample, opt Options) *Report {
	t.Helper()
	r, err := Compare(context.Background(), real, synthetic, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestKnownAnswers protects every score by cases whose answer is known: another sample of
// the same distribution, which nobody can tell from the first; white noise, which anybody can;
// and a change of one property, which its own score sees.
func TestKnownAnswers(t *testing.T) {
	seriestest.Long(t)
	real := walks(240, 12, 1)
	same := compare(t, real, walks(240, 12, 2), Options{Repeats: 1})
	noise := compare(t, real, changed(real, func(w []float64, rng *rand.Rand) {
		for k := range w {
			w[k] = 4 * rng.NormFloat64()
		}
	}), Options{Repeats: 1})
	for name, bound := range map[string][2]float64{
		Recurrent: {0.17, 0.3}, ExtraTrees: {0.17, 0.45}, BoostedTrees: {0.17, 0.45}, Discrepancy: {0.02, 0.05},
		Marginals: {0.3, 0.1}, Autocorrelations: {0.1, 0.3}, Correlations: {0.1, 0.4}, Spectra: {0.06, 0.3}, Frechet: {0.3, 1},
	} {
		if x := same.Score(name).Synthetic; !(x <= bound[0]) {
			t.Errorf("%s: %.3f of the same distribution, want at most %.2f", name, x, bound[0])
		}
		if x := noise.Score(name).Synthetic; !(x >= bound[1]) {
			t.Errorf("%s: %.3f of white noise, want at least %.2f", name, x, bound[1])
		}
		if r := same.Score(name).Random; r == nil || *r > bound[0]+0.1 {
			t.Errorf("%s: real against real at random is %v", name, r)
		}
	}
	if a, b := same.Score(Predictive).Synthetic, noise.Score(Predictive).Synthetic; !(a < 0.8*b) {
		t.Errorf("a network errs by %.3f having learned from the same distribution, by %.3f from noise", a, b)
	}
	if same.Copying.Copies || noise.Copying.Copies {
		t.Errorf("copies where there are none: %+v, %+v", same.Copying, noise.Copying)
	}
}

// TestItself protects that distances of a sample from itself are zero.
func TestItself(t *testing.T) {
	s := walks(60, 10, 3)
	for name, f := range map[string]func(a, b *Sample) float64{
		"marginals": marginals, "autocorrelations": autocorrelations, "correlations": correlations, "spectra": spectra, "frechet": frechet,
	} {
		if d := f(s, s); math.Abs(d) > 1e-6 {
			t.Errorf("%s: %v", name, d)
		}
	}
}

// TestShift protects the units: a shift by half a deviation is that distance of
// marginals, and moves neither correlations nor spectra.
func TestShift(t *testing.T) {
	a := deviationOf(walks(200, 10, 3)).apply(walks(200, 10, 3))
	b := changed(a, func(w []float64, _ *rand.Rand) {
		for k := range w {
			w[k] += 0.5
		}
	})
	if d := marginals(a, b); math.Abs(d-0.5) > 1e-9 {
		t.Errorf("marginals are %.3f apart, want 0.5", d)
	}
	if d := correlations(a, b) + spectra(a, b) + autocorrelations(a, b); d > 1e-9 {
		t.Errorf("correlations, spectra or autocorrelations change by %v", d)
	}
}

// TestSpectrum protects the frequencies: all power of a sine of three periods is in the
// third place.
func TestSpectrum(t *testing.T) {
	s := &Sample{Steps: 24, Channels: 1, Windows: [][]float64{make([]float64, 24)}}
	for i := range s.Windows[0] {
		s.Windows[0][i] = 5 + math.Sin(2*math.Pi*3*float64(i)/24+1)
	}
	if p := s.spectrum(0); math.Abs(p[2]-1) > 1e-9 {
		t.Errorf("power %v", p)
	}
}

// TestCopies protects that copies with 5 % noise are caught, with the training windows
// known or not, and that new windows are not.
func TestCopies(t *testing.T) {
	seriestest.Long(t)
	train, real := walks(200, 12, 1), walks(200, 12, 2)
	noisy := func(s *Sample) *Sample {
		return changed(s, func(w []float64, rng *rand.Rand) {
			for k := range w {
				w[k] += 0.05 * 4 * rng.NormFloat64()
			}
		})
	}
	fresh := walks(200, 12, 4)
	for name, c := range map[string]struct {
		synthetic, train *Sample
		want             bool
	}{
		"of the training windows": {noisy(train), train, true},
		"of the real windows":     {noisy(real), nil, true},
		"new":                     {fresh, train, false},
		"new, training unknown":   {fresh, nil, false},
	} {
		if r := compare(t, real, c.synthetic, Options{Train: c.train, Quick: true, Repeats: 1}); r.Copying.Copies != c.want {
			t.Errorf("%s: %+v", name, r.Copying)
		}
	}
}

// TestBlocks protects the comparison of real series in blocks of time: levels that change
// from block to block, which no random halves show.
func TestBlocks(t *testing.T) {
	seriestest.Long(t)
	rng := rand.New(rand.NewPCG(6, 6))
	x := &series.Series{}
	for i := range 1200 {
		x.Times = append(x.Times, float64(i))
		x.Values = append(x.Values, 2*float64(i/120%2)+rng.NormFloat64())
	}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{x}}
	s, err := Cut(p, 12, 500)
	if err != nil {
		t.Fatal(err)
	}
	r := compare(t, s, s, Options{Quick: true})
	score := r.Score(BoostedTrees)
	if !(*score.Blocked > *score.Random+0.1) {
		t.Errorf("blocks %.3f, at random %.3f", *score.Blocked, *score.Random)
	}
}

// TestSameScores protects that scores do not depend on the number of processors.
func TestSameScores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	a, b := walks(40, 8, 1), walks(40, 8, 2)
	text := func() string {
		r, err := json.Marshal(compare(t, a, b, Options{Quick: true, Repeats: 1}))
		if err != nil {
			t.Fatal(err)
		}
		return string(r)
	}
	first := text()
	runtime.GOMAXPROCS(2)
	if second := text(); first != second {
		t.Errorf("%s\n%s", first, second)
	}
}

// TestErrors protects that windows which cannot be compared are refused.
func TestErrors(t *testing.T) {
	for name, s := range map[string]*Sample{"few": walks(5, 8, 1), "long": walks(40, 9, 1)} {
		if _, err := Compare(context.Background(), walks(40, 8, 1), s, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p := &series.Panel{Channels: []string{"y"}, Series: []*series.Series{{Times: []float64{1, 2}, Values: []float64{1, math.NaN()}}}}
	if _, err := Cut(p, 2, 10); err == nil {
		t.Error("windows of missing values")
	}
}
