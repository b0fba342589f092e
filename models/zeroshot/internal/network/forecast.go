package network

import (
	"math"

	"tsgen/internal/kernel"
)

// MostLead returns the steps ahead that the network has learned of a season; further ones
// are made of those.
func MostLead(season int) int { return max(3*season, 120) }

// leastRange is the ratio of the largest to the least value from which on the logarithms of
// a positive series are forecast as well, and wellAbove the part of the mean that the least
// value must have.
//
// clearCycle is the autocorrelation from which on a cycle of at least so many turns is
// taken for the season of a series that has none.
const (
	clearCycle = 0.4
	leastTurns = 4

	leastRange = 1.5
	wellAbove  = 0.02
)

// Forecast returns the quantiles of the steps leads[i] of each series i, a row for each.
// The series are as NewView takes them. Series that are well above zero are forecast as
// they are and by their logarithms, and have the mean of the quantiles, in which each counts
// as much as the history speaks for it.
func (f *Forecaster) Forecast(series [][]float64, season, second int, leads [][]int) [][]float64 {
	w := f.works.Get().(*work)
	defer f.works.Put(w)
	w.room.empty()
	var views []*View
	var all [][]int
	type share struct {
		of     int // series
		weight float64
		logs   *logarithms // nil for the values themselves
	}
	var shares []share
	for i, y := range series {
		v := viewOf(&w.room, y, season, second)
		weight := 0.0
		if l, ok := v.logarithms(); ok {
			of := l.view(v)
			if weight = l.weight(v, of); weight > 0 {
				views, all, shares = append(views, of), append(all, leads[i]), append(shares, share{i, weight, &l})
			}
		}
		if weight < 1 {
			views, all, shares = append(views, v), append(all, leads[i]), append(shares, share{i, 1 - weight, nil})
		}
	}
	out := make([][]float64, len(series))
	for k, q := range f.all(w, views, all) {
		x := shares[k]
		if out[x.of] == nil {
			out[x.of] = make([]float64, len(q))
		}
		if x.logs != nil {
			x.logs.exp(q)
		}
		for j, u := range q {
			out[x.of][j] += x.weight * u
		}
	}
	return out
}

// viewOf returns the view that a series is forecast by.
func viewOf(r *room, y []float64, season, second int) *View {
	m, far := SeasonFor(len(y), season, second)
	v := newView(r, y, m, far)
	if m == 1 && v.found > clearCycle && v.second*leastTurns <= len(y) {
		return newView(r, y, v.second, 0)
	}
	return v
}

// SeasonFor returns the seasons with which a history of so many steps is forecast: the given
// ones, or none if it is hardly longer than one.
func SeasonFor(steps, season, second int) (int, int) {
	if steps < season+season/4+1 {
		return 1, 0
	}
	return season, second
}

// logarithms are those of the values of a series over its least one, which are the same in any unit, moved
// away from zero.
type logarithms struct {
	values      []float64
	least, most float64
}

const (
	move       = 8    // of logarithms
	mostFactor = 1000 // by which a quantile may exceed all values

	// tempered is what an observation counts for in the likelihoods, as the autoregressions
	// that they are of leave values that depend on each other; weights below leastWeight
	// are none.
	tempered    = 0.2
	leastWeight = 0.2
)

// view returns the view of the logarithms of the values of v.
func (l *logarithms) view(v *View) *View {
	if v.found == 0 {
		return newView(v.room, l.values, v.season, v.second)
	}
	return newView(v.room, l.values, v.season, 0)
}

// weight returns by how much the forecast of the logarithms, whose view is given beside that of the
// values, counts: their likelihood as a share of that of both, each of the autoregression
// about its line and season (Box and Cox 1964).
func (l *logarithms) weight(v, logs *View) float64 {
	mean, n := logs.mean(0, len(logs.y))
	const nothing = 1e-6 // in units of the scale
	values, of := (v.simple.remainder.sd+nothing)*v.Scale, (logs.simple.remainder.sd+nothing)*logs.Scale
	gain := math.Log(values/l.least/of) - (mean - move)
	w := 1 / (1 + math.Exp(-tempered*float64(n)*gain))
	switch {
	case w < leastWeight:
		return 0
	case w > 1-leastWeight:
		return 1
	}
	return w
}

