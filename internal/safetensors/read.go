package safetensors

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"tsgen/internal/scratch"
	"tsgen/internal/strictjson"
)

// An entry describes a tensor in the header.
type entry struct {
	Dtype   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"`

	name string
}

// Read reads a file to its end and returns its metadata and its tensors, in the
// order of their data. What is wrong with the file is said by an error that
// wraps ErrFormat, ErrTruncated, ErrTooLong or ErrDtype; other errors are those
// of r.
func Read(r io.Reader) (metadata map[string]string, tensors []Tensor, err error) {
	return ReadInto(r, nil, 0)
}

// ReadInto is Read of a file of so many bytes, whose values it puts into the room given.
func ReadInto(r io.Reader, room *scratch.Store, size int64) (metadata map[string]string, tensors []Tensor, err error) {
	b := bufio.NewReaderSize(r, 1<<16)
	header, err := readHeader(b)
	if err != nil {
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	metadata, entries, err := parseHeader(header)
	if err == nil {
		err = checkOffsets(entries)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	for _, e := range entries {
		t := Tensor{Name: e.name, Shape: e.Shape}
		n, _ := elements(e.Shape)
		if e.Dtype == bytes8 {
			t.Bytes, err = readBytes(b, n, room, size)
		} else {
			t.Data, err = readValues(b, n, room, size/8)
		}
		if errors.Is(err, ErrTruncated) {
			err = fmt.Errorf("%w: tensor %q needs %d values, the file ends after %d of them", ErrTruncated, e.name, n, len(t.Data)+len(t.Bytes))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("safetensors: %w", err)
		}
		tensors = append(tensors, t)
	}
	switch _, err := b.ReadByte(); {
	case err == nil:
		return nil, nil, fmt.Errorf("safetensors: %w: the file goes on after its last tensor", ErrFormat)
	case err != io.EOF:
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	return metadata, tensors, nil
}

// readHeader returns the JSON text of the header.
func readHeader(b *bufio.Reader) ([]byte, error) {
	start, err := b.Peek(9)
	switch {
	case err == io.EOF && len(start) == 0:
		return nil, fmt.Errorf("%w: the file is empty", ErrTruncated)
	case err == io.EOF:
		return nil, fmt.Errorf("%w: the file has only %d bytes", ErrTruncated, len(start))
	case err != nil:
		return nil, err
	case start[8] != '{':
		return nil, fmt.Errorf("%w: no header at its beginning", ErrFormat)
	}
	n := binary.LittleEndian.Uint64(start)
	if n > MaxHeader {
		return nil, fmt.Errorf("%w: a header of %d bytes, at most %d are allowed", ErrTooLong, n, MaxHeader)
	}
	if _, err := b.Discard(8); err != nil {
		return nil, err
	}
	header, err := io.ReadAll(io.LimitReader(b, int64(n)))
	if err != nil {
		return nil, err
	}
	if uint64(len(header)) < n {
		return nil, fmt.Errorf("%w: the header should have %d bytes, the file ends after %d of them", ErrTruncated, n, len(header))
	}
	return header, nil
}

// parseHeader returns what the header says. Go's decoder would take the last of
// several keys of the same name, which the layout forbids.
func parseHeader(header []byte) (metadata map[string]string, entries []entry, err error) {
	if err := strictjson.CheckExact(header); errors.Is(err, strictjson.ErrTwice) {
		return nil, nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}
	d := json.NewDecoder(bytes.NewReader(header))
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("%w: header: %v", ErrFormat, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("%w: header: %v", ErrFormat, err)
		}
		name, _ := key.(string) // a key is nothing else
		if name == metadataKey {
			if err := d.Decode(&metadata); err != nil {
				return nil, nil, fmt.Errorf("%w: metadata: %v", ErrFormat, err)
			}
			continue
		}
		e := entry{name: name}
		if err := d.Decode(&e); err != nil {
			return nil, nil, fmt.Errorf("%w: tensor %q: %v", ErrFormat, name, err)
		}
		if err := e.check(); err != nil {
			return nil, nil, err
		}
		entries = append(entries, e)
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("%w: header: %v", ErrFormat, err)
	}
	if rest := header[d.InputOffset():]; len(bytes.TrimRight(rest, " ")) > 0 {
		return nil, nil, fmt.Errorf("%w: text after the header's end", ErrFormat)
	}
	return metadata, entries, nil
}

// check says what is wrong with the entry, seen for itself.
func (e *entry) check() error {
	if e.Shape == nil || len(e.Offsets) != 2 {
		return fmt.Errorf("%w: tensor %q: needs dtype, shape and two data_offsets", ErrFormat, e.name)
	}
	size := int64(8) // of an element
	switch e.Dtype {
	case float64s:
	case bytes8:
		size = 1
	default:
		return fmt.Errorf("%w: tensor %q has elements of type %q", ErrDtype, e.name, e.Dtype)
	}
	n, ok := elements(e.Shape)
	if !ok {
		return fmt.Errorf("%w: tensor %q: impossible shape %v", ErrFormat, e.name, e.Shape)
	}
	if from, to := e.Offsets[0], e.Offsets[1]; from < 0 || to < from || to-from != size*n {
		return fmt.Errorf("%w: tensor %q: shape %v needs %d bytes, but its data_offsets are %d and %d",
			ErrFormat, e.name, e.Shape, size*n, from, to)
	}
	return nil
}

// checkOffsets sorts the entries by the place of their data, and says where
// data overlap or leave a gap. Tensors without values go before the one that
// begins at the same place.
func checkOffsets(entries []entry) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})
	var end int64
	for _, e := range entries {
		if e.Offsets[0] != end {
			return fmt.Errorf("%w: tensor %q begins at byte %d of the data, but what comes before ends at %d",
				ErrFormat, e.name, e.Offsets[0], end)
		}
		end = e.Offsets[1]
	}
	return nil
}

// readValues reads n values. If there are fewer, it returns those, and
// ErrTruncated. It allocates at most about twice what it reads, and 64 KiB, or where it has room as much
// as a file has values.
func readValues(r io.Reader, n int64, room *scratch.Store, most int64) ([]float64, error) {
	buf := make([]byte, 8*min(n, 1<<13))
	values := make([]float64, 0, len(buf)/8)
	if room != nil && n <= most {
		values = scratch.Make[float64](room, int(n))[:0]
	}
	for int64(len(values)) < n {
		chunk := buf[:min(int64(len(buf)), 8*(n-int64(len(values))))]
		got, err := io.ReadFull(r, chunk)
		for at := 0; at+8 <= got; at += 8 {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(chunk[at:])))
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return values, ErrTruncated
		} else if err != nil {
			return values, err
		}
	}
	return values, nil
}

// readBytes is readValues of bytes.
func readBytes(r io.Reader, n int64, room *scratch.Store, most int64) ([]byte, error) {
	if room == nil || n > most {
		text, err := io.ReadAll(io.LimitReader(r, n))
		if err == nil && int64(len(text)) < n {
			err = ErrTruncated
		}
		return text, err
	}
	text := scratch.Make[byte](room, int(n))
	got, err := io.ReadFull(r, text)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = ErrTruncated
	}
	return text[:got], err
}
