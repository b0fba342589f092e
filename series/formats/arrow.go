package formats

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"tsgen/series"
)

// readArrowFile reads all record batches of an Arrow IPC file.
func readArrowFile(file source, opt *series.ReadOptions) (t *series.Table, err error) {
	const what = "an Arrow file"
	defer guard(opt.Name, what, &err)
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, named(opt.Name, err)
	}
	if err := checkFooter(file, size); err != nil {
		return nil, damaged(opt.Name, what, err)
	}
	f, err := ipc.NewFileReader(file, limits(size, opt)...)
	if err != nil {
		return nil, damaged(opt.Name, what, err)
	}
	defer f.Close()
	return readBatches(f.Schema(), what, opt, f.Read)
}

// readArrowStream reads all record batches of an Arrow IPC stream.
func readArrowStream(in io.Reader, opt *series.ReadOptions) (t *series.Table, err error) {
	const what = "an Arrow stream"
	defer guard(opt.Name, what, &err)
	in, err = checkStream(in, cmp.Or(opt.MaxBytes, defaultBytes))
	if err != nil {
		return nil, damaged(opt.Name, what, err)
	}
	r, err := ipc.NewReader(in, limits(0, opt)...)
	if err != nil {
		return nil, damaged(opt.Name, what, err)
	}
	defer r.Release()
	return readBatches(r.Schema(), what, opt, r.Read)
}

// limits bound what a file of a size, zero if it is not known, makes a reader allocate.
func limits(size int64, opt *series.ReadOptions) []ipc.Option {
	most := cmp.Or(opt.MaxBytes, defaultBytes)
	if ratio := cmp.Or(opt.MaxRatio, 200); size > 0 {
		const always = 64 << 20
		most = min(most, max(always, int64(ratio*float64(size))))
	}
	return []ipc.Option{ipc.WithBodySizeLimit(most), ipc.WithAllocator(bounded{memory.DefaultAllocator, most})}
}

// bounded allocates no more than so many bytes at a time. A damaged file would have more;
// its reader recovers the panic, since allocators have no errors.
type bounded struct {
	memory.Allocator
	most int64
}

func (b bounded) check(size int) {
	if int64(size) > b.most {
		panic(fmt.Errorf("a buffer of %d bytes, more than %d", size, b.most))
	}
}

