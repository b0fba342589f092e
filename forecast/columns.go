package forecast

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tsgen/series"
)

// FromColumns understands the columns of a table as forecasts: those of any
// tool that writes a row for each series and time. The table is what
// series.ReadCSV makes of the file, each column a channel; channels are those
// that were forecast. The layouts are recognized by the names of the columns:
//
//	ar, ar-lo-80, ar-hi-80            intervals around the median (Nixtla, tsgen)
//	mean, 0.1, 0.2 ... 0.9            quantiles (AutoGluon, Chronos)
//	ar-q0.1, ar_q10 ...               quantiles of a model, as parts or percent
//	yhat, yhat_lower, yhat_upper      an 80 % interval (Prophet)
//	sample-1, ar_sample_2 ...         sample paths
//	ar                                a point, where no other column belongs to it
//
// A column without a model's name belongs to the model "forecast". With several
// channels the models' names are followed by those of the channels, as in
// ar-sales. Columns that have a channel's own name, and those called cutoff, or
// mean beside quantiles (ar-mean beside ar), are left out; so are the components that Prophet writes beside
// yhat, such as trend and weekly.
//
// It returns the forecasts in the order of the columns, and what a reader should
// know of how they were understood. Rows in which some value of a model is
// missing are not part of its forecast. The error wraps ErrMismatch if the
// columns are no forecasts of the channels.
func FromColumns(table *series.Panel, channels []string) ([]*Forecast, []string, error) {
	c := &columns{table: table, channels: channels, byName: make(map[string]*quantileColumns)}
	for k, name := range table.Channels {
		if name != "cutoff" && !slices.Contains(channels, name) && !c.component(name) && !c.meanBeside(name) {
			c.place(k, name)
		}
	}
	var forecasts []*Forecast
	for _, m := range c.models() {
		f, err := c.forecast(m)
		if err != nil {
			return nil, nil, err
		}
		forecasts = append(forecasts, f)
	}
	if len(forecasts) == 0 {
		return nil, nil, fmt.Errorf("%w: none of the columns %q is a forecast of %q; "+
			"name them as one of the layouts does, for example ar, ar-lo-80, ar-hi-80", ErrMismatch, table.Channels, channels)
	}
	if len(c.left) > 0 {
		c.notes = append(c.notes, fmt.Sprintf("the components of Prophet's forecast are left out: %s", strings.Join(c.left, ", ")))
	}
	return forecasts, c.notes, nil
}

// columns sorts the columns of a table.
type columns struct {
	table    *series.Panel
	channels []string
	bases    []string // in the order of their first columns
	byName   map[string]*quantileColumns
	notes    []string
	left     []string // components, which are no forecasts
}

// quantileColumns are the columns of one channel of one model.
type quantileColumns struct {
	point     int  // of the median, or of a point; -1 for none
	mean      bool // the point is a mean, which is no quantile
	quantiles []quantileColumn
	samples   []int
}

type quantileColumn struct {
	p      float64
	column int
}

// prophetLevel is the level of Prophet's intervals by default.
const prophetLevel = 80

