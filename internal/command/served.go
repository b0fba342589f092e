package command

import (
	"context"
	"fmt"

	"tsgen/forecast"
	"tsgen/models/modelfile"
	"tsgen/series"
	"tsgen/serve"
)

type servedKey struct{}

// served is what a run of the command on behalf of a service has of it.
type served struct {
	load   serve.Loader
	bounds serve.Bounds
}

// heldModel reads a model file, or takes it from the service that the run is on behalf of.
func heldModel(ctx context.Context, path string) (*modelfile.File, forecast.Model, error) {
	if s, ok := ctx.Value(servedKey{}).(*served); ok && s.load != nil {
		return s.load(path)
	}
	return loadModel(ctx, path)
}

// boundsOf returns the bounds of a run, which has none unless it is on behalf of a service.
func boundsOf(ctx context.Context) serve.Bounds {
	if s, ok := ctx.Value(servedKey{}).(*served); ok {
		return s.bounds
	}
	return serve.Bounds{}
}

// admit says whether a panel that was read is within bounds.
func admit(b serve.Bounds, name string, p *series.Panel) error {
	rows := 0
	for _, s := range p.Series {
		rows += s.Len()
	}
	if b.Rows > 0 && rows > b.Rows {
		return beyond(name, fmt.Sprintf("it has %d rows, and this service takes %d at most; send fewer", rows, b.Rows))
	}
	n, what := len(p.Series), "series"
	if p.Width() > n {
		n, what = p.Width(), "channels"
	}
	if b.Series == 0 || n <= b.Series {
		return nil
	}
	return beyond(name, fmt.Sprintf("it has %d %s, and this service takes %d at most; send fewer", n, what, b.Series))
}

// admitTimes says whether an answer at the times of each series, of some draws, is within bounds.
func admitTimes(b serve.Bounds, at [][]float64, width, samples int) error {
	rows := 0
	for _, times := range at {
		rows += len(times)
	}
	switch {
	case b.Rows > 0 && rows > b.Rows:
		return beyond("", fmt.Sprintf("the answer would have %d rows, and this service gives %d at most; ask for fewer series or steps", rows, b.Rows))
	case b.Draws > 0 && float64(rows)*float64(width)*float64(samples) > float64(b.Draws):
		return beyond("", fmt.Sprintf("%d rows of %d samples are more than this service draws; ask for fewer series, steps or samples", rows, samples))
	}
	return nil
}

func beyond(name, text string) error {
	return &series.ParseError{Name: name, Err: fmt.Errorf("%w: %s", series.ErrTooLarge, text)}
}