// Allocate implements memory.Allocator.
func (b bounded) Allocate(size int) []byte {
	b.check(size)
	return b.Allocator.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (b bounded) Reallocate(size int, p []byte) []byte {
	b.check(size)
	return b.Allocator.Reallocate(size, p)
}

// readBatches reads record batches of a schema until there are no more.
func readBatches(schema *arrow.Schema, what string, opt *series.ReadOptions, next func() (arrow.RecordBatch, error)) (*series.Table, error) {
	var columns []int
	var plain []bool
	var names, out []string
	var zones []*time.Location
	for i, f := range schema.Fields() {
		typ := storage(f.Type)
		if d, ok := typ.(*arrow.DictionaryType); ok {
			typ = d.ValueType
		}
		switch typ.ID() {
		case arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.FIXED_SIZE_BINARY, arrow.RUN_END_ENCODED:
			out = append(out, strconv.Quote(f.Name))
			continue
		}
		if arrow.IsNested(typ.ID()) {
			out = append(out, strconv.Quote(f.Name))
			continue
		}
		const digits = 76 // of the widest decimal type
		if d, ok := typ.(arrow.DecimalType); ok && max(d.GetPrecision(), d.GetScale(), -d.GetScale()) > digits {
			return nil, damaged(opt.Name, what, fmt.Errorf("column %q: decimals of %d digits and a scale of %d", f.Name, d.GetPrecision(), d.GetScale()))
		}
		if typ, ok := typ.(*arrow.TimestampType); ok {
			zone, err := zoneOf(typ.TimeZone)
			if err != nil {
				return nil, &series.ParseError{Name: opt.Name, Column: f.Name, Err: fmt.Errorf("%w: its zone %q is not known", series.ErrTime, typ.TimeZone)}
			}
			if typ.TimeZone == "" {
				zone = nil
			}
			zones = append(zones, zone)
		}
		columns, names = append(columns, i), append(names, f.Name)
		plain = append(plain, !isText(typ))
	}
	t, err := series.NewTable(opt.Name, names, true)
	if err != nil {
		return nil, err
	}
	for i, is := range plain {
		if is {
			t.Plain(i)
		}
	}
	leftOut(t, out)
	follow(opt, zones)
	rows, most := 0, cmp.Or(opt.MaxBytes, defaultBytes)
	var text []byte
	for {
		batch, err := next()
		if errors.Is(err, io.EOF) {
			return t, nil
		} else if err != nil {
			return nil, &series.ParseError{Name: opt.Name, Line: rows + 1, ByRow: true, Err: fmt.Errorf("%s that is %w: %w", what, ErrDamaged, err)}
		}
		for i, c := range columns {
			write, err := arrowCell(batch.Column(c))
			if err != nil {
				return nil, &series.ParseError{Name: opt.Name, Column: names[i], Err: err}
			}
			for row := range int(batch.NumRows()) {
				text = write(text[:0], row)
				if t.Append(i, text); t.Bytes() > most {
					return nil, &series.ParseError{Name: opt.Name, Err: fmt.Errorf("%w: its cells have more than %d bytes of text; --max-bytes allows more", series.ErrTooLarge, most)}
				}
			}
		}
		for range batch.NumRows() {
			rows++
			t.Row(rows)
		}
	}
}

// isText reports whether values of a type are texts.
func isText(t arrow.DataType) bool {
	return t.ID() == arrow.STRING || t.ID() == arrow.LARGE_STRING || t.ID() == arrow.STRING_VIEW
}

// storage returns the type in which values of an extension are kept.
func storage(t arrow.DataType) arrow.DataType {
	if e, ok := t.(arrow.ExtensionType); ok {
		return e.StorageType()
	}
	return t
}

// arrowCell returns what writes the values of an array as text, nothing for nulls.
func arrowCell(a arrow.Array) (func(dst []byte, row int) []byte, error) {
	if e, ok := a.(array.ExtensionArray); ok {
		return arrowCell(e.Storage())
	}
	write, err := arrowValue(a)
	if err != nil {
		return nil, err
	}
	return func(dst []byte, row int) []byte {
		if a.IsNull(row) {
			return dst
		}
		return write(dst, row)
	}, nil
}

// arrowValue is arrowCell for values that are not null.
func arrowValue(a arrow.Array) (func(dst []byte, row int) []byte, error) {
	switch a := a.(type) {
	case *array.Dictionary:
		value, err := arrowCell(a.Dictionary())
		return func(dst []byte, row int) []byte { return value(dst, a.GetValueIndex(row)) }, err
	case *array.Float64:
		return func(dst []byte, row int) []byte { return appendFloat(dst, a.Value(row), 64) }, nil
	case *array.Float32:
		return func(dst []byte, row int) []byte { return appendFloat(dst, float64(a.Value(row)), 32) }, nil
	case *array.Float16:
		return func(dst []byte, row int) []byte { return appendFloat(dst, float64(a.Value(row).Float32()), 32) }, nil
	case *array.Int64:
		return func(dst []byte, row int) []byte { return strconv.AppendInt(dst, a.Value(row), 10) }, nil
	case *array.Boolean:
		return func(dst []byte, row int) []byte { return strconv.AppendBool(dst, a.Value(row)) }, nil
	case interface {
		arrow.Array
		Value(int) string
	}:
		return func(dst []byte, row int) []byte { return append(dst, a.Value(row)...) }, nil
	case *array.Timestamp:
		typ := a.DataType().(*arrow.TimestampType)
		zone, err := zoneOf(typ.TimeZone)
		if typ.TimeZone == "" {
			zone = nil
		}
		u := arrowUnit(typ.Unit)
		return func(dst []byte, row int) []byte { return u.appendStamp(dst, int64(a.Value(row)), zone) }, err
	case *array.Date32:
		return func(dst []byte, row int) []byte { return appendDate(dst, int64(a.Value(row))) }, nil
	case *array.Date64:
		return func(dst []byte, row int) []byte { return appendDate(dst, floorDiv(int64(a.Value(row)), 86400e3)) }, nil
	case *array.Time32:
		u := arrowUnit(a.DataType().(*arrow.Time32Type).Unit)
		return func(dst []byte, row int) []byte { return u.appendClock(dst, int64(a.Value(row))) }, nil
	case *array.Time64:
		u := arrowUnit(a.DataType().(*arrow.Time64Type).Unit)
		return func(dst []byte, row int) []byte { return u.appendClock(dst, int64(a.Value(row))) }, nil
	}
	return func(dst []byte, row int) []byte { return append(dst, a.ValueStr(row)...) }, nil
}

func arrowUnit(u arrow.TimeUnit) unit { return unit(u.Multiplier()) }

// arrowSchema returns the schema of a table.
func (t *typed) arrowSchema() *arrow.Schema {
	fields := make([]arrow.Field, len(t.columns))
	for i, c := range t.columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.arrowType(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

func (c *column) arrowType() arrow.DataType {
	switch c.kind {
	case numbers:
		return arrow.PrimitiveTypes.Float64
	case integers:
		return arrow.PrimitiveTypes.Int64
	case truths:
		return arrow.FixedWidthTypes.Boolean
	case dates:
		return arrow.FixedWidthTypes.Date32
	case civilStamps, zonedStamps:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: c.zone}
	}
	return arrow.BinaryTypes.String
}

// batchRows is the number of rows of a record batch.
const batchRows = 1 << 16

// writeArrow writes a table as an Arrow IPC file, or stream.
func writeArrow(w io.Writer, t *typed, stream bool) error {
	schema := t.arrowSchema()
	var out interface {
		Write(arrow.RecordBatch) error
		Close() error
	}
	var err error
	if stream {
		out = ipc.NewWriter(w, ipc.WithSchema(schema))
	} else if out, err = ipc.NewFileWriter(w, ipc.WithSchema(schema)); err != nil {
		return err
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for from := 0; from < max(t.rows, 1); from += batchRows {
		for i, c := range t.columns {
			for row := from; row < min(t.rows, from+batchRows); row++ {
				c.appendArrow(b.Field(i), row)
			}
		}
		batch := b.NewRecordBatch()
		err := out.Write(batch)
		batch.Release()
		if err != nil {
			return err
		}
	}
	return out.Close()
}

// appendArrow appends the cell of a row to what builds its column.
func (c *column) appendArrow(to array.Builder, row int) {
	if c.null(row) {
		to.AppendNull()
		return
	}
	switch b := to.(type) {
	case *array.Float64Builder:
		b.Append(c.number(row))
	case *array.Int64Builder:
		b.Append(c.whole(row))
	case *array.BooleanBuilder:
		b.Append(c.cells[row] == "true")
	case *array.Date32Builder:
		b.Append(arrow.Date32(c.whole(row)))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(c.whole(row)))
	case *array.StringBuilder:
		b.Append(c.cells[row])
	}
}
