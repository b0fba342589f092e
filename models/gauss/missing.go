package gauss

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

const (
	// passes is how often shrinkage and level are chosen if something is missing. One is enough,
	// with one round, if that is a part of all values below rare: so little do draws and
	// covariance then depend on each other.
	passes, rare = 3, 0.01

	// rounds is how often what is missing is drawn and the covariance estimated
	// again, at most; patience is how many multiplications that may take beyond
	// fewestRounds, which are also those of later passes.
	rounds, fewestRounds, patience = 10, 3, 2e10

	// Short series are completed up to mostDraws times, to have enoughWindows.
	mostDraws, enoughWindows = 8, 2000

	// vague is the floor of the eigenvalues, as a part of their mean, of the
	// covariance from which the first draws are.
	vague = 0.05

	// soft is the floor of those of any other that is drawn from: with less, draws
	// given values that the covariance takes for all but impossible run away where
	// windows are few, and the next covariance with them.
	soft = 5e-3

	// mostVariance bounds the mean variance of what is drawn from; that of what was
	// observed is 1.
	mostVariance = 2
)

// A record is the grid of a series, steps × channels, without gaps: what was not
// observed was drawn.
type record struct {
	z      []float64
	seen   []bool // what was observed; nil if all was
	sums   []int  // of what was observed before a value, one more than values
	fewest int    // observed values that a window must have to be learned from
}

// begins returns where in r.z the windows begin that are learned from and lie in the
// part of the record between from and to, 0 to 1.
func (r *record) begins(f *fitted, from, to float64) []int {
	n, width := f.values(), f.width()
	number := float64(len(r.z)/width - f.length() + 1)
	var at []int
	for t := int(math.Ceil(from * number)); t < int(math.Ceil(to*number)); t++ {
		if k := t * width; r.seen == nil || r.sums[k+n]-r.sums[k] >= r.fewest {
			at = append(at, k)
		}
	}
	return at
}

// records returns the records of grids, with NaN where nothing was observed, and
// the part of the values that these places are.
func (f *fitted) records(grids [][]float64) (all []record, gaps float64) {
	values, observed, missing, total := 0, 0, 0, 0
	for _, g := range grids {
		r := record{z: g}
		if slices.ContainsFunc(g, math.IsNaN) {
			r.seen, r.sums = make([]bool, len(g)), make([]int, len(g)+1)
		}
		seen := 0
		for k, x := range g {
			if !math.IsNaN(x) {
				seen++
			}
			if r.seen != nil {
				r.seen[k], r.sums[k+1] = !math.IsNaN(x), seen
			}
		}
		missing, total = missing+len(g)-seen, total+len(g)
		if len(g) >= f.values() {
			values, observed = values+len(g), observed+seen
		}
		all = append(all, r)
	}
	// A window with fewer than half of the values that windows have would be more
	// drawn than seen.
	windows := 0
	for i := range all {
		all[i].fewest = max(1, f.values()*observed/max(1, values)/2)
		windows += len(all[i].begins(f, 0, 1))
	}
	if windows == 0 { // what was observed is crowded at an end
		for i := range all {
			all[i].fewest = 0
		}
	}
	return all, float64(missing) / float64(max(1, total))
}

// complete returns the records with draws where nothing was observed, given what was
// observed around it. The covariance of windows is estimated from the draws, and so
// on: the EM algorithm for a Gaussian with missing values (Dempster, Laird and Rubin
// 1977) with draws in place of expectations (Wei and Tanner 1990). Draws have the
// variance that is left, so that the covariance of windows is that of windows, and
// positive semidefinite, whatever is missing; one of which each element is over other
// windows isn't, and what it takes for impossible may happen.
func (f *fitted) complete(ctx context.Context, records []record, gaps float64) ([]record, error) {
	values, windows := 0, 0
	for _, r := range records {
		values, windows = values+len(r.z), windows+max(0, len(r.z)/f.width()-f.length()+1)
	}
	times := fewestRounds
	if f.cov == nil {
		n := float64(f.values())
		times = min(rounds, max(fewestRounds, int(patience/(2*float64(values)*n*n))))
		m, err := f.gather(ctx, records, 0, 1, false)
		if err != nil {
			return nil, err
		}
		_, f.cov = f.covariances(m)
		if _, err := raise(f.cov, vague); err != nil {
			return nil, err
		}
	}
	if gaps < rare {
		times = 1
	}
	for round := range times {
		drawn, err := f.drawn(ctx, records, 1, uint64(round))
		if err != nil {
			return nil, err
		}
		m, err := f.gather(ctx, drawn, 0, 1, f.Free)
		if err != nil {
			return nil, err
		}
		own, stationary, err := f.definite(m)
		if err != nil {
			return nil, err
		}
		f.cov = blend(own, stationary, f.Shrink)
	}
	return f.drawn(ctx, records, min(mostDraws, max(1, enoughWindows/max(1, windows))), rounds)
}

