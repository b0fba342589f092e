package statespace

import (
	"math"
	"slices"

	"tsgen/internal/fits"
	"tsgen/internal/freedom"
)

// A rival is another regression of the same values as the chosen one.
type rival struct {
	recipe  recipe
	gls     *gls
	columns [][]float64
	weight  float64 // Akaike's, that of the chosen one being 1
}

// Few values leave it open which regression is right: rivals are kept up to so many values,
// and those of so much weight.
const (
	rivalTimes  = 60
	leastRivals = 0.02
)

// rivalsOf returns those of the candidates that the values leave open, n of which are there, beside the
// one with the least criterion. The weights of the candidates are their criteria.
func rivalsOf(own []float64, all []rival, least, n float64) []rival {
	if n >= rivalTimes {
		return nil
	}
	var open []rival
	for _, c := range all {
		if c.weight = math.Exp((least - c.weight) / 2); c.weight < 1 && c.weight >= leastRivals {
			if c.gls = newGLS(c.gls.partial, newDirect(own, c.columns, len(c.gls.partial)), ridge); c.gls != nil {
				open = append(open, c)
			}
		}
	}
	return open
}

// wider returns the factor by which deviations widen. The likeliest variance of an error is that
// of so many fewer values.
func (c *chosen) wider(columns [][]float64, g *gls) float64 {
	taken := float64(len(columns)+len(g.phi)) + freedom.Chosen(c.n)
	return math.Sqrt(c.n/math.Max(1, c.n-taken)) * freedom.Widening(c.n, taken)
}

// across returns the variances of the next values about the means of the chosen regression, with
// those of its rivals and what their means are apart: the unconditional variance of Buckland et
// al. (1997). It may be that of the chosen one, which it changes.
func (c *chosen) across(lead int, mean, variance []float64) []float64 {
	if len(c.rivals) == 0 {
		return variance
	}
	total := 1.0
	for _, x := range c.rivals {
		m, v := x.gls.ahead(rowsOf(x.columns, lead))
		wider := c.wider(x.columns, x.gls)
		total += x.weight
		for k := range variance {
			variance[k] += x.weight * (wider*wider*v[k] + (m[k]-mean[k])*(m[k]-mean[k]))
		}
	}
	for k := range variance {
		variance[k] /= total
		if k > 0 {
			variance[k] = max(variance[k], variance[k-1])
		}
	}
	return variance
}

func (c *chosen) writeRivals(w *fits.Writer) {
	w.Int(len(c.rivals))
	for _, x := range c.rivals {
		w.Float(x.weight)
		w.Bool(x.recipe.slope)
		w.Int(x.recipe.harmonics)
		w.Floats(x.gls.partial)
	}
}

// readRivals reads what writeRivals wrote, if anything: all but the regressions themselves.
func readRivals(r *fits.Reader) []rival {
	if r.Left() == 0 || r.Err() != nil {
		return nil
	}
	const most = 1 << 8
	var all []rival
	for range r.Int(0, most) {
		x := rival{weight: r.Float(0, 1)}
		x.recipe.slope, x.recipe.harmonics = r.Bool(), r.Int(0, MostHarmonics)
		x.gls = &gls{partial: readPartial(r)}
		all = append(all, x)
	}
	return all
}

// resumeRivals makes the regressions of what readRivals read, of the given values.
func (r *regressing) resumeRivals(c *chosen, g gridded, own []float64) {
	c.rivals = slices.DeleteFunc(c.rivals, func(x rival) bool { return len(own) < len(x.gls.partial) })
	for i := range c.rivals {
		x := &c.rivals[i]
		x.columns = r.columns(x.recipe, len(own)+g.lead, c.past, g.first+float64(c.from), g.known[c.from*len(r.panel.Known):])
		x.gls = newGLS(x.gls.partial, newDirect(own, x.columns, len(x.gls.partial)), ridge)
	}
	c.rivals = slices.DeleteFunc(c.rivals, func(x rival) bool { return x.gls == nil })
}