// place puts column k where it belongs.
func (c *columns) place(k int, name string) {
	interval := regexp.MustCompile(`^(.*)-(lo|hi)-(\d+(?:\.\d+)?)$`)
	prophet := regexp.MustCompile(`^(.*)_(lower|upper)$`)
	part := regexp.MustCompile(`^(?:(.*)[-_ ])?(?:q|ql|quantile[-_]?)?(0?\.\d+)$`)
	percent := regexp.MustCompile(`^(?:(.*)[-_ ])?[qp](\d{1,2})$`)
	sample := regexp.MustCompile(`^(?:(.*)[-_. ])?sample[-_. ]?(\d+)$`)
	lower := strings.ToLower(name)
	base := func(match []string) *quantileColumns { return c.quantiles(name[:len(match[1])]) }
	bound := func(l *quantileColumns, low bool, level float64) {
		p := (100 + level) / 200
		if low {
			p = (100 - level) / 200
		}
		l.quantiles = append(l.quantiles, quantileColumn{p, k})
	}
	if m := interval.FindStringSubmatch(lower); m != nil {
		if level := number(m[3]); level > 0 && level < 100 {
			bound(base(m), m[2] == "lo", level)
			return
		}
	}
	if m := prophet.FindStringSubmatch(lower); m != nil && slices.Contains(c.table.Channels, name[:len(m[1])]) {
		bound(base(m), m[2] == "lower", prophetLevel)
		return
	}
	for _, quantile := range []struct {
		pattern *regexp.Regexp
		unit    float64
	}{{part, 1}, {percent, 100}} {
		if m := quantile.pattern.FindStringSubmatch(lower); m != nil {
			if p := number(m[2]) / quantile.unit; p > 0 && p < 1 {
				l := base(m)
				l.quantiles = append(l.quantiles, quantileColumn{p, k})
				return
			}
		}
	}
	if m := sample.FindStringSubmatch(lower); m != nil {
		l := base(m)
		l.samples = append(l.samples, k)
		return
	}
	switch lower {
	case "mean", "median":
		name = ""
	}
	l := c.quantiles(name)
	if l.point >= 0 {
		c.notes = append(c.notes, fmt.Sprintf("column %s is left out: %s is taken", c.table.Channels[k], c.table.Channels[l.point]))
		return
	}
	l.point, l.mean = k, lower == "mean"
}

// component reports whether the table is Prophet's and a column of it one of a part of
// the forecast: all that begin otherwise than with yhat.
func (c *columns) component(name string) bool {
	prophet := func(name string) bool { return slices.Contains(c.table.Channels, name) }
	if !prophet("yhat") || strings.HasPrefix(name, "yhat") {
		return false
	}
	parts := []string{"trend", "additive_terms", "multiplicative_terms", "daily", "weekly", "monthly", "quarterly", "yearly",
		"holidays", "extra_regressors_additive", "extra_regressors_multiplicative", "cap", "floor"}
	base := strings.TrimSuffix(strings.TrimSuffix(name, "_lower"), "_upper")
	// Seasons, holidays and regressors have names of the user's; their bounds tell them.
	own := prophet("additive_terms") && prophet(base+"_lower") && prophet(base+"_upper")
	if !slices.Contains(parts, base) && !own {
		return false
	}
	c.left = append(c.left, name)
	return true
}

// meanBeside reports whether the column holds the means of a model that has its medians
// in another.
func (c *columns) meanBeside(name string) bool {
	base, ok := strings.CutSuffix(name, meanSuffix)
	return ok && slices.Contains(c.table.Channels, base)
}

