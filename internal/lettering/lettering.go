// Package lettering sets text in any script: it finds fonts that have the characters, the
// program's own or the system's, and shapes what these need, such as the joined letters of
// Arabic and the order of Hebrew.
package lettering

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// A Setter sets text in a font, and what that font lacks in those of the system, which it
// looks for when they are first needed. It may be used concurrently.
type Setter struct {
	mu     sync.Mutex
	own    *font.Face
	shaper shaping.HarfbuzzShaper
	split  shaping.Segmenter
	wrap   shaping.LineWrapper

	looked bool
	system *fontscan.FontMap // nil for none
	kept   map[string]Line
}

// New returns a Setter whose own font is the given one, a TrueType or OpenType file.
func New(own []byte) (*Setter, error) {
	face, err := font.ParseTTF(bytes.NewReader(own))
	if err != nil {
		return nil, fmt.Errorf("lettering: %w", err)
	}
	return &Setter{own: face, kept: make(map[string]Line)}, nil
}

// A Line is a text that is set. Its lengths are in units of the size of the font.
type Line struct {
	Advance  float64
	Outlines [][]opentype.Segment // of the glyphs, each in its place; y goes up from the base line
	Missing  []rune               // characters that no font has; hollow boxes stand in their place
}

// Own reports whether the setter's own font has all characters of the text but for control
// characters, and they are written from left to right one by one, so that it needs no shaping.
func (s *Setter) Own(text string) bool {
	for _, r := range text {
		if unicode.IsControl(r) {
			continue
		}
		if script := language.LookupScript(r); script == language.Hebrew || script == language.Arabic || !s.has(r) {
			return false
		}
	}
	return true
}

func (s *Setter) has(r rune) bool {
	_, ok := s.own.NominalGlyph(r)
	return ok
}

// em is the size at which text is shaped.
const em = 1024

// Set sets one line of text.
func (s *Setter) Set(text string) Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line, ok := s.kept[text]; ok {
		return line
	}
	line := s.set([]rune(text))
	const most = 1000
	if len(s.kept) >= most {
		clear(s.kept)
	}
	s.kept[text] = line
	return line
}

func (s *Setter) set(text []rune) (line Line) {
	for _, r := range text {
		if _, ok := s.face(r).NominalGlyph(r); !ok && !unicode.Is(unicode.Join_Control, r) && !slices.Contains(line.Missing, r) {
			line.Missing = append(line.Missing, r)
		}
	}
	direction := di.DirectionLTR
	if first := slices.IndexFunc(text, func(r rune) bool { return strong(language.LookupScript(r)) }); first >= 0 {
		if script := language.LookupScript(text[first]); script == language.Hebrew || script == language.Arabic {
			direction = di.DirectionRTL
		}
	}
	var runs []shaping.Output
	input := shaping.Input{Text: text, RunEnd: len(text), Direction: direction, Face: s.own, Size: fixed.I(em), Language: language.DefaultLanguage()}
	for _, run := range s.split.Split(input, faces{s}) {
		runs = append(runs, s.shaper.Shape(run))
	}
	config := shaping.WrapConfig{Direction: direction, DisableTrailingWhitespaceTrim: true}
	lines, _ := s.wrap.WrapParagraph(config, 1<<24, text, shaping.NewSliceIterator(runs))
	for _, l := range lines {
		l = slices.Clone(l)
		slices.SortStableFunc(l, func(a, b shaping.Output) int { return cmp.Compare(a.VisualIndex, b.VisualIndex) })
		for _, run := range l {
			line.add(run)
		}
	}
	return line
}

// strong reports whether characters of the script have a direction.
func strong(s language.Script) bool {
	return s != language.Common && s != language.Inherited && s != language.Unknown
}

// add appends the glyphs of a run.
func (l *Line) add(run shaping.Output) {
	scale := float32(1) / float32(run.Face.Upem())
	for _, g := range run.Glyphs {
		x, y := float32(l.Advance)+unit(g.XOffset), unit(g.YOffset)
		l.Advance += float64(unit(g.Advance))
		if g.GlyphID == 0 {
			l.Outlines = append(l.Outlines, box(x, float32(l.Advance)))
			continue
		}
		outline, ok := run.Face.GlyphDataOutline(g.GlyphID)
		if !ok {
			continue // a space, or a picture
		}
		placed := slices.Clone(outline.Segments)
		for i := range placed {
			for k := range placed[i].Args {
				p := &placed[i].Args[k]
				p.X, p.Y = x+scale*p.X, y+scale*p.Y
			}
		}
		l.Outlines = append(l.Outlines, placed)
	}
}

func unit(v fixed.Int26_6) float32 { return float32(v) / (64 * em) }

// box returns a hollow box from one place to another.
func box(from, to float32) []opentype.Segment {
	const edge, top = 0.04, 0.7
	corner := func(op opentype.SegmentOp, x, y float32) opentype.Segment {
		return opentype.Segment{Op: op, Args: [3]opentype.SegmentPoint{{X: x, Y: y}}}
	}
	a, b := from+edge, to-edge
	return []opentype.Segment{
		corner(opentype.SegmentOpMoveTo, a, 0), corner(opentype.SegmentOpLineTo, b, 0),
		corner(opentype.SegmentOpLineTo, b, top), corner(opentype.SegmentOpLineTo, a, top),
		corner(opentype.SegmentOpMoveTo, a+edge, edge), corner(opentype.SegmentOpLineTo, a+edge, top-edge),
		corner(opentype.SegmentOpLineTo, b-edge, top-edge), corner(opentype.SegmentOpLineTo, b-edge, edge),
	}
}

// faces chooses fonts for characters.
type faces struct{ *Setter }

// ResolveFace implements shaping.Fontmap.
func (f faces) ResolveFace(r rune) *font.Face { return f.face(r) }

// face returns a font that has the character, or the setter's own if none has.
func (s *Setter) face(r rune) *font.Face {
	if s.has(r) {
		return s.own
	}
	if !s.looked {
		s.looked = true
		if found, err := systemFonts(); err == nil {
			s.system = found
		}
	}
	if s.system == nil {
		return s.own
	}
	s.system.SetScript(language.LookupScript(r))
	if face := s.system.ResolveFace(r); face != nil {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	return s.own
}

// systemFonts returns the fonts of the system. The index of them is kept in the user's
// directory of caches, or, where that cannot be written, in that of temporary files.
func systemFonts() (*fontscan.FontMap, error) {
	quiet := log.New(io.Discard, "", 0)
	var failed error
	for _, of := range []func() (string, error){os.UserCacheDir, func() (string, error) { return os.TempDir(), nil }} {
		dir, err := of()
		if err == nil {
			dir = filepath.Join(dir, "tsgen")
			err = os.MkdirAll(dir, 0o700)
		}
		if err == nil {
			err = writable(dir)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		fonts := fontscan.NewFontMap(quiet)
		if err := fonts.UseSystemFonts(dir); err != nil {
			return nil, err
		}
		fonts.SetQuery(fontscan.Query{Families: []string{fontscan.SansSerif}})
		return fonts, nil
	}
	return nil, failed
}

// writable says if files cannot be written to the directory.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, "probe")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
