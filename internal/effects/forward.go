package effects

import "math"

const (
	apart     = 1e-9 // the part of a column's square that those before must leave of it
	leastFree = 10   // values that are left over the columns, at least
	rowsAWave = 4    // of which there is one for so many rows at most
)

// A forward regression takes columns one by one, each less what those before explain of it (orthogonal least
// squares, Chen, Billings & Luo 1989).
type forward struct {
	left  []float64   // products of what is left of the columns, and of the values behind them, with those before and themselves
	first []float64   // squares of the columns as they were
	of    [][]float64 // what is left of each, as a sum of the columns
	taken []bool
	rows  int // values
	free  int // of these over the columns that are taken and the levels

	all, drawn []float64 // coefficients, and those drawn to zero
}

// newForward returns that of the products of n columns, the values behind them, in so many rows about so many levels.
func newForward(products []float64, n, rows, levels int) *forward {
	n--
	f := &forward{left: products, first: make([]float64, n), of: make([][]float64, n), taken: make([]bool, n), rows: rows, free: rows - levels,
		all: make([]float64, n), drawn: make([]float64, n)}
	for i := range n {
		f.first[i] = f.at(i, i)
		f.of[i] = make([]float64, n)
		f.of[i][i] = 1
	}
	return f
}

func (f *forward) at(i, j int) float64 {
	return f.left[max(i, j)*(len(f.first)+1)+min(i, j)]
}

// schwarz returns the t² from which on a column is worth its number by Schwarz's criterion.
func (f *forward) schwarz() float64 { return math.Log(float64(f.rows)) }

// squares returns the sum of the squares of the values that the columns leave.
func (f *forward) squares() float64 {
	return math.Max(f.at(len(f.first), len(f.first)), math.SmallestNonzeroFloat64)
}

// isNew reports whether something is left of a column that is not taken.
func (f *forward) isNew(i int) bool { return !f.taken[i] && f.at(i, i) > apart*f.first[i] }

// take takes column i, whose coefficient is multiplied by a factor in those that are drawn to zero.
func (f *forward) take(i int, factor float64) {
	n, square := len(f.first), f.at(i, i)
	b := f.at(i, n) / square
	for k, v := range f.of[i] {
		f.all[k] += b * v
		f.drawn[k] += factor * b * v
	}
	row := make([]float64, n+1)
	for k := range row {
		row[k] = f.at(i, k)
	}
	f.taken[i] = true
	f.free--
	for j := range n + 1 {
		part := row[j] / square
		left := f.left[j*(n+1) : j*(n+1)+j+1]
		for k := range left {
			left[k] -= part * row[k]
		}
		if j == n || f.taken[j] || part == 0 {
			continue
		}
		for k, v := range f.of[i] {
			f.of[j][k] -= part * v
		}
	}
}

// takeAll takes the columns from one to another (exclusive) in their order, so many at most, and returns how many
// something was left of.
func (f *forward) takeAll(from, to, most int) (taken int) {
	for i := from; i < to && taken < most; i++ {
		if f.isNew(i) && f.free > leastFree {
			f.take(i, 1)
			taken++
		}
	}
	return taken
}

// choose takes of some columns the one that explains most, as long as its t² exceeds a least one
// and the 2 log p that the best of p columns of noise has (Foster & George 1994). By the larger of these, over t²,
// coefficients are drawn to zero (the garrote of Breiman 1995).
func (f *forward) choose(columns []int, least float64) {
	n := len(f.first)
	for f.free > leastFree {
		best, gain, p := -1, 0.0, 0
		for _, i := range columns {
			if !f.isNew(i) {
				continue
			}
			p++
			if g := f.at(i, n) * f.at(i, n) / f.at(i, i); g > gain {
				best, gain = i, g
			}
		}
		if best < 0 {
			return
		}
		t2 := gain * float64(f.free-1) / math.Max(f.at(n, n)-gain, apart*gain)
		if least = math.Max(least, 2*math.Log(float64(p))); t2 <= least {
			return
		}
		f.take(best, 1-least/t2)
	}
}
