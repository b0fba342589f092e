package gauss

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/extent"
	"tsgen/internal/magnitude"
	"tsgen/internal/support"
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
	f := &fitted{config: config{
		Options: m.Options, Channels: train.Channels, Step: train.Step, Axis: train.Axis,
		ID: train.IDColumn, Time: train.TimeColumn, Start: math.Inf(1),
	}}
	f.Support = support.Of(train)
	f.Lengths = extent.Of(train, mostGenerated)
	scaled, scales := magnitude.Rescale(train)
	grids, starts, err := f.read(scaled)
	if err != nil {
		return err
	}
	if scales != nil {
		scales.Restore(f.bank)
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
	if err := f.learnShapes(grids); err != nil {
		return err
	}
	if err := f.learnRest(ctx, train, scaled, grids, starts, train.SeasonsBeside(opt.Season)); err != nil {
		return err
	}
	m.fit = f
	return nil
}

// read returns the grids of all series in units of their own levels, which it
// remembers, and the coordinates that they begin at.
func (f *fitted) read(train *series.Panel) (grids [][]float64, starts []int, err error) {
	width := f.width()
	for _, s := range train.Series {
		if s.Len() < 2 {
			continue
		}
		grid, _, err := train.Grid(s)
		if err != nil {
			return nil, nil, fmt.Errorf("gauss: %w: %w", forecast.ErrMismatch, err)
		}
		level, err := levels(grid, width)
		if err != nil {
			continue // too short to learn from
		}
		for k := range grid {
			j := k % width
			grid[k] = (grid[k] - level[j]) / level[width+j]
		}
		grids, starts, f.bank = append(grids, grid), append(starts, int(math.Round(train.Coordinate(s.Times[0])))), append(f.bank, level...)
		f.Start = math.Min(f.Start, s.Times[0])
		f.Usual = max(f.Usual, len(grid)/width)
		f.Steps += len(grid) / width
	}
	return grids, starts, nil
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
	// given; horizons longer than the lookback are covered piece by piece.
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

// estimate sets the covariance. If something is missing, that is drawn from the distribution
// that was chosen when it was drawn from another, and the choice is made again.
func (f *fitted) estimate(ctx context.Context, grids [][]float64) error {
	f.Shrink = 1
	records, gaps := f.records(grids)
	for pass := range passes {
		shrink, free := f.Shrink, f.Free
		whole := records
		if gaps > 0 {
			var err error
			if whole, err = f.complete(ctx, records, gaps); err != nil {
				return err
			}
		}
		if err := f.weigh(ctx, whole); err != nil || gaps < rare || pass > 0 && f.Shrink == shrink && f.Free == free {
			return err
		}
	}
	return nil
}

// weigh chooses the shrinkage, and whether the level is apart, and sets the
// covariance.
func (f *fitted) weigh(ctx context.Context, records []record) error {
	judges := f.judges(records)
	best := math.Inf(-1)
	var chosen *moments
	for _, free := range []bool{false, true} {
		learned, err := f.gather(ctx, records, 0, 1-heldBack, free)
		if err != nil {
			return err
		}
		own, stationary, err := f.definite(learned)
		if err != nil {
			return err
		}
		for _, lambda := range []float64{1, 0.7, 0.4, 0.2, 0.1, 0.03} {
			if err := ctx.Err(); err != nil {
				return err
			}
			f.cov = blend(own, stationary, lambda)
			lift(f.cov, least)
			if err := f.prepare(); err != nil {
				continue
			}
			if l, square := f.judge(judges); l > best || chosen == nil {
				best, f.Shrink, f.Free, chosen, f.Square = l, lambda, free, learned, square
			}
		}
	}
	if chosen == nil {
		return errors.New("gauss: the covariance of windows is not positive definite")
	}
	rest, err := f.gather(ctx, records, 1-heldBack, 1, f.Free)
	if err != nil {
		return err
	}
	chosen.add(rest)
	own, stationary, err := f.definite(chosen)
	if err != nil {
		return err
	}
	f.cov = blend(own, stationary, f.Shrink)
	lift(f.cov, least)
	return f.prepare()
}

// definite returns the covariances of the moments, with the eigenvalues of the stationary one
// raised, whose means over places are those of no covariance. A blend with the other, which is
// positive semidefinite, then needs no spectrum of its own.
func (f *fitted) definite(m *moments) (own, stationary *mat.SymDense, err error) {
	own, stationary = f.covariances(m)
	f.Raised, err = raise(stationary, least)
	return own, stationary, err
}

// A judged window was held back; seen says what of its horizon was observed, nil
// that all was.
type judged struct {
	w    []float64
	seen []bool
}

// judges returns windows that were held back.
func (f *fitted) judges(records []record) []judged {
	n, past := f.values(), f.past()
	var all []judged
	for _, r := range records {
		for _, at := range r.begins(f, 1-heldBack, 1) {
			j := judged{w: r.z[at : at+n]}
			if r.seen != nil {
				j.seen = r.seen[at+past : at+n]
			}
			all = append(all, j)
		}
	}
	if len(all) <= mostJudged {
		return all
	}
	some := make([]judged, mostJudged)
	for i := range some {
		some[i] = all[i*len(all)/mostJudged]
	}
	return some
}

// judge returns the log-density of what was observed of the horizons of windows
// given their lookbacks, but for a constant, and the mean square of the errors of those observed throughout, in
// deviations, of which farthest is the most that one counts for.
func (f *fitted) judge(windows []judged) (density, square float64) {
	past, n := f.past(), f.values()
	var chol mat.Cholesky
	if !chol.Factorize(f.after) {
		return math.Inf(-1), 1
	}
	var whole []float64 // errors of windows whose horizons were observed, one after the other
	for _, w := range windows {
		var d mat.VecDense
		d.MulVec(f.gain, mat.NewVecDense(past, w.w[:past]))
		d.SubVec(mat.NewVecDense(n-past, w.w[past:]), &d)
		seen := indices(w.seen)
		if w.seen == nil || len(seen) == n-past {
			whole = append(whole, d.RawVector().Data...)
			continue
		}
		if len(seen) == 0 {
			continue
		}
		var of mat.Cholesky
		if !of.Factorize(part(f.after, seen)) {
			return math.Inf(-1), 1
		}
		some := mat.NewDense(1, len(seen), nil)
		for i, k := range seen {
			some.Set(0, i, d.AtVec(k))
		}
		density += logDensity(&of, some)
	}
	if len(whole) == 0 {
		return density, 1
	}
	for i, e := range whole {
		k := i % (n - past)
		square += min(e*e/f.after.At(k, k), farthest*farthest) / float64(len(whole))
	}
	return density + logDensity(&chol, mat.NewDense(len(whole)/(n-past), n-past, whole)), square
}

// logDensity returns the sum of the log-densities of rows under the Gaussian of mean zero whose
// covariance is factorized, but for a constant; -Inf if it is singular.
func logDensity(of *mat.Cholesky, rows *mat.Dense) float64 {
	var lower mat.TriDense
	var white mat.Dense
	of.LTo(&lower)
	if err := lower.SolveTo(&white, false, rows.T()); err != nil {
		return math.Inf(-1)
	}
	count, _ := rows.Dims()
	squares := mat.Norm(&white, 2)
	return -0.5 * (float64(count)*of.LogDet() + squares*squares)
}

// indices returns where is is true.
func indices(is []bool) []int {
	var at []int
	for k, yes := range is {
		if yes {
			at = append(at, k)
		}
	}
	return at
}

// part returns the rows and columns at of s.
func part(s mat.Symmetric, at []int) *mat.SymDense {
	p := mat.NewSymDense(len(at), nil)
	for i, a := range at {
		for j := i; j < len(at); j++ {
			p.SetSym(i, j, s.At(a, at[j]))
		}
	}
	return p
}
