package baseline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tsgen/forecast"
	"tsgen/internal/effects"
	"tsgen/internal/kernel"
	"tsgen/series"
)

const (
	// mostWindows bounds the windows that are learned from and those that are
	// held back: of more, every second, third, ... is used.
	mostWindows = 1 << 16

	// longestLookback is the longest that is tried unless another is asked for.
	longestLookback = 512

	// chunk is how many windows are multiplied at a time.
	chunk = 256
)

// A record is one channel of one series to learn from: its values without gaps,
// which of them were observed, and its unit.
type record struct {
	y    []float64
	seen []bool
	unit float64
}

// observations returns the values with NaN for the gaps.
func (r record) observations() []float64 {
	y := slices.Clone(r.y)
	for t, seen := range r.seen {
		if !seen {
			y[t] = math.NaN()
		}
	}
	return y
}

// Fit implements forecast.Model. Of each channel of each series the last
// horizon and an eighth of what there is are held back to choose by; the final
// map is that of all windows. The error wraps forecast.ErrMismatch if the panel
// is irregular or off its grid, and forecast.ErrTooShort if no series is long
// enough for a window to learn from and one to hold back.
func (m *LinearMap) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	f, err := m.learn(ctx, train, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", LinearMapName, err)
	}
	m.fit = f
	return nil
}

func (m *LinearMap) learn(ctx context.Context, train *series.Panel, opt forecast.FitOptions) (*linearFit, error) {
	if err := cmp.Or(m.Validate(), train.Validate(), checkRegular(train, "a linear map")); err != nil {
		return nil, err
	}
	f := &linearFit{Season: shortest(seasons(m.Season, opt.Season, train)), Step: train.Step}
	if f.Season > maxLead || opt.Season < 0 {
		return nil, fmt.Errorf("a season of %d steps, want 1 to %d, or 0 for the usual one", f.Season, maxLead)
	}
	if !m.Bare {
		var err error
		if train, err = effects.Without(ctx, train, seasons(m.Season, opt.Season, train)); err != nil {
			return nil, err
		}
	}
	records, err := newRecords(train, f.Season)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("%w: no series with values that change", forecast.ErrTooShort)
	}
	lengths := make([]int, len(records))
	for i, r := range records {
		lengths[i] = len(r.y)
	}
	slices.Sort(lengths)
	typical := lengths[len(lengths)/2]
	if f.Horizon = opt.Horizon; f.Horizon == 0 {
		f.Horizon = max(1, typical/10)
		if f.Season > 1 {
			f.Horizon = 2 * f.Season
		}
	}
	if f.Horizon < 0 || f.Horizon > maxHorizon {
		return nil, fmt.Errorf("a horizon of %d steps, want 1 to %d", f.Horizon, maxHorizon)
	}
	lookbacks := m.lookbacks(f.Season, f.Horizon, typical)
	longest := lookbacks[len(lookbacks)-1]
	all := split(records, longest, f.Horizon, f.Season)
	if len(all.learned) == 0 || len(all.held) == 0 {
		return nil, fmt.Errorf("%w: no series is long enough for a lookback of %d steps, a horizon of %d and as much held back",
			forecast.ErrTooShort, longest, f.Horizon)
	}

	learned, err := newNormal(ctx, all.learned, longest, f.Horizon)
	if err != nil {
		return nil, err
	}
	held, err := newNormal(ctx, all.held, longest, f.Horizon)
	if err != nil {
		return nil, err
	}
	ridges := []float64{1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10}
	if m.Ridge > 0 {
		ridges = []float64{m.Ridge}
	}
	least := math.Inf(1)
	var best []float64
	for _, lookback := range lookbacks {
		for _, ridge := range ridges {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			w := learned.solve(lookback, ridge)
			if w == nil {
				continue
			}
			if loss := held.loss(w, lookback); loss < least {
				least, best, f.Lookback, f.Ridge = loss, w, lookback, ridge
			}
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: the equations have no finite solution; are values of very different size in one series?", forecast.ErrMismatch)
	}
	f.sd = errorsOf(all.held, best, f.Lookback, f.Horizon)
	straddling, err := newNormal(ctx, all.straddling, longest, f.Horizon)
	if err != nil {
		return nil, err
	}
	learned.add(held)
	learned.add(straddling)
	if f.weights = learned.solve(f.Lookback, f.Ridge); f.weights == nil {
		f.weights = best
	}
	n := 0.0
	for _, r := range records {
		if own, horizons := f.spread(r.observations(), r.y, r.unit); horizons > 0 {
			f.Spread, n = f.Spread+own, n+1
		}
	}
	if n > 0 {
		f.Spread /= n
	}
	return f, nil
}

