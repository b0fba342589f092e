package series

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"
	gota "github.com/go-gota/gota/series"

	"tsgen/series/internal/packed"
)

// FromDataFrame reads series from a gota data frame as ReadCSV does from a
// file: columns and layouts are found in the same way, and errors count the
// rows of the frame from 1 as lines. Numbers are taken exactly, not in the six
// decimals in which gota prints them; NaN in any column is a missing value.
func FromDataFrame(df dataframe.DataFrame, opt ReadOptions) (*Panel, *Sniffed, error) {
	if opt.Name == "" {
		opt.Name = "data frame"
	}
	if df.Err != nil {
		return nil, nil, fmt.Errorf("%s: %w", opt.Name, df.Err)
	}
	t := &table{name: opt.Name, names: df.Names()}
	if len(t.names) == 0 {
		return nil, nil, &ParseError{Name: t.name, Err: ErrEmpty}
	}
	if df.Nrow() == 0 {
		return nil, nil, &ParseError{Name: t.name, Err: ErrNoRows}
	}
	if err := t.checkNames(0); err != nil {
		return nil, nil, err
	}
	for _, name := range df.Names() {
		t.cells = append(t.cells, columnText(df.Col(name)))
	}
	for i := range df.Nrow() {
		t.lines.append(i + 1)
	}
	return t.panel(&opt)
}

// columnText returns the cells of a gota column as text that reads back the
// same.
func columnText(col gota.Series) *packed.Column {
	out := &packed.Column{}
	for i := range col.Len() {
		switch e := col.Elem(i); {
		case e.IsNA():
			out.Append(nil)
		case e.Type() == gota.Float:
			out.Append([]byte(FormatNumber(e.Float())))
		default:
			out.Append([]byte(e.String()))
		}
	}
	return out
}

// DataFrame returns the panel as a gota data frame with the columns that
// WriteCSV writes: strings for identifiers and time stamps, floats with NaN
// for missing values in the channels.
func (p *Panel) DataFrame() dataframe.DataFrame {
	keys := p.Keys(p.IDColumn != "", "", "time")
	header := keys.Header()
	named := make([][]string, len(header))
	values := make([][]float64, p.Width())
	var row []string
	for _, s := range p.Series {
		for i, t := range s.Times {
			row = keys.Append(row[:0], s.ID, t)
			for c, cell := range row {
				named[c] = append(named[c], cell)
			}
			for c, v := range s.Row(i) {
				values[c] = append(values[c], v)
			}
		}
	}
	var columns []gota.Series
	for c, name := range header {
		columns = append(columns, gota.New(named[c], gota.String, name))
	}
	for c, name := range p.Channels {
		columns = append(columns, gota.New(values[c], gota.Float, name))
	}
	return dataframe.New(columns...)
}
