package statespace

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"tsgen/internal/kernel"
)

// A wave is a harmonic of a season.
type wave struct {
	period float64
	number int
}

func (w wave) frequency() float64 { return float64(w.number) / w.period }

// single reports whether the wave is at half a turn a step, where sine and cosine are
// one.
func (w wave) single() bool { return 2*float64(w.number) == w.period }

const (
	// mostDaily is the most harmonics of the shortest of several seasons, and of each
	// season that is no multiple of it; a multiple has those at which the shape of the
	// shorter season changes as well, as far as its last harmonic and mostAside farther.
	mostDaily, mostAside = 12, 3

	// mostYearly is the most harmonics of a season that is no multiple of the shortest.
	mostYearly = 16
)

// wavesOf returns the harmonics of some seasons, the shortest first, that n steps can
// tell apart: those of each season in turn, without those that an earlier season has.
func wavesOf(periods []float64, n int) []wave {
	var all []wave
	for i, p := range periods {
		if 3*p > 2*float64(n) {
			continue
		}
		most := mostDaily
		if i > 0 {
			most = mostYearly
			if q := p / periods[0]; q == math.Trunc(q) {
				most = int(q)*min(mostDaily, int(periods[0]/2)) + mostAside
			}
		}
		for h := 1; h <= most && 2*float64(h) <= p; h++ {
			w := wave{p, h}
			if !slices.ContainsFunc(all, func(o wave) bool { return math.Abs(o.frequency()-w.frequency())*float64(n) < 0.5 }) {
				all = append(all, w)
			}
		}
	}
	return all
}

// columns returns the wave's regressors at n steps from first on, of variance one.
func (w wave) columns(first float64, n int) [][]float64 {
	cos, sin := make([]float64, n), make([]float64, n)
	for i := range cos {
		x := w.frequency() * (first + float64(i))
		sin[i], cos[i] = math.Sincos(2 * math.Pi * (x - math.Floor(x)))
	}
	if w.single() {
		return [][]float64{cos}
	}
	floats.Scale(math.Sqrt2, cos)
	floats.Scale(math.Sqrt2, sin)
	return [][]float64{cos, sin}
}

// rounds is how often the harmonics are chosen for the autocorrelations of what the last
// choice leaves.
const rounds = 2

// several returns the regression of y on the harmonics of several seasons, or of one that
// is not whole, and its columns, which reach lead steps beyond y; nil if there is none. Of
// the slope and the harmonics those are taken that add most, as many as have the least AICc
// under the autocorrelations of the errors that they leave. always are the columns that are
// taken in any case.
func (r *regressing) several(y []float64, lead int, first float64, always [][]float64) (*gls, recipe, [][]float64) {
	n := 0.0
	for _, v := range y {
		if !math.IsNaN(v) {
			n++
		}
	}
	columns, groups, waves := candidates(r.periods, len(y), lead, int(n), first, always)
	some := columns
	var by recipe
	g := newGLS(nil, newDirect(y, some, 0), ridge)
	for range rounds {
		if g == nil {
			return nil, by, nil
		}
		partial := r.partial(g.left(y, some))
		whole := newGLS(partial, newDirect(y, columns, len(partial)), ridge)
		if whole == nil {
			return nil, by, nil
		}
		some, by.waves = nil, nil
		for _, i := range whole.best(groups, n, criterion) {
			if k := i - len(groups) + len(waves); k >= 0 {
				by.waves = append(by.waves, waves[k])
			} else if i > 0 {
				by.waves = append(by.waves, wave{})
			}
			for _, j := range groups[i] {
				some = append(some, columns[j])
			}
		}
		g = newGLS(partial, newDirect(y, some, len(partial)), ridge)
	}
	if g == nil {
		return nil, by, nil
	}
	partial := r.partial(g.left(y, some))
	return newGLS(partial, newDirect(y, some, len(partial)), ridge), by, some
}

// strongest returns the harmonics of the periods that y, in steps of one, has most of: so many
// at most, as many as have the least AICc in a regression.
func strongest(y []float64, periods []float64, first float64, most int) []wave {
	n := 0.0
	for _, v := range y {
		if !math.IsNaN(v) {
			n++
		}
	}
	columns, groups, waves := candidates(periods, len(y), 0, int(n), first, [][]float64{slices.Repeat([]float64{1}, len(y))})
	r := &regressing{}
	g := newGLS(nil, newDirect(y, columns, 0), ridge)
	if g != nil {
		partial := r.partial(g.left(y, columns))
		g = newGLS(partial, newDirect(y, columns, len(partial)), ridge)
	}
	if g == nil {
		return nil
	}
	chosen := []wave{}
	for _, i := range g.best(groups, n, criterion) {
		// The first groups are those always taken and the slope.
		if k := i - len(groups) + len(waves); k >= 0 && len(chosen) < most {
			chosen = append(chosen, waves[k])
		}
	}
	return chosen
}

// candidates returns the columns of a regression of so many steps and lead more, those always
// taken first, which of them go together, no more than a third of the n values, and the harmonics
// of the last groups.
func candidates(periods []float64, steps, lead, n int, first float64, always [][]float64) (columns [][]float64, groups [][]int, waves []wave) {
	columns = slices.Clone(always)
	groups = [][]int{all(len(always))}
	add := func(some ...[]float64) bool {
		if 3*(len(columns)+len(some)) > n {
			return false
		}
		group := all(len(some))
		for i := range group {
			group[i] += len(columns)
		}
		groups, columns = append(groups, group), append(columns, some...)
		return true
	}
	add(slopeColumn(steps+lead, steps))
	waves = wavesOf(periods, steps)
	// Where not all have room, the lowest of each season have.
	slices.SortStableFunc(waves, func(a, b wave) int { return a.number - b.number })
	for i, w := range waves {
		if !add(w.columns(first, steps+lead)...) {
			return columns, groups, waves[:i]
		}
	}
	return columns, groups, waves
}

