package boost

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/option"
	"tsgen/models/trees"
	"tsgen/series"
)

const (
	// leastRows is the number of rows without which nothing is learned.
	leastRows = 20

	// eachOrigin is the number of steps of a horizon that are learned of each origin at most.
	eachOrigin = 4

	// part and featurePart are those of the rows and the features that a tree is learned
	// from, bins those of a feature.
	part, featurePart = 0.6, 0.6
	bins              = 63
)

// Fit learns the trees from origins all over the past of every series. If ctx ends, its
// error is returned. The error wraps forecast.ErrTooShort if the series are too short, and
// forecast.ErrMismatch if times are not equally spaced.
func (m *Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	l, err := m.learn(train, opt)
	if err != nil {
		return err
	}
	all, err := trees.FitQuantiles(ctx, l.rows, levels(), l.boosting(opt.Seed))
	if err != nil {
		return fmt.Errorf("%s: %w", Kind, err)
	}
	if l.Wider, err = l.wider(ctx, opt.Seed); err != nil {
		return fmt.Errorf("%s: %w", Kind, err)
	}
	m.config, m.lines, m.quantiles = l.config, l.lines, all
	return nil
}

// learning is what trees are learned from.
type learning struct {
	*config
	lines [][]float64
	rows  trees.Table // of targets less what lines say
	from  []place     // of the rows
}

// A place is where a row comes from: a step so many after an origin of a series, which has so many steps.
type place struct{ series, origin, lead, steps int }

// boosting returns how they are.
func (l *learning) boosting(seed uint64) trees.BoostOptions {
	return trees.BoostOptions{
		Trees: l.Options.Trees, Leaves: l.Options.Leaves, Rate: l.Options.Rate, Bins: bins,
		LeastRow: max(2, min(20, len(l.rows.Y)/50)), Part: part, FeaturePart: featurePart, Seed: seed,
	}
}

// learn decides all but the trees.
func (m *Model) learn(train *series.Panel, opt forecast.FitOptions) (*learning, error) {
	if err := m.Options.Validate(); err != nil {
		return nil, err
	}
	c, records, err := newConfig(m.Options, train, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Kind, err)
	}
	t, from := c.table(records, opt.Seed)
	if len(t.Y) < leastRows {
		return nil, fmt.Errorf("%s: %w: the series have %d values after a season, want %d", Kind, forecast.ErrTooShort, len(t.Y), leastRows)
	}
	if far := slices.MaxFunc(from, func(a, b place) int { return a.lead - b.lead }).lead; far*blocks <= c.Horizon && far < c.Horizon {
		return nil, fmt.Errorf("%s: %w: the series reach %d steps beyond a season, which is too little to tell of %d steps ahead; shorten the horizon",
			Kind, forecast.ErrTooShort, far, c.Horizon)
	}
	l := &learning{config: c, rows: t, from: from}
	l.straighten()
	return l, nil
}

// straighten learns the lines and takes what they say out of the targets.
func (l *learning) straighten() {
	l.lines = l.learnLines(l.rows, l.from)
	for i := range l.rows.Y {
		l.rows.Y[i] -= l.said(i)
	}
}

// said returns what the lines say of a row.
func (l *learning) said(i int) float64 { return l.line(l.lines, l.row(i), l.from[i].lead) }

// row returns the features of a row.
func (l *learning) row(i int) []float64 {
	return l.rows.X[i*l.rows.Columns : (i+1)*l.rows.Columns]
}

// Problem is what the trees of a fit are learned from, for a comparison with other
// learners: Learned are its rows, Ahead those of the horizon after them, and Levels those
// of the quantiles, which Options say how to learn.
type Problem struct {
	Learned, Ahead trees.Table
	Levels         []float64
	Options        trees.BoostOptions
}

// NewProblem returns the problem of a fit to train by m's options; whole holds the same
// series with what came. The error is as that of Fit.
func (m *Model) NewProblem(train, whole *series.Panel, opt forecast.FitOptions) (*Problem, error) {
	l, err := m.learn(train, opt)
	if err != nil {
		return nil, err
	}
	p := &Problem{Learned: l.rows, Ahead: trees.Table{Columns: l.rows.Columns}, Levels: levels(), Options: l.boosting(opt.Seed)}
	wholes := whole.ByID()
	for _, s := range train.Series {
		known, err := l.Record(train, s, reading)
		if err != nil {
			return nil, err
		}
		r, err := l.Record(whole, wholes[s.ID], reading)
		if err != nil {
			return nil, err
		}
		for j := range l.Channels {
			v := l.view(&r, len(known.U), j)
			for lead := 1; lead <= l.Horizon; lead++ {
				if y := v.target(lead); !math.IsNaN(y) {
					first := len(p.Ahead.X)
					p.Ahead.X = v.features(p.Ahead.X, lead)
					p.Ahead.Y = append(p.Ahead.Y, y-l.line(l.lines, p.Ahead.X[first:], lead))
				}
			}
		}
	}
	return p, nil
}

// newConfig decides what is open in o.
func newConfig(o Options, train *series.Panel, opt forecast.FitOptions) (*config, []neural.Record, error) {
	if train != nil && !train.Step.Regular() {
		return nil, nil, fmt.Errorf("%w: the times are not equally spaced", forecast.ErrMismatch)
	}
	frame, records, err := neural.NewFrame(train, opt, reading, o.Transform)
	if err != nil {
		return nil, nil, err
	}
	c := &config{Options: o, Frame: *frame}
	option.Defaults(&c.Options)
	if train.Axis.Calendar() {
		year := train.Step.PerYear()
		if year > 1 && float64(c.Length) > 1.5*year && math.Round(year) != float64(c.Season) && int(math.Round(year)) != c.LongLag() {
			c.Year = year
		}
	}
	return c, records, nil
}

// first returns the first step of a record that is an origin to learn channel j from: a season after its first value.
func (c *config) first(r *neural.Record, j int) int {
	width := len(c.Channels)
	begin := 0
	for begin < len(r.U) && math.IsNaN(r.X[begin*width+j]) {
		begin++
	}
	return begin + c.season() + 1
}

// table returns rows of origins that are evenly spread, and of each some steps of the
// horizon, drawn by the seed; and where each row comes from.
func (c *config) table(records []neural.Record, seed uint64) (t trees.Table, of []place) {
	rng := rand.New(rand.NewPCG(seed, 1))
	each := min(c.Horizon, eachOrigin)
	origins := 0
	for i := range records {
		for j := range c.Channels {
			origins += max(0, len(records[i].U)-c.first(&records[i], j))
		}
	}
	every := max(1, float64(origins*each)/float64(c.Options.Rows))
	t.Columns = c.features()
	next := 0.0
	for i := range records {
		r := &records[i]
		for j := range c.Channels {
			first := c.first(r, j)
			for ; int(next) < len(r.U)-first; next += every {
				origin := first + int(next)
				v := c.view(r, origin, j)
				if !v.told {
					continue
				}
				for k := range each {
					from, to := c.Horizon*k/each, c.Horizon*(k+1)/each
					lead := 1 + from + rng.IntN(to-from)
					if y := v.target(lead); !math.IsNaN(y) {
						t.X, t.Y = v.features(t.X, lead), append(t.Y, y)
						of = append(of, place{i, origin, lead, len(r.U)})
					}
				}
			}
			next -= float64(max(0, len(r.U)-first))
		}
	}
	return t, of
}
