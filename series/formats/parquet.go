package formats

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"tsgen/series"
)

// arrowSchema is the key under which Arrow's writers keep their schema in Parquet, which
// has the names of zones.
const arrowSchema = "ARROW:schema"

// readParquet reads all row groups of a Parquet file.
func readParquet(file source, opt *series.ReadOptions) (t *series.Table, err error) {
	const what = "a Parquet file"
	defer guard(opt.Name, what, &err)
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, named(opt.Name, err)
	}
	f, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, damaged(opt.Name, what, err)
	}
	zones := zonesOf(f)
	var columns []parquetColumn
	var names, out []string
	var clocks []*time.Location
	for _, c := range f.Root().Columns() {
		write, zone, stamped := cellOf(c, zones[c.Name()])
		if write == nil {
			out = append(out, strconv.Quote(c.Name()))
			continue
		}
		if stamped {
			clocks = append(clocks, zone)
		}
		columns = append(columns, parquetColumn{c.Index(), c.Type().Kind(), write})
		names = append(names, c.Name())
	}
	if t, err = series.NewTable(opt.Name, names, true); err != nil {
		return nil, err
	}
	for i, c := range columns {
		if c.kind != parquet.ByteArray {
			t.Plain(i)
		}
	}
	leftOut(t, out)
	follow(opt, clocks)
	rows := 0
	for _, group := range f.RowGroups() {
		chunks := group.ColumnChunks()
		for i, c := range columns {
			n, err := c.read(t, i, chunks[c.index])
			if err == nil && int64(n) != group.NumRows() {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return nil, &series.ParseError{Name: opt.Name, Line: rows + n + 1, ByRow: true, Column: names[i], Err: fmt.Errorf("%s that is %w: %w", what, ErrDamaged, err)}
			}
		}
		for range group.NumRows() {
			rows++
			t.Row(rows)
		}
	}
	return t, nil
}

// A cell writes a value as text.
type cell func(dst []byte, v parquet.Value) []byte

// A parquetColumn is a column of values and not of groups.
type parquetColumn struct {
	index int // of the leaf
	kind  parquet.Kind
	write cell
}

// read appends the values of a row group to a column of the table, and returns their number.
func (c parquetColumn) read(t *series.Table, column int, chunk parquet.ColumnChunk) (rows int, err error) {
	pages := chunk.Pages()
	defer pages.Close()
	values := make([]parquet.Value, 1024)
	var text []byte
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		for in := page.Values(); err == nil; {
			var n int
			n, err = in.ReadValues(values)
			for _, v := range values[:n] {
				text = text[:0]
				if !v.IsNull() {
					text = c.write(text, v)
				}
				t.Append(column, text)
				rows++
			}
		}
		parquet.Release(page)
		if err != io.EOF {
			return rows, err
		}
	}
}

// cellOf returns how the values of a column are written, nil if they cannot be, and the
// zone if they are time stamps. A stamp without a zone in Arrow's schema has that of UTC.
func cellOf(c *parquet.Column, zone *time.Location) (write cell, in *time.Location, stamped bool) {
	if !c.Leaf() || c.Repeated() {
		return nil, nil, false
	}
	typ := c.Type()
	if l := typ.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			return textCell, nil, false
		case *format.DecimalType:
			return decimalCell(int(l.Scale)), nil, false
		case *format.DateType:
			return func(dst []byte, v parquet.Value) []byte { return appendDate(dst, int64(v.Int32())) }, nil, false
		case *format.TimeType:
			u := unit(l.Unit.Value.Duration())
			return func(dst []byte, v parquet.Value) []byte { return u.appendClock(dst, ticks(v)) }, nil, false
		case *format.TimestampType:
			u := unit(l.Unit.Value.Duration())
			if !l.IsAdjustedToUTC {
				zone = nil
			} else if zone == nil {
				zone = time.UTC
			}
			return func(dst []byte, v parquet.Value) []byte { return u.appendStamp(dst, ticks(v), zone) }, zone, true
		case *format.IntType:
			if !l.IsSigned {
				return unsignedCell, nil, false
			}
		case *format.NullType:
			return func(dst []byte, _ parquet.Value) []byte { return dst }, nil, false
		case *format.Float16Type, *format.UUIDType, *format.BsonType, *format.VariantType, *format.GeometryType, *format.GeographyType:
			return nil, nil, false
		}
	}
	switch typ.Kind() {
	case parquet.Boolean:
		return func(dst []byte, v parquet.Value) []byte { return strconv.AppendBool(dst, v.Boolean()) }, nil, false
	case parquet.Int32, parquet.Int64:
		return func(dst []byte, v parquet.Value) []byte { return strconv.AppendInt(dst, ticks(v), 10) }, nil, false
	case parquet.Int96: // nanoseconds of a day, and the Julian day
		return func(dst []byte, v parquet.Value) []byte {
			const epoch = 2440588 // 1970 in Julian days
			x := v.Int96()
			return time.Unix((int64(x[2])-epoch)*86400, int64(x[1])<<32|int64(x[0])).UTC().AppendFormat(dst, civilLayout)
		}, nil, true
	case parquet.Float:
		return func(dst []byte, v parquet.Value) []byte { return appendFloat(dst, float64(v.Float()), 32) }, nil, false
	case parquet.Double:
		return func(dst []byte, v parquet.Value) []byte { return appendFloat(dst, v.Double(), 64) }, nil, false
	case parquet.ByteArray: // of writers that do not say that it is text
		return textCell, nil, false
	}
	return nil, nil, false
}

