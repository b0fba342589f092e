package gauss

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/internal/kernel"
)

// moments are sums over windows of the products of their values, and how many
// windows had both.
type moments struct {
	products, counts []float64

	// Of windows whose levels, the means of their lookbacks, are taken out: the sums
	// of the products of the levels of two channels, and of the windows that had
	// both. They are nil if levels stay where they are.
	levels, windows []float64
}

// add adds the moments of other windows.
func (m *moments) add(o *moments) {
	for _, pair := range [][2][]float64{{m.products, o.products}, {m.counts, o.counts}, {m.levels, o.levels}, {m.windows, o.windows}} {
		for k, x := range pair[1] {
			pair[0][k] += x
		}
	}
}

// gather returns the moments of the windows of records that begin in the part of each
// record between from and to, 0 to 1, with their levels taken out if they are free. The
// error is that of ctx.
func (f *fitted) gather(ctx context.Context, records []record, from, to float64, free bool) (*moments, error) {
	n, width := f.values(), f.width()
	m := &moments{products: make([]float64, n*n), counts: make([]float64, n*n)}
	if free {
		m.levels, m.windows = make([]float64, width*width), make([]float64, width*width)
	}
	x, there := make([]float64, chunk*n), make([]float64, chunk*n)
	rows := 0
	flush := func() {
		kernel.MulTN(m.products, x[:rows*n], x[:rows*n], n, rows, n, true)
		kernel.MulTN(m.counts, there[:rows*n], there[:rows*n], n, rows, n, true)
		rows = 0
	}
	for _, r := range records {
		for _, at := range r.begins(f, from, to) {
			w := r.z[at : at+n]
			level := make([]float64, width)
			if free {
				level = f.level(w)
				m.addLevels(level)
			}
			for k, v := range w {
				v -= level[k%width]
				x[rows*n+k], there[rows*n+k] = v, 1
				if math.IsNaN(v) {
					x[rows*n+k], there[rows*n+k] = 0, 0
				}
			}
			if rows++; rows == chunk {
				flush()
				if err := ctx.Err(); err != nil {
					return nil, err
				}
			}
		}
	}
	flush()
	return m, nil
}

// level returns the means of the channels of a window's lookback, NaN of nothing.
func (f *fitted) level(w []float64) []float64 {
	width := f.width()
	out := make([]float64, width)
	for j := range out {
		sum, n := 0.0, 0.0
		for k := j; k < f.past(); k += width {
			if !math.IsNaN(w[k]) {
				sum, n = sum+w[k], n+1
			}
		}
		out[j] = sum / n
	}
	return out
}

func (m *moments) addLevels(level []float64) {
	for i, a := range level {
		for j, b := range level {
			if !math.IsNaN(a * b) {
				m.levels[i*len(level)+j] += a * b
				m.windows[i*len(level)+j]++
			}
		}
	}
}

// covariances returns S and T, with the covariances of the levels if these were taken out.
func (f *fitted) covariances(m *moments) (s, t *mat.SymDense) {
	n, width, length := f.values(), f.width(), f.length()
	// Sums over places as far apart, for each pair of channels.
	products, counts := make([]float64, length*width*width), make([]float64, length*width*width)
	at := func(i, j int) int { return ((j/width-i/width)*width+i%width)*width + j%width }
	for i := range n {
		for j := i - i%width; j < n; j++ {
			products[at(i, j)] += m.products[i*n+j]
			counts[at(i, j)] += m.counts[i*n+j]
		}
	}
	s, t = mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			stationary := 0.0
			if c := counts[at(i, j)]; c > 0 {
				stationary = products[at(i, j)] / c
			}
			own := stationary
			if c := m.counts[i*n+j]; c > 0 {
				own = m.products[i*n+j] / c
			}
			level := 0.0
			if k := i%width*width + j%width; m.levels != nil && m.windows[k] > 0 {
				level = m.levels[k] / m.windows[k]
			}
			s.SetSym(i, j, own+level)
			t.SetSym(i, j, stationary+level)
		}
	}
	return s, t
}

// blend returns (1-λ) S + λ T.
func blend(s, t *mat.SymDense, lambda float64) *mat.SymDense {
	n := s.SymmetricDim()
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			out.SetSym(i, j, (1-lambda)*s.At(i, j)+lambda*t.At(i, j))
		}
	}
	return out
}

// times returns a·b, of matrices without stride.
func times(a, b *mat.Dense) *mat.Dense {
	m, k := a.Dims()
	_, n := b.Dims()
	c := mat.NewDense(m, n, nil)
	kernel.MulNN(c.RawMatrix().Data, a.RawMatrix().Data, b.RawMatrix().Data, m, k, n, false)
	return c
}

// timesTransposed returns a·b', of matrices without stride.
func timesTransposed(a, b *mat.Dense) *mat.Dense {
	m, k := a.Dims()
	n, _ := b.Dims()
	c := mat.NewDense(m, n, nil)
	kernel.MulNT(c.RawMatrix().Data, a.RawMatrix().Data, b.RawMatrix().Data, m, k, n, false)
	return c
}

// exceeds reports whether all eigenvalues of s exceed a floor: whether s without it on
// its diagonal has a Cholesky factor.
func exceeds(s *mat.SymDense, floor float64) bool {
	n := s.SymmetricDim()
	less := mat.NewSymDense(n, nil)
	less.CopySym(s)
	for i := range n {
		less.SetSym(i, i, less.At(i, i)-floor)
	}
	var c mat.Cholesky
	return c.Factorize(less)
}

// floorOf returns a part of the mean of the eigenvalues of s, or the part itself if that is not
// positive.
func floorOf(s *mat.SymDense, part float64) float64 {
	if floor := part * mat.Trace(s) / float64(s.SymmetricDim()); floor > 0 {
		return floor
	}
	return part
}

// lift adds the floor that is a part of the mean of the eigenvalues of s to each, if any is below
// it: where none is far below zero that does what raise does, without a spectrum.
func lift(s *mat.SymDense, part float64) {
	floor := floorOf(s, part)
	if exceeds(s, floor) {
		return
	}
	for i := range s.SymmetricDim() {
		s.SetSym(i, i, s.At(i, i)+floor)
	}
}

// raise raises the eigenvalues of s that are below a part of their mean to it, and
// returns how many there were.
func raise(s *mat.SymDense, part float64) (raised int, err error) {
	floor := floorOf(s, part)
	if exceeds(s, floor) {
		return 0, nil // which takes a small part of the time of a spectrum
	}
	var e mat.EigenSym
	if !e.Factorize(s, true) {
		return 0, errors.New("gauss: the covariance of windows has no spectrum")
	}
	values := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	for k, v := range values {
		if v >= floor {
			continue
		}
		raised++
		column := vectors.ColView(k)
		s.SymRankOne(s, floor-v, column)
	}
	return raised, nil
}
