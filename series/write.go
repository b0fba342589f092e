package series

import (
	"encoding/csv"
	"io"
)

// WriteCSV writes the panel as CSV: the identifiers (if it has an IDColumn),
// the time stamps in the layout and zone of the axis, and a column for each
// channel, series by series. Numbers are in the shortest form that reads back
// the same; missing values are empty cells. What is known ahead is not written.
func (p *Panel) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	row := make([]string, 0, p.Width()+2)
	keys := p.Keys(p.IDColumn != "", "", "time")
	if err := out.Write(append(keys.Header(), p.Channels...)); err != nil {
		return err
	}
	for _, s := range p.Series {
		for i, t := range s.Times {
			row = keys.Append(row[:0], s.ID, t)
			for _, v := range s.Row(i) {
				row = append(row, FormatNumber(v))
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// timeColumn returns the name of the time column, which panels made by hand
// may lack.
func (p *Panel) timeColumn() string {
	if p.TimeColumn == "" {
		return "time"
	}
	return p.TimeColumn
}
