package textinput

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

func encoded(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func gzipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, text []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(text, nil)
}

// The same text is read from all that it may be kept in, however the reads are cut.
func TestOpen(t *testing.T) {
	const text = "Größe;Łódź — €\n1;2\n"
	german := strings.Replace(text, "Łódź", "Köln", 1) // of Latin-1 but for the dash and the euro
	long := strings.Repeat("x,y\n1,2\n", Window/4) + german
	mark := encoding.Encoding(unicode.UTF8BOM)
	for name, test := range map[string]struct {
		raw    []byte
		opt    Options
		want   string
		remark string
	}{
		"plain":                 {[]byte(text), Options{}, text, ""},
		"empty":                 {nil, Options{}, "", ""},
		"mark":                  {encoded(t, mark, text), Options{}, text, ""},
		"UTF-16":                {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), Options{}, text, "utf-16le"},
		"UTF-16, big end first": {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), Options{}, text, "utf-16be"},
		"UTF-32":                {encoded(t, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), text), Options{}, text, "utf-32le"},
		"UTF-32, big end first": {encoded(t, utf32.UTF32(utf32.BigEndian, utf32.UseBOM), text), Options{}, text, "utf-32be"},
		"UTF-16 without a mark": {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), text), Options{Encoding: "utf-16le"}, text, "utf-16le"},
		"Windows-1252":          {encoded(t, charmap.Windows1252, german), Options{}, german, "Windows-1252"},
		"Windows-1252, far on":  {encoded(t, charmap.Windows1252, long), Options{}, long, "Windows-1252"},
		"UTF-8, far on":         {[]byte(long), Options{}, long, ""},
		"Windows-1250":          {encoded(t, charmap.Windows1250, text), Options{Encoding: "windows-1250"}, text, "windows-1250"},
		"gzip":                  {gzipped(t, []byte(text)), Options{}, text, ""},
		"gzip of UTF-16":        {gzipped(t, encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text)), Options{}, text, "utf-16le"},
		"zstd":                  {zstandard(t, []byte(long)), Options{}, long, ""},
	} {
		for _, cut := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
			in, err := Open(cut(bytes.NewReader(test.raw)), test.opt)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := io.ReadAll(in)
			if err != nil || string(got) != test.want {
				t.Errorf("%s: read %.60q..., %v", name, got, err)
			}
			if r := in.Remark(); r == "" != (test.remark == "") || !strings.Contains(r, test.remark) {
				t.Errorf("%s: remark %q, want it to name %q", name, r, test.remark)
			}
		}
	}
}

// What another program packs by bzip2 is unpacked.
func TestBzip2(t *testing.T) {
	pack := exec.Command("bzip2", "-c")
	pack.Stdin = strings.NewReader("a,b\n1,2\n")
	raw, err := pack.Output()
	if err != nil {
		t.Skipf("there is no bzip2 to pack with: %v", err)
	}
	in, err := Open(bytes.NewReader(raw), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(in); err != nil || string(got) != "a,b\n1,2\n" {
		t.Errorf("read %q, %v", got, err)
	}
}

// Text beyond a limit, packed data that are cut or damaged, and a failing device are told
// apart.
func TestErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of megabytes are unpacked")
	}
	long := []byte(strings.Repeat("2020-01-01,1\n", 20_000))
	bomb := gzipped(t, bytes.Repeat([]byte("0"), ratioFrom+1<<20))
	broken := errors.New("the disk is broken")
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[len(b)/2] ^= 0xff
		return b
	}
	for name, test := range map[string]struct {
		in   io.Reader
		opt  Options
		want error
	}{
		"too large":            {bytes.NewReader(long), Options{MaxBytes: 1000}, ErrTooLarge},
		"too large, unpacked":  {bytes.NewReader(gzipped(t, long)), Options{MaxBytes: 1000}, ErrTooLarge},
		"a bomb":               {bytes.NewReader(bomb), Options{}, ErrTooLarge},
		"gzip cut short":       {bytes.NewReader(gzipped(t, long)[:200]), Options{}, ErrDamaged},
		"gzip damaged":         {bytes.NewReader(flip(gzipped(t, long))), Options{}, ErrDamaged},
		"zstd cut short":       {bytes.NewReader(zstandard(t, long)[:30]), Options{}, ErrDamaged},
		"zstd damaged":         {bytes.NewReader(flip(zstandard(t, long))), Options{}, ErrDamaged},
		"binary":               {strings.NewReader("PK\x03\x04\x00\x00"), Options{}, ErrBinary},
		"no such encoding":     {bytes.NewReader(long), Options{Encoding: "ebcdic"}, ErrEncoding},
		"device":               {io.MultiReader(bytes.NewReader(long[:100_000]), iotest.ErrReader(broken)), Options{}, broken},
		"device under gzip":    {io.MultiReader(bytes.NewReader(gzipped(t, long)[:200]), iotest.ErrReader(broken)), Options{}, broken},
		"device under zstd":    {io.MultiReader(bytes.NewReader(zstandard(t, long)[:30]), iotest.ErrReader(broken)), Options{}, broken},
		"a ratio that is fine": {bytes.NewReader(bomb), Options{MaxRatio: 5000}, nil},
	} {
		in, err := Open(test.in, test.opt)
		if err == nil {
			_, err = io.Copy(io.Discard, in)
		}
		if !errors.Is(err, test.want) || test.want == nil && err != nil || test.want == broken && errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}
