package plots

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"tsgen/series"
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

	// Names are those of the series to draw, in this order. Nil means the first ones, as many
	// as suit the kind of picture.
	Names []string

	// Context is the number of times at the end of the history to show. Zero means all or,
	// where a forecast is drawn, three times as much as is forecast, by number and by time,
	// and at least two seasons.
	Context int

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

// ErrSeries is the error of a name of which there is no series.
var ErrSeries = errors.New("there is no such series")

// chosen returns the numbers of the series to draw: those that are named, or at most so many
// of the first.
func (o Options) chosen(all []*series.Series, most int) ([]int, error) {
	if o.Context < 0 {
		return nil, fmt.Errorf("plots: negative number: context %d", o.Context)
	}
	var at []int
	if o.Names == nil {
		for i := range all[:min(most, len(all))] {
			at = append(at, i)
		}
		return at, nil
	}
	for _, name := range o.Names {
		i := slices.IndexFunc(all, func(s *series.Series) bool { return s.ID == name })
		if i < 0 {
			const told = 10
			var names []string
			for _, s := range all[:min(told, len(all))] {
				names = append(names, strconv.Quote(s.ID))
			}
			more := ""
			if len(all) > told {
				more = fmt.Sprintf(" and %d more", len(all)-told)
			}
			return nil, fmt.Errorf("plots: %q: %w; there are %s%s", name, ErrSeries, strings.Join(names, ", "), more)
		}
		at = append(at, i)
	}
	return at, nil
}

// someSeries says that n of so many series are drawn.
func (o Options) someSeries(n, all int) string {
	if o.Names != nil {
		return fmt.Sprintf("%d of %d series", n, all)
	}
	return fmt.Sprintf("the first %d of %d series", n, all)
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
