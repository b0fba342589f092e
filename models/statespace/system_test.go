package statespace

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// oracle is what testdata/oracle.json holds.
type oracle struct {
	A, C, Q, R, P0 [][]float64
	M0             []float64 `json:"m0"`
	X              []float64
	Loglik         float64
	FilteredMean   [][]float64   `json:"filtered_mean"`
	FilteredCov    [][][]float64 `json:"filtered_cov"`
	SmoothedMean   [][]float64   `json:"smoothed_mean"`
	SmoothedCov    [][][]float64 `json:"smoothed_cov"`
	Lag1Cov        [][][]float64 `json:"lag1_cov"`
	ForecastMean   []float64     `json:"forecast_mean"`
	ForecastVar    []float64     `json:"forecast_var"`
	EMStart        parameters    `json:"em_start"`
	EMLoglik       []float64     `json:"em_loglik"`
	EMEst          parameters    `json:"em_est"`
}

type parameters struct {
	A, C, Q, R, P0 [][]float64
	M0             []float64 `json:"m0"`
}

func (p parameters) system() *System {
	return &System{
		A: dense(p.A), C: dense(p.C), Q: symmetric(dense(p.Q)), R: symmetric(dense(p.R)),
		Mean: mat.NewVecDense(len(p.M0), p.M0), Cov: symmetric(dense(p.P0)),
	}
}

func dense(rows [][]float64) *mat.Dense {
	d := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		d.SetRow(i, r)
	}
	return d
}

func readOracle(t *testing.T) (o oracle, s *System, x *mat.Dense) {
	t.Helper()
	b, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	s = parameters{o.A, o.C, o.Q, o.R, o.P0, o.M0}.system()
	return o, s, mat.NewDense(len(o.X), 1, o.X)
}

func near(t *testing.T, what string, got, want mat.Matrix, tolerance float64) {
	t.Helper()
	if !mat.EqualApprox(got, want, tolerance) {
		t.Errorf("%s: %v, want %v", what, mat.Formatted(got), mat.Formatted(want))
	}
}

// Filter, smoother and forecasts agree with those computed with NumPy.
func TestOracle(t *testing.T) {
	o, s, x := readOracle(t)
	f, err := s.Filter(x)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(f.LogLikelihood-o.Loglik) > 1e-9 {
		t.Errorf("log-likelihood %v, want %v", f.LogLikelihood, o.Loglik)
	}
	sm, err := f.Smooth()
	if err != nil {
		t.Fatal(err)
	}
	for k := range o.X {
		near(t, "filtered mean", f.Updated[k].Mean, mat.NewVecDense(2, o.FilteredMean[k]), 1e-10)
		near(t, "filtered covariance", f.Updated[k].Cov, dense(o.FilteredCov[k]), 1e-10)
		near(t, "smoothed mean", sm.States[k].Mean, mat.NewVecDense(2, o.SmoothedMean[k]), 1e-10)
		near(t, "smoothed covariance", sm.States[k].Cov, dense(o.SmoothedCov[k]), 1e-10)
		if k > 0 {
			near(t, "lagged covariance", sm.Lagged[k-1], dense(o.Lag1Cov[k-1]), 1e-10)
		}
	}
	for h, g := range s.Forecast(f.Updated[len(o.X)-1], len(o.ForecastMean)) {
		dist := s.Observation(g)
		if math.Abs(dist.Mean.AtVec(0)-o.ForecastMean[h]) > 1e-10 || math.Abs(dist.Cov.At(0, 0)-o.ForecastVar[h]) > 1e-10 {
			t.Errorf("forecast %d: %v and %v, want %v and %v", h, dist.Mean.AtVec(0), dist.Cov.At(0, 0), o.ForecastMean[h], o.ForecastVar[h])
		}
	}
}

