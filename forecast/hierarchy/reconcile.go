package hierarchy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/joint"
	"tsgen/internal/shrinkage"
	"tsgen/series"
)

// A Method says what the covariance W of the errors of base forecasts is taken for.
type Method string

// The methods.
const (
	MinT       Method = "mint"       // that of past errors, shrunk towards its diagonal
	WLS        Method = "wls"        // its diagonal
	Structural Method = "structural" // the number of series in each node
	OLS        Method = "ols"        // all nodes alike
)

// Methods returns the methods.
func Methods() []Method { return []Method{MinT, WLS, Structural, OLS} }

// Map returns P, bottom series × nodes, for errors of the base forecasts of all nodes, rows of
// a value for each with NaN for missing ones. OLS and Structural need none. The error says
// that there are too few errors or that W is singular.
func (h *Hierarchy) Map(method Method, errs [][]float64) (*mat.Dense, error) {
	n := len(h.Nodes)
	w := mat.NewSymDense(n, nil)
	switch method {
	case OLS, Structural:
		for k, node := range h.Nodes {
			w.SetSym(k, k, 1)
			if method == Structural {
				w.SetSym(k, k, float64(len(node.Sum)))
			}
		}
	case WLS, MinT:
		if len(errs) < 2 {
			return nil, fmt.Errorf("%w: no past errors to reconcile by; take %s or %s", forecast.ErrTooShort, Structural, OLS)
		}
		cov, _ := shrinkage.Covariance(errs)
		w.CopySym(cov)
		if method == WLS {
			w = mat.NewSymDense(n, nil)
			for k := range n {
				w.SetSym(k, k, cov.At(k, k))
			}
		}
		// Nodes without errors, and sums known from their parts, leave W singular.
		const ridge = 1e-8
		mean := mat.Trace(w) / float64(n)
		for k := range n {
			w.SetSym(k, k, w.At(k, k)+ridge*cmp.Or(mean, 1))
		}
	default:
		return nil, fmt.Errorf("hierarchy: a method %q, want one of %q", method, Methods())
	}
	s := h.Summing()
	var chol, inner mat.Cholesky
	var left mat.Dense // W⁻¹S
	if !chol.Factorize(w) || chol.SolveTo(&left, s) != nil {
		return nil, errors.New("hierarchy: the covariance of the errors is singular")
	}
	var gram mat.Dense
	gram.Mul(s.T(), &left)
	symmetric := mat.NewSymDense(h.bottom, nil)
	for i := range h.bottom {
		for j := i; j < h.bottom; j++ {
			symmetric.SetSym(i, j, (gram.At(i, j)+gram.At(j, i))/2)
		}
	}
	p := mat.NewDense(h.bottom, n, nil)
	if !inner.Factorize(symmetric) || inner.SolveTo(p, left.T()) != nil {
		return nil, errors.New("hierarchy: the covariance of the errors is singular")
	}
	return p, nil
}

// Summing returns S, nodes × bottom series.
func (h *Hierarchy) Summing() *mat.Dense {
	s := mat.NewDense(len(h.Nodes), h.bottom, nil)
	for k, node := range h.Nodes {
		for _, i := range node.Sum {
			s.Set(k, i, 1)
		}
	}
	return s
}

// Coherent fills all, a value for each node, with sums of the bottom series, each of which is
// the sum of its row of p times the base values.
func (h *Hierarchy) Coherent(all, base []float64, p *mat.Dense) {
	bottom := mat.NewVecDense(h.bottom, nil)
	bottom.MulVec(p, mat.NewVecDense(len(base), base))
	h.sums(all, bottom.RawVector().Data)
}

func (h *Hierarchy) sums(all, bottom []float64) {
	for k, node := range h.Nodes {
		all[k] = 0
		for _, i := range node.Sum {
			all[k] += bottom[i]
		}
	}
}

// PastErrors returns the errors of the means of one step ahead that the model would have
// forecast of the nodes' panel, rows of a value for each node, by channel, the earliest first.
func PastErrors(ctx context.Context, m forecast.Model, nodes *series.Panel, opt forecast.Options) ([][][]float64, error) {
	const most = 24 // origins
	lengths := make([]int, len(nodes.Series))
	for i, s := range nodes.Series {
		lengths[i] = s.Len()
	}
	windows := min(most, max(1, slices.Max(lengths)/3))
	report, err := forecast.Backtest(ctx, nodes, []forecast.Candidate{{Name: "model", Fitted: m}}, forecast.BacktestOptions{
		Horizon: 1, Windows: windows, Season: opt.Season, Outliers: opt.Outliers, Samples: 100, Seed: opt.Seed,
	})
	if err == nil {
		err = report.Models[0].Err
	}
	if errors.Is(err, forecast.ErrTooShort) {
		return make([][][]float64, nodes.Width()), nil
	}
	if err != nil {
		return nil, err
	}
	place := make(map[string]int)
	for i, s := range nodes.Series {
		place[s.ID] = i
	}
	errs := make([][][]float64, nodes.Width())
	for c := range errs {
		for o, origin := range report.Origins {
			row := slices.Repeat([]float64{math.NaN()}, len(nodes.Series))
			for i, s := range origin.Actual.Series {
				row[place[s.ID]] = s.Values[c] - report.Models[0].Forecasts[o].Series[i].MeanTo(nil)[c]
			}
			errs[c] = append(errs[c], row)
		}
	}
	return errs, nil
}

