package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"tsgen/internal/scratch"
)

// encoded returns a file with the given header, padded, and n bytes of data.
func encoded(header string, n int) []byte {
	for len(header)%8 != 0 {
		header += " "
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func equal(a, b []Tensor) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || fmt.Sprint(a[i].Shape) != fmt.Sprint(b[i].Shape) || len(a[i].Data) != len(b[i].Data) || (a[i].Bytes == nil) != (b[i].Bytes == nil) || !bytes.Equal(a[i].Bytes, b[i].Bytes) {
			return false
		}
		for j := range a[i].Data {
			if math.Float64bits(a[i].Data[j]) != math.Float64bits(b[i].Data[j]) {
				return false
			}
		}
	}
	return true
}

// The file was written by the reference implementation; see testdata/README.md.
func TestReadReference(t *testing.T) {
	f, err := os.Open(filepath.Join("testdata", "python.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	metadata, tensors, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"kind": "golden", "text": `é "<&>"`}; !reflect.DeepEqual(metadata, want) {
		t.Errorf("metadata %q, want %q", metadata, want)
	}
	// numpy's NaN is Python's float("nan"): quiet, without payload.
	nan := math.Float64frombits(0x7ff8000000000000)
	want := map[string]Tensor{
		"weight": {Name: "weight", Shape: []int{2, 3}, Data: []float64{1.5, -2.25, nan, math.Inf(1), math.Copysign(0, -1), 5e-324}},
		"bias":   {Name: "bias", Shape: []int{2}, Data: []float64{0.1, 1e300}},
		"scalar": {Name: "scalar", Shape: nil, Data: []float64{3}},
		"empty":  {Name: "empty", Shape: []int{0, 4}, Data: nil},
	}
	if len(tensors) != len(want) {
		t.Errorf("%d tensors, want %d", len(tensors), len(want))
	}
	for _, got := range tensors {
		if w, ok := want[got.Name]; !ok || !equal([]Tensor{got}, []Tensor{w}) {
			t.Errorf("tensor %v, want %v", got, w)
		}
	}
}

// The bytes are spelled out after the description of the layout.
func TestWriteBytes(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, map[string]string{"z": "1", "a": `<"é">`}, []Tensor{
		{Name: "w", Shape: []int{1, 2}, Data: []float64{1, -2}},
		{Name: "b", Shape: nil, Data: []float64{0.5}},
	})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"a":"<\"é\">","z":"1"},` +
		`"b":{"dtype":"F64","shape":[],"data_offsets":[0,8]},` +
		`"w":{"dtype":"F64","shape":[1,2],"data_offsets":[8,24]}}`
	want := encoded(header, 0)
	for _, bits := range []uint64{0x3fe0000000000000, 0x3ff0000000000000, 0xc000000000000000} {
		want = binary.LittleEndian.AppendUint64(want, bits)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got\n%q, want\n%q", b.Bytes(), want)
	}
}

// Tensors come back to the bit through any reader, and an end or a failure anywhere in
// the file is reported as what it is.
func TestRoundTrip(t *testing.T) {
	long := make([]float64, 20000) // more than a chunk of the reader
	for i := range long {
		long[i] = float64(i)
	}
	tensors := []Tensor{
		{Name: "", Shape: []int{1}, Data: []float64{math.Float64frombits(0x7ff0000000000001)}}, // a signalling NaN
		{Name: "bytes", Shape: []int{3, 1000}, Bytes: bytes.Repeat([]byte{0, 7, 255}, 1000)},
		{Name: "bytes, none", Shape: []int{0}, Bytes: []byte{}},
		{Name: "empty", Shape: []int{3, 0, 2}, Data: nil},
		{Name: "long", Shape: []int{100, 200}, Data: long},
		{Name: "tail", Shape: nil, Data: []float64{math.Copysign(0, -1)}},
	}
	var b bytes.Buffer
	if err := Write(&b, nil, tensors); err != nil {
		t.Fatal(err)
	}
	file := bytes.Clone(b.Bytes())
	// Readers may hand out a byte at a time, or the last bytes with the end.
	for _, r := range []io.Reader{bytes.NewReader(file), iotest.OneByteReader(bytes.NewReader(file)), iotest.DataErrReader(bytes.NewReader(file))} {
		metadata, got, err := Read(r)
		if err != nil || len(metadata) != 0 || !equal(got, tensors) {
			t.Errorf("%T: got metadata %v, %d tensors, error %v", r, metadata, len(got), err)
		}
		room := scratch.New(t.TempDir(), 0)
		if _, got, err = ReadInto(bytes.NewReader(file), room, int64(len(file))); err != nil || !equal(got, tensors) {
			t.Errorf("into a file: %d tensors, error %v", len(got), err)
		}
		if err := room.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, n := range []int{0, 1, 7, 8, 9, 20, len(file) - 160001, len(file) - 8, len(file) - 1} {
		if _, _, err := Read(bytes.NewReader(file[:n])); !errors.Is(err, ErrTruncated) {
			t.Errorf("the first %d bytes: error %v, want ErrTruncated", n, err)
		}
	}
	broken := errors.New("broken")
	for _, n := range []int{0, 4, 20, len(file) - 1, len(file)} {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		if _, _, err := Read(r); !errors.Is(err, broken) {
			t.Errorf("reader that fails after %d bytes: error %v", n, err)
		}
	}
}

// Each way in which a file can be malformed is named, and no tensors come with the error.
func TestReadErrors(t *testing.T) {
	huge := encoded(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8)
	binary.LittleEndian.PutUint64(huge, 1<<60)
	float32s, err := os.ReadFile(filepath.Join("testdata", "float32.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	a := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`"a":{"dtype":%q,"shape":%s,"data_offsets":%s}`, dtype, shape, offsets)
	}
	for _, test := range []struct {
		name string
		file []byte
		want error
		text string
	}{
		{"empty", nil, ErrTruncated, "empty"},
		{"CSV", []byte("Month,Passengers\n1949-01,112\n"), ErrFormat, "no header"},
		{"huge header", huge, ErrTooLong, "1152921504606846976"},
		{"header beyond the file", append(binary.LittleEndian.AppendUint64(nil, MaxHeader), `{"a`...), ErrTruncated, "ends after 3"},
		{"no object", encoded(`["a"]`, 0), ErrFormat, "no header"},
		{"header not closed", encoded(`{`+a("F64", "[1]", "[0,8]"), 8), ErrFormat, "header"},
		{"bad JSON", encoded(`{"a":}`, 0), ErrFormat, `"a"`},
		{"key not text", encoded(`{1:2}`, 0), ErrFormat, "header"},
		{"text after header", encoded(`{}{}`, 0), ErrFormat, "after the header"},
		{"metadata not text", encoded(`{"__metadata__":{"a":1}}`, 0), ErrFormat, "metadata"},
		{"float32", float32s, ErrDtype, `"F32"`},
		{"twice", encoded(`{`+a("F64", "[1]", "[0,8]")+`,`+a("F64", "[1]", "[8,16]")+`}`, 16), ErrFormat, "twice"},
		{"twice within a tensor", encoded(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"shape":[1]}}`, 8), ErrFormat, `"shape" twice`},
		{"twice within the metadata", encoded(`{"__metadata__":{"k":"1","k":"2"}}`, 0), ErrFormat, `"k" twice`},
		{"metadata twice", encoded(`{"__metadata__":{},"__metadata__":{}}`, 0), ErrFormat, "twice"},
		{"no shape", encoded(`{"a":{"dtype":"F64","data_offsets":[0,8]}}`, 8), ErrFormat, "shape"},
		{"null", encoded(`{"a":null}`, 0), ErrFormat, "shape"},
		{"one offset", encoded(`{`+a("F64", "[1]", "[8]")+`}`, 8), ErrFormat, "offsets"},
		{"three offsets", encoded(`{`+a("F64", "[1]", "[0,8,8]")+`}`, 8), ErrFormat, "offsets"},
		{"negative dimension", encoded(`{`+a("F64", "[-1]", "[0,-8]")+`}`, 8), ErrFormat, "shape"},
		{"size overflows", encoded(`{`+a("F64", "[4294967296,4294967296]", "[0,0]")+`}`, 0), ErrFormat, "shape"},
		{"bytes overflow", encoded(`{`+a("F64", "[2305843009213693952]", "[0,0]")+`}`, 0), ErrFormat, "shape"},
		{"dimension too large", encoded(`{`+a("F64", "[18446744073709551616]", "[0,0]")+`}`, 0), ErrFormat, `"a"`},
		{"bytes as numbers", encoded(`{`+a("U8", "[2]", "[0,16]")+`}`, 16), ErrFormat, "needs 2 bytes"},
		{"bytes too short", encoded(`{`+a("U8", "[16]", "[0,16]")+`}`, 15), ErrTruncated, "after 15 of them"},
		{"wrong size", encoded(`{`+a("F64", "[2]", "[0,8]")+`}`, 8), ErrFormat, "needs 16 bytes"},
		{"backwards", encoded(`{`+a("F64", "[1]", "[8,0]")+`}`, 8), ErrFormat, "needs 8 bytes"},
		{"negative offset", encoded(`{`+a("F64", "[1]", "[-8,0]")+`}`, 8), ErrFormat, "offsets"},
		{"gap at the beginning", encoded(`{`+a("F64", "[1]", "[8,16]")+`}`, 16), ErrFormat, "begins at byte 8"},
		{"gap", encoded(`{`+a("F64", "[1]", "[0,8]")+`,"b":{"dtype":"F64","shape":[1],"data_offsets":[16,24]}}`, 24), ErrFormat, `"b" begins at byte 16`},
		{"overlap", encoded(`{`+a("F64", "[2]", "[0,16]")+`,"b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), ErrFormat, `"b" begins at byte 8`},
		{"data too long", encoded(`{`+a("F64", "[1]", "[0,8]")+`}`, 9), ErrFormat, "goes on"},
		{"data too short", encoded(`{`+a("F64", "[2]", "[0,16]")+`}`, 15), ErrTruncated, "after 1 of them"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, tensors, err := Read(bytes.NewReader(test.file))
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want %v with %q", err, test.want, test.text)
			}
			if tensors != nil {
				t.Error("tensors in spite of an error")
			}
		})
	}
}