// log returns the logarithm of a value as those of the series are.
func (l *logarithms) log(x float64) float64 { return math.Log(x/l.least) + move }

// exp undoes the logarithms of x.
func (l *logarithms) exp(x []float64) {
	for i, u := range x {
		x[i] = math.Min(u-move, 50)
	}
	kernel.Exp(x, x)
	for i, u := range x {
		x[i] = math.Min(l.least*u, mostFactor*l.most)
	}
}

// logarithms returns those of the values, unless these are not well above zero, or much
// the same.
func (v *View) logarithms() (logarithms, bool) {
	least, most := v.last, v.last
	for _, x := range v.y {
		if x < least {
			least = x
		}
		if x > most {
			most = x
		}
	}
	if mean, _ := v.mean(0, len(v.y)); !(least > wellAbove*mean && most > leastRange*least) {
		return logarithms{}, false
	}
	l := logarithms{values: v.room.take(len(v.y)), least: least, most: most}
	for i, x := range v.y {
		l.values[i] = x / least
	}
	kernel.Log(l.values, l.values)
	for i := range l.values {
		l.values[i] += move
	}
	return l, true
}

// mostRows is the number of steps that the network is asked for at once, which bounds the
// memory.
const mostRows = 512

// all returns the quantiles of the steps leads[i] of each view i.
func (f *Forecaster) all(w *work, views []*View, leads [][]int) [][]float64 {
	out := make([][]float64, len(views))
	g := &w.group
	g.forecaster, g.out = f, out
	for i, v := range views {
		out[i] = make([]float64, 0, len(leads[i])*f.network.Output.Outputs())
		for from := 0; from < len(leads[i]); {
			to := min(len(leads[i]), from+mostRows-len(g.of))
			g.add(i, v, leads[i][from:to])
			if from = to; len(g.of) == mostRows {
				g.run(w)
			}
		}
	}
	g.run(w)
	return out
}

// A group is a number of steps of some views that the network is asked for together.
type group struct {
	forecaster    *Forecaster
	series, steps sight
	anchors       []float64
	of            []int // view of each step, as a row of series
	parts         []part
	out           [][]float64
}

// A part is some steps of a view.
type part struct {
	number int
	view   *View
	leads  []int
}

// add adds steps of a view.
func (g *group) add(number int, v *View, leads []int) {
	v.see(&g.series)
	for _, lead := range leads {
		near, _ := v.nearer(lead)
		g.anchors = v.seeStep(&g.steps, g.anchors, near)
		g.of = append(g.of, len(g.parts))
	}
	g.parts = append(g.parts, part{number, v, leads})
}

// run appends the quantiles of the steps to those of their views, and empties the group.
func (g *group) run(w *work) {
	if len(g.of) == 0 {
		return
	}
	q := g.forecaster.quantiles(w, g.series.whole(), g.steps.whole(), g.anchors, g.of)
	k := g.forecaster.network.Output.Outputs()
	for _, x := range g.parts {
		for _, lead := range x.leads {
			near, wider := x.view.nearer(lead)
			base, row := x.view.Base(near), q[:k]
			q = q[k:]
			for _, u := range row {
				u = row[k/2] + wider*(u-row[k/2])
				g.out[x.number] = append(g.out[x.number], base+x.view.Scale*u)
			}
		}
	}
	g.series.empty()
	g.steps.empty()
	g.anchors, g.of, g.parts = g.anchors[:0], g.of[:0], g.parts[:0]
}

// nearer returns a lead that was learned at the same place in the season, and by how much
// the distribution at the lead itself is wider, as that of a random walk is.
func (v *View) nearer(lead int) (near int, wider float64) {
	most := MostLead(v.season)
	if lead <= most {
		return lead, 1
	}
	near = lead - (lead-most+v.season-1)/v.season*v.season
	return near, math.Sqrt(float64(lead) / float64(near))
}
