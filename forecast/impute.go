package forecast

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"tsgen/series"
	"tsgen/series/outlier"
)

// Impute returns what m knows of the history as it is to see it (see Fit), confined to the
// domains of the channels. What lies before a break of the level has the level before it.
func Impute(ctx context.Context, m Imputer, history *series.Panel, opt Options) (*Forecast, error) {
	_, found := opt.Outliers.Seen(history, opt.Season)
	found = slices.DeleteFunc(found, func(o outlier.Finding) bool { return o.Break && o.Of != outlier.Level })
	opt.Outliers = KeepOutliers
	f, err := m.Impute(ctx, outlier.Limit(history, found), opt)
	if err != nil {
		return nil, err
	}
	f = movedBack(f, history, found)
	domains := opt.Domains
	if opt.Signal {
		if domains == nil {
			domains = SeenDomains(history)
		}
		domains = OfSignal(domains)
	}
	return Confine(f, history, domains), nil
}

// movedBack returns the forecast with the values before breaks of the level brought back to the level
// that outlier.Limit has taken them from. It shares with f what does not change.
func movedBack(f *Forecast, history *series.Panel, found []outlier.Finding) *Forecast {
	found = slices.DeleteFunc(slices.Clone(found), func(o outlier.Finding) bool { return !o.Break })
	if len(found) == 0 {
		return f
	}
	moved := *f
	moved.Series = slices.Clone(f.Series)
	for _, o := range slices.Backward(found) {
		d, from := moved.Series[o.Series], history.Series[o.Series].Times[o.Row]
		scale, shift := o.Move()
		back := func(values []float64, shift float64) []float64 {
			values = slices.Clone(values)
			for k := o.Channel; k < len(values) && d.Times[k/d.Width()] < from; k += d.Width() {
				values[k] = (values[k] - shift) / scale
			}
			return values
		}
		all := func(draws [][]float64) [][]float64 {
			draws = slices.Clone(draws)
			for i, x := range draws {
				draws[i] = back(x, shift)
			}
			return draws
		}
		own := *d
		own.Mean, own.SD, own.Paths, own.Values = back(d.Mean, shift), back(d.SD, 0), all(d.Paths), all(d.Values)
		moved.Series[o.Series] = &own
	}
	return &moved
}

// Missing returns for each series of p the times at which a value is missing:
// those at which not every channel was observed, and those at which a regular
// series skips steps between its first and its last time. The error is that of
// series.Panel.Grid.
func Missing(p *series.Panel) ([][]float64, error) {
	missing := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		for k, t := range s.Times {
			if slices.ContainsFunc(s.Row(k), math.IsNaN) {
				missing[i] = append(missing[i], t)
			}
		}
		if !p.Step.Regular() || s.Len() == 0 {
			continue
		}
		p := p.For(s)
		_, rows, err := p.Grid(s)
		if err != nil {
			return nil, err
		}
		first := p.Coordinate(s.Times[0])
		for k := 1; k < len(rows); k++ {
			for r := rows[k-1] + 1; r < rows[k]; r++ {
				missing[i] = append(missing[i], p.TimeAt(first+float64(r)))
			}
		}
		slices.Sort(missing[i])
	}
	return missing, nil
}

// WriteImputed writes the series of p as CSV with what f knows of their missing
// values, one row for each time of a series or of its distribution:
//
//	unique_id,ds,<channel>,<channel>-imputed,<channel>-lo-80,<channel>-hi-80,...
//
// A channel has its value where that was observed, else the median of f; then 0
// for observed values, 1 for others, and the bounds of each level, in percent,
// of the others. What f does not know either is left empty. The series of f are
// matched by position.
func WriteImputed(w io.Writer, p *series.Panel, f *Forecast, levels []float64) error {
	return writeImputed(w, p, f, levels, func(missing bool) bool { return missing })
}

// WriteSignals is as WriteImputed for a forecast of what is measured without the noise of
// measurements: a channel has the median of f, and the bounds, also where it was observed, as far as
// f has its time.
func WriteSignals(w io.Writer, p *series.Panel, f *Forecast, levels []float64) error {
	return writeImputed(w, p, f, levels, func(bool) bool { return true })
}

// writeImputed writes what f says where replaced, given whether a value is missing, says so.
func writeImputed(w io.Writer, p *series.Panel, f *Forecast, levels []float64, replaced func(missing bool) bool) error {
	if err := checkLevels(levels); err != nil {
		return err
	}
	if err := f.Validate(); err != nil {
		return err
	}
	if err := match(p, f); err != nil {
		return fmt.Errorf("forecast: the panel: %w", err)
	}
	out := csv.NewWriter(w)
	withID := p.IDColumn != "" || len(p.Series) > 1
	keys := p.Keys(withID, "unique_id", "ds")
	header := keys.Header()
	for _, c := range p.Channels {
		bounds := quantileHeader(c, []string{c}, levels)[1:]
		header = append(append(header, c, c+"-imputed"), bounds...)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for i, s := range p.Series {
		d := f.Series[i]
		times := slices.Concat(s.Times, d.Times)
		slices.Sort(times)
		q := d.Quantiles(quantileProbabilities(levels)...)
		for _, t := range slices.Compact(times) {
			row := keys.Append(nil, s.ID, t)
			at, seen := slices.BinarySearch(s.Times, t)
			k, known := slices.BinarySearch(d.Times, t)
			for c := range p.Channels {
				value := math.NaN()
				if seen {
					value = s.Row(at)[c]
				}
				imputed := math.IsNaN(value)
				replace := replaced(imputed) && known
				if replace {
					value = q[0][k*p.Width()+c]
				}
				row = append(row, cell(value), strconv.Itoa(order(imputed)))
				for _, bound := range q[1:] {
					b := math.NaN()
					if replace {
						b = bound[k*p.Width()+c]
					}
					row = append(row, cell(b))
				}
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
