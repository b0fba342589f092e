package seasons

import (
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/internal/kernel"
	"tsgen/series"
)

// A record is one channel of one series on the grid of its panel.
type record struct {
	y    []float64 // values or their logarithms, standardised; straight lines in gaps
	seen []bool    // observed, not in a gap
}

// leastRecord is the number of observations from which on a record can show something.
const leastRecord = 8

// newRecords returns the records of a panel of equal steps, most of them at most, spread
// evenly over its series and channels. Series off the grid and records without movement
// are left out.
func newRecords(p *series.Panel, most int) []record {
	width := p.Width()
	logs := make([]bool, width)
	for j := range logs {
		positive, likelier := p.LogarithmFits(j, 1)
		logs[j] = positive && likelier
	}
	var all []record
	stride := max(1, (len(p.Series)*width+most-1)/most)
	for i := 0; i < len(p.Series)*width; i += stride {
		s, j := p.Series[i/width], i%width
		grid, _, err := p.Grid(s)
		if err != nil {
			continue
		}
		y := make([]float64, len(grid)/width)
		for t := range y {
			if y[t] = grid[t*width+j]; logs[j] {
				y[t] = math.Log(y[t])
			}
		}
		if r, ok := newRecord(y); ok {
			all = append(all, r)
		}
	}
	return all
}

// newRecord returns the record of values with NaN in the gaps.
func newRecord(y []float64) (r record, ok bool) {
	for len(y) > 0 && math.IsNaN(y[0]) {
		y = y[1:]
	}
	for len(y) > 0 && math.IsNaN(y[len(y)-1]) {
		y = y[:len(y)-1]
	}
	r = record{y: y, seen: make([]bool, len(y))}
	last, n := 0, 0
	for t, v := range y {
		if math.IsNaN(v) {
			continue
		}
		r.seen[t] = true
		for g := last + 1; g < t; g++ {
			y[g] = y[last] + (v-y[last])*float64(g-last)/float64(t-last)
		}
		last, n = t, n+1
	}
	return r, n >= leastRecord && r.standardise()
}

// dither is the size of the noise that is added to records, in units of their least
// deviation: beside a season without any noise nothing could be told from it.
const dither = 1e-3

// standardise takes mean and deviation out of y, adds the dither, and reports whether there
// is a deviation.
func (r record) standardise() bool {
	most := 0.0
	for _, v := range r.y {
		most = math.Max(most, math.Abs(v))
	}
	if most == 0 {
		return false
	}
	mean, square, n := 0.0, 0.0, float64(len(r.y))
	for i := range r.y {
		r.y[i] /= most
		mean += r.y[i] / n
	}
	for _, v := range r.y {
		square += (v - mean) * (v - mean) / n
	}
	if !(square > 1e-20) {
		return false
	}
	sizes := make([]float64, len(r.y))
	for i, v := range r.y {
		r.y[i] = (v - mean) / math.Sqrt(square)
		sizes[i] = math.Abs(r.y[i])
	}
	slices.Sort(sizes)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range r.y {
		r.y[i] += dither * math.Min(1, sizes[len(sizes)/2]) * rng.NormFloat64()
	}
	return true
}

// last returns the last n steps of a record.
func (r record) last(n int) record {
	if from := len(r.y) - n; from > 0 {
		return record{r.y[from:], r.seen[from:]}
	}
	return r
}

// blocks returns the means of every b steps that end with the last; one counts as observed
// if half of its steps are.
func (r record) blocks(b int) record {
	if b <= 1 {
		return r
	}
	n := len(r.y) / b
	out := record{make([]float64, n), make([]bool, n)}
	from := len(r.y) - n*b
	for i := range n {
		count := 0
		for t := from + i*b; t < from+(i+1)*b; t++ {
			out.y[i] += r.y[t] / float64(b)
			if r.seen[t] {
				count++
			}
		}
		out.seen[i] = 2*count >= b
	}
	return out
}