// A few bytes must not make the reader allocate what they promise.
func TestReadAllocatesWhatArrives(t *testing.T) {
	for name, file := range map[string][]byte{
		"tensor": encoded(`{"a":{"dtype":"F64","shape":[1152921504606846975],"data_offsets":[0,9223372036854775800]}}`, 64),
		"header": append(binary.LittleEndian.AppendUint64(nil, MaxHeader), '{'),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := Read(bytes.NewReader(file))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: error %v", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, n, len(file))
		}
	}
}

// What a reader would refuse is not written, not even in part, and
// a writer's error is passed on.
func TestWriteErrors(t *testing.T) {
	one := []float64{1}
	for _, test := range []struct {
		name     string
		metadata map[string]string
		tensors  []Tensor
		want     string
	}{
		{"twice", nil, []Tensor{{Name: "a", Shape: []int{1}, Data: one}, {Name: "a", Shape: []int{1}, Data: one}}, "two tensors"},
		{"reserved", nil, []Tensor{{Name: "__metadata__", Shape: []int{1}, Data: one}}, "reserved"},
		{"not UTF-8", nil, []Tensor{{Name: "\xff", Shape: []int{1}, Data: one}}, "UTF-8"},
		{"metadata not UTF-8", map[string]string{"a": "\xff"}, nil, "UTF-8"},
		{"too few bytes", nil, []Tensor{{Name: "a", Shape: []int{2}, Bytes: []byte{1}}}, "1 values for shape [2]"},
		{"too few values", nil, []Tensor{{Name: "a", Shape: []int{2}, Data: one}}, "1 values for shape [2]"},
		{"negative", nil, []Tensor{{Name: "a", Shape: []int{-1}, Data: one}}, "impossible shape"},
		{"header too long", map[string]string{"a": strings.Repeat("a", MaxHeader)}, nil, "at most"},
	} {
		var b bytes.Buffer
		err := Write(&b, test.metadata, test.tensors)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes written in spite of the error", test.name, b.Len())
		}
	}
	broken := &brokenWriter{}
	if err := Write(broken, nil, []Tensor{{Name: "a", Shape: []int{20000}, Data: make([]float64, 20000)}}); !errors.Is(err, errBroken) {
		t.Errorf("broken writer: error %v", err)
	}
}

