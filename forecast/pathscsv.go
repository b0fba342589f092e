package forecast

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"tsgen/series"
)

// WritePaths writes the sample paths of the forecast of the continuation of p as CSV, one row
// for each series, path, time and channel:
//
//	unique_id,path,ds,value
//
// Paths are numbered from 1. With several channels a column channel, which names them,
// stands before the value. The names of the columns of identifiers and times, and what is
// written in them, are as in WriteCSV. It fails if a series has a forecast but no paths.
func WritePaths(w io.Writer, p *series.Panel, f *Forecast) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if err := match(p, f); err != nil {
		return fmt.Errorf("forecast: the panel: %w", err)
	}
	out := csv.NewWriter(w)
	withID := p.IDColumn != "" || len(p.Series) > 1
	keys := p.Keys(withID, "unique_id", "ds")
	key := keys.Header()
	ids := len(key) - len(p.Keys(false, "", "ds").Header())
	header := append(append(append([]string{}, key[:ids]...), "path"), key[ids:]...)
	several := len(f.Channels) > 1
	if several {
		header = append(header, "channel")
	}
	if err := out.Write(append(header, "value")); err != nil {
		return err
	}
	var row []string
	for _, d := range f.Series {
		if len(d.Times) > 0 && len(d.Paths) == 0 {
			return fmt.Errorf("forecast of %s: no sample paths to write", Describe(d.ID))
		}
		width := d.Width()
		for n, path := range d.Paths {
			for k, v := range path {
				key = keys.Append(key[:0], d.ID, d.Times[k/width])
				row = append(append(append(row[:0], key[:ids]...), strconv.Itoa(n+1)), key[ids:]...)
				if several {
					row = append(row, f.Channels[k%width])
				}
				if err := out.Write(append(row, series.FormatNumber(v))); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}
