package auto_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/forecast"
	"tsgen/models/auto"
	"tsgen/series"
)

// An oracle forecasts the mean level, off by its bias, with a standard
// deviation of one.
type oracle struct {
	bias float64
	wait bool  // for the context to be done
	err  error // of the forecast
}

func (m oracle) Name() string { return "oracle" }

func (m oracle) Fit(ctx context.Context, _ *series.Panel, _ forecast.FitOptions) error {
	if m.wait {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (m oracle) Forecast(_ context.Context, h *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f := &forecast.Forecast{Model: m.Name(), Channels: h.Channels}
	for i, s := range h.Series {
		n := len(opt.At[i])
		f.Series = append(f.Series, &forecast.Distribution{ID: s.ID, Times: opt.At[i],
			Mean: slices.Repeat([]float64{m.bias}, n), SD: slices.Repeat([]float64{1}, n)})
	}
	return f, m.err
}

// candidate returns an oracle with the given bias.
func candidate(name string, m oracle) auto.Candidate {
	return auto.Candidate{Candidate: forecast.Candidate{Name: name, New: func() forecast.Model { return m }}}
}

// noise is a panel of white noise.
func noise(seriesCount, length int) *series.Panel {
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "unique_id", Step: series.Step{Width: 1}}
	for i := range seriesCount {
		rng := rand.New(rand.NewPCG(7, uint64(i)))
		s := &series.Series{ID: fmt.Sprint(i)}
		for t := range length {
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// The best model by past forecasts is chosen, and the safe one where the
// difference is within chance or the data are too few.
func TestChoose(t *testing.T) {
	good, close, low, bad := oracle{}, oracle{bias: 0.02}, oracle{bias: -0.3}, oracle{bias: 2}
	safe := func(c auto.Candidate) auto.Candidate { c.Safe = true; return c }
	trained := func(c auto.Candidate) auto.Candidate { c.Trained = true; return c }
	tests := []struct {
		name       string
		panel      *series.Panel
		candidates []auto.Candidate
		want       string
		reason     string
	}{
		{"the best", noise(40, 200), []auto.Candidate{candidate("bad", bad), candidate("good", good)}, "good", "least SQL of 2 models"},
		{"the safe one, if a blend is no better", noise(3, 100), []auto.Candidate{candidate("low", low), safe(candidate("good", good))}, "good", "a blend of the best models"},
		{"the safe one, from one origin", noise(1, 14), []auto.Candidate{candidate("good", good), safe(candidate("close", close))}, "close", "not clearly better"},
		{"not the safe one, if worse", noise(40, 200), []auto.Candidate{candidate("good", good), safe(candidate("bad", bad))}, "good", "least SQL"},
		{"the safe one, of short series", noise(3, 8), []auto.Candidate{candidate("good", good), safe(candidate("bad", bad))}, "bad", "too short"},
		{"a trained one", noise(40, 200), []auto.Candidate{trained(candidate("good", good)), candidate("bad", bad)}, "good", "of 2 models"},
		{"no trained one of few values", noise(2, 60), []auto.Candidate{trained(candidate("good", good)), candidate("bad", bad)}, "bad", "of 1 models"},
		{"one that does not refuse", noise(10, 100), []auto.Candidate{candidate("refusing", oracle{err: forecast.ErrMismatch}), candidate("bad", bad)}, "bad", "of 1 models"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := auto.Choose(t.Context(), tt.panel, tt.candidates, auto.Options{Horizon: 5, Season: 1})
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != tt.want || !strings.Contains(c.Reason, tt.reason) {
				t.Errorf("%s, because %s; want %s, because %s", c.Name, c.Reason, tt.want, tt.reason)
			}
		})
	}
}

// Models that err to opposite sides are better together, the better ones more so;
// but what has one origin only is not blended.
func TestBlend(t *testing.T) {
	candidates := []auto.Candidate{candidate("high", oracle{bias: 1}), candidate("low", oracle{bias: -1}), candidate("far", oracle{bias: 99})}
	c, err := auto.Choose(t.Context(), noise(20, 100), candidates, auto.Options{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != auto.BlendName || len(c.Blend) != 2 || !strings.Contains(c.Reason, "% high, ") {
		t.Fatalf("%s %v, because %s", c.Name, c.Blend, c.Reason)
	}
	a, b := c.Blend[0].Weight, c.Blend[1].Weight
	x, y := c.Results[0].Scores.SQL, c.Results[1].Scores.SQL
	if want := y * y / (x * x); math.Abs(a+b-1) > 1e-12 || math.Abs(a/b-want) > 1e-3 && math.Abs(b/a-want) > 1e-3 {
		t.Errorf("shares %v, want a ratio of %v", c.Blend, want)
	}
	if r := c.Results[len(c.Results)-1]; r.Model != auto.BlendName || !(r.Scores.SQL < x) {
		t.Errorf("the last result is %+v", r)
	}
	if c, err = auto.Choose(t.Context(), noise(20, 14), candidates, auto.Options{Horizon: 5, Season: 1}); err != nil || c.Blend != nil {
		t.Errorf("of short series: %+v, error %v", c, err)
	}

	var many []auto.Candidate
	for i := range 12 {
		many = append(many, candidate(fmt.Sprint("m", i), oracle{bias: float64(i) / 100}))
	}
	c, err = auto.Choose(t.Context(), noise(20, 100), many, auto.Options{Horizon: 5, Season: 1})
	if err != nil || len(c.Blend) != 7 {
		t.Errorf("of twelve models as good as each other %d are blended, error %v", len(c.Blend), err)
	}
}

// Models that do not end within the time are passed over, and the choice is
// among those that do.
func TestTimeLimit(t *testing.T) {
	c, err := auto.Choose(t.Context(), noise(10, 100), []auto.Candidate{
		candidate("quick", oracle{}), candidate("endless", oracle{wait: true}),
		candidate("another", oracle{wait: true}), candidate("a third", oracle{wait: true}),
		candidate("a fourth", oracle{wait: true}), candidate("a fifth", oracle{wait: true}), candidate("a sixth", oracle{wait: true}),
		candidate("late", oracle{}),
	}, auto.Options{Horizon: 5, TimeLimit: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "quick" {
		t.Errorf("%s, want quick", c.Name)
	}
	for _, r := range c.Results[1:] {
		if !errors.Is(r.Err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want that there was no time", r.Model, r.Err)
		}
	}
}

// Nothing to choose from is an error, and so is an end of the context.
func TestChooseErrors(t *testing.T) {
	p := noise(10, 100)
	if _, err := auto.Choose(t.Context(), p, nil, auto.Options{Horizon: 5}); err == nil {
		t.Error("no candidates: no error")
	}
	if _, err := auto.Choose(t.Context(), p, []auto.Candidate{candidate("x", oracle{})}, auto.Options{}); err == nil {
		t.Error("no horizon: no error")
	}
	refusing := []auto.Candidate{candidate("x", oracle{err: forecast.ErrMismatch})}
	if _, err := auto.Choose(t.Context(), p, refusing, auto.Options{Horizon: 5}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("nothing but refusals: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := auto.Choose(ctx, p, []auto.Candidate{candidate("x", oracle{wait: true})}, auto.Options{Horizon: 5}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
