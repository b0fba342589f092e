package gauss

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/kernel"
	"tsgen/series"
)

const (
	// heldBack is the part of the windows of every series, the last, by which the
	// shrinkage is chosen; mostJudged bounds how many of them judge it.
	heldBack, mostJudged = 0.2, 60

	chunk = 256 // windows that are multiplied at a time

	// least is the floor of the eigenvalues of Σ, as a part of their mean.
	least = 1e-6
)

// Fit implements forecast.Model. The error wraps forecast.ErrMismatch if the panel
// is irregular or off its grid, and forecast.ErrTooShort if no series has four
// horizons.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	if err := errors.Join(m.Validate(), train.Validate()); err != nil {
		return err
	}
	if !train.Step.Regular() {
		return fmt.Errorf("gauss: %w: the times are not equally spaced, as a window needs them", forecast.ErrMismatch)
	}
	if opt.Horizon < 0 || opt.Season < 0 {
		return fmt.Errorf("gauss: horizon %d and season %d must not be negative", opt.Horizon, opt.Season)
	}
	f := &fitted{plan: plan{
		Options: m.Options, Channels: train.Channels, Step: train.Step, Axis: train.Axis,
		ID: train.IDColumn, Time: train.TimeColumn, Start: math.Inf(1),
	}}
	grids, err := f.read(train)
	if err != nil {
		return err
	}
	if err := f.choose(grids, opt, cmp.Or(opt.Season, train.Season())); err != nil {
		return err
	}
	if m.Copula {
		f.margins = make([]margin, f.width())
		for j := range f.margins {
			var values []float64
			for _, g := range grids {
				for k := j; k < len(g); k += f.width() {
					if !math.IsNaN(g[k]) {
						values = append(values, g[k])
					}
				}
			}
			f.margins[j] = newMargin(values)
		}
		for _, g := range grids {
			for k, x := range g {
				g[k] = f.margins[k%f.width()].score(x)
			}
		}
	}
	if err := f.estimate(ctx, grids); err != nil {
		return err
	}
	m.fit = f
	return nil
}

// read returns the grids of all series in units of their own levels, which it
// remembers.
func (f *fitted) read(train *series.Panel) (grids [][]float64, err error) {
	width := f.width()
	for _, s := range train.Series {
		if s.Len() < 2 {
			continue
		}
		grid, _, err := train.Grid(s)
		if err != nil {
			return nil, fmt.Errorf("gauss: %w: %w", forecast.ErrMismatch, err)
		}
		level, err := levels(grid, width)
		if err != nil {
			continue // too short to learn from
		}
		for k := range grid {
			j := k % width
			grid[k] = (grid[k] - level[j]) / level[width+j]
		}
		grids, f.bank = append(grids, grid), append(f.bank, level...)
		f.Start = math.Min(f.Start, s.Times[0])
		f.Usual = max(f.Usual, len(grid)/width)
	}
	return grids, nil
}

// choose sets horizon and lookback.
func (f *fitted) choose(grids [][]float64, opt forecast.FitOptions, season int) error {
	f.Horizon = opt.Horizon
	if f.Horizon == 0 {
		f.Horizon = max(1, f.Usual/10)
		if season > 1 && 6*season <= f.Usual {
			f.Horizon = 2 * season
		}
	}
	// Four windows next to each other are the least from which covariances can be
	// told; horizons longer than the lookback are covered piece by piece.
	most := min(f.Usual/2, MostValues/f.width())
	f.Horizon = min(f.Horizon, most/2)
	if f.Horizon < 1 {
		return fmt.Errorf("gauss: %w: the longest series has %d steps of %d channels", forecast.ErrTooShort, f.Usual, f.width())
	}
	f.Lookback = f.Options.Lookback
	if f.Lookback == 0 {
		f.Lookback = max(2*season, 2*f.Horizon)
	}
	f.Lookback = max(f.Horizon, min(f.Lookback, most-f.Horizon))
	return nil
}

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

