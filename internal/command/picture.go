package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"gonum.org/v1/plot/vg"

	"tsgen/plots"
)

// pictureFlags say what pictures show.
type pictureFlags struct {
	series  []string
	history int
	size    string

	width, height vg.Length // that size says
}

// Flags of pictures, of which a verb has those that make sense for its own.
const (
	bySeries  = "series"
	byHistory = "history"
	bySize    = "size"
)

// register registers the named flags. They are hidden, so that help is one screen, and told
// by 'tsgen help pictures'.
func (p *pictureFlags) register(cmd *cobra.Command, names ...string) {
	f := cmd.Flags()
	for _, name := range names {
		switch name {
		case bySeries:
			f.StringSliceVar(&p.series, name, nil, "`names` of the series to draw (default the first ones)")
			completeSeries(cmd)
		case byHistory:
			f.IntVar(&p.history, name, 0, "`times` at the end of the history to draw (default what suits)")
		case bySize:
			f.StringVar(&p.size, name, "", "`size` of pictures, as in 1200x800 (pixels), 8x5in or 20x12cm")
		}
		if err := f.MarkHidden(name); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// Lengths that --size takes, in points; pictures have 144 dots per inch.
const (
	pixel      = 72.0 / 144
	centimetre = 72 / 2.54
	inch       = 72
)

// options returns the options of a picture with the title that the flags, checked, mean.
func (p *pictureFlags) options(title string) plots.Options {
	return plots.Options{Title: title, Names: p.series, Context: p.history, Width: p.width, Height: p.height}
}

// check says early if the flags are wrong, or if the picture that a flag names, if any,
// could not be written.
func (p *pictureFlags) check(flag, path string, inputs ...string) error {
	if p.history < 0 {
		return usagef("--history is %d, want a number of times", p.history)
	}
	if err := p.measure(); err != nil {
		return err
	}
	return checkPicture(flag, path, inputs...)
}

// measure reads the size.
func (p *pictureFlags) measure() error {
	if p.size == "" {
		return nil
	}
	unit, text := pixel, strings.TrimSuffix(strings.ToLower(p.size), "px")
	if t, ok := strings.CutSuffix(text, "cm"); ok {
		unit, text = centimetre, t
	} else if t, ok := strings.CutSuffix(text, "in"); ok {
		unit, text = inch, t
	}
	width, height, _ := strings.Cut(text, "x")
	w, err := strconv.ParseFloat(width, 64)
	h, err2 := strconv.ParseFloat(height, 64)
	const least, most = 2 * inch, 200 * inch
	if w, h = w*unit, h*unit; err != nil || err2 != nil || !(w >= least && h >= least && w <= most && h <= most) {
		return usagef("--size is %q, want width and height of 2 to 200 inches, as in 1200x800 (pixels), 8x5in or 20x12cm", p.size)
	}
	p.width, p.height = vg.Length(w), vg.Length(h)
	return nil
}

// checkPicture says early if the picture that a flag names, if any, could not be
// written.
func checkPicture(flag, path string, inputs ...string) error {
	if path == "" {
		return nil
	}
	if _, err := plots.Format(path); err != nil {
		return usagef("--%s: %v", flag, err)
	}
	return checkOutput(path, inputs...)
}

// writePicture writes the figure, unless there was an error in making it, and notes the
// characters that no font could show.
func writePicture(path string, figure *plots.Figure, err error, notes *progress) error {
	if errors.Is(err, plots.ErrSeries) {
		return usagef("--%s: %s", bySeries, strings.TrimPrefix(err.Error(), "plots: "))
	}
	if err != nil {
		return err
	}
	if err := figure.SaveFile(path); err != nil {
		return err
	}
	if missing := figure.Missing(); len(missing) > 0 {
		notes.notef("%s: no font of this system has %s, which are boxes in the picture; a font such as Noto Sans of their script shows them",
			path, shownRunes(missing))
	}
	return nil
}

// shownRunes says characters, the first of them if they are many.
func shownRunes(all []rune) string {
	const told = 8
	var words []string
	for _, r := range all[:min(told, len(all))] {
		words = append(words, fmt.Sprintf("%c (U+%04X)", r, r))
	}
	text := strings.Join(words, ", ")
	if len(all) > told {
		text += fmt.Sprintf(" and %d more", len(all)-told)
	}
	return text
}
