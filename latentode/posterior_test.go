package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/training"
)

// start returns a network of the given options for oscillators that has not
// been trained, with windows to condition on.
func start(t *testing.T, o Options) (*fitted, []window) {
	t.Helper()
	c, records, err := newConfig(t.Context(), o, 0, oscillators(4, 20, 0.1, 1), forecast.FitOptions{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rand.New(rand.NewPCG(1, 1)))
	var windows []window
	for i := range records {
		n := len(records[i].U)
		windows = append(windows, window{Window: neural.Window{Record: &records[i], From: n - c.Options.Context + i, Origin: n, To: n}})
	}
	return f, windows
}

// modesOf returns the modes of windows, the batch filled with them, and the
// memory that serves the encoder.
func modesOf(t *testing.T, f *fitted, windows []window) ([]mode, *workspace) {
	t.Helper()
	s, err := f.network.newWorkspace(f.config.Options.Tolerance, purpose{learning: true})
	if err != nil {
		t.Fatal(err)
	}
	p := nn.Pass{Values: f.Params.Values}
	s.fill(windows)
	q := f.network.encode(&p, &s.batch)
	modes, err := f.network.modes(context.Background(), &p, s, q)
	if err != nil {
		t.Fatal(err)
	}
	return modes, s
}

// TestModeOfALinearModel stands the dynamics still, which makes the model
// linear and the posterior a Gaussian known in closed form, with precision
// 1 + Σ CᵀC/σ² and mean of precision⁻¹ Σ Cᵀ(x - d)/σ² over the observed values.
func TestModeOfALinearModel(t *testing.T) {
	f, windows := start(t, Options{Level: LevelPanel, State: 3, Context: 12})
	clear(f.network.speed.In(f.Params.Values))
	bias := f.network.decoder.B.In(f.Params.Values)
	bias[0], bias[1] = 0.3, -0.2
	modes, s := modesOf(t, f, windows)
	c := f.network.decoder.W.In(f.Params.Values) // state × channels
	sd := make([]float64, 2)
	for j := range sd {
		sd[j] = initialNoise
	}
	at := 0
	for i, m := range modes {
		precision := mat.NewSymDense(3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1})
		right := mat.NewVecDense(3, nil)
		for k := range len(s.times[i]) * 2 {
			j, x := k%2, s.target[at+k]
			if math.IsNaN(x) {
				continue
			}
			for a := range 3 {
				right.SetVec(a, right.AtVec(a)+c[a*2+j]*(x-bias[j])/(sd[j]*sd[j]))
				for b := range a + 1 {
					precision.SetSym(a, b, precision.At(a, b)+c[a*2+j]*c[b*2+j]/(sd[j]*sd[j]))
				}
			}
		}
		at += len(s.times[i]) * 2
		var want mat.VecDense
		if err := want.SolveVec(precision, right); err != nil {
			t.Fatal(err)
		}
		var got mat.SymDense
		m.precision.ToSym(&got)
		for a := range 3 {
			if math.Abs(m.mean[a]-want.AtVec(a)) > 1e-6 {
				t.Errorf("window %d: mean %v, want %v", i, m.mean, mat.Formatted(want.T()))
			}
			for b := range 3 {
				if math.Abs(got.At(a, b)-precision.At(a, b)) > 1e-6*precision.At(a, a) {
					t.Errorf("window %d: precision\n%v, want\n%v", i, mat.Formatted(&got), mat.Formatted(precision))
				}
			}
		}
	}
}