// Reconcile returns the forecast of all nodes from that of each by itself, in the order of
// the nodes and as sample paths of the same number. The errors are those of PastErrors;
// paths of the nodes are made to go together as these do. Bottom series stay in the domains
// of their channels, of each series nil for none; see confine.
func (h *Hierarchy) Reconcile(f *forecast.Forecast, method Method, errs [][][]float64, domains [][]forecast.Domain) (*forecast.Forecast, error) {
	if len(f.Series) != len(h.Nodes) {
		return nil, fmt.Errorf("hierarchy: forecasts of %d series, of %d nodes", len(f.Series), len(h.Nodes))
	}
	times := f.Series[0].Times
	paths := len(f.Series[0].Paths)
	for _, d := range f.Series {
		if !slices.Equal(d.Times, times) || len(d.Paths) != paths || len(times) > 0 && paths == 0 {
			return nil, fmt.Errorf("%w: series %q is forecast at other times than the others: all must end alike to be summed", forecast.ErrMismatch, d.ID)
		}
	}
	out := *f
	out.Series = make([]*forecast.Distribution, len(h.Nodes))
	scores := make([][][]float64, len(h.Nodes))
	for k, d := range f.Series {
		out.Series[k] = &forecast.Distribution{ID: d.ID, Times: times, Paths: make([][]float64, paths), Domains: h.domainsOf(k, domains, len(f.Channels))}
		for n := range paths {
			out.Series[k].Paths[n] = make([]float64, len(d.Paths[n]))
		}
		scores[k] = d.Scores()
	}
	width := len(f.Channels)
	for c := range width {
		p, err := h.Map(method, errs[c])
		if err != nil {
			return nil, err
		}
		base := f.Series
		if len(errs[c]) > 1 {
			base = together(f.Series, scores, errs[c], c, width)
		}
		all, own := make([]float64, len(h.Nodes)), make([]float64, len(h.Nodes))
		bottom := mat.NewVecDense(h.bottom, nil)
		for n := range paths {
			for j := c; j < len(times)*width; j += width {
				for k, d := range base {
					own[k] = d.Paths[n][j]
				}
				bottom.MulVec(p, mat.NewVecDense(len(own), own))
				b := bottom.RawVector().Data
				confine(b, domains, c)
				h.sums(all, b)
				for k := range all {
					out.Series[k].Paths[n][j] = all[k]
				}
			}
		}
	}
	return &out, out.Validate()
}

// domainsOf returns the domains of a node: those of a bottom series, and the steps that all of a sum have.
func (h *Hierarchy) domainsOf(k int, domains [][]forecast.Domain, width int) []forecast.Domain {
	if domains == nil {
		return nil
	}
	sum := h.Nodes[k].Sum
	if len(sum) == 1 {
		return domains[sum[0]]
	}
	all := slices.Repeat([]forecast.Domain{forecast.Unbounded()}, width)
	for c := range all {
		for n, i := range sum {
			if domains[i] == nil {
				return nil
			}
			if step := domains[i][c].Step; n == 0 {
				all[c].Step = step
			} else if step != all[c].Step {
				all[c].Step = 0
			}
		}
	}
	return all
}

// confine brings the values of channel c of the bottom series into their domains. What rounding takes from one goes to the
// next, so that sums are theirs.
func confine(bottom []float64, domains [][]forecast.Domain, c int) {
	left := 0.0
	for i, own := range domains {
		if own == nil {
			continue
		}
		d, x := own[c], bottom[i]
		if d.Step > 0 {
			x += left
		}
		bottom[i] = d.Confine(x)
		if d.Step > 0 {
			left = max(-d.Step/2, min(x-bottom[i], d.Step/2))
		}
	}
}

// together returns the distributions with the paths of channel c made to go together between
// the nodes as errors do.
func together(all []*forecast.Distribution, scores [][][]float64, errs [][]float64, c, width int) []*forecast.Distribution {
	cov, _ := shrinkage.Covariance(errs)
	l := shrinkage.Factor(cov)
	mixed := make([][][]float64, len(all))
	for k := range mixed {
		mixed[k] = make([][]float64, len(scores[k]))
		for n := range mixed[k] {
			mixed[k][n] = slices.Clone(scores[k][n])
		}
	}
	z, row := make([]float64, len(all)), make([]float64, len(all))
	for n := range scores[0] {
		for j := c; j < len(scores[0][n]); j += width {
			for k := range z {
				z[k] = scores[k][n][j]
			}
			joint.Mix(row, z, l)
			for k := range z {
				mixed[k][n][j] = z[k]
			}
		}
	}
	out := make([]*forecast.Distribution, len(all))
	for k, d := range all {
		out[k] = forecast.Join(d, mixed[k])
	}
	return out
}
