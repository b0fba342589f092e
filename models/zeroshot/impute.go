package zeroshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tsgen/forecast"
	"tsgen/internal/walk"
	"tsgen/models/zeroshot/internal/network"
	"tsgen/series"
)

// Impute implements forecast.Imputer: the forecast of a time by the values before it and that by the
// values after it, read backwards, are joined as those of a two-filter smoother are (Fraser and
// Potter 1969). How much they err together is told by values that were observed, for each channel
// of the panel. Times after the last are forecast. A side with too few observations for the network
// is left out, or a random walk from the nearest if the other is no better. The error is as that
// of Forecast.
func (m *Model) Impute(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	return m.each(ctx, history, opt, func(p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		width := p.Width()
		all := make([][]*between, len(p.Series)) // the channels of each series of which something is asked
		season, second := m.seasons(p, opt.Season)
		net, walks := m.network(), walk.NewWalker(p)
		f, err := forecast.BySeries(ctx, Name, p, func(i int) (*forecast.Distribution, error) {
			s := p.Series[i]
			d := blank(s.ID, opt.At[i], width, net)
			if len(opt.At[i]) == 0 {
				return d, nil
			}
			steps, err := stepsWithin(p, s, opt.At[i])
			if err != nil {
				return nil, err
			}
			grid, _, err := p.Grid(s)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
			}
			for c := range width {
				w, err := walks.Walk(s, c)
				if err != nil {
					return nil, err
				}
				x := &between{net: net, season: season, second: second, walk: w}
				x.take(grid, c, width)
				x.gaps = x.gapsOf(steps)
				all[i] = append(all[i], x)
			}
			return d, nil
		})
		if err != nil {
			return nil, err
		}
		factors, err := widenings(ctx, all, width)
		if err != nil {
			return nil, err
		}
		return f, forecast.EachSeries(ctx, len(all), func(i int) error {
			for c, x := range all[i] {
				x.fill(f.Series[i], c, width, factors[c])
			}
			return nil
		})
	})
}

// stepsWithin returns the steps of times since the first of a series.
func stepsWithin(p *series.Panel, s *series.Series, at []float64) ([]int, error) {
	if s.Len() == 0 {
		return nil, fmt.Errorf("%w: it has no observations", forecast.ErrTooShort)
	}
	steps, err := p.StepsFrom(s.Times[0], at)
	if err == nil && steps[0] < 0 {
		err = beforeSeries(p, at[0])
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", forecast.ErrMismatch, err)
	}
	return steps, nil
}

func beforeSeries(p *series.Panel, t float64) error {
	return fmt.Errorf("time %s lies before the series", p.Axis.Stamp(t))
}

// between tells values of a channel by those before and after them.
type between struct {
	net            *network.Forecaster
	season, second int
	walk           walk.Walk // of the channel

	y, backward []float64
	last, next  []int // observed steps before and after each, as in a gap
	seen        []int // observations before each step, and of all
	gaps        []gap // to fill
}

// take takes the values of the channel out of a grid.
func (x *between) take(grid []float64, c, width int) {
	x.y = series.Column(grid, c, width)
	n := len(x.y)
	x.last, x.next, x.seen = make([]int, n+1), make([]int, n+1), make([]int, n+1)
	last := -1
	for i := range n {
		x.last[i], x.seen[i+1] = last, x.seen[i]
		if !math.IsNaN(x.y[i]) {
			last, x.seen[i+1] = i, x.seen[i]+1
		}
	}
	x.last[n], x.next[n] = last, n
	next := n
	for i := n - 1; i >= 0; i-- {
		x.next[i] = next
		if !math.IsNaN(x.y[i]) {
			next = i
		}
	}
	x.backward = slices.Clone(x.y)
	slices.Reverse(x.backward)
}

// A gap is some steps with the observed ones before and after that tell of them, -1 and the number
// of steps of the series where there are none.
type gap struct {
	steps         []int
	last, next    int
	before, after side
}

// A side holds the quantiles of the steps of a gap by what was observed on one side, and after them
// those as far from it as the network has learned, at the same places in the season. It is
// nil if that side tells nothing.
type side []float64