var errBroken = errors.New("broken")

// A brokenWriter takes one write.
type brokenWriter struct{ used bool }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.used {
		return 0, errBroken
	}
	w.used = true
	return len(p), nil
}

// Whatever the file, there is either an error of a known kind, or content that
// is written and read again unchanged.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"python.safetensors", "float32.safetensors"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(encoded(`{}`, 0))
	f.Add(encoded(`{"a":{"dtype":"F64","shape":[2,0],"data_offsets":[0,0]},"b":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}`, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		metadata, tensors, err := Read(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrTooLong) && !errors.Is(err, ErrDtype) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := Write(&first, metadata, tensors); err != nil {
			t.Fatal(err)
		}
		metadata, tensors, err = Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(&second, metadata, tensors); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatal("the second round differs from the first")
		}
	})
}

// BenchmarkWrite measures the writing of 8 MB.
func BenchmarkWrite(b *testing.B) {
	tensors := []Tensor{{Name: "a", Shape: []int{1 << 10, 1 << 10}, Data: make([]float64, 1<<20)}}
	b.SetBytes(8 << 20)
	for b.Loop() {
		if err := Write(io.Discard, nil, tensors); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead measures the reading of 8 MB, checked.
func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	if err := Write(&file, nil, []Tensor{{Name: "a", Shape: []int{1 << 10, 1 << 10}, Data: make([]float64, 1<<20)}}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(8 << 20)
	for b.Loop() {
		if _, _, err := Read(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
