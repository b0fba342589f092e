package forecast

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"tsgen/internal/atomicfile"
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
	return CSVOptions{Levels: levels}.Write(w, p, f)
}

// CSVOptions say which columns of a forecast are written.
type CSVOptions struct {
	Levels   []float64 // of central intervals, in percent
	Mean     bool      // a column <model>-mean beside the median
	Headless bool      // rows alone, which go on with a table
}

// Write writes the forecast as WriteCSV does, with the columns of the options. Of several
// forecasts, which must be of the same times, the columns stand side by side.
func (o CSVOptions) Write(w io.Writer, p *series.Panel, forecasts ...*Forecast) error {
	for _, f := range forecasts {
		if err := f.Validate(); err != nil {
			return err
		}
		if err := match(p, f); err != nil {
			return fmt.Errorf("forecast: the panel: %w", err)
		}
		for i, d := range f.Series {
			if !slices.Equal(d.Times, forecasts[0].Series[i].Times) {
				return fmt.Errorf("forecast of %s: %s and %s are of other times", Describe(d.ID), forecasts[0].Model, f.Model)
			}
		}
	}
	if err := checkLevels(o.Levels); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	withID := p.IDColumn != "" || len(p.Series) > 1
	keys := p.Keys(withID, "unique_id", "ds")
	header := keys.Header()
	for _, f := range forecasts {
		header = append(header, o.header(f.Model, f.Channels)...)
	}
	if !o.Headless {
		if err := out.Write(header); err != nil {
			return err
		}
	}
	for from := 0; from < len(p.Series); from += writtenAtOnce {
		some := p.Series[from:min(from+writtenAtOnce, len(p.Series))]
		rows := make([][][]string, len(some))
		err := EachSeries(context.Background(), len(some), func(i int) error {
			var columns [][][]float64
			for _, f := range forecasts {
				columns = append(columns, o.columns(f.Series[from+i]))
			}
			for k := range forecasts[0].Series[from+i].Times {
				var row []string
				for _, q := range columns {
					row = appendQuantiles(row, q, k, p.Width())
				}
				rows[i] = append(rows[i], row)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, s := range some {
			for k, t := range forecasts[0].Series[from+i].Times {
				if err := out.Write(append(keys.Append(nil, s.ID, t), rows[i][k]...)); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// writtenAtOnce is the number of series whose rows are made before they are written.
const writtenAtOnce = 256

// SaveCSV writes the forecast to the file at path, whole or not at all, as WriteCSV
// does.
func SaveCSV(path string, p *series.Panel, f *Forecast, levels []float64) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteCSV(w, p, f, levels) })
}

func checkLevels(levels []float64) error {
	for i, l := range levels {
		if !(l > 0 && l < 100) {
			return fmt.Errorf("forecast: a level of %v %%, want one between 0 and 100", l)
		}
		if slices.Contains(levels[:i], l) {
			return fmt.Errorf("forecast: level %v %% is given twice", l)
		}
	}
	return nil
}

// quantileHeader returns the names of a model's columns.
func quantileHeader(model string, channels []string, levels []float64) []string {
	var h []string
	for _, c := range channels {
		name := model
		if len(channels) > 1 {
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

// columns returns what is written of a distribution, row by row of its times and channels.
func (o CSVOptions) columns(d *Distribution) [][]float64 {
	q := d.Quantiles(quantileProbabilities(o.Levels)...)
	if o.Mean {
		q = slices.Insert(q, 1, d.MeanTo(nil))
	}
	return q
}

// header returns the names of a model's columns.
func (o CSVOptions) header(model string, channels []string) []string {
	h := quantileHeader(model, channels, o.Levels)
	if !o.Mean {
		return h
	}
	for c, per := len(channels)-1, 1+2*len(o.Levels); c >= 0; c-- {
		h = slices.Insert(h, c*per+1, h[c*per]+meanSuffix)
	}
	return h
}

// meanSuffix ends the name of a column of means.
const meanSuffix = "-mean"

// quantileProbabilities returns the probabilities of the quantiles in a model's
// columns.
func quantileProbabilities(levels []float64) []float64 {
	p := []float64{0.5}
	for _, l := range levels {
		lo, hi := bounds(l)
		p = append(p, lo, hi)
	}
	return p
}

// appendQuantiles appends the cells of row i of a model's quantiles q.
func appendQuantiles(cells []string, q [][]float64, i, width int) []string {
	for c := range width {
		for _, v := range q {
			cells = append(cells, series.FormatNumber(v[i*width+c]))
		}
	}
	return cells
}
