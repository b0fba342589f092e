package main

import (
	"context"
	"fmt"

	"tsgen/forecast"
	"tsgen/models/vae"
	"tsgen/plots"
)

// A mapped model can draw a map of its latent variables.
type mapped interface {
	LatentGrid(ctx context.Context, side int) (*vae.LatentGrid, error)
}

// drawGrid draws the map of a model's first two latent variables, side by side
// windows, those that are shades as images and others as lines.
func drawGrid(ctx context.Context, path string, m forecast.Model, side int, channels []string) error {
	g, ok := m.(mapped)
	if !ok {
		return fmt.Errorf("%w: --grid: %s has no map of its latent variables; %s has one", forecast.ErrMismatch, m.Name(), vae.Kind)
	}
	l, err := g.LatentGrid(ctx, side)
	if err != nil {
		return err
	}
	grid := plots.Grid{Windows: l.Windows, Side: l.Side, Length: l.Length, Channels: l.Channels}
	if l.Shades {
		figure, err := plots.Images(grid, l.Top, plots.Options{})
		return writePicture(path, figure, err)
	}
	figure, err := plots.Curves(grid, channels, plots.Options{})
	return writePicture(path, figure, err)
}
