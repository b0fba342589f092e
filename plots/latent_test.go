package plots_test

import (
	"bytes"
	"image/png"
	"log"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"

	"tsgen/internal/seriestest"
	"tsgen/plots"
)

// The pictures of latent spaces are those that were looked at.
func TestLatentGolden(t *testing.T) {
	seriestest.Long(t)
	cmpimg.CheckPlotApprox(ExampleImages, t, 0.01, "images.png")
	cmpimg.CheckPlotApprox(ExampleCurves, t, 0.01, "curves.png")
}

// bars returns a grid of images of 8 by 8 pixels, of a bar that turns from left
// to right and is longer from the bottom to the top.
func bars(side int) plots.Grid {
	g := plots.Grid{Side: side, Length: 1, Channels: 64}
	for i := range side * side {
		sin, cos := math.Sincos(math.Pi * float64(i%side) / float64(side))
		length := 1 + 3*float64(side-1-i/side)/float64(side)
		var w []float64
		for k := range 64 {
			x, y := float64(k%8)-3.5, 3.5-float64(k/8)
			along, across := math.Abs(x*cos+y*sin), math.Abs(y*cos-x*sin)
			w = append(w, 16*math.Exp(-across*across)/(1+math.Exp(4*(along-length))))
		}
		g.Windows = append(g.Windows, w)
	}
	return g
}

// A map of images: a bar that turns with the first latent variable and grows
// with the second.
func ExampleImages() {
	fig, err := plots.Images(bars(9), 16, plots.Options{})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "images.png")
}

// waves returns a grid of windows of two channels, faster from left to right and
// stronger from the bottom to the top.
func waves(side int) plots.Grid {
	g := plots.Grid{Side: side, Length: 24, Channels: 2}
	for i := range side * side {
		speed, strength := 0.1+0.5*float64(i%side)/float64(side), 1-0.8*float64(i/side)/float64(side)
		var w []float64
		for k := range g.Length {
			sin, cos := math.Sincos(speed * float64(k))
			w = append(w, strength*sin, 0.5*strength*cos)
		}
		g.Windows = append(g.Windows, w)
	}
	return g
}

// A map of windows of two channels.
func ExampleCurves() {
	fig, err := plots.Curves(waves(7), []string{"current", "voltage"}, plots.Options{})
	if err != nil {
		log.Panic(err)
	}
	save(fig, "curves.png")
}

// TestImagesOrientation holds the shades of a picture of two by two windows
// against what was asked for: a window of one value fills its tile.
func TestImagesOrientation(t *testing.T) {
	g := plots.Grid{Windows: [][]float64{{0}, {1}, {0.5}, {0.25}}, Side: 2, Length: 1, Channels: 1}
	fig, err := plots.Images(g, 1, plots.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := fig.Save(&b, "png"); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds().Size()
	for _, c := range []struct {
		x, y float64 // parts of the picture
		want uint32
	}{{0.3, 0.3, 255}, {0.8, 0.3, 0}, {0.3, 0.7, 128}, {0.8, 0.7, 191}} {
		got, _, _, _ := img.At(int(c.x*float64(size.X)), int(c.y*float64(size.Y))).RGBA()
		if got /= 257; got < c.want-2 && c.want > 2 || got > c.want+2 {
			t.Errorf("at (%v, %v): shade %d, want %d", c.x, c.y, got, c.want)
		}
	}
}

// A grid of windows that cannot be drawn is refused, with the window.
func TestLatentBadInput(t *testing.T) {
	curves := func(g plots.Grid) error {
		_, err := plots.Curves(g, []string{"a", "b"}, plots.Options{})
		return err
	}
	images := func(g plots.Grid) error {
		_, err := plots.Images(g, 1, plots.Options{})
		return err
	}
	for _, c := range []struct {
		name string
		draw func(plots.Grid) error
		edit func(*plots.Grid)
		want string
	}{
		{"few", curves, func(g *plots.Grid) { g.Windows = g.Windows[1:] }, "8 windows"},
		{"short", images, func(g *plots.Grid) { g.Windows[3] = g.Windows[3][1:] }, "window 3 has 47"},
		{"not finite", images, func(g *plots.Grid) { g.Windows[2][5] = math.Inf(1) }, "window 2"},
		{"channels", curves, func(g *plots.Grid) { g.Length, g.Channels = 16, 3 }, "2 labels"},
		{"one step", curves, func(g *plots.Grid) {
			g.Length = 1
			for i := range g.Windows {
				g.Windows[i] = g.Windows[i][:2]
			}
		}, "one step"},
	} {
		g := waves(3)
		c.edit(&g)
		if err := c.draw(g); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	if _, err := plots.Images(bars(2), 0, plots.Options{}); err == nil {
		t.Error("black at 0 passes")
	}
	// Long windows as images: a pianoroll.
	if fig, err := plots.Images(waves(2), 1, plots.Options{}); err != nil || fig.Save(&bytes.Buffer{}, "svg") != nil {
		t.Errorf("long windows: %v", err)
	}
}
