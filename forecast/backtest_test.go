package forecast_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// A last model forecasts the last value that it was fitted to, or the last one
// of the history if it was not, with sample paths around it.
type last struct {
	fitted float64
	spread float64
	err    error
}

func (m *last) Name() string { return "last" }

func (m *last) Fit(_ context.Context, p *series.Panel, _ forecast.FitOptions) error {
	s := p.Series[0]
	m.fitted = s.Values[len(s.Values)-1]
	return m.err
}

func (m *last) Forecast(_ context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: "last", Channels: h.Channels}
	for i, s := range h.Series {
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(i)))
		for range 101 {
			path := make([]float64, len(opt.At[i])*h.Width())
			for k := range path {
				path[k] = m.fitted + m.spread*rng.NormFloat64()
			}
			d.Paths = append(d.Paths, path)
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// ramp is a panel of regular series whose values are their times; the second
// is without the times 15 and 16.
func ramp() *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "unique_id", TimeColumn: "ds", Step: series.Step{Width: 1}}
	for _, id := range []string{"a", "b"} {
		s := &series.Series{ID: id}
		for t := 1.0; t <= 20; t++ {
			if id == "b" && (t == 15 || t == 16) {
				continue
			}
			s.Times, s.Values = append(s.Times, t), append(s.Values, t)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Origins lie the right number of steps apart, series that end earlier have the
// leads that are left, and too short a past is an error.
func TestRollingOrigins(t *testing.T) {
	origins, err := forecast.RollingOrigins(ramp(), 4, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range origins {
		for i, s := range o.Actual.Series {
			h := o.History.Series[i]
			got = append(got, fmt.Sprint(s.ID, h.Times[h.Len()-1], s.Times, o.Leads[i]))
		}
	}
	want := []string{
		"a12 [13 14 15 16] [1 2 3 4]", "b12 [13 14] [1 2]",
		"a14 [15 16 17 18] [1 2 3 4]", "b14 [17 18] [3 4]",
		"a16 [17 18 19 20] [1 2 3 4]", "b14 [17 18 19 20] [1 2 3 4]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("origins\n%s", strings.Join(got, "\n"))
	}

	irregular := ramp()
	irregular.Step = series.Step{}
	origins, err = forecast.RollingOrigins(irregular, 4, 2, 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(origins[0].Actual.Series[1].Times, origins[0].Leads[1]); got != "[11 12 13 14] [1 2 3 4]" {
		t.Errorf("irregular: %s", got)
	}

	if _, err := forecast.RollingOrigins(ramp(), 17, 1, 1); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("a horizon that leaves three times: %v", err)
	}
	origins, err = forecast.RollingOrigins(ramp(), 12, 5, 2)
	if err != nil || len(origins) != 3 {
		t.Errorf("%d origins, %v; want the 3 before which there are four times", len(origins), err)
	}
}

// Scores are of the leads that were asked for, and a model that is not fitted
// anew forecasts from its old origin.
func TestBacktest(t *testing.T) {
	candidates := []forecast.Candidate{{Name: "last", New: func() forecast.Model { return &last{} }}}
	for _, tt := range []struct {
		refit bool
		mae   float64 // over leads 1 to 4
	}{
		{true, (1 + 2 + 3 + 4) / 4.0},
		{false, (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8) / 8.0}, // the second origin is 4 steps late
	} {
		p := ramp()
		p.Series = p.Series[:1]
		r, err := forecast.Backtest(context.Background(), p, candidates, forecast.BacktestOptions{Horizon: 4, Windows: 2, Refit: tt.refit, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		m := r.Models[0]
		if m.Err != nil || math.Abs(m.Scores.MAE-tt.mae) > 1e-12 || m.Scores.Values != 8 || m.Scores.Series != 2 {
			t.Errorf("refit %v: %v, MAE %v of %d values, want %v", tt.refit, m.Err, m.Scores.MAE, m.Scores.Values, tt.mae)
		}
		if tt.refit && (len(m.Steps) != 4 || math.Abs(m.Steps[2].MAE-3) > 1e-12) {
			t.Errorf("MAE of step 3: %v, want 3", m.Steps[2].MAE)
		}
		if pit := m.PIT[0][0]; len(pit) != 4 || pit[0] != 1 {
			t.Errorf("PIT of values above all paths: %v", pit)
		}
	}
}

// The report does not depend on the number of workers, and a model that refuses
// does not stop the others.
func TestBacktestWorkers(t *testing.T) {
	candidates := []forecast.Candidate{
		{Name: "narrow", New: func() forecast.Model { return &last{spread: 1} }},
		{Name: "wide", New: func() forecast.Model { return &last{spread: 3} }},
		{Name: "refusing", New: func() forecast.Model { return &last{err: forecast.ErrMismatch} }},
	}
	var want []byte
	for _, workers := range []int{1, 7} {
		calls := 0
		r, err := forecast.Backtest(context.Background(), ramp(), candidates, forecast.BacktestOptions{
			Horizon: 4, Windows: 3, Step: 2, Refit: true, Workers: workers,
			Done: func(done, total int) {
				if calls++; done != calls || total != 18 {
					t.Errorf("call %d: %d of %d done", calls, done, total)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if !errors.Is(r.Models[2].Err, forecast.ErrMismatch) || r.Models[2].Forecasts != nil {
			t.Errorf("the model that refuses: %+v", r.Models[2])
		}
		var b bytes.Buffer
		if err := r.WriteCSV(&b, ramp(), []float64{80}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(&b, r.Models[0].Scores, r.Models[0].Steps, r.Models[0].PIT)
		if want == nil {
			want = b.Bytes()
		} else if !bytes.Equal(b.Bytes(), want) {
			t.Error("the report depends on the number of workers")
		}
	}
	lines := strings.Split(string(want), "\n")
	if lines[0] != "unique_id,ds,cutoff,y,narrow,narrow-lo-80,narrow-hi-80,wide,wide-lo-80,wide-hi-80" {
		t.Errorf("header %s", lines[0])
	}
	if !strings.HasPrefix(lines[1], "a,13,12,13,") {
		t.Errorf("first row %s", lines[1])
	}
}

// A failure that is no refusal ends the backtest and names the model and the
// origin.
func TestBacktestFails(t *testing.T) {
	broken := errors.New("broken")
	c := []forecast.Candidate{{Name: "x", New: func() forecast.Model { return &last{err: broken} }}}
	_, err := forecast.Backtest(context.Background(), ramp(), c, forecast.BacktestOptions{Horizon: 2, Windows: 2, Refit: true})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "x, origin 1 of 2") {
		t.Errorf("error %v", err)
	}
	if _, err := forecast.Backtest(context.Background(), ramp(), append(c, c...), forecast.BacktestOptions{Horizon: 2}); err == nil {
		t.Error("two candidates of one name: no error")
	}
}
