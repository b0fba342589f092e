package plots

import (
	"image/color"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The palette of Okabe and Ito (2008), and greys.
func blue() color.NRGBA       { return color.NRGBA{0x00, 0x72, 0xb2, 0xff} }
func vermillion() color.NRGBA { return color.NRGBA{0xd5, 0x5e, 0x00, 0xff} }
func green() color.NRGBA      { return color.NRGBA{0x00, 0x9e, 0x73, 0xff} }
func ink() color.NRGBA        { return color.NRGBA{0x2b, 0x2b, 0x2b, 0xff} }
func grey() color.NRGBA       { return color.NRGBA{0x70, 0x70, 0x70, 0xff} }
func pale() color.NRGBA       { return color.NRGBA{0xdd, 0xdd, 0xdd, 0xff} }

// tint returns c thinned with white, strength being the part of c.
func tint(c color.NRGBA, strength float64) color.NRGBA {
	mix := func(x uint8) uint8 { return uint8(255 - strength*(255-float64(x)) + 0.5) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xff}
}

// Sizes of text and lines.
const (
	titleSize = vg.Length(13)
	labelSize = vg.Length(10)
	tickSize  = vg.Length(9)

	thick = vg.Length(1.5)
	thin  = vg.Length(1)
	hair  = vg.Length(0.5)
)

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: newHandler(),
	}
}

// newPlot returns an empty panel of the given ranges and ticks.
func newPlot(x, y extent, xTicks, yTicks plot.Ticker) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: grey(), Width: hair}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 4
		a.Label.Padding = 4
		restyle(&a.Label.TextStyle, labelSize)
		restyle(&a.Tick.Label, tickSize)
	}
	p.X.Min, p.X.Max, p.X.Tick.Marker = x.lo, x.hi, xTicks
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = y.lo, y.hi, yTicks
	return p
}

// restyle sets the font and the colour of a text and keeps its alignment.
func restyle(s *text.Style, size vg.Length) {
	n := textStyle(size, ink())
	s.Font, s.Color, s.Handler = n.Font, n.Color, n.Handler
}

// hideNumbers leaves the axis with its ticks and the lines of its grid only.
func hideNumbers(a *plot.Axis) {
	a.Tick.Marker = unlabelled{a.Tick.Marker}
	a.Tick.Label.Font.Size = 1
	a.Label.Text = ""
}

// addGrid adds the grid to what was added before, which it crosses.
func addGrid(p *plot.Plot) {
	g := plotter.NewGrid()
	g.Horizontal = draw.LineStyle{Color: pale(), Width: hair}
	g.Vertical = g.Horizontal
	p.Add(g)
}

// wrap breaks the text into lines no wider than width, at spaces where it can,
// and at most n of them; what is left over is cut off and marked with dots.
func wrap(s string, style text.Style, width vg.Length, n int) []string {
	var lines []string
	words := strings.Fields(s)
	for len(words) > 0 && len(lines) < n {
		line, used := words[0], 1
		for used < len(words) && style.Width(line+" "+words[used]) <= width {
			line += " " + words[used]
			used++
		}
		words = words[used:]
		if len(lines) == n-1 && len(words) > 0 {
			line += " " + strings.Join(words, " ")
		}
		lines = append(lines, shorten(line, style, width))
	}
	return lines
}

// shorten cuts the text to one line of the width, with dots at its end if
// anything is cut. Characters that cannot be printed are left out.
func shorten(s string, style text.Style, width vg.Length) string {
	s = printable(s)
	if style.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if t := strings.TrimRight(string(runes[:n]), " ") + "..."; style.Width(t) <= width {
			return t
		}
	}
	return "..."
}

// shortenLabel cuts the label of an axis of numbers as shorten does, but not the unit in which
// the numbers are written, which ends it.
func shortenLabel(label string, style text.Style, width vg.Length) string {
	i := strings.LastIndex(label, ", ")
	if i < 0 || !scaled(label[i+2:]) {
		return shorten(label, style, width)
	}
	return shorten(label[:i], style, width-style.Width(label[i:])) + label[i:]
}

// printable returns the text on one line, without the characters that cannot be printed.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.Is(unicode.Join_Control, r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
}
