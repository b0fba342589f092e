package formats

import (
	"io"

	"github.com/parquet-go/parquet-go"
)

// Columns returns the names of the columns of a Parquet file that Rows reads. The name is that
// of the input in errors.
func Columns(file io.ReaderAt, size int64, name string) (columns []string, err error) {
	const what = "a Parquet file"
	defer guard(name, what, &err)
	f, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, damaged(name, what, err)
	}
	columns, _ = cellsOf(f)
	return columns, nil
}

// Rows calls do with each row of a Parquet file in turn, its cells as text in the order of
// Columns, until that fails. An empty cell is missing. The slice is used again.
func Rows(file io.ReaderAt, size int64, name string, do func(cells []string) error) (err error) {
	const what = "a Parquet file"
	var failed error
	defer func() {
		if failed != nil {
			err = failed
		}
	}()
	defer guard(name, what, &err)
	f, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return damaged(name, what, err)
	}
	names, places := cellsOf(f)
	cells := make([]string, len(names))
	var text []byte
	batch := make([]parquet.Row, 256)
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		for {
			n, end := rows.ReadRows(batch)
			for _, row := range batch[:n] {
				for _, v := range row {
					p, ok := places[v.Column()]
					if !ok {
						continue
					}
					text = text[:0]
					if !v.IsNull() {
						text = p.write(text, v)
					}
					cells[p.at] = string(text)
				}
				if failed = do(cells); failed != nil {
					return rows.Close()
				}
			}
			if end == io.EOF {
				break
			} else if end != nil {
				return damaged(name, what, end)
			}
		}
		if err := rows.Close(); err != nil {
			return damaged(name, what, err)
		}
	}
	return nil
}

// A place is where a value of a row goes, and how it is written.
type place struct {
	at    int
	write cell
}

// cellsOf returns the columns of values of a file, and their places by the index of the leaf.
func cellsOf(f *parquet.File) (names []string, places map[int]place) {
	zones := zonesOf(f)
	places = make(map[int]place)
	for _, c := range f.Root().Columns() {
		write, _, _ := cellOf(c, zones[c.Name()])
		if write == nil {
			continue
		}
		places[c.Index()] = place{len(names), write}
		names = append(names, c.Name())
	}
	return names, places
}
