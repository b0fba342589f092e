package formats

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"slices"
	"testing"

	"tsgen/series"
)

// A list that says it is longer than its file is refused before room is made for it, wherever it is.
func TestListsOfArrowSchemas(t *testing.T) {
	data, err := os.ReadFile("testdata/pyarrow.feather")
	if err != nil {
		t.Fatal(err)
	}
	size := int(binary.LittleEndian.Uint32(data[len(data)-arrowTail:]))
	refused := 0
	for at := len(data) - arrowTail - size; at+4 <= len(data)-arrowTail; at += 4 {
		bad := slices.Clone(data)
		binary.LittleEndian.PutUint32(bad[at:], 1<<28)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := Read(bytes.NewReader(bad), series.ReadOptions{MaxBytes: 1 << 20})
		runtime.ReadMemStats(&after)
		if most := after.TotalAlloc - before.TotalAlloc; most > 1<<27 {
			t.Errorf("%d bytes for a file with another number at %d: %v", most, at, err)
		}
		if errors.Is(err, errLongerThanFile) {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no length of a list was found")
	}
}