// TestModeIsAMinimum holds the mode of a model that is not linear against its
// neighbours: none is likelier. So it is where states move fast and the encoder's
// guess is a bad one, from which the mode takes many steps.
func TestModeIsAMinimum(t *testing.T) {
	for _, c := range []struct {
		name         string
		speed, guess float64
	}{{"near", 1, 0}, {"far", 8, 2}} {
		t.Run(c.name, func(t *testing.T) {
			f, windows := start(t, Options{Level: LevelPanel, State: 2, Static: 1, Context: 12})
			for i := range f.network.speed.In(f.Params.Values) {
				f.network.speed.In(f.Params.Values)[i] *= c.speed
			}
			for i := range 3 {
				f.network.head.B.In(f.Params.Values)[i] += c.guess
			}
			modes, s := modesOf(t, f, windows)
			minimal(t, f, s, modes)
		})
	}
}

// minimal demands that no state near a mode is likelier.
func minimal(t *testing.T, f *fitted, s *workspace, modes []mode) {
	t.Helper()
	cost := func(z [][]float64) []float64 {
		p := nn.Pass{Values: f.Params.Values}
		d, err := f.network.decode(context.Background(), &p, s, p.Const(len(z), 3, slices.Concat(z...)))
		if err != nil {
			t.Fatal(err)
		}
		costs, at := make([]float64, len(z)), 0
		for i := range z {
			for _, v := range z[i] {
				costs[i] += 0.5 * v * v
			}
			for range len(s.times[i]) * 2 {
				if x := s.target[at]; !math.IsNaN(x) {
					r := (x - d.mean.Val[at]) / initialNoise
					costs[i] += 0.5 * r * r
				}
				at++
			}
		}
		return costs
	}
	var z [][]float64
	for _, m := range modes {
		z = append(z, slices.Clone(m.mean))
	}
	least := cost(z)
	for a := range 3 {
		for _, h := range []float64{-0.03, 0.03} {
			for i := range z {
				z[i][a] += h
			}
			for i, c := range cost(z) {
				if c < least[i]-1e-4 {
					t.Errorf("window %d: %v at the mode, %v at %v from it in direction %d", i, least[i], c, h, a)
				}
			}
			for i := range z {
				z[i][a] -= h
			}
		}
	}
}

// TestDrawsOfAMode holds the moments of draws against the mode's.
func TestDrawsOfAMode(t *testing.T) {
	cov := mat.NewSymDense(2, []float64{2, 0.9, 0.9, 0.5})
	var c mat.Cholesky
	var inverse mat.SymDense
	if !c.Factorize(cov) || c.InverseTo(&inverse) != nil {
		t.Fatal("the covariance is not positive definite")
	}
	m := mode{mean: []float64{1, -2}}
	m.precision.Factorize(&inverse)
	const n = 200_000
	rng := rand.New(rand.NewPCG(1, 2))
	var sum [2]float64
	var square [2][2]float64
	z := make([]float64, 2)
	for range n {
		m.draw(z, rng.NormFloat64)
		for a := range z {
			sum[a] += z[a]
			for b := range z {
				square[a][b] += (z[a] - m.mean[a]) * (z[b] - m.mean[b])
			}
		}
	}
	for a := range z {
		if got := sum[a] / n; math.Abs(got-m.mean[a]) > 5*math.Sqrt(2.0/n) {
			t.Errorf("mean %d is %v, want %v", a, got, m.mean[a])
		}
		for b := range z {
			if got := square[a][b] / n; math.Abs(got-cov.At(a, b)) > 5*3/math.Sqrt(n) {
				t.Errorf("covariance %d, %d is %v, want %v", a, b, got, cov.At(a, b))
			}
		}
	}
}

// The divergence of a mode from the prior is the one known of a Gaussian with its mean and deviations.
func TestDivergenceOfAMode(t *testing.T) {
	mean, sd := []float64{0.3, -1}, []float64{0.5, 0.2}
	m := mode{mean: mean}
	if !m.precision.Factorize(precision(sd)) {
		t.Fatal("no precision")
	}
	want := 0.0
	for i, s := range sd {
		want += 0.5*(s*s+mean[i]*mean[i]-1) - math.Log(s)
	}
	if got := m.divergence(); math.Abs(got-want) > 1e-12 {
		t.Errorf("%v nats, want %v", got, want)
	}
}
