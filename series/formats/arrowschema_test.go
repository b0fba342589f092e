package formats

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"tsgen/internal/textinput"
	"tsgen/series"
)

// A list that says it is longer than its schema is refused before room is made for it, wherever it is.
func TestListsOfArrowSchemas(t *testing.T) {
	for _, name := range []string{"pyarrow.feather", "pyarrow.arrows"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		from, to := 8, 8+int(binary.LittleEndian.Uint32(data[4:])) // the first message of a stream
		if bytes.HasPrefix(data, arrowMark) {
			to = len(data) - arrowTail
			from = to - int(binary.LittleEndian.Uint32(data[to:]))
		}
		refused := 0
		for at := from; at+4 <= to; at += 4 {
			bad := slices.Clone(data)
			binary.LittleEndian.PutUint32(bad[at:], 1<<28)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := Read(bytes.NewReader(bad), series.ReadOptions{MaxBytes: 1 << 20})
			runtime.ReadMemStats(&after)
			if most := after.TotalAlloc - before.TotalAlloc; most > 1<<27 {
				t.Errorf("%s: %d bytes for a file with another number at %d: %v", name, most, at, err)
			}
			if errors.Is(err, errLongList) {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("%s: no length of a list was found", name)
		}
	}
}

// A schema of a stream that is longer than what is looked at first is checked, too, and is read.
func TestWideArrowStream(t *testing.T) {
	var fields []arrow.Field
	for i := range 3000 {
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("column%d", i), Type: arrow.PrimitiveTypes.Float64})
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for row := range 3 {
		for i := range fields {
			b.Field(i).(*array.Float64Builder).Append(float64(row * i))
		}
	}
	var data bytes.Buffer
	w := ipc.NewWriter(&data, ipc.WithSchema(schema))
	if err := errors.Join(w.Write(b.NewRecordBatch()), w.Close()); err != nil {
		t.Fatal(err)
	}
	if n := binary.LittleEndian.Uint32(data.Bytes()[4:]); n <= textinput.Window {
		t.Fatalf("a schema of %d bytes", n)
	}
	p, _, err := Read(bytes.NewReader(data.Bytes()), series.ReadOptions{Time: "column1"})
	if err != nil || p.Width() != 2999 {
		t.Fatalf("%v, want 2999 channels", err)
	}
	root := 8 + binary.LittleEndian.Uint32(data.Bytes()[8:])
	bad := slices.Clone(data.Bytes())
	for at := root; int(at) < len(bad)/4; at += 4 {
		if binary.LittleEndian.Uint32(bad[at:]) == 3000 {
			binary.LittleEndian.PutUint32(bad[at:], 1<<28)
			break
		}
	}
	if _, _, err := Read(bytes.NewReader(bad), series.ReadOptions{}); !errors.Is(err, errLongList) {
		t.Errorf("a list of 2^28 fields: %v", err)
	}
}
