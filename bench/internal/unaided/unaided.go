// Package unaided has models that get the seasons found in a panel and not the one by which errors
// are scaled, as from the command with no season given, for benchmarks.
package unaided

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/seasons"
)

// Find gives p the seasons that are found in what is known at the first origin, and logs them under
// a name.
func Find(p *series.Panel, origins []forecast.Origin, name string, log io.Writer) {
	found := seasons.OfSteps(origins[0].History)
	found.Give(p)
	fmt.Fprintf(log, "%s: %s\n", name, strings.Join(found.Words(), "; "))
}

// A Model is another, which is not told the season of the options.
type Model struct{ forecast.Model }

// Fit implements forecast.Model.
func (m Model) Fit(ctx context.Context, train *series.Panel, opt forecast.FitOptions) error {
	opt.Season = 0
	return m.Model.Fit(ctx, train, opt)
}

// Forecast implements forecast.Model.
func (m Model) Forecast(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt.Season = 0
	return m.Model.Forecast(ctx, history, opt)
}
