package safetensors

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
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
// a text of the metadata is not UTF-8 or has the key DigestKey, if a tensor's data
// do not match its shape, and if the header would be longer than MaxHeader.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, sorted, err := prepare(metadata, tensors, false)
	if err != nil {
		return err
	}
	return write(w, header, sorted)
}

// WriteSealed is Write of a file with a digest, at DigestKey of its metadata.
func WriteSealed(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, sorted, err := prepare(metadata, tensors, true)
	if err != nil {
		return err
	}
	h := sha256.New()
	if err := write(h, header, sorted); err != nil {
		return err
	}
	hex.Encode(header[len(sealStart):], h.Sum(nil))
	return write(w, header, sorted)
}

// prepare returns the header, with zeros in the place of the digest of a sealed file,
// and the tensors in the order of their names.
func prepare(metadata map[string]string, tensors []Tensor, sealed bool) (header []byte, sorted []Tensor, err error) {
	sorted = slices.Clone(tensors)
	slices.SortStableFunc(sorted, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	if header, err = encodeHeader(metadata, sorted, sealed); err != nil {
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	return header, sorted, nil
}

func write(w io.Writer, header []byte, sorted []Tensor) error {
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) // bufio keeps the first error
	b.Write(header)
	var cell [8]byte
	for _, t := range sorted {
		for _, v := range t.Data {
			binary.LittleEndian.PutUint64(cell[:], math.Float64bits(v))
			b.Write(cell[:])
		}
	}
	return b.Flush()
}

// encodeHeader returns the header of tensors that are sorted by name.
func encodeHeader(metadata map[string]string, sorted []Tensor, sealed bool) ([]byte, error) {
	for k, v := range metadata {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("metadata %q: not UTF-8 text", k)
		}
		if k == DigestKey {
			return nil, fmt.Errorf("the metadata have %q, which is that of the digest", k)
		}
	}
	var b bytes.Buffer
	switch {
	case sealed:
		b.WriteString(sealStart)
		b.Write(noDigest)
		b.WriteString(`"`)
		if len(metadata) > 0 {
			var rest bytes.Buffer
			if err := encodeJSON(&rest, metadata); err != nil {
				return nil, err
			}
			b.WriteString(",")
			b.Write(rest.Bytes()[1 : rest.Len()-1])
		}
		b.WriteString("}")
	case len(metadata) > 0:
		b.WriteString(`{"` + metadataKey + `":`)
		if err := encodeJSON(&b, metadata); err != nil {
			return nil, err
		}
	default:
		b.WriteByte('{')
	}
	var offset int64
	for i, t := range sorted {
		if err := t.check(); err != nil {
			return nil, err
		}
		if i > 0 && sorted[i-1].Name == t.Name {
			return nil, fmt.Errorf("two tensors are named %q", t.Name)
		}
		end := offset + 8*int64(len(t.Data))
		if b.Len() > 1 {
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
	if b.Len() > MaxHeader {
		return nil, fmt.Errorf("the header has %d bytes, at most %d can be read back", b.Len(), MaxHeader)
	}
	return b.Bytes(), nil
}

// check says what is wrong with a tensor that is to be written.
func (t *Tensor) check() error {
	switch n, ok := elements(t.Shape); {
	case t.Name == metadataKey:
		return fmt.Errorf("a tensor is named %q, which is reserved", t.Name)
	case !utf8.ValidString(t.Name):
		return fmt.Errorf("tensor %q: the name is not UTF-8 text", t.Name)
	case !ok:
		return fmt.Errorf("tensor %q: impossible shape %v", t.Name, t.Shape)
	case n != int64(len(t.Data)):
		return fmt.Errorf("tensor %q: %d values for shape %v", t.Name, len(t.Data), t.Shape)
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
