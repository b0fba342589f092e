package statespace

import (
	"math"
	"slices"

	"tsgen/internal/fits"
	"tsgen/internal/moments"
	"tsgen/series"
)

// A product is a power of a known covariate, or of its mean over the last season, times a
// harmonic of the season if that has a period: what Hong's benchmark of load has of the
// temperature (Hong et al. 2014), and the recency that Wang et al. (2016) add to it.
type product struct {
	known int // its place among the covariates
	span  int // steps up to each that it is the mean of
	power int
	wave  wave
}

const (
	mostPower = 3

	// productWaves is the most harmonics of the season that products have.
	productWaves = 4

	// mostProducts is the most columns of products that are tried.
	mostProducts = 128
)

// Products returns the number of columns of products that a regression on so many times tries of
// so many covariates that have many values, with a season or without, at most.
func Products(known, times int, seasonal bool) int {
	each := mostPower - 1
	if seasonal {
		each = 2*mostPower - 1 + 2*mostPower*2*productWaves
	}
	return min(known*each, mostProducts, times/3)
}

// columns returns the product's regressors at n steps, the first past of which are of the past,
// nought where the covariate has its origin. Covariates beyond those of the past count as the
// farthest there, so that powers are not extrapolated.
func (q product) columns(n, past int, first float64, known []float64, width int) [][]float64 {
	x := trailing(series.Column(known[:n*width], q.known, width), q.span)
	low, high := slices.Min(x[:past]), slices.Max(x[:past])
	zero := origin(series.Column(known[:past*width], q.known, width))
	for i, v := range x {
		x[i] = math.Pow(min(max(v, low), high)-zero, float64(q.power))
	}
	all := [][]float64{x}
	if q.wave.period > 0 {
		all = q.wave.columns(first, n)
		for _, c := range all {
			for i := range c {
				c[i] *= x[i]
			}
		}
	}
	for _, c := range all {
		var m moments.Moments
		for _, v := range c[:past] {
			m.Add(v)
		}
		if sd := math.Sqrt(m.Variance()); sd > 1e-12*math.Abs(m.Mean) {
			for i := range c {
				c[i] /= sd
			}
		}
	}
	return all
}

// count returns the number of columns.
func (q product) count() int {
	if q.wave.period == 0 || q.wave.single() {
		return 1
	}
	return 2
}

// trailing returns the means of so many steps up to each, of those that there are.
func trailing(x []float64, span int) []float64 {
	means, sum := make([]float64, len(x)), 0.0
	for i, v := range x {
		sum += v
		if i >= span {
			sum -= x[i-span]
		}
		means[i] = sum / float64(min(i+1, span))
	}
	return means
}

// origin returns from where the effect of a covariate counts: zero, or its mean if it never is.
func origin(x []float64) float64 {
	if slices.Contains(x, 0) {
		return 0
	}
	var m moments.Moments
	for _, v := range x {
		m.Add(v)
	}
	return m.Mean
}

// products returns those that past steps may tell of, the lowest first: powers below the number
// of values that a covariate has, alone and with the first harmonics of the shortest season.
func (r *regressing) products(past int, known []float64) []product {
	width := len(r.panel.Known)
	most := make([]int, width)
	for k := range most {
		var seen []float64
		for _, v := range series.Column(known[:past*width], k, width) {
			if !slices.Contains(seen, v) {
				seen = append(seen, v)
			}
			if most[k] = len(seen) - 1; most[k] == mostPower {
				break
			}
		}
	}
	seasons := r.seasons()
	seasons = seasons[:min(1, len(seasons))]
	waves := slices.DeleteFunc(wavesOf(seasons, past), func(w wave) bool { return w.number > productWaves })
	var all []product
	spans := []int{1}
	if len(waves) > 0 {
		spans = append(spans, int(seasons[0]))
	}
	for _, w := range append([]wave{{}}, waves...) {
		for power := 1; power <= mostPower; power++ {
			for _, span := range spans {
				for k := range width {
					if power <= most[k] && (power > 1 || span > 1 || w.period > 0) {
						all = append(all, product{k, span, power, w})
					}
				}
			}
		}
	}
	return all
}

// curved returns the regression with those products of its covariates that add most, as many as
// the AICc, Schwarz's criterion and, since many are tried, that of inflated risk (Foster & George
// 1994) all pay for, under the autocorrelations of the errors that they leave; the given one if
// that is none.
func (r *regressing) curved(line rival, own []float64, lead int, first float64, known []float64, n float64) rival {
	steps := len(own) + lead
	columns, groups := slices.Clone(line.columns), [][]int{all(len(line.columns))}
	var tried []product
	for _, q := range r.products(len(own), known) {
		some := q.columns(steps, len(own), first, known, len(r.panel.Known))
		if next := len(columns) + len(some); 3*next > int(n) || next > len(line.columns)+mostProducts {
			break
		}
		group := all(len(some))
		for i := range group {
			group[i] += len(columns)
		}
		tried, groups, columns = append(tried, q), append(groups, group), append(columns, some...)
	}
	if len(tried) == 0 {
		return line
	}
	price := math.Log(max(n, math.Pow(float64(len(columns)-len(line.columns)), 2)))
	strict := func(deviance, free, n float64) float64 {
		return max(criterion(deviance, free, n), deviance+free*price)
	}
	best, least := line, strict(-2*line.gls.logL, line.free(), n)
	partial := line.gls.partial
	for range rounds {
		whole := newGLS(partial, newDirect(own, columns, len(partial)), ridge)
		if whole == nil {
			return best
		}
		x := rival{recipe: line.recipe, columns: slices.Clone(line.columns)}
		for _, i := range whole.best(groups, n, strict)[1:] {
			x.recipe.products = append(x.recipe.products, tried[i-1])
			for _, j := range groups[i] {
				x.columns = append(x.columns, columns[j])
			}
		}
		if x.gls = newGLS(partial, newDirect(own, x.columns, len(partial)), ridge); x.gls == nil {
			return best
		}
		partial = r.partial(x.gls.left(own, x.columns))
		if x.gls = newGLS(partial, newDirect(own, x.columns, len(partial)), ridge); x.gls == nil {
			return best
		}
		if c := strict(-2*x.gls.logL, x.free(), n); len(x.recipe.products) > 0 && c < least {
			best, least = x, c
		}
	}
	return best
}

// free returns the number of free parameters.
func (x rival) free() float64 { return float64(len(x.columns) + len(x.gls.partial) + 1) }

func (q product) write(w *fits.Writer) {
	w.Int(q.known)
	w.Int(q.span)
	w.Int(q.power)
	w.Float(q.wave.period)
	w.Int(q.wave.number)
}

// readProduct reads what product.write wrote.
func readProduct(r *fits.Reader, seasons []float64) product {
	const most = 1 << 16 // covariates
	q := product{r.Int(0, most), r.Int(1, math.MaxInt32), r.Int(1, mostPower), readWave(r, seasons)}
	if q.power == 1 && q.span == 1 && q.wave.period == 0 {
		r.Failf("a product of covariate %d and nothing", q.known)
	}
	return q
}
