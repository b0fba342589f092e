package plots

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"tsgen/internal/atomicfile"
)

// A Figure is a picture ready to be written: panels in rows and columns under a
// title and a legend.
type Figure struct {
	opt      Options
	subtitle string
	legend   []key
	rows     [][]panel
}

// A panel is one plot of a picture, with the title above it and the label of
// its upright axis, for which a plot of gonum leaves more space than it needs.
// The plot is nil where a row is not full.
type panel struct {
	plot         *plot.Plot
	title, label string
}

// A key is an entry of the legend.
type key struct {
	label string
	mark  mark
	color color.Color
}

type mark int

const (
	markLine mark = iota
	markArea
	markDot
	markLineDot
	markDashes
)

// margin is the space at the edges of a picture.
const margin = vg.Length(12)

// Save writes the picture in the given format: png, svg or pdf (see Format for
// that of a file). Text in scripts that the font of the pictures lacks, and text beyond
// Latin-1 in PDF, is drawn as outlines of glyphs. Unknown formats are ErrFormat. It
// fails, too, if the picture is too small for its panels.
func (f *Figure) Save(w io.Writer, format string) error {
	var c vg.CanvasWriterTo
	switch format {
	case "png":
		c = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(f.opt.Width, f.opt.Height), vgimg.UseDPI(f.opt.DPI))}
	case "svg":
		c = vgsvg.New(f.opt.Width, f.opt.Height)
	case "pdf":
		c = &pdfCanvas{Canvas: vgpdf.New(f.opt.Width, f.opt.Height)}
	default:
		return fmt.Errorf("plots: %q: %w", format, ErrFormat)
	}
	if err := f.draw(draw.New(c)); err != nil {
		return err
	}
	if _, err := c.WriteTo(w); err != nil {
		return fmt.Errorf("plots: %w", err)
	}
	return nil
}

// SaveFile writes the picture to the file at path, whole or not at all, in the
// format that its extension says (see Format). The error is as that of Save, or of
// the file system.
func (f *Figure) SaveFile(path string) error {
	format, err := Format(path)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { return f.Save(w, format) })
}

// draw draws the picture.
func (f *Figure) draw(c draw.Canvas) error {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	c.Max.Y -= f.drawHeader(c)
	tiles := f.tiles()
	if cell := tiles.At(c, 0, 0); cell.Size().X < 72 || cell.Size().Y < 54 {
		return errors.New("plots: the picture is too small for its panels; make it larger, or show fewer series")
	}
	style := textStyle(labelSize, ink())
	style.XAlign = draw.XCenter
	upwards := style
	upwards.Rotation = math.Pi / 2
	for i, row := range plot.Align(f.plots(), tiles, c) {
		for j, cell := range row {
			p := f.rows[i][j]
			if p.plot == nil {
				continue
			}
			p.plot.Draw(cell)
			data, tile := p.plot.DataCanvas(cell), tiles.At(c, j, i)
			c.FillText(style, vg.Point{X: data.Center().X, Y: max(tile.Max.Y, data.Max.Y) + 3}, shorten(p.title, style, data.Size().X))
			left := tile.Min.X - labelRoom + style.FontExtents().Ascent
			c.FillText(upwards, vg.Point{X: left, Y: data.Center().Y}, shortenLabel(p.label, style, data.Size().Y))
		}
	}
	return nil
}

// Room for a title above a panel, and for a label at its side.
const titleRoom, labelRoom = 1.6 * labelSize, 1.7 * labelSize

// tiles returns the places of the panels, with room for titles and labels where
// there are any.
func (f *Figure) tiles() draw.Tiles {
	t := draw.Tiles{Rows: len(f.rows), Cols: len(f.rows[0]), PadX: 14, PadY: 10}
	var titles, labels [2]vg.Length // in the first row or column, and in the others
	for i, row := range f.rows {
		for j, p := range row {
			if p.title != "" {
				titles[min(i, 1)] = titleRoom
			}
			if p.label != "" {
				labels[min(j, 1)] = labelRoom
			}
		}
	}
	t.PadTop = titles[0]
	t.PadY += titles[1]
	t.PadLeft = labels[0]
	t.PadX += labels[1]
	return t
}

// plots returns the plots of the panels.
func (f *Figure) plots() [][]*plot.Plot {
	plots := make([][]*plot.Plot, len(f.rows))
	for i, row := range f.rows {
		for _, p := range row {
			plots[i] = append(plots[i], p.plot)
		}
	}
	return plots
}

// drawHeader draws title, subtitle and legend at the top of c and returns their
// height.
func (f *Figure) drawHeader(c draw.Canvas) vg.Length {
	top := c.Max.Y
	y := top
	line := func(s string, size vg.Length, ink color.Color) {
		style := textStyle(size, ink)
		for _, l := range wrap(s, style, c.Size().X, 2) {
			y -= 1.25 * size
			c.FillText(style, vg.Point{X: c.Min.X, Y: y}, l)
		}
	}
	line(f.opt.Title, titleSize, ink())
	line(f.subtitle, labelSize, grey())
	y -= 2
	style := textStyle(labelSize, ink())
	x := c.Max.X // no room: the first key begins a line
	const swatch, gap = vg.Length(20), vg.Length(16)
	for _, k := range f.legend {
		width := swatch + 5 + style.Width(k.label)
		if x+width > c.Max.X {
			x = c.Min.X
			y -= 1.5 * labelSize
		}
		k.draw(c, x, y+labelSize/3, swatch)
		c.FillText(style, vg.Point{X: x + swatch + 5, Y: y}, k.label)
		x += width + gap
	}
	return top - y + 8
}

// draw draws the mark of the key, from x on, with its middle at y.
func (k key) draw(c draw.Canvas, x, y, width vg.Length) {
	switch k.mark {
	case markArea:
		c.FillPolygon(k.color, []vg.Point{{X: x, Y: y - 4}, {X: x + width, Y: y - 4}, {X: x + width, Y: y + 4}, {X: x, Y: y + 4}})
	case markLine, markLineDot:
		c.StrokeLine2(draw.LineStyle{Color: k.color, Width: thick}, x, y, x+width, y)
	case markDashes:
		c.StrokeLine2(draw.LineStyle{Color: k.color, Width: thin, Dashes: dashes()}, x, y, x+width, y)
	}
	if k.mark == markDot || k.mark == markLineDot {
		c.DrawGlyphNoClip(dotStyle(k.color, 2.2), vg.Point{X: x + width/2, Y: y})
	}
}

func dashes() []vg.Length { return []vg.Length{4, 3} }

func dotStyle(c color.Color, radius vg.Length) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c, Radius: radius, Shape: draw.CircleGlyph{}}
}
