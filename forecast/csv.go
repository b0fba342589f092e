package forecast

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"tsgen/series"
)

// WriteCSV writes the forecast of the continuation of p in the layout that
// Nixtla's users know, one row for each series and time:
//
//	unique_id,ds,<model>,<model>-lo-80,<model>-hi-80,<model>-lo-95,<model>-hi-95
//
// The model's column is the median, and each level, in percent, adds the bounds
// of a central interval, in the order given. The columns of identifiers and
// times have the names that they have in p; a single series without an
// identifier has no such column. With several channels each has columns of its
// own, named as those of a model <model>-<channel>, so that what finds the
// interval of a model by its name finds a channel's likewise. Times come in the
// layout and zone of p, numbers in the shortest form that reads back the same.
func WriteCSV(w io.Writer, p *series.Panel, f *Forecast, levels []float64) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if err := match(p, f); err != nil {
		return fmt.Errorf("forecast: the panel: %w", err)
	}
	for i, l := range levels {
		if !(l > 0 && l < 100) {
			return fmt.Errorf("forecast: a level of %v %%, want one between 0 and 100", l)
		}
		if slices.Contains(levels[:i], l) {
			return fmt.Errorf("forecast: level %v %% is given twice", l)
		}
	}
	out := csv.NewWriter(w)
	withID := p.IDColumn != "" || len(p.Series) > 1
	if err := out.Write(header(p, f, levels, withID)); err != nil {
		return err
	}
	probabilities := []float64{0.5}
	for _, l := range levels {
		lo, hi := bounds(l)
		probabilities = append(probabilities, lo, hi)
	}
	for _, d := range f.Series {
		q := d.Quantiles(probabilities...)
		width := d.Width()
		for i, t := range d.Times {
			var row []string
			if withID {
				row = append(row, d.ID)
			}
			row = append(row, series.Stamp(p.Axis, t))
			for c := range width {
				for _, v := range q {
					row = append(row, series.FormatNumber(v[i*width+c]))
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

func header(p *series.Panel, f *Forecast, levels []float64, withID bool) []string {
	var h []string
	if withID {
		h = append(h, cmp.Or(p.IDColumn, "unique_id"))
	}
	h = append(h, cmp.Or(p.TimeColumn, "ds"))
	for _, c := range f.Channels {
		name := f.Model
		if len(f.Channels) > 1 {
			name += "-" + c
		}
		h = append(h, name)
		for _, l := range levels {
			label := strconv.FormatFloat(l, 'g', -1, 64)
			h = append(h, name+"-lo-"+label, name+"-hi-"+label)
		}
	}
	return h
}
