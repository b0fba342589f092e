package network

import (
	"math"

	"tsgen/internal/nn"
)

// mostLead returns the steps ahead that the network has learned of a season; further ones
// are made of those.
func mostLead(season int) int { return max(3*season, 120) }

// leastRange is the ratio of the largest to the least value from which on the logarithms of
// a positive series are forecast as well, and wellAbove the part of the mean that the least
// value must have.
const (
	leastRange = 1.5
	wellAbove  = 0.02
)

// Forecast returns the quantiles of the steps leads[i] of each series i, a row for each.
// The series are as NewView takes them. Series that are well above zero are forecast
// twice, as they are and by their logarithms, and have the mean of the quantiles. p needs
// the values of the network's weights only.
func (n *Network) Forecast(p *nn.Pass, series [][]float64, season, second int, leads [][]int) [][]float64 {
	var views []*View
	var logs []logarithms
	all := leads[:len(leads):len(leads)]
	for _, y := range series {
		views = append(views, NewView(y, season, second))
	}
	for i, v := range views[:len(series)] {
		if l, ok := v.logarithms(); ok {
			l.of = i
			views, logs, all = append(views, NewView(l.values, season, second)), append(logs, l), append(all, leads[i])
		}
	}
	out := n.quantiles(p, views, all)
	for k, l := range logs {
		for j, x := range out[len(series)+k] {
			out[l.of][j] = (out[l.of][j] + l.exp(x)) / 2
		}
	}
	return out[:len(series)]
}

// logarithms are those of the values of a series over its least one, which are the same in any unit, moved
// away from zero.
type logarithms struct {
	of          int
	values      []float64
	least, most float64
}

const (
	move       = 8    // of logarithms
	mostFactor = 1000 // by which a quantile may exceed all values
)

// exp undoes the logarithm.
func (l *logarithms) exp(x float64) float64 {
	return math.Min(l.least*math.Exp(math.Min(x-move, 50)), mostFactor*l.most)
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
	l := logarithms{values: make([]float64, len(v.y)), least: least, most: most}
	for i, x := range v.y {
		l.values[i] = math.Log(x/least) + move
	}
	return l, true
}

// quantiles returns the quantiles of the steps leads[i] of each view i.
func (n *Network) quantiles(p *nn.Pass, views []*View, leads [][]int) [][]float64 {
	rows := 0
	for _, l := range leads {
		rows += len(l)
	}
	series := make([]float64, 0, len(views)*SeriesWidth)
	steps, anchors := make([]float64, 0, rows*StepWidth), make([]float64, 0, rows*AnchorWidth)
	of := make([]int, 0, rows)
	for i, v := range views {
		series = v.AppendSeries(series)
		for _, lead := range leads[i] {
			near, _ := v.nearer(lead)
			steps, anchors = v.AppendStep(steps, anchors, near)
			of = append(of, i)
		}
	}
	p.Reset()
	q := n.Quantiles(p, series, steps, anchors, of).Val
	k := n.Output.Outputs()
	out := make([][]float64, len(views))
	for i, v := range views {
		out[i] = make([]float64, 0, len(leads[i])*k)
		for _, lead := range leads[i] {
			near, wider := v.nearer(lead)
			base, row := v.Base(near), q[:k]
			q = q[k:]
			for _, x := range row {
				x = row[k/2] + wider*(x-row[k/2])
				out[i] = append(out[i], base+v.Scale*x)
			}
		}
	}
	return out
}

// nearer returns a lead that was learned at the same place in the season, and by how much
// the distribution at the lead itself is wider, as that of a random walk is.
func (v *View) nearer(lead int) (near int, wider float64) {
	most := mostLead(v.season)
	if lead <= most {
		return lead, 1
	}
	near = lead - (lead-most+v.season-1)/v.season*v.season
	return near, math.Sqrt(float64(lead) / float64(near))
}
