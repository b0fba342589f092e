package plots

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Options are the options that all pictures share. The zero value is ready to
// use.
type Options struct {
	// Title stands above the picture; empty means one that says what is shown.
	Title string

	// Width and Height are the size of the picture in points of 1/72 inch.
	// Zero means a size that suits the number of panels: 8 by 4.5 inches for a
	// single one.
	Width, Height vg.Length

	// DPI is the resolution of PNG in dots per inch; zero means 144.
	DPI int
}

// Bounds of sizes.
const (
	minSide   = 2 * vg.Inch
	maxSide   = 200 * vg.Inch
	maxPixels = 1e8
)

// withDefaults returns the options with the size that they leave open, checked.
func (o Options) withDefaults(width, height vg.Length) (Options, error) {
	if o.Width == 0 {
		o.Width = width
	}
	if o.Height == 0 {
		o.Height = height
	}
	if o.DPI == 0 {
		o.DPI = 144
	}
	switch {
	case !(o.Width >= minSide && o.Width <= maxSide), !(o.Height >= minSide && o.Height <= maxSide):
		return o, fmt.Errorf("plots: a picture of %.4g by %.4g points, want %.4g to %.4g each way",
			o.Width.Points(), o.Height.Points(), minSide.Points(), maxSide.Points())
	case o.DPI < 10 || o.DPI > 10000:
		return o, fmt.Errorf("plots: %d dots per inch, want 10 to 10000", o.DPI)
	}
	if n := float64(o.Width/vg.Inch) * float64(o.Height/vg.Inch) * float64(o.DPI) * float64(o.DPI); n > maxPixels {
		return o, fmt.Errorf("plots: a picture of %.3g pixels, want %.3g at most; make it smaller or coarser", n, float64(maxPixels))
	}
	return o, nil
}

// ErrFormat is the error of a picture format that is not known.
var ErrFormat = errors.New("unknown picture format, want .png, .svg or .pdf")

// Format returns the format of pictures that the extension of path stands for:
// png, svg or pdf, in whatever case. Any other is ErrFormat.
func Format(path string) (string, error) {
	format := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	if !slices.Contains([]string{"png", "svg", "pdf"}, format) {
		return "", fmt.Errorf("plots: %q: %w", path, ErrFormat)
	}
	return format, nil
}

// An extent is the range of the numbers that an axis shows.
type extent struct{ lo, hi float64 }

func newExtent() extent { return extent{math.Inf(1), math.Inf(-1)} }

func (e *extent) add(values ...float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			e.lo, e.hi = min(e.lo, v), max(e.hi, v)
		}
	}
}

// padded returns the range with some space at both ends. A range without width
// gets some. It fails if there is nothing to show or if it overflows.
func (e extent) padded(part float64) (extent, error) {
	width := e.hi - e.lo
	size := max(math.Abs(e.lo), math.Abs(e.hi))
	switch {
	case e.lo > e.hi:
		return e, errors.New("plots: no values to show")
	case !(width < math.MaxFloat64/4):
		return e, fmt.Errorf("plots: values from %.4g to %.4g are too far apart to be drawn", e.lo, e.hi)
	case size == 0:
		return extent{-1, 1}, nil
	case width <= 1e-12*size:
		return extent{e.lo - 0.05*size, e.hi + 0.05*size}, nil
	}
	return extent{e.lo - part*width, e.hi + part*width}, nil
}
