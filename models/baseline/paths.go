package baseline

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/floats"

	"tsgen/forecast"
	"tsgen/internal/joint"
	"tsgen/series"
)

// A dependence says how the values of a prospect with Gaussian marginals depend on each
// other. The zero value is that of a random walk with variances as its marginals have.
type dependence struct {
	// responses holds, for each kind of shock that moves the values, what one does 0, 1 ...
	// steps later, in units that the kinds share; nil means those of a random walk.
	responses [][]float64

	// common is the standard deviation of what all values have in common at a lead; nil
	// means none.
	common func(lead float64) float64

	after int // steps between the origin of the responses and that of the leads
}

// shocks returns the dependence of values that are moved by shocks of one kind.
func shocks(responses []float64) dependence {
	return dependence{responses: [][]float64{responses}}
}

// seasonalShocks returns the responses 0 to n-1 steps later to a change of the season by
// the given size.
func seasonalShocks(size float64, season, n int) []float64 {
	r := make([]float64, n)
	for j := 0; j < n; j += season {
		r[j] = size
	}
	return r
}

// times returns the dependence of values that are as many times as large.
func (d dependence) times(factor float64) dependence {
	scaled := dependence{after: d.after}
	for _, r := range d.responses {
		r = slices.Clone(r)
		floats.Scale(factor, r)
		scaled.responses = append(scaled.responses, r)
	}
	if d.common != nil {
		scaled.common = func(lead float64) float64 { return factor * d.common(lead) }
	}
	return scaled
}

// and returns the dependence with further kinds of shocks; that of a random walk stays one.
func (d dependence) and(responses ...[]float64) dependence {
	if d.responses != nil {
		d.responses = append(d.responses, responses...)
	}
	return d
}

// course returns that of the values with these marginals at some leads.
func (d dependence) course(leads []float64, m marginals) joint.Course {
	var common joint.Common
	steps, variance := make([]int, len(leads)), make([]float64, len(leads))
	for k, lead := range leads {
		_, sd := m.At(lead)
		variance[k] = sd * sd
		if d.common != nil {
			c := d.common(lead + float64(d.after))
			common = append(common, []float64{c})
			variance[k] -= c * c
		}
		steps[k] = int(lead) + d.after
	}
	if d.responses == nil {
		return joint.Walk(variance, common)
	}
	return joint.Moving(steps, common, d.responses...)
}

// jointPaths draws sample paths of a series at some leads: each channel as its marginals and
// their dependence say, or as it draws itself. Channels depend on each other in as far as
// their pasts did.
func jointPaths(p *series.Panel, s *series.Series, outs []prospect, leads []float64, opt forecast.Options) [][]float64 {
	if len(leads) == 0 {
		return nil
	}
	n, width := cmp.Or(opt.Samples, forecast.DefaultPaths), len(outs)
	rng := joint.Source(opt.Seed, s.ID)
	together := joint.Channels(p, s)
	paths, scores := make([][]float64, n), make([][]float64, n)
	for i := range paths {
		paths[i], scores[i] = make([]float64, len(leads)*width), make([]float64, len(leads)*width)
	}
	own := make([]*forecast.Distribution, width)
	for c, o := range outs {
		var z [][]float64
		if own[c] = (&forecast.Distribution{Times: leads}); o.marginals != nil {
			setMarginals(own[c], outs[c:c+1], leads)
			z = joint.Draws(n, len(leads), rng, []joint.Course{o.course(leads, o.marginals)}, nil)
		} else {
			own[c].Paths = drawPaths(o, leads, n, rng)
			z = own[c].Scores()
		}
		setColumn(scores, z, c, width)
	}
	row := make([]float64, width)
	for _, z := range scores {
		for k := 0; together != nil && k < len(z); k += width {
			joint.Mix(row, z[k:k+width], together)
		}
	}
	for c, d := range own {
		if d.Paths == nil || together != nil {
			d = forecast.Join(d, columnsOf(scores, c, width))
		}
		setColumn(paths, d.Paths, c, width)
	}
	return paths
}

// setColumn sets channel c of some rows to values of that channel alone.
func setColumn(rows, values [][]float64, c, width int) {
	for i, v := range values {
		for k, x := range v {
			rows[i][k*width+c] = x
		}
	}
}

func columnsOf(rows [][]float64, c, width int) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = series.Column(row, c, width)
	}
	return out
}
