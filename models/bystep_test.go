package models

import (
	"bytes"
	"context"
	"math"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
	"tsgen/series/seasons"
)

// daysAndWeeks returns a panel of a daily series with a week and a weekly one with a year, both
// without noise, and the years of the latter at t weeks.
func daysAndWeeks() (p *series.Panel, yearly func(t int) float64) {
	const day = 86400.0
	yearly = func(t int) float64 { return 500 + 100*math.Sin(2*math.Pi*7*float64(t)/365.25) }
	days, weeks := &series.Series{ID: "days"}, &series.Series{ID: "weeks", Step: series.Step{Width: 7 * day}}
	for t := range 420 {
		days.Times = append(days.Times, float64(t)*day)
		days.Values = append(days.Values, 100+20*math.Sin(2*math.Pi*float64(t)/7))
	}
	for t := range 170 {
		weeks.Times = append(weeks.Times, float64(t)*7*day)
		weeks.Values = append(weeks.Values, yearly(t))
	}
	p = &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "ds", Axis: series.Axis{Layout: "2006-01-02"},
		Step: series.Step{Width: day}, Series: []*series.Series{weeks, days}}
	seasons.OfSteps(p).Give(p)
	return p, yearly
}

// A weekly series beside a daily one has the year as its season, and is forecast as by itself:
// within 2 % of its own course half a year ahead. The model comes back from a file.
func TestByStep(t *testing.T) {
	p, yearly := daysAndWeeks()
	if got := p.Series[0].Seasons; len(got) != 1 || math.Abs(got[0]-52.18) > 0.01 {
		t.Fatalf("the weekly series has the seasons %v", got)
	}
	ctx := context.Background()
	for _, kind := range []string{"stl", "lgssm", "regression", "seasonal-naive"} {
		k, err := Lookup(kind)
		if err != nil {
			t.Fatal(err)
		}
		m := ByStep(p, k.Default)
		if err := m.Fit(ctx, p, forecast.FitOptions{Horizon: 14}); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		f, err := forecast.Continue(ctx, m, p, forecast.Options{Horizon: 26})
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for h, median := range f.Series[0].Quantiles(0.5)[0] {
			if want := yearly(170 + h); math.Abs(median-want) > 0.02*want {
				t.Errorf("%s: %d weeks ahead %.1f, want %.1f", kind, h+1, median, want)
				break
			}
		}
		alone := p.For(p.Series[1]).With(p.Series[1:])
		want, err := forecast.Continue(ctx, k.Default(), alone, forecast.Options{Horizon: 26})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := f.Series[1].Quantiles(0.5)[0], want.Series[0].Quantiles(0.5)[0]; math.Abs(got[25]-want[25]) > 1e-9 {
			t.Errorf("%s: the daily series is not forecast as by itself: %v, %v", kind, got[25], want[25])
		}
		var file bytes.Buffer
		if err := Write(&file, m, p, forecast.FitOptions{}); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		back, stored, err := Read(&file)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if Single(stored.Kind) != kind || stored.Kind == kind || len(stored.History.Series[0].Seasons) != 1 {
			t.Errorf("a file of kind %q with seasons %v", stored.Kind, stored.History.Series[0].Seasons)
		}
		g, err := forecast.Continue(ctx, back, stored.History, forecast.Options{Horizon: 26})
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if a, b := g.Series[0].Quantiles(0.5)[0][25], f.Series[0].Quantiles(0.5)[0][25]; math.Abs(a-b) > 1e-6*b {
			t.Errorf("%s: from a file %v, before %v", kind, a, b)
		}
	}
}

// What a model refuses of one step is continued by the naive forecast, and said; a training of
// several steps is not resumed.
func TestByStepRefusals(t *testing.T) {
	p, _ := daysAndWeeks()
	ctx := context.Background()
	m := ByStep(p, func() forecast.Model { return refusesWeeks{} })
	if err := m.Fit(ctx, p, forecast.FitOptions{Resume: &forecast.State{}}); err == nil {
		t.Error("a training of several steps is resumed")
	}
	if err := m.Fit(ctx, p, forecast.FitOptions{}); err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(ctx, p, forecast.Options{Horizon: 2})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Series[0]
	if got, want := f.Series[0].Quantiles(0.5)[0][0], s.Values[s.Len()-1]; math.Abs(got-want) > 1e-9 || len(f.Notes) == 0 {
		t.Errorf("a refused step is continued by %v, want %v; notes %v", got, want, f.Notes)
	}
}

// refusesWeeks is a naive model that refuses panels of weeks.
type refusesWeeks struct{}

func (refusesWeeks) Name() string { return "naive" }

func (refusesWeeks) Fit(_ context.Context, p *series.Panel, _ forecast.FitOptions) error {
	if p.Step.Width > 86400 {
		return forecast.ErrTooShort
	}
	return nil
}

func (refusesWeeks) Forecast(ctx context.Context, p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	m, err := New("naive", nil)
	if err != nil {
		return nil, err
	}
	return m.Forecast(ctx, p, opt)
}