// gapsOf returns the gaps that steps lie in, each step that was observed in one of its own.
func (x *between) gapsOf(steps []int) []gap {
	var gaps []gap
	for i, s := range steps {
		at := min(s, len(x.y))
		last, next := x.last[at], x.next[at]
		if n := len(gaps); n == 0 || gaps[n-1].last != last || gaps[n-1].next != next {
			gaps = append(gaps, gap{steps: steps[i:i:len(steps)], last: last, next: next})
		}
		g := &gaps[len(gaps)-1]
		g.steps = g.steps[:len(g.steps)+1]
	}
	return gaps
}

// fill fills in the quantiles of the steps of the gaps; those that both sides tell are widened by a factor.
func (x *between) fill(d *forecast.Distribution, c, width int, factor float64) {
	at := 0
	for from := 0; from < len(x.gaps); from += together {
		gaps := x.gaps[from:min(len(x.gaps), from+together)]
		x.ask(gaps)
		for k := range gaps {
			for i := range gaps[k].steps {
				for j, u := range x.join(&gaps[k], i, factor) {
					d.Values[j][at*width+c] = u
				}
				at++
			}
			gaps[k].before, gaps[k].after = nil, nil
		}
	}
}

// ask finds the sides of gaps.
func (x *between) ask(gaps []gap) {
	var histories [][]float64
	var leads [][]int
	var asked []*side
	n := len(x.y)
	add := func(to *side, history []float64, seen, beyond int, away []int) {
		if seen == 0 || seen < leastObserved && beyond >= leastObserved {
			return
		}
		away = append(away, x.far(len(history), away)...)
		if seen < leastObserved {
			w := walk.Walk{Value: history[len(history)-1], Rate: x.walk.Rate}
			for _, lead := range away {
				*to = append(*to, normal(x.net, w, lead)...)
			}
			return
		}
		histories, leads, asked = append(histories, history), append(leads, away), append(asked, to)
	}
	for i := range gaps {
		g := &gaps[i]
		var after, before []int
		for _, s := range g.steps {
			after, before = append(after, s-g.last), append(before, g.next-s)
		}
		left, right := x.seen[g.last+1], x.seen[n]-x.seen[g.next]
		add(&g.before, x.y[:g.last+1], left, right, after)
		add(&g.after, x.backward[:n-g.next], right, left, before)
	}
	for i, q := range x.net.Forecast(histories, x.season, x.second, leads) {
		*asked[i] = q
	}
}

// far returns leads as far as the network has learned, at the places in the season of the given ones, of a history of so
// many steps.
func (x *between) far(steps int, leads []int) []int {
	season, _ := network.SeasonFor(steps, x.season, x.second)
	var far []int
	for _, lead := range leads {
		far = append(far, lead+max(0, network.MostLead(season)-lead)/season*season)
	}
	return far
}

// normal returns the quantiles of a walk at a lead.
func normal(net *network.Forecaster, w walk.Walk, lead int) []float64 {
	mean, sd := w.At(float64(lead))
	var q []float64
	for _, z := range net.Output().Normal() {
		q = append(q, mean+sd*z)
	}
	return q
}

// join returns the quantiles of step i of a gap. The forecasts from both sides hold twice what was
// known without either of them: the precision and the mean of a forecast from far away is taken
// off their sum. Quantiles lie about the mean as those of the two do on average, farther by a factor.
func (x *between) join(g *gap, i int, factor float64) []float64 {
	k := x.net.Output().Outputs()
	switch {
	case g.before == nil && g.after == nil:
		return normal(x.net, x.walk, 0)
	case g.after == nil:
		return g.before[i*k:][:k]
	case g.before == nil:
		return g.after[i*k:][:k]
	}
	n := len(g.steps)
	before, after := g.before[i*k:][:k], g.after[i*k:][:k]
	farBefore, farAfter := g.before[(n+i)*k:][:k], g.after[(n+i)*k:][:k]
	a, b := spread(before), spread(after)
	apart := max((spread(farBefore)+spread(farAfter))/2, a, b)
	middle := k / 2
	precision := 1/(a*a) + 1/(b*b) - 1/(apart*apart)
	mean := (before[middle]/(a*a) + after[middle]/(b*b) - (farBefore[middle]+farAfter[middle])/2/(apart*apart)) / precision
	sd := factor / math.Sqrt(precision)
	q := make([]float64, k)
	for j := range q {
		q[j] = mean + sd*((before[j]-before[middle])/a+(after[j]-after[middle])/b)/2
	}
	return q
}

