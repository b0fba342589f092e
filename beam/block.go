package beamtsgen

import (
	"encoding/binary"
	"errors"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// A Block is rows of one series that stand in one file.
type Block struct {
	File  string
	Key   string   // of the series: the cells of the identifiers, with a zero byte between
	Lines []int64  // of the rows, from 1; of Parquet their numbers
	Cells []string // row by row, in the order of the table's columns
}

func init() {
	beam.RegisterCoder(reflect.TypeFor[Block](), encodeBlock, decodeBlock)
}

// encodeBlock writes lengths, lines as differences and cells: a row of a key, a date and a number
// takes some 30 bytes.
func encodeBlock(b Block) []byte {
	out := make([]byte, 0, 64+40*len(b.Lines))
	text := func(s string) {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	text(b.File)
	text(b.Key)
	out = binary.AppendUvarint(out, uint64(len(b.Lines)))
	before := int64(0)
	for _, n := range b.Lines {
		out = binary.AppendVarint(out, n-before)
		before = n
	}
	out = binary.AppendUvarint(out, uint64(len(b.Cells)))
	for _, c := range b.Cells {
		text(c)
	}
	return out
}

var errBlock = errors.New("beamtsgen: a block that ends early")

// decodeBlock reads what encodeBlock wrote.
func decodeBlock(in []byte) (b Block, err error) {
	number := func() uint64 {
		x, n := binary.Uvarint(in)
		if n <= 0 {
			err = errBlock
			return 0
		}
		in = in[n:]
		return x
	}
	all := string(in) // the cells share its memory
	text := func() string {
		n := number()
		if err != nil || n > uint64(len(in)) {
			err = errBlock
			return ""
		}
		from := len(all) - len(in)
		in = in[n:]
		return all[from : from+int(n)]
	}
	b.File, b.Key = text(), text()
	rows := number()
	if err != nil || rows > uint64(len(in)) {
		return b, errBlock
	}
	b.Lines = make([]int64, rows)
	before := int64(0)
	for i := range b.Lines {
		d, n := binary.Varint(in)
		if n <= 0 {
			return b, errBlock
		}
		in = in[n:]
		before += d
		b.Lines[i] = before
	}
	cells := number()
	if err != nil || cells > uint64(len(in)) {
		return b, errBlock
	}
	b.Cells = make([]string, cells)
	for i := range b.Cells {
		b.Cells[i] = text()
	}
	return b, err
}
