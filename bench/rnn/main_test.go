package main

import (
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"tsgen/bench/internal/report"
	"tsgen/forecast"
	"tsgen/series"
)

// TestFilter holds the filter against the joint Gaussian of all steps: the
// covariance of x at a distance of k steps is hᵀ (damping R)^k P h, with P the
// stationary covariance of the state.
func TestFilter(t *testing.T) {
	const steps, ahead = 9, 3
	sin, cos := math.Sincos(2 * math.Pi / 12)
	move := mat.NewDense(2, 2, []float64{damping * cos, -damping * sin, damping * sin, damping * cos})
	// P solves P = move P moveᵀ + Q.
	p := mat.NewDense(2, 2, nil)
	for range 3000 {
		var next mat.Dense
		next.Product(move, p, move.T())
		next.Add(&next, mat.NewDense(2, 2, []float64{0.05, 0, 0, 0.02}))
		p.Copy(&next)
	}
	h := mat.NewVecDense(2, []float64{1, 0.3})
	cov := mat.NewSymDense(steps, nil)
	lagged := mat.DenseCopyOf(p)
	for k := range steps {
		c := mat.Inner(h, lagged, h)
		if k == 0 {
			c += 0.1
		}
		for i := range steps - k {
			cov.SetSym(i, i+k, c)
		}
		var next mat.Dense
		next.Mul(move, lagged)
		lagged.Copy(&next)
	}
	x := []float64{0.4, -1.2, 0.7, 2.1, -0.3, 0.2, 1.5, -0.9, 0.1}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		t.Fatal("the covariance is not positive definite")
	}
	var solved mat.VecDense
	if err := chol.SolveVecTo(&solved, mat.NewVecDense(steps, x)); err != nil {
		t.Fatal(err)
	}
	nats := 0.5 * (steps*math.Log(2*math.Pi) + chol.LogDet() + mat.Dot(mat.NewVecDense(steps, x), &solved)) / steps

	// The distribution of a late step given the early ones.
	const known = steps - ahead
	if !chol.Factorize(cov.SliceSym(0, known)) {
		t.Fatal("the covariance is not positive definite")
	}
	crps := 0.0
	for i := known; i < steps; i++ {
		c := mat.NewVecDense(known, nil)
		for j := range known {
			c.SetVec(j, cov.At(i, j))
		}
		var weights mat.VecDense
		if err := chol.SolveVecTo(&weights, c); err != nil {
			t.Fatal(err)
		}
		mean := mat.Dot(&weights, mat.NewVecDense(known, x[:known]))
		crps += forecast.GaussianCRPS(x[i], mean, math.Sqrt(cov.At(i, i)-mat.Dot(&weights, c))) / ahead
	}

	gotNats, gotCRPS := filter(&series.Panel{Series: []*series.Series{{Times: make([]float64, steps), Values: x}}}, ahead)
	if math.Abs(gotNats-nats) > 1e-9 || math.Abs(gotCRPS-crps) > 1e-9 {
		t.Errorf("%v nats a step and CRPS %v, want %v and %v", gotNats, gotCRPS, nats, crps)
	}
}

// Every note lands on its key, rests are silent, validation pieces join the training, and
// notes off the piano are refused.
func TestMusic(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "music.csv.gz")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := gzip.NewWriter(f)
		_, err = z.Write([]byte(text))
		for _, e := range []error{err, z.Close(), f.Close()} {
			if e != nil {
				t.Fatal(e)
			}
		}
		return path
	}
	m, err := music(write("split,seq,t,notes\ntrain,0,0,21 23\ntrain,0,1,\nvalid,0,0,108\ntest,0,0,60\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.train.Series) != 2 || len(m.test.Series) != 1 {
		t.Fatalf("%d and %d pieces, want 2 and 1", len(m.train.Series), len(m.test.Series))
	}
	first := m.train.Series[0]
	if first.Len() != 2 || !slices.Equal(first.Values[:4], []float64{1, 0, 1, 0}) || slices.Max(first.Values[4:]) != 0 {
		t.Errorf("the first piece has the values %v", first.Values)
	}
	if m.train.Series[1].Values[notes-1] != 1 || m.test.Series[0].Values[60-lowest] != 1 {
		t.Error("a note is not where it should be")
	}
	for _, note := range []string{"20", "109", "x"} {
		if _, err := music(write("split,seq,t,notes\ntest,0,0," + note + "\n")); err == nil {
			t.Errorf("note %q passes", note)
		}
	}
}

// The table has the least times of every case and the median of the ratios of each peer, and a
// case or a line without a time is an error.
func TestStepTable(t *testing.T) {
	all := func(seconds float64) times {
		u := times{}
		for _, c := range cases {
			u[c.name] = seconds
		}
		return u
	}
	read, err := readTimes([]byte("srnn/chorales\t0.05\nvrnn/series\t0.0814\n"))
	if err != nil {
		t.Fatal(err)
	}
	peer := all(1)
	for name, x := range read {
		peer[name] = x
	}
	sides := []side{{name: "tsgen, float64"}, {name: "tsgen, float32", ours: 1}, {name: "peer", ours: 1}}
	turns := [][]times{{all(0.02), all(0.03), all(0.02)}, {all(0.01), all(0.02), all(0.04)}, {peer, peer, peer}}
	var b strings.Builder
	if err := stepTable(&b, sides, turns); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| step | tsgen, float64 | tsgen, float32 | peer | ratio |\n",
		"| srnn/chorales | 20 ms | 10 ms | 50 ms | 2.50 |\n", "| vrnn/series | 20 ms | 10 ms | 81.4 ms | 4.07 |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s\nhas no line %s", b.String(), want)
		}
	}
	delete(peer, "vrnn/series")
	if err := stepTable(&b, sides, turns); err == nil {
		t.Error("a case without a time passes")
	}
	if _, err := readTimes([]byte("no time\n")); err == nil {
		t.Error("a line without a time passes")
	}
}

// The document has a place for the table that the command writes there.
func TestDocument(t *testing.T) {
	if _, err := report.New(io.Discard, "../../docs/benchmarks/rnn.md", contest{}.table(), contest{contended: true}.table()); err != nil {
		t.Error(err)
	}
}