// drawn returns some copies of the records with draws where nothing was observed.
func (f *fitted) drawn(ctx context.Context, records []record, copies int, round uint64) ([]record, error) {
	lift(f.cov, soft)
	// Where far more is drawn than was observed, draws of draws must not grow.
	if v := mat.Trace(f.cov) / float64(f.values()); v > mostVariance {
		f.cov.ScaleSym(mostVariance/v, f.cov)
	}
	var chol mat.Cholesky
	var precision mat.SymDense
	if !chol.Factorize(f.cov) {
		return nil, errors.New("gauss: the covariance of windows is not positive definite")
	}
	if err := chol.InverseTo(&precision); err != nil {
		return nil, fmt.Errorf("gauss: the covariance of windows: %w", err)
	}
	var all []record
	for i, r := range records {
		for c := range copies {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			d := r
			if r.seen != nil {
				d.z = slices.Clone(r.z)
				rng := rand.New(rand.NewPCG(round<<8|uint64(c), uint64(i)))
				if err := f.fill(d.z, &precision, rng); err != nil {
					return nil, err
				}
			}
			all = append(all, d)
		}
	}
	return all, nil
}

// fill draws what is missing of z, the middle half of a window at a time, given what
// the window has, earlier draws included. precision is the inverse of the covariance of
// windows.
func (f *fitted) fill(z []float64, precision *mat.SymDense, rng *rand.Rand) error {
	width, length := f.width(), f.length()
	steps := len(z) / width
	for from := -(length / 4); ; from += max(1, length/2) {
		begin := max(0, min(from, steps-length))
		last := from+length >= steps
		end := begin + max(1, 3*length/4)
		if last {
			end = begin + length
		}
		var ask []int
		for k := begin * width; k < min(end*width, len(z)); k++ {
			if math.IsNaN(z[k]) {
				ask = append(ask, k-begin*width)
			}
		}
		if len(ask) > 0 {
			w := f.window(z, begin, begin+length)
			if err := drawMissing(w, precision, rng); err != nil {
				return err
			}
			for _, k := range ask {
				z[begin*width+k] = w[k]
			}
		}
		if last {
			return nil
		}
	}
}

// drawMissing sets the NaN of a window to a draw given the others: with the precision Λ
// of a window the distribution of the places m given the places o is
// N(-Λmm⁻¹ Λmo x, Λmm⁻¹), so that little is to be solved if little is missing.
func drawMissing(w []float64, precision *mat.SymDense, rng *rand.Rand) error {
	var missing []int
	for k, x := range w {
		if math.IsNaN(x) {
			missing = append(missing, k)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(part(precision, missing)) {
		return errors.New("gauss: the precision of what is missing in a window is not positive definite")
	}
	pull, e := mat.NewVecDense(len(missing), nil), mat.NewVecDense(len(missing), nil)
	for i, a := range missing {
		sum := 0.0
		for k, x := range w {
			if !math.IsNaN(x) {
				sum -= precision.At(a, k) * x
			}
		}
		pull.SetVec(i, sum)
		e.SetVec(i, rng.NormFloat64())
	}
	var mean, noise mat.VecDense
	var upper mat.TriDense
	chol.UTo(&upper)
	err := chol.SolveVecTo(&mean, pull)
	if err == nil {
		err = noise.SolveVec(&upper, e)
	}
	if err != nil {
		return fmt.Errorf("gauss: the precision of what is missing in a window: %w", err)
	}
	for i, k := range missing {
		w[k] = mean.AtVec(i) + noise.AtVec(i)
	}
	return nil
}
