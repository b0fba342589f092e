package command

import (
	"context"
	"fmt"
	"slices"

	"tsgen/forecast"
	"tsgen/models/vae"
	"tsgen/plots"
)

// A mapped model can draw a map of its latent variables.
type mapped interface {
	LatentGrid(ctx context.Context, side int) (*vae.LatentGrid, error)
}

// drawGrid draws the map of a model's first two latent variables, rows by columns of
// windows, those that are shades or of one step as images and others as lines.
func (f *generateFlags) drawGrid(ctx context.Context, m forecast.Model, channels []string) error {
	g, ok := m.(mapped)
	if !ok {
		return fmt.Errorf("%w: --grid: %s has no map of its latent variables; %s has one", forecast.ErrMismatch, m.Name(), vae.Kind)
	}
	l, err := g.LatentGrid(ctx, f.side)
	if err != nil {
		return err
	}
	grid := plots.Grid{Windows: l.Windows, Side: l.Side, Length: l.Length, Channels: l.Channels}
	if top := l.Top; l.Shades || l.Length == 1 {
		if !l.Shades { // an image whose darkest value is black
			for _, w := range l.Windows {
				top = max(top, slices.Max(w))
			}
		}
		figure, err := plots.Images(grid, top, f.pictures.options(""))
		return writePicture(f.grid, figure, err, f.progress)
	}
	figure, err := plots.Curves(grid, channels, f.pictures.options(""))
	return writePicture(f.grid, figure, err, f.progress)
}
