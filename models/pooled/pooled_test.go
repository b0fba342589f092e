package pooled

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distmv"

	"tsgen/forecast"
	"tsgen/series"
)

// dense is the process of a kernel at some times as one Gaussian.
func (k kernel) dense(t []float64, noise func(i int) float64) *mat.SymDense {
	c := mat.NewSymDense(len(t), nil)
	for i := range t {
		for j := range i + 1 {
			c.SetSym(i, j, k.Level+k.Process*math.Exp(-math.Abs(t[i]-t[j])/k.Range))
		}
		c.SetSym(i, i, k.Level+k.Process+noise(i))
	}
	return c
}

// example returns a course at uneven times, with a mean that bends.
func example(rng *rand.Rand, n int) (course, *mean) {
	c := course{start: -1}
	at := -1.0
	for range n {
		at += rng.ExpFloat64()
		c.t, c.y = append(c.t, at), append(c.y, rng.NormFloat64())
	}
	m := &mean{Knots: []float64{-1, 1, 3, 5}, Coefficients: []float64{0.3, -1, 2, 0.5}}
	m.settle([]course{c})
	return c, m
}

// The filter's likelihood and the smoother's distributions are those of the joint Gaussian,
// by linear algebra, also beyond the knots of the mean.
func TestFilterAndSmootherAgainstDenseGaussian(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	k := kernel{Level: 0.5, Process: 0.8, Range: 2.5, Noise: 0.2}
	c, m := example(rng, 15)
	d := c.from(m)
	beyond := 0
	for _, v := range d.beside {
		if v > 0 {
			beyond++
		}
	}
	if beyond == 0 || beyond == len(d.t) {
		t.Fatalf("%d of %d times are beyond the knots", beyond, len(d.t))
	}
	logL := 0.0
	k.filter(d, func(_ int, e, s float64) { logL -= 0.5 * (math.Log(2*math.Pi*s) + e*e/s) })
	joint, ok := distmv.NewNormal(make([]float64, len(d.t)), k.dense(d.t, func(i int) float64 { return k.Noise + d.beside[i] }), nil)
	if !ok {
		t.Fatal("no joint Gaussian")
	}
	if want := joint.LogProb(d.y); math.Abs(logL-want) > 1e-9*math.Abs(want) {
		t.Errorf("log-likelihood %v, want %v", logL, want)
	}

	asked := []float64{-3, d.t[0], (d.t[3] + d.t[4]) / 2, d.t[7], d.t[14], d.t[14] + 1, d.t[14] + 30}
	got, variance := k.smooth(d, asked)
	n := len(d.t)
	for q, at := range asked {
		all := k.dense(append(append([]float64{}, d.t...), at), func(i int) float64 {
			if i == n {
				return 0 // the signal
			}
			return k.Noise + d.beside[i]
		})
		var chol mat.Cholesky
		if !chol.Factorize(all.SliceSym(0, n)) {
			t.Fatal("not positive definite")
		}
		cross := mat.NewVecDense(n, nil)
		for i := range n {
			cross.SetVec(i, all.At(i, n))
		}
		var w mat.VecDense
		if err := chol.SolveVecTo(&w, cross); err != nil {
			t.Fatal(err)
		}
		mean, left := mat.Dot(&w, mat.NewVecDense(n, d.y)), all.At(n, n)-mat.Dot(&w, cross)
		if math.Abs(got[q]-mean) > 1e-10 || math.Abs(variance[q]-left) > 1e-10 {
			t.Errorf("at %v: %v and %v, want %v and %v", at, got[q], variance[q], mean, left)
		}
	}
}