// newRecords returns the channels of the series of p that have two different
// values.
func newRecords(p *series.Panel, season int) ([]record, error) {
	var records []record
	for _, s := range p.Series {
		if s.Len() == 0 {
			continue
		}
		grid, _, err := p.Grid(s)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
		}
		for c := range p.Width() {
			y := series.Column(grid, c, p.Width())
			if observed(y) < 2 {
				continue
			}
			y, _ = trim(y)
			r := record{y: fill(y, season), seen: make([]bool, len(y)), unit: unitOf(y, season)}
			for t, v := range y {
				r.seen[t] = isObserved(v)
			}
			if r.unit > 0 {
				records = append(records, r)
			}
		}
	}
	return records, nil
}

// lookbacks returns those that are tried, in increasing order: what leaves
// typical series with some windows to learn from.
func (m *LinearMap) lookbacks(season, horizon, typical int) []int {
	if m.Lookback > 0 {
		return []int{m.Lookback}
	}
	most := min(longestLookback, (typical-heldBack(typical, horizon)-horizon)/2)
	all := []int{horizon, 2 * horizon}
	for _, k := range []int{1, 2, 3, 4, 7, 14} {
		all = append(all, k*season)
	}
	if season == 1 {
		all = append(all, 10, 20, 40, 80)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	all = slices.DeleteFunc(all, func(l int) bool { return l > most })
	if len(all) == 0 {
		return []int{max(1, most)}
	}
	return all
}

// heldBack returns how many of n values are held back.
func heldBack(n, horizon int) int { return horizon + n/8 }

// A window is a place in a record from which is forecast.
type window struct {
	*record
	t int
}

// windows are all those of some records: with values to forecast that are
// learned from, that are held back, and that are of both kinds.
type windows struct{ learned, held, straddling []window }

// split finds the windows.
func split(records []record, lookback, horizon, season int) windows {
	var all windows
	for i := range records {
		r := &records[i]
		begin := len(r.y) - heldBack(len(r.y), horizon)
		for t := lookback; t+horizon < len(r.y); t++ {
			switch w := (window{r, t}); {
			case t+horizon < begin:
				all.learned = append(all.learned, w)
			case t+1 >= begin:
				all.held = append(all.held, w)
			default:
				all.straddling = append(all.straddling, w)
			}
		}
	}
	all.learned, all.held, all.straddling = thin(all.learned, season), thin(all.held, season), thin(all.straddling, season)
	return all
}

// thin keeps one in two, three, ... of too many windows.
func thin(w []window, season int) []window {
	every := (len(w) + mostWindows - 1) / mostWindows
	if every <= 1 {
		return w
	}
	var kept []window
	for i := range w {
		if isKept(i, every, season) {
			kept = append(kept, w[i])
		}
	}
	return kept
}

// isKept thins what comes in steps to one in every so that all places in the
// season keep alike: each season begins one step later than the one before.
func isKept(i, every, season int) bool { return (i%season+i/season)%every == 0 }

// targets fills z with what followed window w, less its last value, in units.
func (w window) targets(z []float64) {
	for h := range z {
		z[h] = (w.y[w.t+1+h] - w.y[w.t]) / w.unit
	}
}

// normal holds the normal equations of some windows: X'X, X'Z and the trace of
// Z'Z for their inputs X and targets Z. Those of a shorter lookback are a part of
// them.
type normal struct {
	inputs, outputs int
	xx, xz          []float64
	zz              float64
}

func newNormal(ctx context.Context, windows []window, lookback, horizon int) (*normal, error) {
	k := 1 + lookback
	n := &normal{inputs: k, outputs: horizon, xx: make([]float64, k*k), xz: make([]float64, k*horizon)}
	x, z := make([]float64, chunk*k), make([]float64, chunk*horizon)
	for part := range slices.Chunk(windows, chunk) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, w := range part {
			inputs(x[i*k:(i+1)*k], w.y, w.t, w.unit)
			w.targets(z[i*horizon : (i+1)*horizon])
		}
		rows := len(part)
		kernel.MulTN(n.xx, x[:rows*k], x[:rows*k], k, rows, k, true)
		kernel.MulTN(n.xz, x[:rows*k], z[:rows*horizon], k, rows, horizon, true)
		for _, v := range z[:rows*horizon] {
			n.zz += v * v
		}
	}
	return n, nil
}

