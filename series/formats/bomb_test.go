package formats

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"tsgen/series"
)

// A small Arrow stream that unpacks to more text than may be read is refused before it fills the
// memory, whether a dictionary or zstd makes it small.
func TestArrowBomb(t *testing.T) {
	const long, rows = 10_000, 1000
	words := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	for range rows {
		if err := words.AppendString(strings.Repeat("x", long)); err != nil {
			t.Fatal(err)
		}
	}
	numbers := array.NewFloat64Builder(memory.DefaultAllocator)
	numbers.AppendValues(make([]float64, 100*rows), nil)
	for name, column := range map[string]arrow.Array{"a dictionary": words.NewArray(), "packed batches": numbers.NewArray()} {
		schema := arrow.NewSchema([]arrow.Field{{Name: "y", Type: column.DataType()}}, nil)
		var b bytes.Buffer
		w := ipc.NewWriter(&b, ipc.WithSchema(schema), ipc.WithZstd())
		for range 20 {
			if err := w.Write(array.NewRecordBatch(schema, []arrow.Array{column}, int64(column.Len()))); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(&b, series.ReadOptions{MaxBytes: 2 << 20}); b.Len() > 1<<20 || !errors.Is(err, series.ErrTooLarge) {
			t.Errorf("%s, %d bytes: %v, want %v", name, b.Len(), err, series.ErrTooLarge)
		}
	}
}