// ticks returns a whole number of either width.
func ticks(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

func textCell(dst []byte, v parquet.Value) []byte { return append(dst, v.ByteArray()...) }

func unsignedCell(dst []byte, v parquet.Value) []byte {
	if v.Kind() == parquet.Int32 {
		return strconv.AppendUint(dst, uint64(v.Uint32()), 10)
	}
	return strconv.AppendUint(dst, v.Uint64(), 10)
}

// decimalCell writes decimals with so many places.
func decimalCell(scale int) cell {
	return func(dst []byte, v parquet.Value) []byte {
		x := new(big.Int)
		switch v.Kind() {
		case parquet.Int32, parquet.Int64:
			x.SetInt64(ticks(v))
		default: // in two's complement, the most significant byte first
			bytes := v.ByteArray()
			x.SetBytes(bytes)
			if len(bytes) > 0 && bytes[0] >= 0x80 {
				x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
			}
		}
		return append(dst, new(big.Rat).SetFrac(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)...)
	}
}

// zonesOf returns the zones of columns that Arrow's schema in a file names; none if there
// is no such schema, or it cannot be read.
func zonesOf(f *parquet.File) map[string]*time.Location {
	text, ok := f.Lookup(arrowSchema)
	if !ok {
		return nil
	}
	message, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	r, err := ipc.NewReader(bytes.NewReader(message))
	if err != nil {
		return nil
	}
	defer r.Release()
	zones := make(map[string]*time.Location)
	for _, field := range r.Schema().Fields() {
		if s, ok := field.Type.(*arrow.TimestampType); ok && s.TimeZone != "" {
			if zone, err := zoneOf(s.TimeZone); err == nil {
				zones[field.Name] = zone
			}
		}
	}
	return zones
}

// writeParquet writes a table as one row group of Parquet.
func writeParquet(w io.Writer, t *typed) error {
	fields := make([]parquet.Field, len(t.columns))
	for i, c := range t.columns {
		fields[i] = field{parquet.Optional(c.kind.parquetNode()), c.name}
	}
	out := parquet.NewWriter(w, parquet.NewSchema("table", ordered{parquet.Group{}, fields}), parquet.Compression(&parquet.Snappy),
		parquet.CreatedBy("tsgen", "", ""))
	var schema bytes.Buffer
	if err := ipc.NewWriter(&schema, ipc.WithSchema(t.arrowSchema())).Close(); err != nil {
		return err
	}
	const end = 8 // bytes of the end of the stream, which is no part of a schema
	out.SetKeyValueMetadata(arrowSchema, base64.StdEncoding.EncodeToString(schema.Bytes()[:schema.Len()-end]))
	rows := make([]parquet.Row, 0, 1024)
	for i := range t.rows {
		row := make(parquet.Row, len(t.columns))
		for j, c := range t.columns {
			row[j] = c.parquetValue(i).Level(0, 1, j)
			if c.null(i) {
				row[j] = parquet.NullValue().Level(0, 0, j)
			}
		}
		if rows = append(rows, row); len(rows) == cap(rows) || i == t.rows-1 {
			if _, err := out.WriteRows(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return out.Close()
}

// ordered is a group of fields in the order of a table; others are in that of their names.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

// Fields returns the fields in their order.
func (o ordered) Fields() []parquet.Field { return o.fields }

// A field is a node with a name.
type field struct {
	parquet.Node
	name string
}

// Name returns the name.
func (f field) Name() string { return f.name }

// Value returns the value of the field in a map; rows are written without it.
func (f field) Value(base reflect.Value) reflect.Value {
	return base.MapIndex(reflect.ValueOf(f.name))
}

func (k kind) parquetNode() parquet.Node {
	switch k {
	case numbers:
		return parquet.Leaf(parquet.DoubleType)
	case integers:
		return parquet.Int(64)
	case truths:
		return parquet.Leaf(parquet.BooleanType)
	case dates:
		return parquet.Date()
	case civilStamps, zonedStamps:
		return parquet.TimestampAdjusted(parquet.Microsecond, k == zonedStamps)
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

// parquetValue returns the value of a row, which must not be null.
func (c *column) parquetValue(row int) parquet.Value {
	switch c.kind {
	case numbers:
		return parquet.DoubleValue(c.number(row))
	case truths:
		return parquet.BooleanValue(c.cells[row] == "true")
	case dates:
		return parquet.Int32Value(int32(c.whole(row)))
	case integers, civilStamps, zonedStamps:
		return parquet.Int64Value(c.whole(row))
	}
	return parquet.ByteArrayValue([]byte(c.cells[row]))
}

// number returns a cell as a number, NaN for an empty one.
func (c *column) number(row int) float64 {
	x, err := strconv.ParseFloat(c.cells[row], 64)
	if err != nil {
		return math.NaN()
	}
	return x
}
