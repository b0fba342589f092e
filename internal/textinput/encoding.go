package textinput

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encodingOf returns the name of the encoding of what is in in: the one asked for, else that of
// the byte order mark, else UTF-8, which may have to be guessed.
func encodingOf(in *bufio.Reader, asked string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	start, err := in.Peek(512)
	if err != nil && err != io.EOF {
		return "", err
	}
	for _, e := range []struct{ name, mark string }{ // the longer marks first: one begins with another
		{"utf-32le", "\xff\xfe\x00\x00"},
		{"utf-32be", "\x00\x00\xfe\xff"},
		{"utf-16le", "\xff\xfe"},
		{"utf-16be", "\xfe\xff"},
	} {
		if bytes.HasPrefix(start, []byte(e.mark)) {
			return e.name, nil
		}
	}
	if bytes.IndexByte(start, 0) >= 0 {
		return "", ErrBinary
	}
	return "utf-8", nil
}

// A guess reads text that is UTF-8, or else Windows-1252. It tells by the first byte that is no
// ASCII and what follows it in the buffer: before that the two are the same.
type guess struct {
	in       *bufio.Reader
	decided  bool
	fallback bool // to Windows-1252
	rest     []byte
}

func (g *guess) Read(p []byte) (int, error) {
	if g.fallback {
		return g.decode(p)
	}
	if !g.decided {
		start, err := g.in.Peek(Window)
		if len(start) == 0 {
			return 0, err
		}
		if i := firstNonASCII(start); i < 0 {
			return g.in.Read(p)
		} else if i > 0 {
			return g.in.Read(p[:min(i, len(p))])
		}
		g.decided = true
		if !validStart(start) {
			g.fallback = true
			return g.decode(p)
		}
	}
	return g.in.Read(p)
}

// decode reads Windows-1252.
func (g *guess) decode(p []byte) (int, error) {
	if len(g.rest) == 0 {
		raw := make([]byte, Window/4)
		n, err := g.in.Read(raw)
		if n == 0 {
			return 0, err
		}
		if g.rest, err = charmap.Windows1252.NewDecoder().Bytes(raw[:n]); err != nil {
			return 0, err
		}
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// firstNonASCII returns where the first byte of text is that is no ASCII, or -1.
func firstNonASCII(text []byte) int {
	const high = 0x8080808080808080
	i := 0
	for i+8 <= len(text) && binary.LittleEndian.Uint64(text[i:])&high == 0 {
		i += 8
	}
	for ; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

// validStart reports whether text is the beginning of UTF-8; its last character may be cut.
func validStart(text []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut < len(text); cut++ {
		if utf8.Valid(text[:len(text)-cut]) {
			return cut == 0 || !utf8.FullRune(text[len(text)-cut:])
		}
	}
	return false
}