// TestEMOracle reproduces the course of expectation maximisation.
func TestEMOracle(t *testing.T) {
	o, _, x := readOracle(t)
	s := o.EMStart.system()
	trace, err := s.EM(context.Background(), []*mat.Dense{x}, EMOptions{Iterations: len(o.EMLoglik) - 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(trace) != len(o.EMLoglik) {
		t.Fatalf("%d likelihoods, want %d", len(trace), len(o.EMLoglik))
	}
	for i, l := range trace {
		if math.Abs(l-o.EMLoglik[i]) > 1e-6 {
			t.Errorf("iteration %d: %.9f, want %.9f", i, l, o.EMLoglik[i])
		}
		if i > 0 && l < trace[i-1]-1e-9 {
			t.Errorf("iteration %d: the likelihood falls from %v to %v", i, trace[i-1], l)
		}
	}
	want := o.EMEst.system()
	near(t, "A", s.A, want.A, 1e-5)
	near(t, "C", s.C, want.C, 1e-5)
	near(t, "Q", s.Q, want.Q, 1e-5)
	near(t, "R", s.R, want.R, 1e-5)
}

// random returns a system of n state variables and p channels, and a series drawn
// from it with missing values.
func random(n, p, steps int, seed uint64) (*System, *mat.Dense) {
	rng := rand.New(rand.NewPCG(seed, 3))
	normal := func(r, c int) *mat.Dense {
		d := mat.NewDense(r, c, nil)
		for i := range r {
			for j := range c {
				d.Set(i, j, rng.NormFloat64())
			}
		}
		return d
	}
	positive := func(k int) *mat.SymDense { return congruence(normal(k, k), eye(k)) }
	a := normal(n, n)
	a.Scale(0.6/mat.Norm(a, 2), a)
	s := &System{A: a, C: normal(p, n), Q: positive(n), R: positive(p), Mean: mat.NewVecDense(n, nil), Cov: positive(n)}
	x := normal(steps, p)
	for range steps * p / 4 {
		x.Set(rng.IntN(steps), rng.IntN(p), math.NaN())
	}
	for j := range p {
		x.Set(steps/2, j, math.NaN()) // a time with nothing at all
	}
	return s, x
}

func eye(n int) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		s.SetSym(i, i, 1)
	}
	return s
}

// TestJointGaussian holds likelihood and smoothed states against the joint distribution of
// all states and observations, worked out at once.
func TestJointGaussian(t *testing.T) {
	const n, p, steps = 3, 2, 9
	s, x := random(n, p, steps, 1)
	f, err := s.Filter(x)
	if err != nil {
		t.Fatal(err)
	}
	sm, err := f.Smooth()
	if err != nil {
		t.Fatal(err)
	}
	// The covariance of all states.
	z := mat.NewDense(n*steps, n*steps, nil)
	block := func(i, j int) *mat.Dense { return z.Slice(i*n, i*n+n, j*n, j*n+n).(*mat.Dense) }
	v := mat.DenseCopyOf(s.Cov)
	for i := range steps {
		if i > 0 {
			v = mat.DenseCopyOf(congruence(s.A, symmetric(v)))
			v.Add(v, s.Q)
		}
		block(i, i).Copy(v)
		c := mat.DenseCopyOf(v)
		for j := i + 1; j < steps; j++ {
			var next mat.Dense
			next.Mul(s.A, c)
			c = &next
			block(j, i).Copy(c)
			block(i, j).Copy(c.T())
		}
	}
	var rows []int // of what was observed, in the stack of all channels
	var values []float64
	all := mat.NewDense(p*steps, n*steps, nil)
	noise := mat.NewDense(p*steps, p*steps, nil)
	for i := range steps {
		all.Slice(i*p, i*p+p, i*n, i*n+n).(*mat.Dense).Copy(s.C)
		noise.Slice(i*p, i*p+p, i*p, i*p+p).(*mat.Dense).Copy(s.R)
		for j := range p {
			if y := x.At(i, j); !math.IsNaN(y) {
				rows, values = append(rows, i*p+j), append(values, y)
			}
		}
	}
	index := make([]int, n*steps)
	for i := range index {
		index[i] = i
	}
	h := part(all, rows, index)
	cov := congruence(h, symmetric(z))
	cov.AddSym(cov, symmetric(part(noise, rows, rows)))
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		t.Fatal("the joint covariance is not positive definite")
	}
	var u mat.VecDense
	y := mat.NewVecDense(len(values), values)
	if err := chol.SolveVecTo(&u, y); err != nil {
		t.Fatal(err)
	}
	want := -0.5 * (float64(len(values))*math.Log(2*math.Pi) + chol.LogDet() + mat.Dot(y, &u))
	if math.Abs(f.LogLikelihood-want) > 1e-10*math.Abs(want) {
		t.Errorf("log-likelihood %v, want %v", f.LogLikelihood, want)
	}
	var gain, ch mat.Dense
	ch.Mul(h, z)
	if err := chol.SolveTo(&gain, &ch); err != nil {
		t.Fatal(err)
	}
	var mean mat.VecDense
	mean.MulVec(ch.T(), &u)
	var posterior mat.Dense
	posterior.Mul(ch.T(), &gain)
	posterior.Sub(z, &posterior)
	for i := range steps {
		near(t, "smoothed mean", sm.States[i].Mean, mean.SliceVec(i*n, i*n+n), 1e-10)
		near(t, "smoothed covariance", sm.States[i].Cov, posterior.Slice(i*n, i*n+n, i*n, i*n+n), 1e-10)
		if i > 0 {
			near(t, "lagged covariance", sm.Lagged[i-1], posterior.Slice(i*n, i*n+n, i*n-n, i*n), 1e-10)
		}
	}
}

