package formats

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Where the parts of Arrow's metadata are in their tables (Footer.fbs, Message.fbs and Schema.fbs of
// the format's specification).
const (
	footerSchema     = 6
	messageHeader    = 8
	schemaFields     = 6
	schemaProperties = 8
	fieldChildren    = 14
	fieldProperties  = 16
)

// arrowTail is the length of the size of the footer and the mark that end an Arrow file.
const arrowTail = 4 + len("ARROW1")

var errLongList = errors.New("a list of its schema is longer than the schema")

// checkFooter refuses an Arrow file of a size whose schema has lists that are longer than its footer:
// its reader would make room for all that they say.
func checkFooter(file source, size int64) error {
	var tail [4]byte
	if _, err := file.ReadAt(tail[:], size-int64(arrowTail)); err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-int64(arrowTail) {
		return errors.New("its footer is longer than the file")
	}
	footer := make([]byte, n)
	if _, err := file.ReadAt(footer, size-int64(arrowTail)-n); err != nil {
		return err
	}
	return checkSchema(footer, footerSchema)
}

// checkStream is checkFooter for the first message of a stream, which holds its schema and has no more
// than so many bytes. It returns the whole stream.
func checkStream(in io.Reader, most int64) (io.Reader, error) {
	begin := make([]byte, 8) // a mark and the message's length
	if _, err := io.ReadFull(in, begin); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(begin[4:]))
	if n > most {
		return nil, fmt.Errorf("a schema of %d bytes, more than %d", n, most)
	}
	message, err := io.ReadAll(io.LimitReader(in, n))
	if err == nil && int64(len(message)) < n {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = checkSchema(message, messageHeader)
	}
	return io.MultiReader(bytes.NewReader(begin), bytes.NewReader(message), in), err
}

// checkSchema checks the schema that is a part of the root of a buffer.
func checkSchema(buffer []byte, part flatbuffers.VOffsetT) error {
	if len(buffer) < flatbuffers.SizeUOffsetT {
		return io.ErrUnexpectedEOF
	}
	root := flatbuffers.Table{Bytes: buffer, Pos: flatbuffers.GetUOffsetT(buffer)}
	at := flatbuffers.UOffsetT(root.Offset(part))
	if at == 0 {
		return nil
	}
	schema := flatbuffers.Table{Bytes: buffer, Pos: root.Indirect(at + root.Pos)}
	if _, err := list(&schema, schemaProperties); err != nil {
		return err
	}
	return checkFields(&schema, schemaFields)
}

// checkFields checks the lists of the fields in a list of a table.
func checkFields(t *flatbuffers.Table, part flatbuffers.VOffsetT) error {
	fields, err := list(t, part)
	for _, at := range fields {
		if err != nil {
			break
		}
		field := flatbuffers.Table{Bytes: t.Bytes, Pos: at}
		if _, err = list(&field, fieldProperties); err == nil {
			err = checkFields(&field, fieldChildren)
		}
	}
	return err
}

// list returns where the tables of a list of a table are.
func list(t *flatbuffers.Table, part flatbuffers.VOffsetT) ([]flatbuffers.UOffsetT, error) {
	at := flatbuffers.UOffsetT(t.Offset(part))
	if at == 0 {
		return nil, nil
	}
	n := t.VectorLen(at)
	if n > len(t.Bytes)/flatbuffers.SizeUOffsetT {
		return nil, errLongList
	}
	tables := make([]flatbuffers.UOffsetT, n)
	for i := range tables {
		tables[i] = t.Indirect(t.Vector(at) + flatbuffers.UOffsetT(i*flatbuffers.SizeUOffsetT))
	}
	return tables, nil
}
