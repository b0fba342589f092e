package effects

import (
	"math"
	"slices"

	"tsgen/internal/kernel"
)

// products are those of the columns of some records and of their values behind them, each less its mean in the record, in the
// rows that have one before, in these, and between the two.
type products struct {
	n                   int // columns, the values among them
	rows                int // that have one before
	now, before, across []float64
}

func newProducts(records []Record) *products {
	n := len(records[0].X)/len(records[0].Y) + 1
	p := &products{n: n, now: make([]float64, n*n), before: make([]float64, n*n), across: make([]float64, n*n)}
	var room []float64
	for _, r := range records {
		room = p.add(r, room)
	}
	return p
}

// add adds those of a record; room is for its rows, and is returned, grown.
func (p *products) add(r Record, room []float64) []float64 {
	n, width := p.n, p.n-1
	mean := make([]float64, n)
	d := slices.Grow(room[:0], len(r.Y)*n)
	for t, y := range r.Y {
		d = append(append(d, r.X[t*width:(t+1)*width]...), y)
		for i, v := range d[t*n:] {
			mean[i] += v / float64(len(r.Y))
		}
	}
	for t := range r.Y {
		for i, v := range mean {
			d[t*n+i] -= v
		}
	}
	rows := len(r.Y) - 1
	early, late := d[:rows*n], d[n:]
	kernel.MulTN(p.now, late, late, n, rows, n, true)
	kernel.MulTN(p.before, early, early, n, rows, n, true)
	kernel.MulTN(p.across, late, early, n, rows, n, true)
	// The mean of all rows but one is that row's opposite over their number.
	first, last := d[:n], d[rows*n:]
	for i := range n {
		for k := range n {
			p.now[i*n+k] -= first[i] * first[k] / float64(rows)
			p.before[i*n+k] -= last[i] * last[k] / float64(rows)
			p.across[i*n+k] -= first[i] * last[k] / float64(rows)
		}
	}
	p.rows += rows
	return d
}

// filtered returns the products of what is left of each row once so much of the one before is taken off.
func (p *products) filtered(correlation float64) []float64 {
	all := make([]float64, p.n*p.n)
	for i := range p.n {
		for k := range p.n {
			l, m := i*p.n+k, k*p.n+i
			all[l] = p.now[l] - correlation*(p.across[l]+p.across[m]) + correlation*correlation*p.before[l]
		}
	}
	return all
}

// correlation returns that of what b leaves of the values with what it leaves of those before, from 0 to 1.
func (p *products) correlation(b []float64) float64 {
	of := func(m []float64) (sum float64) {
		weight := func(i int) float64 {
			if i < len(b) {
				return -b[i]
			}
			return 1
		}
		for i := range p.n {
			for k := range p.n {
				sum += weight(i) * m[i*p.n+k] * weight(k)
			}
		}
		return sum
	}
	square := of(p.before)
	if !(square > 0) {
		return 0
	}
	return math.Min(math.Max(of(p.across)/square, 0), 1)
}
