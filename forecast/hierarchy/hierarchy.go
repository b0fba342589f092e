// Package hierarchy makes forecasts of series and of their sums agree: of stores, of the
// regions that they are in, and of the whole.
//
// The base forecasts ŷ of all nodes, made one by one, do not add up. They are reconciled
// by the linear map that leaves what adds up as it is and has the least variance of all such
// (MinT, Wickramasuriya, Athanasopoulos and Hyndman, JASA 114, 2019),
//
//	ỹ = S P ŷ,  P = (SᵀW⁻¹S)⁻¹ SᵀW⁻¹
//
// where S sums the bottom series up to the nodes and W is the covariance of the errors of the
// base forecasts. Sample paths of all nodes together are mapped one by one (Panagiotelis,
// Gamakumara, Athanasopoulos and Hyndman, EJOR 306, 2023), so that every path adds up,
// and the means with them. Medians and other quantiles of sums are no sums.
package hierarchy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/series"
)

// A Hierarchy is a tree of nodes, each the sum of some of the series of a panel.
type Hierarchy struct {
	Columns []string // that name the parts of the series, the coarsest first
	Nodes   []Node   // the whole first, then level by level; the series themselves last

	bottom int // number of series
}

// A Node is the sum of some series.
type Node struct {
	ID    string
	Level int   // 0 for the whole
	Sum   []int // places of the series in the panel
}

// New returns the hierarchy of the series of a panel by the columns that name them, the
// coarsest first. The identifiers of nodes are those of the columns down to their level,
// joined as in p, and "total" for the whole. The error wraps forecast.ErrMismatch if p was
// not read with these columns as its identifier.
func New(p *series.Panel, columns []string) (*Hierarchy, error) {
	own := []string{p.IDColumn}
	if p.Joint != "" {
		own = strings.Split(p.IDColumn, p.Joint)
	}
	if !slices.Equal(own, columns) {
		return nil, fmt.Errorf("%w: the series are named by %q, not by %q; fit with --id %s", forecast.ErrMismatch, own, columns, strings.Join(columns, ","))
	}
	h := &Hierarchy{Columns: columns, bottom: len(p.Series)}
	whole := Node{ID: "total", Sum: places(len(p.Series))}
	if p.Lookup(whole.ID) != nil {
		whole.ID = "(total)"
	}
	h.Nodes = append(h.Nodes, whole)
	for level := 1; level <= len(columns); level++ {
		at := make(map[string]int)
		for i, s := range p.Series {
			id := s.ID
			if level < len(columns) {
				id = strings.Join(strings.SplitN(s.ID, p.Joint, len(columns))[:level], p.Joint)
			}
			k, known := at[id]
			if !known {
				k = len(h.Nodes)
				at[id] = k
				h.Nodes = append(h.Nodes, Node{ID: id, Level: level})
			}
			h.Nodes[k].Sum = append(h.Nodes[k].Sum, i)
		}
	}
	if len(p.Series) < 2 {
		return nil, fmt.Errorf("%w: a hierarchy of one series", forecast.ErrMismatch)
	}
	return h, nil
}

func places(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Panel returns the series of all nodes of the hierarchy of p, in their order. A sum is of the
// series that have begun and not ended, and missing where one of these is. The error wraps
// forecast.ErrMismatch if the panel is irregular.
func (h *Hierarchy) Panel(p *series.Panel) (*series.Panel, error) {
	if !p.Step.Regular() {
		return nil, fmt.Errorf("%w: the times are not equally spaced, and cannot be summed", forecast.ErrMismatch)
	}
	if len(p.Series) != h.bottom {
		return nil, errors.New("hierarchy: a panel of other series")
	}
	static, own := p.Static, p.StaticValues()
	p = p.BareOfStatic()
	all := make([]*series.Series, len(h.Nodes))
	for k, node := range h.Nodes {
		if k >= len(h.Nodes)-h.bottom {
			all[k] = p.Series[node.Sum[0]]
			continue
		}
		s, err := sum(p, node)
		if err != nil {
			return nil, err
		}
		all[k] = s
	}
	if len(static) == 0 {
		return p.With(all), nil
	}
	return p.With(all).WithStatic(static, h.means(own)), nil
}

// means returns the means of rows, one for each series at the bottom, over those of each node; of a
// static covariate that is a share of the series.
func (h *Hierarchy) means(rows [][]float64) [][]float64 {
	all := make([][]float64, len(h.Nodes))
	for k, node := range h.Nodes {
		all[k] = make([]float64, len(rows[node.Sum[0]]))
		for _, i := range node.Sum {
			floats.AddScaled(all[k], 1/float64(len(node.Sum)), rows[i])
		}
	}
	return all
}

// sum returns the series of a node.
func sum(p *series.Panel, node Node) (*series.Series, error) {
	width := p.Width()
	at := func(t float64) int { return int(math.Round(p.Coordinate(t))) }
	first, last := math.MaxInt, math.MinInt
	for _, i := range node.Sum {
		if s := p.Series[i]; s.Len() > 0 {
			first, last = min(first, at(s.Times[0])), max(last, at(s.Times[s.Len()-1]))
		}
	}
	out := &series.Series{ID: node.ID, Known: p.Series[node.Sum[0]].Known}
	if first > last {
		return out, nil
	}
	const most = 1 << 26 // steps
	if last-first > most {
		return nil, fmt.Errorf("%w: series that are %d steps apart cannot be summed", forecast.ErrMismatch, last-first)
	}
	for u := first; u <= last; u++ {
		out.Times = append(out.Times, p.TimeAt(float64(u)))
	}
	out.Values = make([]float64, len(out.Times)*width)
	for _, i := range node.Sum {
		s := p.Series[i]
		if s.Len() == 0 {
			continue
		}
		grid, _, err := p.Grid(s)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		from := (at(s.Times[0]) - first) * width
		for j, v := range grid {
			out.Values[from+j] += v
		}
	}
	return out, nil
}