// number parses digits, which a pattern has matched.
func number(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

func (c *columns) quantiles(base string) *quantileColumns {
	base = cmp.Or(base, "forecast")
	l, ok := c.byName[base]
	if !ok {
		l = &quantileColumns{point: -1}
		c.byName[base] = l
		c.bases = append(c.bases, base)
	}
	return l
}

// A modelColumns is a model with its columns, a distribution for each channel.
type modelColumns struct {
	name      string
	quantiles []*quantileColumns
}

// models puts the channels of the models together.
func (c *columns) models() []modelColumns {
	var models []modelColumns
	if len(c.channels) == 1 {
		for _, b := range c.bases {
			models = append(models, modelColumns{b, []*quantileColumns{c.byName[b]}})
		}
		return models
	}
	for _, b := range c.bases {
		name, first := strings.CutSuffix(b, "-"+c.channels[0])
		if !first {
			continue
		}
		m := modelColumns{name: name}
		for _, channel := range c.channels {
			if l, ok := c.byName[name+"-"+channel]; ok {
				m.quantiles = append(m.quantiles, l)
			}
		}
		if len(m.quantiles) == len(c.channels) {
			models = append(models, m)
		} else {
			c.notes = append(c.notes, fmt.Sprintf("model %s is left out: it forecasts %d of the %d channels", name, len(m.quantiles), len(c.channels)))
		}
	}
	return models
}

// forecast reads the values of a model.
func (c *columns) forecast(m modelColumns) (*Forecast, error) {
	probs, samples, err := c.form(m)
	if err != nil {
		return nil, err
	}
	f := &Forecast{Model: m.name, Channels: slices.Clone(c.channels)}
	var crossed, dropped int
	for _, s := range c.table.Series {
		d := &Distribution{ID: s.ID}
		if samples > 0 {
			d.Paths = make([][]float64, samples)
		} else {
			d.Probs, d.Values = probs, make([][]float64, len(probs))
		}
		for i, t := range s.Times {
			cells := c.row(m, s.Row(i))
			if slices.ContainsFunc(slices.Concat(cells...), math.IsNaN) {
				dropped++
				continue
			}
			d.Times = append(d.Times, t)
			for _, values := range cells { // one for each channel
				if samples > 0 {
					for k, v := range values {
						d.Paths[k] = append(d.Paths[k], v)
					}
					continue
				}
				if !slices.IsSorted(values) {
					crossed++
					slices.Sort(values)
				}
				for k, v := range values {
					d.Values[k] = append(d.Values[k], v)
				}
			}
		}
		if len(d.Times) == 0 {
			*d = Distribution{ID: s.ID}
		}
		f.Series = append(f.Series, d)
	}
	if crossed > 0 {
		c.notes = append(c.notes, fmt.Sprintf("%s: the quantiles cross at %d times; they are put in order", m.name, crossed))
	}
	if dropped > 0 {
		c.notes = append(c.notes, fmt.Sprintf("%s: %d rows lack a value and are left out", m.name, dropped))
	}
	return f, f.Validate()
}

// form says whether the model's columns are samples, and how many, or the
// probabilities of its quantiles.
func (c *columns) form(m modelColumns) (probs []float64, samples int, err error) {
	for i, l := range m.quantiles {
		if len(l.samples) > 0 && len(l.quantiles) > 0 {
			return nil, 0, fmt.Errorf("%w: %s has columns of samples and of quantiles", ErrMismatch, m.name)
		}
		if len(l.samples) == 0 {
			l.order()
		}
		var own []float64
		for _, q := range l.quantiles {
			own = append(own, q.p)
		}
		if i > 0 && (!slices.Equal(own, probs) || len(l.samples) != samples) {
			return nil, 0, fmt.Errorf("%w: the channels %s and %s of %s have columns of different kinds",
				ErrMismatch, c.channels[0], c.channels[i], m.name)
		}
		probs, samples = own, len(l.samples)
	}
	for i, p := range probs {
		if i > 0 && p == probs[i-1] {
			return nil, 0, fmt.Errorf("%w: %s has two columns of the %v-quantile", ErrMismatch, m.name, p)
		}
	}
	what := fmt.Sprintf("%d sample paths", samples)
	switch {
	case samples > 0:
	case len(probs) == 1:
		what = "points, which have no intervals"
	default:
		what = fmt.Sprintf("%d quantiles, %v to %v", len(probs), probs[0], probs[len(probs)-1])
	}
	c.notes = append(c.notes, fmt.Sprintf("%s: %s", m.name, what))
	return probs, samples, nil
}

// order puts the quantiles in order. The point is the median unless there is a
// column of the median, or other quantiles beside a mean.
func (l *quantileColumns) order() {
	median := slices.ContainsFunc(l.quantiles, func(q quantileColumn) bool { return q.p == 0.5 })
	if l.point >= 0 && !median && !(l.mean && len(l.quantiles) > 0) {
		l.quantiles = append(l.quantiles, quantileColumn{0.5, l.point})
	}
	slices.SortFunc(l.quantiles, func(a, b quantileColumn) int { return cmp.Compare(a.p, b.p) })
}

// row takes the values of a model out of a row of the table.
func (c *columns) row(m modelColumns, row []float64) [][]float64 {
	cells := make([][]float64, len(m.quantiles))
	for i, l := range m.quantiles {
		for _, k := range l.samples {
			cells[i] = append(cells[i], row[k])
		}
		if len(l.samples) == 0 {
			for _, q := range l.quantiles {
				cells[i] = append(cells[i], row[q.column])
			}
		}
	}
	return cells
}