// gather returns the moments of the windows of grids that begin in the part of each
// grid between from and to, 0 to 1, with their levels taken out if they are free.
func (f *fitted) gather(grids [][]float64, from, to float64, free bool) *moments {
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
	for _, g := range grids {
		begins := len(g)/width - f.length() + 1
		for t := int(math.Ceil(from * float64(begins))); t < int(math.Ceil(to*float64(begins))); t++ {
			w := g[t*width : t*width+n]
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
			}
		}
	}
	flush()
	return m
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

// blend returns (1-λ) S + λ T, with the covariances of the levels if these were
// taken out.
func (f *fitted) blend(m *moments, lambda float64) *mat.SymDense {
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
	s := mat.NewSymDense(n, nil)
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
			s.SetSym(i, j, (1-lambda)*own+lambda*stationary+level)
		}
	}
	return s
}

// raise raises the eigenvalues of s that are below the floor to it, and returns how
// many there were.
func raise(s *mat.SymDense) (raised int, err error) {
	n := s.SymmetricDim()
	floor := least * mat.Trace(s) / float64(n)
	if !(floor > 0) {
		floor = least
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

// estimate sets the covariance.
func (f *fitted) estimate(ctx context.Context, grids [][]float64) error {
	judges := f.judges(grids)
	best := math.Inf(-1)
	f.Shrink = 1
	var chosen *moments
	for _, free := range []bool{false, true} {
		learned := f.gather(grids, 0, 1-heldBack, free)
		for _, lambda := range []float64{1, 0.7, 0.4, 0.2, 0.1, 0.03} {
			if err := ctx.Err(); err != nil {
				return err
			}
			f.cov = f.blend(learned, lambda)
			if _, err := raise(f.cov); err != nil {
				return err
			}
			if err := f.prepare(); err != nil {
				continue
			}
			if l := f.judge(judges); l > best || chosen == nil {
				best, f.Shrink, f.Free, chosen = l, lambda, free, learned
			}
		}
	}
	if chosen == nil {
		return errors.New("gauss: the covariance of windows is not positive definite")
	}
	chosen.add(f.gather(grids, 1-heldBack, 1, f.Free))
	f.cov = f.blend(chosen, f.Shrink)
	var err error
	if f.Raised, err = raise(f.cov); err != nil {
		return err
	}
	return f.prepare()
}

// judges returns windows that were held back and have all their values.
func (f *fitted) judges(grids [][]float64) [][]float64 {
	n, width := f.values(), f.width()
	var all [][]float64
	for _, g := range grids {
		begins := len(g)/width - f.length() + 1
		for t := int(math.Ceil((1 - heldBack) * float64(begins))); t < begins; t++ {
			w := g[t*width : t*width+n]
			whole := true
			for _, v := range w {
				whole = whole && !math.IsNaN(v)
			}
			if whole {
				all = append(all, w)
			}
		}
	}
	if len(all) <= mostJudged {
		return all
	}
	some := make([][]float64, mostJudged)
	for i := range some {
		some[i] = all[i*len(all)/mostJudged]
	}
	return some
}

// judge returns the log-density of the horizons of windows given their lookbacks.
func (f *fitted) judge(windows [][]float64) float64 {
	past, n := f.past(), f.values()
	var chol mat.Cholesky
	if !chol.Factorize(f.after) {
		return math.Inf(-1)
	}
	sum := -0.5 * float64(len(windows)) * chol.LogDet()
	for _, w := range windows {
		var d, u mat.VecDense
		d.MulVec(f.gain, mat.NewVecDense(past, w[:past]))
		d.SubVec(mat.NewVecDense(n-past, w[past:]), &d)
		if err := chol.SolveVecTo(&u, &d); err != nil {
			return math.Inf(-1)
		}
		sum -= 0.5 * mat.Dot(&d, &u)
	}
	return sum
}