// less returns the record without a season of the period: without the harmonics that fit
// it best beside a parabola.
func (r record) less(period float64) record {
	k := harmonicsOf(period)
	part := r.last(max(1<<15, int(math.Ceil(4*period))))
	from := len(r.y) - len(part.y)
	cols := trend + 2*k
	gram, row := make([]float64, (cols+1)*(cols+1)), make([]float64, 0, cols+1)
	rows := newRows(gram, cols+1)
	for t, v := range part.y {
		if part.seen[t] {
			row = appendWaves(appendTrend(row[:0], t, len(part.y)), float64(from+t)/period, k)
			rows.add(append(row, v))
		}
	}
	rows.flush()
	coef := newCholesky(gram, cols+1).solve(cols)
	out := record{make([]float64, len(r.y)), r.seen}
	for t, v := range r.y {
		row = appendWaves(row[:0], float64(t)/period, k)
		for i, x := range row {
			v -= coef[trend+i] * x
		}
		out.y[t] = v
	}
	return out
}

// straight returns the record without the parabola that fits it best.
func (r record) straight() record {
	gram, row := make([]float64, (trend+1)*(trend+1)), make([]float64, 0, trend+1)
	rows := newRows(gram, trend+1)
	for t, v := range r.y {
		if r.seen[t] {
			rows.add(append(appendTrend(row, t, len(r.y)), v))
		}
	}
	rows.flush()
	coef := newCholesky(gram, trend+1).solve(trend)
	out := record{make([]float64, len(r.y)), r.seen}
	for t, v := range r.y {
		for i, x := range appendTrend(row, t, len(r.y)) {
			v -= coef[i] * x
		}
		out.y[t] = v
	}
	return out
}

// leastGrowth is the slope of sizes, as a part of their mean, from which on records are evened: those at one end are
// twice those at the other.
const leastGrowth = 1.0 / 3

// evened returns the records in which the values' deviations from a parabola, whose sizes grow or shrink along a
// line, are as large at either end, and whether there are any others. A season whose size changes is no line in a
// spectrum.
func evened(records []record) (even []record, grow bool) {
	even = slices.Clone(records)
	for i, r := range records {
		rest := r.straight()
		n, mean, slope, square := len(rest.y), 0.0, 0.0, 0.0
		for t, v := range rest.y {
			u := line(t, n)
			mean += math.Abs(v) / float64(n)
			slope += math.Abs(v) * u
			square += u * u
		}
		if slope /= square; !(math.Abs(slope) > leastGrowth*mean) {
			continue
		}
		for t := range rest.y {
			rest.y[t] /= math.Max(1+slope/mean*line(t, n), leastGrowth)
		}
		even[i], grow = rest, true
	}
	return even, grow
}

// harmonicsOf returns the number of harmonics that are taken out with a season.
func harmonicsOf(period float64) int { return min(int(period/2), mostHarmonics) }

// trend is the number of regressors of appendTrend.
const trend = 3

// appendTrend appends the regressors of a parabola at step t of n.
func appendTrend(row []float64, t, n int) []float64 {
	u := line(t, n)
	return append(row, 1, u, u*u)
}

// line returns a regressor that runs from -1 to 1 in n steps.
func line(t, n int) float64 { return 2*float64(t)/float64(n) - 1 }

// appendWaves appends cosine and sine of the first k harmonics at a phase in cycles.
func appendWaves(row []float64, phase float64, k int) []float64 {
	sin, cos := math.Sincos(2 * math.Pi * (phase - math.Floor(phase)))
	c, s := 1.0, 0.0
	for range k {
		c, s = c*cos-s*sin, c*sin+s*cos
		row = append(row, c, s)
	}
	return row
}

// rows adds up the products of rows of regressors.
type rows struct {
	gram, chunk []float64
	k           int
}

const rowsAtOnce = 256

func newRows(gram []float64, k int) *rows {
	return &rows{gram: gram, k: k, chunk: make([]float64, 0, rowsAtOnce*k)}
}

func (r *rows) add(row []float64) {
	if r.chunk = append(r.chunk, row...); len(r.chunk) == cap(r.chunk) {
		r.flush()
	}
}

func (r *rows) flush() {
	if n := len(r.chunk) / r.k; n > 0 {
		kernel.MulTN(r.gram, r.chunk, r.chunk, r.k, n, r.k, true)
		r.chunk = r.chunk[:0]
	}
}
