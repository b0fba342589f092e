// Package textinput opens text as people keep it: plain or compressed, in UTF-8 or another
// encoding, with or without a byte order mark, and no larger than it may be.
package textinput

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// Options are the options of Open. The zero value is ready to use.
type Options struct {
	// Encoding is the name of the encoding, one of Encodings. Empty means what a byte order
	// mark says, else UTF-8, or Windows-1252 if the text is evidently no UTF-8: a superset of
	// Latin-1 as printed text has it.
	Encoding string

	// MaxBytes is the number of bytes that the text may have, unpacked; zero means 8 GiB.
	MaxBytes int64

	// MaxRatio is the number of bytes of text that a byte of compressed input may unpack to,
	// once the text has 64 MiB; zero means 200. Tables of numbers have 3 to 30.
	MaxRatio float64
}

// Defaults of Options, and the size of a text from which on the ratio counts.
const (
	defaultBytes = 8 << 30
	defaultRatio = 200
	ratioFrom    = 64 << 20
)

// Window is the size of the buffer of a Text, from which the encoding is told.
const Window = 1 << 16

var (
	// ErrTooLarge is the error of text beyond a limit.
	ErrTooLarge = errors.New("larger than it may be")

	// ErrDamaged is the error of compressed data that cannot be unpacked.
	ErrDamaged = errors.New("damaged or cut short")

	// ErrBinary is the error of what is no text.
	ErrBinary = errors.New("binary data, or UTF-16 without a byte order mark, which --encoding utf-16le or utf-16be reads")

	// ErrEncoding is the error of an encoding that is not known.
	ErrEncoding = errors.New("no such encoding")
)

// encodings are those that can be asked for; nil is UTF-8.
var encodings = map[string]encoding.Encoding{
	"utf-8":        nil,
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32le":     utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32be":     utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	"latin-1":      charmap.ISO8859_1,
	"latin-2":      charmap.ISO8859_2,
	"latin-9":      charmap.ISO8859_15,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"windows-1252": charmap.Windows1252,
	"macintosh":    charmap.Macintosh,
}

// Encodings returns the names of the encodings that can be asked for, in order.
func Encodings() []string {
	var names []string
	for name := range encodings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A Text is opened text: a reader of it in UTF-8, without a byte order mark.
type Text struct {
	*bufio.Reader
	packed  string // the name of the compression, or empty
	guess   *guess // nil where the encoding is known
	encoded string // the name of the encoding where it is not UTF-8
}

// Remark says in words what a user might not expect of how the text was read, once it has been
// read; it is empty if there is nothing.
func (t *Text) Remark() string {
	switch {
	case t.guess != nil && t.guess.fallback:
		return "the text is no UTF-8 and is read as Windows-1252; --encoding says another"
	case t.encoded != "":
		return "the text is read as " + t.encoded
	}
	return ""
}

// Open opens the text in r. Errors of Open and of reading wrap ErrTooLarge, ErrDamaged,
// ErrBinary or ErrEncoding, or are those of r.
func Open(r io.Reader, opt Options) (*Text, error) {
	if _, ok := encodings[opt.Encoding]; !ok && opt.Encoding != "" {
		return nil, fmt.Errorf("%w: %q, want one of %s", ErrEncoding, opt.Encoding, strings.Join(Encodings(), ", "))
	}
	t := &Text{}
	in, err := t.unpack(r, opt)
	if err != nil {
		return nil, err
	}
	name, err := encodingOf(in, opt.Encoding)
	switch e := encodings[name]; {
	case err != nil:
		return nil, err
	case e != nil:
		t.encoded = name
		t.Reader = bufio.NewReaderSize(transform.NewReader(in, e.NewDecoder()), Window)
	case opt.Encoding == "":
		t.guess = &guess{in: in}
		t.Reader = bufio.NewReaderSize(t.guess, Window)
	default:
		t.Reader = in
	}
	if mark := []byte("\ufeff"); hasPrefix(t.Reader, mark) {
		_, err = t.Discard(len(mark))
	}
	return t, err
}

func hasPrefix(in *bufio.Reader, mark []byte) bool {
	start, _ := in.Peek(len(mark)) // an error is met again by who reads
	return bytes.Equal(start, mark)
}

// unpack returns a reader of what is in r, unpacked and limited.
func (t *Text) unpack(r io.Reader, opt Options) (*bufio.Reader, error) {
	packed := &counter{r: r}
	in := bufio.NewReaderSize(packed, Window)
	limit := &limiter{r: in, most: opt.MaxBytes}
	if limit.most == 0 {
		limit.most = defaultBytes
	}
	start, err := in.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		t.packed = "gzip"
		limit.r, err = gzip.NewReader(in)
	case bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		t.packed = "zstd"
		limit.r, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<28))
	case bytes.HasPrefix(start, []byte("BZh")):
		t.packed = "bzip2"
		limit.r, err = bzip2.NewReader(in), nil
	default:
		return bufio.NewReaderSize(limit, Window), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the %s data: %w", ErrDamaged, t.packed, err)
	}
	limit.packed, limit.kind, limit.ratio = packed, t.packed, opt.MaxRatio
	if limit.ratio == 0 {
		limit.ratio = defaultRatio
	}
	return bufio.NewReaderSize(limit, Window), nil
}

// A counter counts the bytes read, and keeps what ended the reading too early.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != io.EOF {
		c.err = err
	}
	return n, err
}

// A limiter ends with an error where the text gets too large.
type limiter struct {
	r       io.Reader
	n, most int64
	packed  *counter // nil if the text is not compressed
	kind    string   // of the compression
	ratio   float64
}

func (l *limiter) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.n += int64(n)
	if l.n > l.most {
		return 0, fmt.Errorf("%w: the text has more than %d bytes; --max-bytes allows more", ErrTooLarge, l.most)
	}
	if l.packed != nil && err != nil && err != io.EOF && l.packed.err == nil {
		err = fmt.Errorf("%w: the %s data: %w", ErrDamaged, l.kind, err)
	}
	if l.packed != nil && l.n > ratioFrom && float64(l.n) > l.ratio*float64(l.packed.n) {
		return 0, fmt.Errorf("%w: %d bytes of %s have unpacked to %d, more than %g times as many; --max-ratio allows more",
			ErrTooLarge, l.packed.n, l.kind, l.n, l.ratio)
	}
	return n, err
}
