package gauss

import (
	"context"
	"errors"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// A counted context ends when it has been asked so many times whether it has.
type counted struct {
	context.Context
	left int
}

func (c *counted) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A fit asks for its context within the sums over the windows of a long series, and not
// only between them: it ends within a part of the first.
func TestContextWithinSums(t *testing.T) {
	s := &series.Series{}
	for i := range 40000 {
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, math.Sin(float64(i)))
	}
	p := &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Series: []*series.Series{s}}
	grids := [][]float64{s.Values}
	f := &fitted{}
	f.Channels, f.Horizon, f.Lookback = p.Channels, 4, 8
	ctx := &counted{t.Context(), 3}
	if _, err := f.gather(ctx, firstOf(f.records(grids)), 0, 1, false); !errors.Is(err, context.Canceled) {
		t.Errorf("a sum over 40000 windows went on: error %v", err)
	}
	if err := (&Model{}).Fit(&counted{t.Context(), 5}, p, forecast.FitOptions{Horizon: 4, Season: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("fit: error %v", err)
	}
}

func firstOf(records []record, _ float64) []record { return records }