// The coefficients and the likelihood are those of generalised least squares, by linear
// algebra.
func TestSolveAgainstDenseLeastSquares(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	k := kernel{Level: 0.3, Process: 0.5, Range: 1.5, Noise: 0.1}
	m := &mean{Knots: []float64{-1, 3, 20}}
	var all []course
	n, cols := 0, m.columns()
	for range 4 {
		c, _ := example(rng, 9)
		all, n = append(all, c), n+9
	}
	b, logL, ok := whiten(all, k, m).solve()
	if !ok {
		t.Fatal("not solved")
	}
	a, xy := mat.NewSymDense(cols, nil), mat.NewVecDense(cols, nil)
	for i := range cols {
		a.SetSym(i, i, ridge)
	}
	want := 0.0
	for _, c := range all {
		x, y := mat.NewDense(len(c.t), cols, nil), mat.NewVecDense(len(c.t), c.y)
		for i, at := range c.t {
			m.regressors(x.RawRowView(i), at, c.start)
		}
		var chol mat.Cholesky
		chol.Factorize(k.dense(c.t, func(int) float64 { return k.Noise }))
		var wx mat.Dense
		var wy mat.VecDense
		if err := errors.Join(chol.SolveTo(&wx, x), chol.SolveVecTo(&wy, y)); err != nil {
			t.Fatal(err)
		}
		var xx mat.Dense
		xx.Mul(x.T(), &wx)
		for i := range cols {
			for j := range i + 1 {
				a.SetSym(i, j, a.At(i, j)+xx.At(i, j))
			}
		}
		var one mat.VecDense
		one.MulVec(x.T(), &wy)
		xy.AddVec(xy, &one)
		want -= 0.5 * (float64(len(c.t))*math.Log(2*math.Pi) + chol.LogDet() + mat.Dot(y, &wy))
	}
	var beta mat.VecDense
	if err := beta.SolveVec(a, xy); err != nil {
		t.Fatal(err)
	}
	want += 0.5 * mat.Dot(&beta, xy)
	for i := range b {
		if math.Abs(b[i]-beta.AtVec(i)) > 1e-8*(1+math.Abs(b[i])) {
			t.Errorf("coefficient %d: %v, want %v", i, b[i], beta.AtVec(i))
		}
	}
	if math.Abs(logL-want) > 1e-8*math.Abs(want) {
		t.Errorf("log-likelihood %v, want %v", logL, want)
	}
}

// A curve is a natural spline: its second derivative is 0 at the ends and continuous at the
// knots. Beyond them it stays where it ends, and says by how much it is unsure; that of an older
// file goes back to its average.
func TestMean(t *testing.T) {
	m := &mean{Knots: []float64{0, 1, 2.5, 4}, Coefficients: []float64{1, -2, 3, 0.7}}
	at := func(x float64) float64 { v, _ := m.at(x, 0); return v }
	second := func(x float64) float64 {
		const h = 1e-4
		return (at(x+h) - 2*at(x) + at(x-h)) / (h * h)
	}
	if s := second(2e-4); math.Abs(s) > 1e-2 {
		t.Errorf("second derivative %v at the first knot", s)
	}
	if s := second(4 - 2e-4); math.Abs(s) > 1e-2 {
		t.Errorf("second derivative %v at the last knot", s)
	}
	for _, knot := range m.Knots[1:3] {
		if d := second(knot+1e-3) - second(knot-1e-3); math.Abs(d) > 0.1 {
			t.Errorf("second derivative jumps by %v at %v", d, knot)
		}
	}
	c := course{}
	values := make([]float64, 9)
	average := make([]float64, m.columns())
	for i := range values {
		c.t = append(c.t, float64(i)/2)
		values[i] = at(c.t[i])
		x := make([]float64, m.columns())
		m.regressors(x, c.t[i], 0)
		for k := range average {
			average[k] += x[k] / 9
		}
	}
	m.settle([]course{c})
	if want := stat.PopVariance(values, nil); math.Abs(m.Spread-want) > 1e-9 {
		t.Errorf("a spread of %v, want %v", m.Spread, want)
	}
	if far, variance := m.at(400, 0); far != at(4) || math.Abs(variance-2*m.Spread) > 1e-9 {
		t.Errorf("%v with a variance of %v far beyond the knots, want that of the last, %v, and %v", far, variance, at(4), 2*m.Spread)
	}
	old := *m
	old.Average = average
	if far, variance := old.at(400, 0); math.Abs(far-stat.Mean(values, nil)) > 1e-9 || math.Abs(variance-m.Spread) > 1e-9 {
		t.Errorf("%v with a variance of %v far beyond the knots of an older file, want the average %v and %v", far, variance, stat.Mean(values, nil), m.Spread)
	}
	if _, variance := m.at(4, 0); variance != 0 {
		t.Errorf("a variance of %v within the knots", variance)
	}
}

// simulated returns a panel of irregular records of the process, and its continuation.
func simulated(k kernel, log bool, number int, seed uint64) (head, tail *series.Panel) {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t"}
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range number {
		s := &series.Series{ID: fmt.Sprint(i)}
		at, level, u := 0.0, math.Sqrt(k.Level)*rng.NormFloat64(), math.Sqrt(k.Process)*rng.NormFloat64()
		for range 7 + rng.IntN(8) {
			gap := 0.2 + rng.ExpFloat64()
			a := math.Exp(-gap / k.Range)
			u = a*u + math.Sqrt(k.Process*(1-a*a))*rng.NormFloat64()
			at += gap
			y := 5 + level + u + math.Sqrt(k.Noise)*rng.NormFloat64()
			if log {
				y = math.Exp(y)
			}
			s.Times, s.Values = append(s.Times, at), append(s.Values, y)
		}
		p.Series = append(p.Series, s)
	}
	head, tail, err := p.SplitLast(3)
	if err != nil {
		panic(err)
	}
	return head, tail
}