// tenth is the number of the quantile of 10 %, as that of 90 % from the end.
const tenth = 3

// spread returns the width of the interval of 80 %, or a trifle if it has none.
func spread(q []float64) float64 {
	return max(q[len(q)-1-tenth]-q[tenth], 1e-9*math.Abs(q[len(q)/2]), 1e-140)
}

const (
	mostProbes, mostProbed = 400, 20 // of a channel, and series that they are taken from
	mostFactor             = 3       // that intervals are widened by

	// Until there are probes, intervals are widened by usualFactor, which counts as so many of them: on
	// simulated series of all kinds they need that.
	usualFactor, usualProbes = 1.1, 20
)

// widenings returns by which factor the intervals of each channel are to be widened: that which
// makes those of 80 % hold as many values that were observed. Each is told, with a gap like one of those asked for
// made about it, by the rest of its series. Series of which nothing is asked tell nothing.
func widenings(ctx context.Context, all [][]*between, width int) ([]float64, error) {
	all = slices.DeleteFunc(slices.Clone(all), func(channels []*between) bool { return channels == nil })
	of := min(len(all), mostProbed)
	ratios := make([][]float64, of*width)
	err := forecast.EachSeries(ctx, len(ratios), func(i int) error {
		ratios[i] = all[i/width*len(all)/of][i%width].probe(mostProbes / of)
		return nil
	})
	factors := make([]float64, width)
	for c := range factors {
		var pooled []float64
		for i := c; i < len(ratios); i += width {
			pooled = append(pooled, ratios[i]...)
		}
		slices.Sort(pooled)
		if n := float64(len(pooled)); n > 0 {
			told := pooled[int(0.8*n)]
			factors[c] = min(mostFactor, (n*told+usualProbes*usualFactor)/(n+usualProbes))
		} else {
			factors[c] = usualFactor
		}
	}
	return factors, err
}

// probe returns how far observed values lie from their medians, in units of the distance of
// the bound of the interval of 80 %.
func (x *between) probe(most int) []float64 {
	var seen []int
	for s, y := range x.y {
		if !math.IsNaN(y) {
			seen = append(seen, s)
		}
	}
	var asked [][2]int // how far the observed steps before and after are
	for _, g := range x.gaps {
		for _, s := range g.steps {
			if g.last >= 0 && g.next < len(x.y) {
				asked = append(asked, [2]int{s - g.last, g.next - s})
			}
		}
	}
	if len(asked) == 0 {
		return nil
	}
	var gaps []gap
	most = min(most, len(seen))
	for i := range most {
		s := seen[i*len(seen)/most]
		away := asked[i*len(asked)/most]
		from, to := s-away[0]+1, s+away[1]-1
		if from < 0 || to >= len(x.y) || x.seen[from] < leastObserved || x.seen[len(x.y)]-x.seen[to+1] < leastObserved {
			continue
		}
		gaps = append(gaps, gap{steps: seen[i*len(seen)/most:][:1], last: x.last[from], next: x.next[to]})
	}
	x.ask(gaps)
	var ratios []float64
	for i := range gaps {
		q, y := x.join(&gaps[i], 0, 1), x.y[gaps[i].steps[0]]
		middle := len(q) / 2
		bound := q[len(q)-1-tenth]
		if y < q[middle] {
			bound = q[tenth]
		}
		if apart := math.Abs(bound - q[middle]); apart > 0 {
			ratios = append(ratios, math.Abs(y-q[middle])/apart)
		}
	}
	return ratios
}