// slopeColumn returns a slope of n steps, of variance one over those of the past.
func slopeColumn(n, past int) []float64 {
	slope := make([]float64, n)
	for i := range slope {
		slope[i] = (2*float64(i)/float64(past) - 1) * math.Sqrt(3)
	}
	return slope
}

// partial returns the partial autocorrelations of errors, of as many lags as are asked for
// or have the least AICc.
func (r *regressing) partial(errors []float64) []float64 {
	lags := []int{r.Lags}
	if r.Lags == 0 {
		lags = all(MostLags + 1)
	}
	n := 0.0
	for _, e := range errors {
		if !math.IsNaN(e) {
			n++
		}
	}
	ones := slices.Repeat([]float64{1}, len(errors))
	best := math.Inf(1)
	var chosen []float64
	for _, p := range lags {
		d := newDesign([][]float64{errors, ones}, p)
		partial := mostLikely(d, p)
		g := newGLS(partial, d, ridge)
		if g == nil || float64(p)+4 > n {
			continue
		}
		if c := criterion(-2*g.logL, float64(p+2), n); c < best {
			best, chosen = c, partial
		}
	}
	return chosen
}

// criterion returns the AICc of a number of free parameters.
func criterion(deviance, free, n float64) float64 {
	return deviance + 2*free*n/math.Max(1, n-free-1)
}

// left returns what the regression on the columns leaves of y.
func (g *gls) left(y []float64, columns [][]float64) []float64 {
	e := slices.Clone(y)
	for j, x := range columns {
		floats.AddScaled(e, -g.beta[j], x[:len(y)])
	}
	return e
}

// best returns the first group of columns and, in order, those others that add most to the
// regression of n values, as many as have the least of a criterion.
func (g *gls) best(groups [][]int, n float64, criterion func(deviance, free, n float64) float64) []int {
	k := len(g.beta)
	var precision, covariance mat.SymDense
	g.chol.ToSym(&precision)
	if err := g.chol.InverseTo(&covariance); err != nil {
		return all(len(groups))
	}
	// What a group adds, for each of its columns: b'C⁻¹b.
	gain := make([]float64, len(groups))
	for i, group := range groups {
		c := mat.NewSymDense(len(group), nil)
		b := mat.NewVecDense(len(group), nil)
		for a, p := range group {
			b.SetVec(a, g.beta[p])
			for d, q := range group[:a+1] {
				c.SetSym(a, d, covariance.At(p, q))
			}
		}
		var chol mat.Cholesky
		var x mat.VecDense
		if chol.Factorize(c) && chol.SolveVecTo(&x, b) == nil {
			gain[i] = mat.Dot(b, &x) / float64(len(group))
		}
	}
	ranked := all(len(groups))
	slices.SortStableFunc(ranked[1:], func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
	var order []int
	for _, i := range ranked {
		order = append(order, groups[i]...)
	}
	// One factor of the columns in that order has the sums of squares of all choices.
	var cross mat.VecDense
	cross.MulVec(&precision, mat.NewVecDense(k, g.beta))
	ordered, explained := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	square := g.sigma2 * n
	for a, p := range order {
		square += cross.AtVec(p) * g.beta[p]
		explained.SetVec(a, cross.AtVec(p))
		for b, q := range order[:a+1] {
			ordered.SetSym(a, b, precision.At(p, q))
		}
	}
	var chol mat.Cholesky
	var lower mat.TriDense
	if !chol.Factorize(ordered) {
		return all(len(groups))
	}
	chol.LTo(&lower)
	if err := explained.SolveVec(&lower, explained); err != nil {
		return all(len(groups))
	}
	best, most, at := math.Inf(1), 0, 0
	for rank, i := range ranked {
		for range groups[i] {
			square -= explained.AtVec(at) * explained.AtVec(at)
			at++
		}
		free := float64(at + len(g.phi) + 1)
		if c := criterion(n*math.Log(math.Max(square, 1e-300)/n), free, n); c < best {
			best, most = c, rank+1
		}
	}
	return ranked[:most]
}

// newDirect returns a design whose sums of products are made for given autocorrelations
// alone: what is less work than those of all lags if there are many columns and few φ.
func newDirect(y []float64, columns [][]float64, lags int) *design {
	d := &design{columns: [][]float64{y}, lags: lags}
	for _, x := range columns {
		d.columns = append(d.columns, x[:len(y)])
	}
	d.settle()
	return d
}

// direct returns what products does, from the innovations themselves.
func (d *design) direct(phi []float64) []float64 {
	const chunk = 256 // rows at a time
	k := len(d.columns)
	square, rows, n := make([]float64, k*k), make([]float64, chunk*k), 0
	for t, settled := range d.settled {
		if settled {
			for j, x := range d.columns {
				v := x[t]
				for i, f := range phi {
					v -= f * x[t-1-i]
				}
				rows[n*k+j] = v
			}
			n++
		}
		if n == chunk || t == len(d.settled)-1 {
			kernel.MulTN(square, rows[:n*k], rows[:n*k], k, n, k, true)
			n = 0
		}
	}
	var sums []float64
	for i := range k {
		sums = append(sums, square[i*k+i:(i+1)*k]...)
	}
	return sums
}
