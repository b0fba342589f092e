package support

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// A Total says of which channels a channel is the sum in every row, but for their rounding, less some others.
type Total struct {
	Of   []int `json:"of,omitempty"`
	Less []int `json:"less,omitempty"`
}

// of returns the sum in a row.
func (t *Total) of(row []float64) float64 {
	sum := 0.0
	for _, i := range t.Of {
		sum += row[i]
	}
	for _, i := range t.Less {
		sum -= row[i]
	}
	return sum
}

// check says what is wrong with a total of one of a number of channels that was read.
func (t *Total) check(channels int) error {
	for _, i := range slices.Concat(t.Of, t.Less) {
		if i < 0 || i >= channels {
			return fmt.Errorf("a total of channel %d of %d", i, channels)
		}
	}
	return nil
}

const (
	telling  = 4096 // rows by which totals are looked for at most, evenly spaced
	whole    = 0.1  // by which the coefficient of a part misses 1, -1 or 0 at most
	foretold = 1e-9 // part of the squares of a channel that others leave, where they tell all of it
)

// learnTotals finds the channels of values, rows of a value a channel, that are sums or differences of others. Those of
// small size are told first, so that parts are not taken for what a total leaves of them, and those that the smaller
// ones tell are not among the parts of others.
func learnTotals(all []Channel, values []float64) {
	c := len(all)
	if c < 2 {
		return
	}
	rows := complete(values, c)
	if len(rows) < evidence+2*c {
		return
	}
	columns, size := make([][]float64, c), make([]float64, c)
	for k := range rows {
		for j, x := range rows[k] {
			if k%((len(rows)+telling-1)/telling) == 0 {
				columns[j] = append(columns[j], x)
			}
			size[j] += math.Abs(x) / float64(len(rows))
		}
	}
	rising := make([]int, c)
	for j := range rising {
		rising[j] = j
	}
	slices.SortStableFunc(rising, func(a, b int) int { return cmp.Compare(size[a], size[b]) })
	var parts []int
	for _, j := range rising {
		if size[j] == 0 {
			continue
		}
		t, alone := totalOf(columns, parts, j)
		if t != nil && t.holds(all, rows, j) {
			all[j].Total = t
		} else if alone {
			parts = append(parts, j)
		}
	}
}

// complete returns the rows of values that have a value of each of c channels.
func complete(values []float64, c int) [][]float64 {
	var rows [][]float64
	for row := range slices.Chunk(values, c) {
		if !slices.ContainsFunc(row, math.IsNaN) {
			rows = append(rows, row)
		}
	}
	return rows
}

// totalOf returns the sum or difference of parts that column j is next to by least squares, nil if it is none, and whether
// the parts tell less than all of it.
func totalOf(columns [][]float64, parts []int, j int) (t *Total, alone bool) {
	k := len(parts)
	if k == 0 {
		return nil, true
	}
	product := func(a, b int) float64 { return dot(columns[a], columns[b]) }
	gram, with := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for a, p := range parts {
		norm := math.Sqrt(product(p, p))
		for b := range a + 1 {
			gram.SetSym(a, b, product(p, parts[b])/norm/math.Sqrt(product(parts[b], parts[b])))
		}
		with.SetVec(a, product(p, j)/norm)
	}
	var chol mat.Cholesky
	var told mat.VecDense
	if !chol.Factorize(gram) || chol.SolveVecTo(&told, with) != nil {
		return nil, false
	}
	alone = product(j, j)-mat.Dot(&told, with) > foretold*product(j, j)
	t = &Total{}
	for a, p := range parts {
		share := told.AtVec(a) / math.Sqrt(product(p, p))
		switch round := math.Round(share); {
		case math.Abs(share-round) > whole || math.Abs(round) > 1:
			return nil, alone
		case round == 1:
			t.Of = append(t.Of, p)
		case round == -1:
			t.Less = append(t.Less, p)
		}
	}
	slices.Sort(t.Of)
	slices.Sort(t.Less)
	return t, alone
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// holds reports whether channel j is the total in all rows, but for rounding, which is small beside how its parts vary.
func (t *Total) holds(all []Channel, rows [][]float64, j int) bool {
	parts := slices.Concat(t.Of, t.Less)
	if len(parts) == 0 {
		return false
	}
	rounding := all[j].Grid / 2
	for _, i := range parts {
		rounding += all[i].Grid / 2
	}
	missed, column := make([]float64, len(rows)), make([]float64, len(rows))
	for k, row := range rows {
		sizes := math.Abs(row[j])
		for _, i := range parts {
			sizes += math.Abs(row[i])
		}
		if missed[k] = row[j] - t.of(row); !(math.Abs(missed[k]) <= rounding+exact*sizes) {
			return false
		}
	}
	vary := 0.0
	for _, i := range parts {
		for k, row := range rows {
			column[k] = row[i]
		}
		vary += stat.Variance(column, nil)
	}
	return vary > constant*stat.Variance(missed, nil)
}

// keepTotals has the channels that are totals be so in the rows of values.
func keepTotals(all []Channel, values []float64) {
	if !slices.ContainsFunc(all, func(c Channel) bool { return c.Total != nil }) {
		return
	}
	for row := range slices.Chunk(values, len(all)) {
		for j, c := range all {
			if c.Total != nil {
				row[j] = Channel{Grid: c.Grid}.Nearest(c.Total.of(row))
			}
		}
	}
}

// inTotals returns which channels are totals, or parts of one.
func inTotals(all []Channel) []bool {
	in := make([]bool, len(all))
	for j, c := range all {
		if c.Total == nil {
			continue
		}
		in[j] = true
		for _, i := range slices.Concat(c.Total.Of, c.Total.Less) {
			in[i] = true
		}
	}
	return in
}

// Totals says in words which of the named channels are sums of which others, "" if none is.
func Totals(all []Channel, names []string) string {
	var said []string
	for j, c := range all {
		if c.Total == nil {
			continue
		}
		var of strings.Builder
		for n, i := range c.Total.Of {
			if n > 0 {
				of.WriteString(" + ")
			}
			of.WriteString(names[i])
		}
		for _, i := range c.Total.Less {
			of.WriteString(" - " + names[i])
		}
		said = append(said, names[j]+" is "+strings.TrimSpace(of.String()))
	}
	return strings.Join(said, "; ")
}
