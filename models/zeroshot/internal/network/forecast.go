package network

import (
	"math"

	"tsgen/internal/nn"
)

// mostLead returns the steps ahead that the network has learned of a season; further ones
// are made of those.
func mostLead(season int) int { return max(3*season, 36) }

// Forecast returns the quantiles of the steps leads[i] of each view i, a row for each,
// in the unit of the data. p needs the values of the network's weights only.
func (n *Network) Forecast(p *nn.Pass, views []*View, leads [][]int) [][]float64 {
	var series, steps, anchors []float64
	var of []int
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
