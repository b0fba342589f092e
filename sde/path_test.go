package sde

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/internal/clock"
)

func newPath(t testing.TB, motions int, seed uint64, t0 float64) *Path {
	t.Helper()
	p, err := NewPath(motions, seed, t0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What a path answers depends on the times asked for alone, not on what was
// asked before, to the last bit.
func TestPathOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	times := []float64{0, 1, 1.5, 2, 7, 1e-9, 1e5, 0.25}
	for range 40 {
		times = append(times, math.Exp(4*rng.NormFloat64()))
	}
	for k := range 20 {
		times = append(times, 1+1e-9*float64(k), 0.01*float64(k))
	}
	type pair struct{ s, t float64 }
	var pairs []pair
	for range 500 {
		s, u := times[rng.IntN(len(times))], times[rng.IntN(len(times))]
		pairs = append(pairs, pair{min(s, u), max(s, u)})
	}
	const m, t0 = 3, -2.5
	ask := func(p *Path, q pair) []float64 {
		x := make([]float64, 2*m)
		if err := p.Increment(x[:m], x[m:], t0+q.s, t0+q.t); err != nil {
			t.Fatal(err)
		}
		return x
	}
	one := newPath(t, m, 7, t0)
	var want [][]float64
	for _, q := range pairs {
		want = append(want, ask(one, q))
	}
	for _, k := range rng.Perm(len(pairs)) {
		if got := ask(one, pairs[k]); !slices.Equal(got, want[k]) {
			t.Fatalf("increment over %v: %v, before %v", pairs[k], got, want[k])
		}
		if got := ask(newPath(t, m, 7, t0), pairs[k]); !slices.Equal(got, want[k]) {
			t.Fatalf("increment over %v: %v from a path of its own, %v", pairs[k], got, want[k])
		}
	}
}

// Increments and areas over parts add up to those over the whole, however fine
// the parts.
func TestPathRefinement(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for seed := range uint64(20) {
		p := newPath(t, 2, seed, 10)
		s, u := 10+3*rng.Float64(), 13+3*rng.Float64()
		w, a, dw, da := make([]float64, 2), make([]float64, 2), make([]float64, 2), make([]float64, 2)
		if err := p.Increment(w, a, s, u); err != nil {
			t.Fatal(err)
		}
		cuts := []float64{s, u}
		for range 1000 {
			cuts = append(cuts, s+(u-s)*rng.Float64())
		}
		slices.Sort(cuts)
		var sum, area [2]float64
		for k := range len(cuts) - 1 {
			if err := p.Increment(dw, da, cuts[k], cuts[k+1]); err != nil {
				t.Fatal(err)
			}
			for j := range sum {
				area[j] += da[j] + sum[j]*(cuts[k+1]-cuts[k])
				sum[j] += dw[j]
			}
		}
		for j := range sum {
			if math.Abs(sum[j]-w[j]) > 1e-12 || math.Abs(area[j]-a[j]) > 1e-11 {
				t.Fatalf("seed %d: parts have %g and %g, the whole %g and %g", seed, sum[j], area[j], w[j], a[j])
			}
		}
	}
}

// Increments and areas have the covariances of Brownian motion over intervals
// of every kind: within cells, across them, from the start, far from it, on
// their borders or not; intervals and motions are independent of each other.
func TestPathLaw(t *testing.T) {
	cuts := []float64{0, 1e-3, 0.1, 0.25, 0.3, 0.7, 0.7001, 1.9, 2, 5.3, 64, 1000.1, 1000.2}
	const m, n = 2, 6000
	var x [n][]float64
	w, a := make([]float64, m), make([]float64, m)
	for i := range x {
		p := newPath(t, m, uint64(i), 0)
		for k := range len(cuts) - 1 {
			h := cuts[k+1] - cuts[k]
			if err := p.Increment(w, a, cuts[k], cuts[k+1]); err != nil {
				t.Fatal(err)
			}
			for j := range m {
				// The increment and the area as independent numbers of variance 1.
				x[i] = append(x[i], w[j]/math.Sqrt(h), (a[j]/h-w[j]/2)/math.Sqrt(h/12))
			}
		}
	}
	v := len(x[0])
	worst := 0.0
	for r := range v {
		mean, fourth := 0.0, 0.0
		for i := range x {
			mean += x[i][r] / n
			fourth += math.Pow(x[i][r], 4) / n
		}
		if math.Abs(mean) > 4.5/math.Sqrt(n) || math.Abs(fourth-3) > 4.5*math.Sqrt(96./n) {
			t.Errorf("variable %d has mean %g and fourth moment %g", r, mean, fourth)
		}
		for c := range r + 1 {
			cov, want, dev := 0.0, 0.0, 1.0
			if r == c {
				want, dev = 1, math.Sqrt2
			}
			for i := range x {
				cov += x[i][r] * x[i][c] / n
			}
			z := math.Abs(cov-want) / dev * math.Sqrt(n)
			worst = max(worst, z)
			if z > 4.5 {
				t.Errorf("covariance of variables %d and %d is %g, want %g", r, c, cov, want)
			}
		}
	}
	t.Logf("the worst of %d covariances is off by %.1f standard errors", v*(v+1)/2, worst)
}

// The quadratic variation of one path is the time, at any scale.
func TestPathVariation(t *testing.T) {
	w := make([]float64, 1)
	for _, end := range []float64{1e-6, 1, 3.7, 1e8} {
		p := newPath(t, 1, 11, 5e-7)
		sum, last := 0.0, 5e-7
		const n = 20000
		for k := range n {
			next := 5e-7 + end*float64(k+1)/n
			if err := p.Increment(w, nil, last, next); err != nil {
				t.Fatal(err)
			}
			sum += w[0] * w[0]
			last = next
		}
		if math.Abs(sum/end-1) > 4.5*math.Sqrt(2./n) {
			t.Errorf("quadratic variation over %g is %g of it", end, sum/end)
		}
	}
}

// A path refuses what it cannot answer.
func TestPathRefuses(t *testing.T) {
	p := newPath(t, 2, 1, 3)
	w := make([]float64, 2)
	for _, c := range []struct {
		w, a []float64
		s, t float64
	}{{w[:1], nil, 3, 4}, {w, w[:1], 3, 4}, {w, nil, 2, 4}, {w, nil, 4, 3}, {w, nil, 3, math.NaN()}, {w, nil, math.NaN(), 4}, {w, nil, 3, math.Inf(1)}} {
		if p.Increment(c.w, c.a, c.s, c.t) == nil {
			t.Errorf("no error for %d and %d elements from %g to %g", len(c.w), len(c.a), c.s, c.t)
		}
	}
	if _, err := NewPath(0, 1, 0); err == nil {
		t.Error("no error for no motions")
	}
	if _, err := NewPath(1, 1, math.Inf(1)); err == nil {
		t.Error("no error for an infinite start")
	}
}

// Two times within one smallest cell have an increment that is continuous and
// consistent with those around it.
func TestPathWithinCell(t *testing.T) {
	p := newPath(t, 1, 5, 0)
	var w, a, w2, a2, w3, a3 [1]float64
	const s, u, v = 1.000000010, 1.000000020, 1.5
	for _, c := range []struct {
		w, a *[1]float64
		s, t float64
	}{{&w, &a, s, u}, {&w2, &a2, u, v}, {&w3, &a3, s, v}} {
		if err := p.Increment(c.w[:], c.a[:], c.s, c.t); err != nil {
			t.Fatal(err)
		}
	}
	if d := w[0] + w2[0] - w3[0]; math.Abs(d) > 1e-14 || w[0] == 0 {
		t.Errorf("increments %g and %g make %g", w[0], w2[0], w3[0])
	}
	if d := a[0] + w[0]*(v-u) + a2[0] - a3[0]; math.Abs(d) > 1e-14 {
		t.Errorf("areas are off by %g", d)
	}
}

// The generator's numbers have the normal distribution, its tails included, and
// two of one key are independent.
func TestGenerator(t *testing.T) {
	g := newGenerator()
	const n = 1 << 20
	cuts := []float64{-4, -3.442619855899, -2.5, -1, -0.1, 0, 0.3, 1, 2, 3, 3.442619855899, 4}
	var below [2][12]float64
	product, squares := 0.0, 0.0
	for key := range uint64(n) {
		a, b := g.pair(mix(key))
		product, squares = product+a*b, squares+a*a*b*b
		for k, c := range cuts {
			if a < c {
				below[0][k]++
			}
			if b < c {
				below[1][k]++
			}
		}
	}
	for s := range below {
		for k, c := range cuts {
			p := math.Erfc(-c/math.Sqrt2) / 2
			if z := (below[s][k] - n*p) / math.Sqrt(n*p*(1-p)); math.Abs(z) > 4.5 {
				t.Errorf("%g of %d numbers are below %g, off by %.1f standard errors", below[s][k], n, c, z)
			}
		}
	}
	if math.Abs(product) > 4.5*math.Sqrt(n) || math.Abs(squares/n-1) > 4.5*math.Sqrt(8./n) {
		t.Errorf("the mean product of pairs is %g, that of their squares %g", product/n, squares/n)
	}
}

// The processor time of an increment over a hundredth, off the cells' borders,
// and over a 128th, on them, for four motions.
func BenchmarkPath(b *testing.B) {
	for _, h := range []float64{0.01, 1. / 128} {
		b.Run(fmt.Sprintf("%.3g", h), func(b *testing.B) {
			p := newPath(b, 4, 1, 0)
			t := 0.0
			before := clock.Processor()
			for b.Loop() {
				p.increment(t, t+h)
				if t += h; t > 1 {
					t = 0
				}
			}
			b.ReportMetric(float64(clock.Processor()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
