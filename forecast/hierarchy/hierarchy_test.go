package hierarchy

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"tsgen/forecast"
	"tsgen/models/baseline"
	"tsgen/series"
)

// tree returns a panel of two regions with two stores each, whose values are walks.
func tree(n int) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "region/store", Joint: "/", Step: series.Step{Width: 1}}
	for i, id := range []string{"A/1", "A/2", "B/1", "B/2"} {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		s := &series.Series{ID: id}
		x := 50.0
		for k := range n {
			x += rng.NormFloat64()
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, x)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// The reconciled means are those of hierarchicalforecast 1.5.3 (MinTrace) for the same base
// forecasts and residuals.
func TestMap(t *testing.T) {
	h, err := New(tree(5), []string{"region", "store"})
	if err != nil {
		t.Fatal(err)
	}
	base := []float64{201, 99, 104, 50, 47, 52, 50}
	residuals := [][]float64{
		{-1.2, -1.1, 0.2, -3.4, 0.4, 1.5, -2.5, -2.2, 0.2, 4.1, 2.6, 0.8},
		{0.9, -3.2, -1.1, -0.6, -1.0, -0.9, -0.7, 0.1, -1.9, 4.6, 0.9, -1.2},
		{-2.2, 1.0, 1.2, -2.5, 0.7, 1.7, -1.5, -2.2, 1.7, 0.9, 1.9, 2.0},
		{2.2, -2.9, 0.0, -1.0, 0.2, -0.9, -2.3, -0.4, -0.8, 3.6, -0.4, -1.2},
		{-0.3, -0.1, -0.7, -0.3, 0.3, -0.1, 0.8, 0.2, -0.4, 1.6, 0.5, -0.2},
		{-0.1, 1.8, 2.7, 0.5, -1.3, 0.8, -1.2, 0, -0.3, 1.2, 0.6, 0},
		{-3.3, 0.6, -0.9, -1.3, 1.3, 0.6, -0.1, -1.0, 0.9, 0.3, 2.1, 0.2},
	}
	var errs, centred [][]float64 // as that program takes them for mint_shrink
	for k := range residuals[0] {
		var row, apart []float64
		for _, r := range residuals {
			row, apart = append(row, r[k]), append(apart, r[k]-stat.Mean(r, nil))
		}
		errs, centred = append(errs, row), append(centred, apart)
	}
	for method, want := range map[Method][]float64{
		OLS:        {201.28571429, 98.14285714, 103.14285714, 50.57142857, 47.57142857, 52.57142857, 50.57142857},
		Structural: {201, 98, 103, 50.5, 47.5, 52.5, 50.5},
		WLS:        {201.01348287, 97.97362207, 103.0398608, 50.86541494, 47.10820713, 52.44303834, 50.59682247},
		MinT:       {201.01852489, 98.00988482, 103.00864006, 50.88795197, 47.12193285, 52.4735078, 50.53513226},
	} {
		seen := errs
		if method == MinT {
			seen = centred
		}
		p, err := h.Map(method, seen)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(h.Nodes))
		h.Coherent(got, base, p)
		for k, x := range got {
			if math.Abs(x-want[k]) > 1e-5 {
				t.Errorf("%s: %s is %.6f, want %.6f", method, h.Nodes[k].ID, x, want[k])
			}
		}
	}
}

// Nodes are sums of the series, named by their columns; every path and the means of a
// reconciled forecast add up, and the intervals of the whole are those of independent walks.
func TestReconcile(t *testing.T) {
	p := tree(200)
	h, err := New(p, []string{"region", "store"})
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := h.Panel(p)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []string{"total", "A", "B", "A/1", "A/2", "B/1", "B/2"} {
		if nodes.Series[k].ID != want {
			t.Errorf("node %d is %q, want %q", k, nodes.Series[k].ID, want)
		}
	}
	if got, want := nodes.Series[2].Values[7], p.Series[2].Values[7]+p.Series[3].Values[7]; got != want {
		t.Errorf("B is %v, want %v", got, want)
	}
	opt := forecast.Options{Horizon: 4, Samples: 2000, Seed: 1}
	f, err := forecast.Paths(t.Context(), baseline.Naive{}, nodes, opt)
	if err != nil {
		t.Fatal(err)
	}
	errs, err := PastErrors(t.Context(), baseline.Naive{}, nodes, opt)
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.Reconcile(f, MinT, errs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2000 {
		for j := range 4 {
			a, b := all.Series[3].Paths[n][j]+all.Series[4].Paths[n][j], all.Series[5].Paths[n][j]+all.Series[6].Paths[n][j]
			if all.Series[1].Paths[n][j] != a || all.Series[2].Paths[n][j] != b || math.Abs(all.Series[0].Paths[n][j]-a-b) > 1e-12*(a+b) {
				t.Fatalf("path %d, step %d does not add up", n, j+1)
			}
		}
	}
	q := all.Series[0].Quantiles(0.1, 0.9)
	if width, want := q[1][0]-q[0][0], 2*1.2816*2; math.Abs(width-want) > 0.2*want { // of four steps of deviation 1
		t.Errorf("the 80 %% interval of the whole is %.2f wide, want %.2f", width, want)
	}
	if _, err := New(p, []string{"store", "region"}); err == nil {
		t.Error("columns in another order are taken")
	}
}

// TestReconcileCounts demands that forecasts of counts are counts once they add up, and that their sum is what it is of
// numbers, but for less than one.
func TestReconcileCounts(t *testing.T) {
	p := tree(200)
	for _, s := range p.Series {
		for k, v := range s.Values {
			s.Values[k] = math.Round(math.Abs(v))
		}
	}
	h, err := New(p, []string{"region", "store"})
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := h.Panel(p)
	if err != nil {
		t.Fatal(err)
	}
	opt := forecast.Options{Horizon: 3, Samples: 200, Seed: 1}
	f, err := forecast.Paths(t.Context(), baseline.Naive{}, nodes, opt)
	if err != nil {
		t.Fatal(err)
	}
	errs, err := PastErrors(t.Context(), baseline.Naive{}, nodes, opt)
	if err != nil {
		t.Fatal(err)
	}
	var domains [][]forecast.Domain
	for i := 3; i < len(nodes.Series); i++ {
		domains = append(domains, forecast.DomainsOf(nodes, i, forecast.SeenDomains(p)))
	}
	numbers, err := h.Reconcile(f, MinT, errs, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := h.Reconcile(f, MinT, errs, domains)
	if err != nil {
		t.Fatal(err)
	}
	for k, d := range counts.Series {
		for _, q := range d.Quantiles(0.1, 0.5, 0.9) {
			if slices.ContainsFunc(q, func(v float64) bool { return v != math.Trunc(v) }) {
				t.Errorf("%s: quantiles %v", d.ID, q)
			}
		}
		for n, path := range d.Paths {
			for j, v := range path {
				if v < 0 || v != math.Trunc(v) {
					t.Fatalf("%s, path %d: %v", d.ID, n, v)
				}
				if k == 0 && math.Abs(v-numbers.Series[0].Paths[n][j]) >= 1 {
					t.Errorf("path %d, step %d: %v in all, of numbers %v", n, j+1, v, numbers.Series[0].Paths[n][j])
				}
			}
		}
	}
}
