package forecast

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mathext"

	"tsgen/series"
	"tsgen/series/outlier"
)

// A Decomposer tells what series are made of.
type Decomposer interface {
	Model

	// Components splits each series of history into parts that add up to its values. The
	// error wraps ErrMismatch or ErrTooShort if that cannot be done.
	Components(ctx context.Context, history *series.Panel, opt Options) ([]*Components, error)
}

// Decompose splits each series of history into parts that add up to its values. Absurd values
// (see Outliers) bend no trend and no season: d doesn't see them, unless opt says so, and they
// are in the remainder. They are returned, too. Breaks of the level bend no season either: they are steps of the trend.
func Decompose(ctx context.Context, d Decomposer, history *series.Panel, opt Options) ([]*Components, []outlier.Finding, error) {
	_, found := opt.Outliers.Seen(history, opt.Season)
	found = slices.DeleteFunc(found, func(f outlier.Finding) bool { return f.Break && f.Of != outlier.Level })
	all, err := d.Components(ctx, outlier.Limit(history, found), opt)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range slices.Backward(found) {
		if f.Break {
			all[f.Series].step(f, history.Width())
		}
	}
	for _, f := range found {
		all[f.Series].Complete(history.Series[f.Series].Values)
	}
	return all, slices.DeleteFunc(found, func(f outlier.Finding) bool { return f.Break }), nil
}

// step has the trend, the first component, take the break of the level that the values before were moved for: there it
// is lower or higher again, and where the spread changes with the level all components are.
func (c *Components) step(f outlier.Finding, width int) {
	scale, shift := f.Move()
	for k := f.Channel; k < f.Row*width; k += width {
		c.Mean[0][k] -= shift
		for i := range c.Mean {
			c.Mean[i][k] /= scale
			c.SD[i][k] /= scale
		}
	}
}

// DecomposeEach is Decompose of each series by itself, without those that d has too few values of to split. It
// returns the history of the others, their components and what was found in them.
func DecomposeEach(ctx context.Context, d Decomposer, history *series.Panel, opt Options) (*series.Panel, []*Components, []outlier.Finding, error) {
	split, absurd := make([]*Components, len(history.Series)), make([][]outlier.Finding, len(history.Series))
	err := EachSeries(ctx, len(split), func(i int) error {
		all, found, err := Decompose(ctx, d, history.With(history.Series[i:i+1]), opt)
		if errors.Is(err, ErrTooShort) {
			return nil
		}
		if err != nil {
			return err
		}
		split[i], absurd[i] = all[0], found
		return nil
	})
	if err != nil {
		return nil, nil, nil, err
	}
	var some []*series.Series
	var all []*Components
	var found []outlier.Finding
	for i, c := range split {
		if c == nil {
			continue
		}
		for _, f := range absurd[i] {
			f.Series = len(some)
			found = append(found, f)
		}
		some, all = append(some, history.Series[i]), append(all, c)
	}
	return history.With(some), all, found, nil
}

// Remainder is the name of the last component, what the others leave.
const Remainder = "remainder"

// SeasonName returns the name of the component of a season of so many steps: season-12.
func SeasonName(period float64) string { return "season-" + strconv.FormatFloat(period, 'g', 6, 64) }

// Components are the parts of one series at its times.
type Components struct {
	ID    string
	Names []string // such as trend, season-12; the last is Remainder

	// Mean and SD hold for each component a value for each time and channel, row-major: what
	// it is taken for, and how uncertain that is. The means add up to the values; where
	// one is missing so is the remainder.
	Mean, SD [][]float64
}

// HasPart reports whether a component of that name is other than zero in one of the series.
func HasPart(all []*Components, name string) bool {
	return slices.ContainsFunc(all, func(c *Components) bool {
		k := slices.Index(c.Names, name)
		return k >= 0 && slices.ContainsFunc(c.Mean[k], func(v float64) bool { return v != 0 })
	})
}

// Complete sets the remainder, the last component, to what the others leave of the values, and
// its deviations to zero.
func (c *Components) Complete(values []float64) {
	last := len(c.Names) - 1
	c.Mean[last], c.SD[last] = make([]float64, len(values)), make([]float64, len(values))
	for k, y := range values {
		for _, m := range c.Mean[:last] {
			y -= m[k]
		}
		c.Mean[last][k] = y
	}
}

// WriteComponents writes the components of the series of p as CSV, one row for each series, time
// and channel:
//
//	unique_id,ds,channel,value,trend,trend-lo-80,trend-hi-80,season-12,...,remainder
//
// The column channel is left out if there is one. The bounds are of Gaussian intervals; the
// remainder has none. All series must have the same components, or lack some, whose cells
// are empty then.
func WriteComponents(w io.Writer, p *series.Panel, all []*Components, levels []float64) error {
	if len(all) != len(p.Series) {
		return fmt.Errorf("forecast: components of %d series, of %d", len(all), len(p.Series))
	}
	if err := checkLevels(levels); err != nil {
		return err
	}
	names := ComponentNames(all)
	keys := p.Keys(p.IDColumn != "" || len(p.Series) > 1, "unique_id", "ds")
	header := keys.Header()
	if p.Width() > 1 {
		header = append(header, "channel")
	}
	header = append(header, "value")
	for _, name := range names {
		columns := quantileHeader(name, []string{name}, levels)
		if name == Remainder {
			columns = columns[:1]
		}
		header = append(header, columns...)
	}
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	probabilities := quantileProbabilities(levels)
	for i, s := range p.Series {
		for k, y := range s.Values {
			row := keys.Append(nil, s.ID, s.Times[k/p.Width()])
			if p.Width() > 1 {
				row = append(row, p.Channels[k%p.Width()])
			}
			row = append(row, cell(y))
			for _, name := range names {
				row = all[i].appendCells(row, name, k, probabilities)
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// appendCells appends the mean of a component of value k and its Gaussian quantiles after the
// first of the probabilities, of the remainder none; cells are empty if there is no such
// component.
func (c *Components) appendCells(row []string, name string, k int, probabilities []float64) []string {
	if name == Remainder {
		probabilities = probabilities[:1]
	}
	at := slices.Index(c.Names, name)
	if at < 0 {
		return append(row, make([]string, len(probabilities))...)
	}
	row = append(row, cell(c.Mean[at][k]))
	for _, p := range probabilities[1:] {
		row = append(row, cell(c.Mean[at][k]+c.SD[at][k]*mathext.NormalQuantile(p)))
	}
	return row
}

// ComponentNames returns the names of all components, each once, the remainder last.
func ComponentNames(all []*Components) []string {
	var names []string
	seen := map[string]bool{Remainder: true}
	for _, c := range all {
		for _, name := range c.Names {
			if !seen[name] {
				seen[name], names = true, append(names, name)
			}
		}
	}
	return append(names, Remainder)
}