// add adds the equations of other windows.
func (n *normal) add(o *normal) {
	for i, v := range o.xx {
		n.xx[i] += v
	}
	for i, v := range o.xz {
		n.xz[i] += v
	}
	n.zz += o.zz
}

// solve returns the weights, 1+lookback x outputs, that minimise the squared
// errors and the ridge, which the intercept is not subject to; nil if there are
// none that are finite.
func (n *normal) solve(lookback int, ridge float64) []float64 {
	k := 1 + lookback
	a := mat.NewSymDense(k, nil)
	trace := 0.0
	for i := range k {
		for j := i; j < k; j++ {
			a.SetSym(i, j, n.xx[i*n.inputs+j])
		}
		if i > 0 {
			trace += a.At(i, i)
		}
	}
	for i := 1; i < k; i++ {
		a.SetSym(i, i, a.At(i, i)+ridge*trace/float64(lookback))
	}
	var c mat.Cholesky
	if !c.Factorize(a) {
		return nil
	}
	w := mat.NewDense(k, n.outputs, nil)
	if err := c.SolveTo(w, mat.NewDense(k, n.outputs, n.xz[:k*n.outputs])); err != nil {
		return nil // too ill-conditioned to be trusted
	}
	data := w.RawMatrix().Data
	if !slices.ContainsFunc(data, isNotFinite) {
		return data
	}
	return nil
}

// loss returns the sum of the squared errors of the weights w on the windows of
// n.
func (n *normal) loss(w []float64, lookback int) float64 {
	k := 1 + lookback
	xx := make([]float64, k*k)
	for i := range k {
		copy(xx[i*k:(i+1)*k], n.xx[i*n.inputs:])
	}
	product := make([]float64, k*n.outputs)
	kernel.MulNN(product, xx, w, k, k, n.outputs, false)
	sum := n.zz
	for i, v := range w {
		sum += v * (product[i] - 2*n.xz[i])
	}
	return sum
}

// errorsOf returns the root mean square errors of the weights w on windows for
// each step ahead, in units. What was not observed does not count. They are
// raised for how few horizons next to each other the windows are of, and made
// not to fall from one step to the next.
func errorsOf(windows []window, w []float64, lookback, horizon int) []float64 {
	sum, count := make([]float64, horizon), make([]float64, horizon)
	x, z, out := make([]float64, 1+lookback), make([]float64, horizon), make([]float64, horizon)
	for _, win := range windows {
		inputs(x, win.y, win.t, win.unit)
		win.targets(z)
		kernel.MulNN(out, x, w, 1, len(x), horizon, false)
		for h := range out {
			if win.seen[win.t+1+h] {
				e := z[h] - out[h]
				sum[h] += e * e
				count[h]++
			}
		}
	}
	independent := math.Max(1, float64(len(windows))/float64(horizon))
	raise := 1 + 1/independent
	least := 0.0
	sd := make([]float64, horizon)
	for h := range sd {
		if count[h] > 0 {
			least = math.Max(least, math.Sqrt(raise*sum[h]/count[h]))
		}
		sd[h] = least
	}
	return sd
}
