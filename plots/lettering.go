package plots

import (
	"slices"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/font/opentype"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tsgen/internal/lettering"
)

// setter returns what sets texts that the font of the pictures cannot show by itself.
var setter = sync.OnceValue(func() *lettering.Setter {
	s, err := lettering.New(liberationsansregular.TTF)
	if err != nil {
		panic(err) // the font comes within the program
	}
	return s
})

// anyScript draws texts in any script: those that the font of the pictures has as text,
// others as the outlines of their glyphs, so that they look alike in every format.
type anyScript struct{ text.Handler }

func newHandler() text.Handler { return anyScript{plot.DefaultTextHandler} }

// Box implements text.Handler.
func (h anyScript) Box(s string, f font.Font) (width, height, depth vg.Length) {
	width, height, depth = h.Handler.Box(s, f)
	if !setter().Own(s) {
		width = vg.Length(setter().Set(s).Advance) * f.Size
	}
	return width, height, depth
}

// Draw implements text.Handler.
func (h anyScript) Draw(c vg.Canvas, s string, style text.Style, at vg.Point) {
	s = strings.TrimRight(s, "\n")
	if setter().Own(s) && (!inPDF(c) || latin(s)) {
		h.Handler.Draw(c, s, style, at)
		return
	}
	c.SetColor(style.Color)
	c.Push()
	defer c.Pop()
	c.Translate(at)
	if style.Rotation != 0 {
		c.Rotate(style.Rotation)
	}
	lines := h.Lines(s)
	y := style.Height(s)*vg.Length(style.YAlign) - h.Extents(style.Font).Ascent
	for i, l := range lines {
		line := setter().Set(l)
		x := vg.Length(style.XAlign) * vg.Length(line.Advance) * style.Font.Size
		base := vg.Point{X: x, Y: y + vg.Length(len(lines)-i)*style.Font.Size}
		for _, outline := range line.Outlines {
			c.Fill(glyph(outline, base, style.Font.Size))
		}
	}
}

// inPDF reports whether the canvas is that of a PDF, whose fonts have Latin-1 only.
func inPDF(c vg.Canvas) bool {
	of, ok := c.(*draw.Canvas)
	if !ok {
		return false
	}
	_, ok = of.Canvas.(*pdfCanvas)
	return ok
}

// latin reports whether the text has characters of Latin-1 only.
func latin(s string) bool {
	for _, r := range s {
		if r > 0xff {
			return false
		}
	}
	return true
}

// glyph returns the outline of a glyph at a place.
func glyph(outline []opentype.Segment, at vg.Point, size vg.Length) (p vg.Path) {
	place := func(q opentype.SegmentPoint) vg.Point {
		return vg.Point{X: at.X + size*vg.Length(q.X), Y: at.Y + size*vg.Length(q.Y)}
	}
	for i, s := range outline {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				p.Close()
			}
			p.Move(place(s.Args[0]))
		case opentype.SegmentOpLineTo:
			p.Line(place(s.Args[0]))
		case opentype.SegmentOpQuadTo:
			p.QuadTo(place(s.Args[0]), place(s.Args[1]))
		case opentype.SegmentOpCubeTo:
			p.CubeTo(place(s.Args[0]), place(s.Args[1]), place(s.Args[2]))
		}
	}
	p.Close()
	return p
}

// Missing returns the characters of the picture's texts that no font has, neither that of the
// pictures nor one of the system's. Hollow boxes stand in their place.
func (f *Figure) Missing() []rune {
	texts := []string{f.opt.Title, f.subtitle}
	for _, k := range f.legend {
		texts = append(texts, k.label)
	}
	for _, row := range f.rows {
		for _, p := range row {
			texts = append(texts, p.title, p.label)
			if p.plot != nil {
				texts = append(texts, p.plot.X.Label.Text, p.plot.Y.Label.Text)
			}
		}
	}
	var missing []rune
	for _, t := range texts {
		if t = printable(t); !setter().Own(t) {
			missing = append(missing, setter().Set(t).Missing...)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}