// TestEMWithGaps demands that the likelihood never falls, with values missing
// here and there, of several series; and that the moments are right: by Fisher's
// identity the derivatives of the likelihood are those of the expected one,
//
//	∂/∂C = R⁻¹ (Σ E xzᵀ - C Σ E zzᵀ),  ∂/∂A = Q⁻¹ (Σ E z_t z_{t-1}ᵀ - A Σ E z_{t-1} z_{t-1}ᵀ)
func TestEMWithGaps(t *testing.T) {
	s, x := random(2, 3, 40, 2)
	_, y := random(2, 3, 25, 3)
	series := []*mat.Dense{x, y}
	likelihood := func() float64 {
		_, l, err := s.expect(series)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	m, _, err := s.expect(series)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		param         *mat.Dense
		noise         *mat.SymDense
		cross, square *mat.Dense
	}{{"C", s.C, s.R, m.xz, m.zSeen}, {"A", s.A, s.Q, m.zLag, m.zPast}} {
		var want mat.Dense
		want.Mul(c.param, c.square)
		want.Sub(c.cross, &want)
		if err := want.Solve(c.noise, &want); err != nil {
			t.Fatal(err)
		}
		rows, cols := c.param.Dims()
		for i := range rows {
			for j := range cols {
				const h = 1e-5
				at := c.param.At(i, j)
				c.param.Set(i, j, at+h)
				up := likelihood()
				c.param.Set(i, j, at-h)
				down := likelihood()
				c.param.Set(i, j, at)
				if got := (up - down) / (2 * h); math.Abs(got-want.At(i, j)) > 1e-6*(1+math.Abs(got)) {
					t.Errorf("∂/∂%s[%d][%d]: %v by differences, %v by the moments", c.name, i, j, got, want.At(i, j))
				}
			}
		}
	}
	trace, err := s.EM(context.Background(), series, EMOptions{Iterations: 50})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(trace); i++ {
		if trace[i] < trace[i-1]-1e-8 {
			t.Errorf("iteration %d: the likelihood falls from %v to %v", i, trace[i-1], trace[i])
		}
	}
}

// Matrices of wrong shapes or not positive definite are errors, not NaN.
func TestSystemErrors(t *testing.T) {
	_, good, x := readOracle(t)
	for name, edit := range map[string]func(s *System){
		"no A":           func(s *System) { s.A = nil },
		"shape of C":     func(s *System) { s.C = mat.NewDense(1, 3, nil) },
		"NaN in Q":       func(s *System) { s.Q = mat.NewSymDense(2, []float64{math.NaN(), 0, 0, 1}) },
		"R not positive": func(s *System) { s.R = mat.NewSymDense(1, []float64{-9}) },
	} {
		s := *good
		edit(&s)
		if _, err := s.Filter(x); !errors.Is(err, ErrSystem) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for name, x := range map[string]*mat.Dense{
		"two channels": mat.NewDense(3, 2, nil), "infinite": mat.NewDense(1, 1, []float64{math.Inf(1)}),
	} {
		if _, err := good.Filter(x); !errors.Is(err, ErrSystem) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	s := *good
	if _, err := s.EM(context.Background(), nil, EMOptions{}); err == nil {
		t.Error("no series: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.EM(ctx, []*mat.Dense{x}, EMOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	// A state that is known for certain has a singular covariance.
	s.Q, s.Cov = mat.NewSymDense(2, nil), mat.NewSymDense(2, nil)
	f, err := s.Filter(x)
	if err != nil {
		t.Fatal(err)
	}
	if sm, err := f.Smooth(); err == nil || sm != nil {
		t.Errorf("a covariance of nothing but zeros is inverted: %v", err)
	}
}
