package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Write writes the tensors and the metadata. The same content gives the same
// bytes: metadata and tensors are ordered by name.
//
// It fails if a name occurs twice, is that of the metadata or is not UTF-8, if
// a text of the metadata is not UTF-8, if a tensor's data do not match its
// shape, and if the header would be longer than MaxHeader.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	head, err := Head(metadata, tensors)
	if err != nil {
		return err
	}
	return WriteAfter(w, head, tensors)
}

// Head returns what Write writes before the data: the length of the header and the header. Its
// errors are those of Write.
func Head(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	header, err := encodeHeader(metadata, sorted(tensors))
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return header, nil
}

// sorted returns the tensors ordered by name.
func sorted(tensors []Tensor) []Tensor {
	s := slices.Clone(tensors)
	slices.SortStableFunc(s, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// WriteAfter writes what Head returned, and the data behind it.
func WriteAfter(w io.Writer, head []byte, tensors []Tensor) error {
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(head) // bufio keeps the first error
	var cell [8]byte
	for _, t := range sorted(tensors) {
		b.Write(t.Bytes)
		for part := range t.parts() {
			for _, v := range part {
				binary.LittleEndian.PutUint64(cell[:], math.Float64bits(v))
				b.Write(cell[:])
			}
		}
	}
	return b.Flush()
}

// encodeHeader returns the length of the header of tensors that are sorted by name, and the header.
func encodeHeader(metadata map[string]string, sorted []Tensor) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, lengthBytes))
	b.WriteByte('{')
	if len(metadata) > 0 {
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, fmt.Errorf("metadata %q: not UTF-8 text", k)
			}
		}
		b.WriteString(`"` + metadataKey + `":`)
		if err := encodeJSON(&b, metadata); err != nil {
			return nil, err
		}
	}
	var offset int64
	for i, t := range sorted {
		if err := t.check(); err != nil {
			return nil, err
		}
		if i > 0 && sorted[i-1].Name == t.Name {
			return nil, fmt.Errorf("two tensors are named %q", t.Name)
		}
		dtype, size := t.dtype()
		end := offset + size*t.size()
		if b.Len() > lengthBytes+1 {
			b.WriteByte(',')
		}
		if err := encodeJSON(&b, t.Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		entry := entry{Dtype: dtype, Shape: t.Shape, Offsets: []int64{offset, end}}
		if entry.Shape == nil {
			entry.Shape = []int{}
		}
		if err := encodeJSON(&b, entry); err != nil {
			return nil, err
		}
		offset = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	n := b.Len() - lengthBytes
	if n > MaxHeader {
		return nil, fmt.Errorf("the header has %d bytes, at most %d can be read back", n, MaxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(n))
	return b.Bytes(), nil
}

// lengthBytes is the number of bytes of the length of the header.
const lengthBytes = 8

// check says what is wrong with a tensor that is to be written.
func (t *Tensor) check() error {
	switch n, ok := elements(t.Shape); {
	case t.Name == metadataKey:
		return fmt.Errorf("a tensor is named %q, which is reserved", t.Name)
	case !utf8.ValidString(t.Name):
		return fmt.Errorf("tensor %q: the name is not UTF-8 text", t.Name)
	case !ok:
		return fmt.Errorf("tensor %q: impossible shape %v", t.Name, t.Shape)
	case n != t.size():
		return fmt.Errorf("tensor %q: %d values for shape %v", t.Name, t.size(), t.Shape)
	}
	return nil
}

// encodeJSON appends v as JSON without a line end, with <, > and & as they are.
func encodeJSON(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1)
	return nil
}