// The parameters of a simulated panel are found, whether its logarithms are modelled is seen,
// and the intervals cover what they say.
func TestSimulatedPanel(t *testing.T) {
	k := kernel{Level: 1, Process: 0.6, Range: 3, Noise: 0.1}
	for _, log := range []bool{false, true} {
		head, tail := simulated(k, log, 300, 7)
		m := &Model{}
		if err := m.Fit(t.Context(), head, forecast.FitOptions{}); err != nil {
			t.Fatal(err)
		}
		f := m.fit.Fits[0]
		if f.Log != log {
			t.Errorf("log %v, want %v", f.Log, log)
		}
		unit, scale := m.fit.Unit, f.Scale*f.Scale
		for _, p := range []struct {
			name      string
			got, want float64
		}{
			{"level", f.Kernel.Level * scale, k.Level}, {"process", f.Kernel.Process * scale, k.Process},
			{"range", f.Kernel.Range * unit, k.Range}, {"noise", f.Kernel.Noise * scale, k.Noise},
		} {
			if r := p.got / p.want; r < 0.6 || r > 1.6 {
				t.Errorf("log %v: %s %v, want about %v", log, p.name, p.got, p.want)
			}
		}
		results, err := forecast.Examine(t.Context(), head, tail, []forecast.Model{m}, forecast.Options{Season: 1})
		if err != nil || results[0].Err != nil {
			t.Fatal(err, results[0].Err)
		}
		if s := results[0].Scores; math.Abs(s.Coverage80-0.8) > 0.04 || math.Abs(s.Coverage95-0.95) > 0.025 {
			t.Errorf("log %v: 80 %% intervals cover %v, 95 %% ones %v", log, s.Coverage80, s.Coverage95)
		}
	}
}

// What is stored is what was fitted, on any number of processors; what is no fit is refused.
func TestState(t *testing.T) {
	head, tail := simulated(kernel{Level: 1, Process: 0.6, Range: 3, Noise: 0.1}, true, 40, 3)
	var first []byte
	for _, n := range []int{1, 2} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
		m := &Model{}
		if err := m.Fit(t.Context(), head, forecast.FitOptions{}); err != nil {
			t.Fatal(err)
		}
		s, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = s.Options
		} else if !bytes.Equal(first, s.Options) {
			t.Error("another fit on two processors")
		}
		again, err := FromState(s)
		if err != nil {
			t.Fatal(err)
		}
		at := make([][]float64, len(tail.Series))
		for i, x := range tail.Series {
			at[i] = x.Times
		}
		a, errA := m.Forecast(t.Context(), head, forecast.Options{At: at})
		b, errB := again.Forecast(t.Context(), head, forecast.Options{At: at})
		if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("another forecast from what was stored: %v, %v", errA, errB)
		}
	}
	for name, wreck := range map[string]func(f *fit){
		"no unit":        func(f *fit) { f.Unit = 0 },
		"negative noise": func(f *fit) { f.Fits[0].Kernel.Noise = -1 },
		"short shape":    func(f *fit) { f.Fits[0].Shape = f.Fits[0].Shape[1:] },
		"crossing shape": func(f *fit) { f.Fits[0].Shape[0] = 9 },
		"one knot":       func(f *fit) { f.Fits[0].Mean.Knots = []float64{1} },
		"no channel":     func(f *fit) { f.Fits[0] = nil },
	} {
		var st struct {
			Options Options `json:"options"`
			Fit     *fit    `json:"fit"`
		}
		if err := json.Unmarshal(first, &st); err != nil {
			t.Fatal(err)
		}
		wreck(st.Fit)
		options, err := json.Marshal(st)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := FromState(&forecast.State{Kind: Kind, Options: options}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// A fit that is cancelled says so, and leaves the model as it was.
func TestCancelled(t *testing.T) {
	head, _ := simulated(kernel{Level: 1, Process: 0.6, Range: 3, Noise: 0.1}, false, 40, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := &Model{}
	if err := m.Fit(ctx, head, forecast.FitOptions{}); !errors.Is(err, context.Canceled) || m.fit != nil {
		t.Errorf("got %v", err)
	}
}
