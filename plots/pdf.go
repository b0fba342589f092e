package plots

import (
	"bytes"
	"io"
	"regexp"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// A pdfCanvas is a PDF canvas that takes its text in UTF-8 and leaves out the
// time of writing, so that the same picture gives the same bytes.
type pdfCanvas struct{ *vgpdf.Canvas }

// FillString draws the text, which is Latin-1, in the encoding that vgpdf declares its
// fonts to have, Windows-1252, as far as the two agree.
func (c *pdfCanvas) FillString(f font.Face, at vg.Point, text string) {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff || r >= 0x80 && r < 0xa0 {
			r = '?'
		}
		b = append(b, byte(r))
	}
	c.Canvas.FillString(f, at, string(b))
}

// WriteTo writes the document, with 1970 for its dates, which keep their
// length so that the document's table of offsets stays true.
func (c *pdfCanvas) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if _, err := c.Canvas.WriteTo(&b); err != nil {
		return 0, err
	}
	dates := regexp.MustCompile(`/(CreationDate|ModDate) \(D:[0-9]{14}\)`)
	n, err := w.Write(dates.ReplaceAllFunc(b.Bytes(), func(date []byte) []byte {
		epoch := bytes.Clone(date)
		copy(epoch[len(epoch)-15:], "19700101000000")
		return epoch
	}))
	return int64(n), err
}
