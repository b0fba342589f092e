package auto_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
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

	// Until there is a history of so many times, it is off by two.
	late int

	odd string // series of which it is off by eight

	last bool // it forecasts the last value in place of the mean level

	seen *atomic.Int64 // if not nil, the longest history that it was asked to continue
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
		for m.seen != nil {
			if most := m.seen.Load(); int64(s.Len()) <= most || m.seen.CompareAndSwap(most, int64(s.Len())) {
				break
			}
		}
		bias := m.bias
		if s.Len() < m.late {
			bias = 2
		}
		if m.odd != "" && s.ID == m.odd {
			bias = 8
		}
		if m.last {
			bias += s.Values[s.Len()-1]
		}
		f.Series = append(f.Series, &forecast.Distribution{ID: s.ID, Times: opt.At[i],
			Mean: slices.Repeat([]float64{bias}, n), SD: slices.Repeat([]float64{1}, n)})
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

// The best model by past forecasts is chosen alone where it is, trained ones only where
// there is enough to learn from, and the median where nothing can be examined.
func TestChoose(t *testing.T) {
	good, bad := oracle{}, oracle{bias: 2}
	median := func(c auto.Candidate, of ...string) auto.Candidate { c.MedianOf = of; return c }
	tests := []struct {
		name       string
		panel      *series.Panel
		candidates []auto.Candidate
		want       string
		reason     string
	}{
		{"the best", noise(40, 200), []auto.Candidate{candidate("bad", bad), candidate("good", good)}, "good", "least SQL of 2 models"},
		{"the median, of short series", noise(3, 8), []auto.Candidate{candidate("good", good), median(candidate("median", bad), "good")}, "median", "too short"},
		{"the first, of short series", noise(3, 8), []auto.Candidate{candidate("good", good), candidate("bad", bad)}, "good", "too short"},
		{"a trained one", noise(40, 200), []auto.Candidate{trained("good", good), candidate("bad", bad)}, "good", "of 2 models"},
		{"a trained one that is cheap, of few values", noise(2, 40), []auto.Candidate{trained("good", good), candidate("bad", bad)}, "good", "of 2 models"},
		{"no trained one of few values", noise(1, 40), []auto.Candidate{trained("good", good), candidate("bad", bad)}, "bad", "of 1 models"},
		{"one that does not refuse", noise(10, 100), []auto.Candidate{candidate("refusing", oracle{err: forecast.ErrMismatch}), candidate("bad", bad)}, "bad", "of 1 models"},
		{"one that is supported", noise(10, 100), []auto.Candidate{candidate("wild", oracle{bias: 1e9}), candidate("bad", bad)}, "bad", "of 1 models"},
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

// trained returns a candidate that is trained step by step.
func trained(name string, m oracle) auto.Candidate {
	c := candidate(name, m)
	c.Trained = true
	c.Brief = func(int) forecast.Model { return m }
	return c
}

// Models that err to opposite sides are better together, and their weights are those at
// which their errors cancel; what is far off has none. The blend in the table is at
// origins that do not weigh it, and calibrated.
func TestBlend(t *testing.T) {
	candidates := []auto.Candidate{candidate("high", oracle{bias: 1.2}), candidate("low", oracle{bias: -0.8}), candidate("far", oracle{bias: 9})}
	c, err := auto.Choose(t.Context(), noise(20, 100), candidates, auto.Options{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != auto.BlendName || len(c.Blend) != 2 || !strings.Contains(c.Reason, "% high, ") {
		t.Fatalf("%s %v, because %s", c.Name, c.Blend, c.Reason)
	}
	// 0.4 of 1.2 and 0.6 of -0.8 have no bias.
	if a, b := c.Blend[0].Weight, c.Blend[1].Weight; math.Abs(a+b-1) > 1e-12 || math.Abs(a-0.4) > 0.05 {
		t.Errorf("shares %v, want 0.4 and 0.6", c.Blend)
	}
	last := c.Results[len(c.Results)-1]
	if best := min(c.Results[0].Scores.SQL, c.Results[1].Scores.SQL); last.Model != auto.BlendName || !(last.Scores.SQL < 0.8*best) {
		t.Errorf("the last result is %+v, the best alone has %v", last, best)
	}
	if c.Calibration == nil || !(c.StandardError > 0 && c.StandardError < 0.1) || c.Origins != 4 || c.Series != 20 {
		t.Errorf("choice %+v", c)
	}

	var many []auto.Candidate
	for i := range 12 {
		many = append(many, candidate(fmt.Sprint("m", i), oracle{bias: 0.1 * float64(2*(i%2)-1)}))
	}
	c, err = auto.Choose(t.Context(), noise(20, 100), many, auto.Options{Horizon: 5, Season: 1})
	if err != nil || len(c.Blend) > 8 || len(c.Blend) < 2 {
		t.Errorf("of twelve models as good as each other %d are blended, error %v", len(c.Blend), err)
	}
}

// A blend that was worse than a model alone, at origins that do not weigh it, is not
// taken: of models that err to the same side nothing is better than the best.
func TestNoWorseBlend(t *testing.T) {
	candidates := []auto.Candidate{candidate("near", oracle{bias: 0.4}), candidate("farther", oracle{bias: 0.7}), candidate("far", oracle{bias: 0.9})}
	c, err := auto.Choose(t.Context(), noise(30, 200), candidates, auto.Options{Horizon: 5, Season: 1})
	if err != nil || c.Name != "near" {
		t.Errorf("%+v, error %v", c, err)
	}
}

// TestFewSeries protects what a single series says: forecasts of so little of its past choose
// no model alone, and what did well from the latest origins, from which the first steps of
// the horizon are known, is part of the blend though it did badly before; what always did
// badly is not.
func TestFewSeries(t *testing.T) {
	candidates := []auto.Candidate{
		candidate("near", oracle{bias: 0.4}), candidate("farther", oracle{bias: 0.7}), candidate("far", oracle{bias: 9}),
		candidate("late", oracle{late: 31}), candidate("never", oracle{bias: 3}),
	}
	c, err := auto.Choose(t.Context(), noise(1, 40), candidates, auto.Options{Horizon: 10, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range c.Blend {
		names = append(names, s.Name)
	}
	if want := []string{"near", "farther", "late"}; !slices.Equal(names, want) || !strings.Contains(c.Reason, "too little to take a model alone") {
		t.Errorf("a blend of %v, want %v, because %s", c.Blend, want, c.Reason)
	}
}

// TestTrainings protects that what is trained is trained several times for few series, alone and in a blend, as
// often as what is left of the work pays for; and once for many.
func TestTrainings(t *testing.T) {
	tests := []struct {
		name            string
		panel           *series.Panel
		update          float64 // cost
		alone, together int
	}{
		{"cheap", noise(1, 230), 0.01, 3, 3},
		{"dear", noise(1, 230), 0.3, 2, 1},
		{"of many series", noise(40, 230), 0.01, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one := func(name string, bias float64) auto.Candidate {
				c := trained(name, oracle{bias: bias})
				c.Cost = func(*series.Panel, int) auto.Cost { return auto.Cost{Update: tt.update, Updates: 100} }
				return c
			}
			choose := func(of ...auto.Candidate) *auto.Choice {
				c, err := auto.Choose(t.Context(), tt.panel, of, auto.Options{Horizon: 5, Season: 1})
				if err != nil {
					t.Fatal(err)
				}
				if words := strings.Contains(c.Reason, "Of few series it trains"); words != (tt.alone > 1 && len(of) == 1 || tt.together > 1) {
					t.Errorf("the reason is %q", c.Reason)
				}
				return c
			}
			if c := choose(one("only", 0)); c.Name != "only" || c.Trainings != tt.alone {
				t.Errorf("%s is trained %d times, want %d", c.Name, c.Trainings, tt.alone)
			}
			c := choose(one("high", 1), one("low", -1), candidate("far", oracle{bias: 9}))
			if len(c.Blend) != 2 || c.Blend[0].Trainings != tt.together || c.Blend[1].Trainings != tt.together {
				t.Errorf("%+v, want two that are trained %d times", c.Blend, tt.together)
			}
		})
	}
}

// A model that is the best since later origins count more is not said to have the least loss of all, which
// another has in the table.
func TestBestOfLaterOrigins(t *testing.T) {
	var candidates []auto.Candidate
	for _, bias := range []float64{-0.05, 0.05, 0.12, 0.2} {
		candidates = append(candidates, candidate(fmt.Sprint(bias), oracle{bias: bias}))
	}
	c, err := auto.Choose(t.Context(), noise(3, 230), candidates, auto.Options{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	own, least := math.NaN(), math.Inf(1)
	for _, r := range c.Results {
		if r.Model == c.Name {
			own = r.Scores.SQL
		}
		least = min(least, r.Scores.SQL)
	}
	if own == least || strings.Contains(c.Reason, "least") || !strings.Contains(c.Reason, "later origins count more") {
		t.Errorf("%s has a loss of %v, the least is %v, because %s", c.Name, own, least, c.Reason)
	}
}

// The table is of mean losses. Where a blend is taken, a model that is the best otherwise is not said to be
// the best without saying how: of few series one that is foretold badly does not decide.
func TestBestBesideBlend(t *testing.T) {
	candidates := []auto.Candidate{candidate("mostly", oracle{odd: "4"}), candidate("even", oracle{bias: 1.5})}
	c, err := auto.Choose(t.Context(), noise(5, 8), candidates, auto.Options{Horizon: 3, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	losses := map[string]float64{}
	for _, r := range c.Results {
		losses[r.Model] = r.Scores.SQL
	}
	if c.Blend == nil || c.Origins != 1 || losses["mostly"] <= losses["even"] {
		t.Fatalf("not a blend from one origin in which the other is ahead in the mean: %s, %v", c.Reason, losses)
	}
	if want := "that of mostly, the best alone where no single series decides"; !strings.Contains(c.Reason, want) {
		t.Errorf("%q does not have %q", c.Reason, want)
	}
}

// All of the weight may be next to one, and not one, by rounding.
func TestBlendOfOne(t *testing.T) {
	for _, bias := range []float64{0.3, 0.6} {
		candidates := []auto.Candidate{candidate("steady", oracle{bias: bias}), candidate("late", oracle{late: 160})}
		c, err := auto.Choose(t.Context(), noise(1, 200), candidates, auto.Options{Horizon: 5, Season: 1})
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != "steady" || c.Blend != nil || !strings.Contains(c.Reason, "any part of another makes it worse") {
			t.Errorf("%s, because %s", c.Name, c.Reason)
		}
	}
}

// TestShortSeries protects that of many series too short to look back a horizon, which go far with the
// horizon, the intervals of the choice are as wide as all go together, and not those of the model, which has no idea.
func TestShortSeries(t *testing.T) {
	const number, n, horizon = 100, 15, 10
	past := noise(number, n)
	future := make([][]float64, number)
	for i, s := range past.Series {
		rng := rand.New(rand.NewPCG(8, uint64(i)))
		slope, y := rng.NormFloat64(), 0.0
		for t := range n + horizon {
			if y += 0.5*slope + rng.NormFloat64(); t < n {
				s.Values[t] = y
			} else {
				future[i] = append(future[i], y)
			}
		}
	}
	c, err := auto.Choose(t.Context(), past, []auto.Candidate{candidate("last", oracle{last: true})}, auto.Options{Horizon: horizon, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	opt, err := forecast.Options{Horizon: horizon}.Resolve(past)
	if err != nil {
		t.Fatal(err)
	}
	f, err := oracle{last: true}.Forecast(t.Context(), past, opt)
	if err != nil {
		t.Fatal(err)
	}
	inside := 0.0
	for i, d := range c.Calibration.Apply(f, past).Series {
		q := d.Quantiles(0.1, 0.9)
		for k, v := range future[i] {
			if q[0][k] <= v && v <= q[1][k] {
				inside += 1.0 / (number * horizon)
			}
		}
	}
	if math.Abs(inside-0.8) > 0.06 {
		t.Errorf("%.3f of what comes lies within the intervals of 80 %%", inside)
	}
}

// The median of models is examined without a fit of its own, without those of them that
// are wild.
func TestMedian(t *testing.T) {
	median := candidate("median", oracle{err: errors.New("it has been asked")})
	median.MedianOf = []string{"high", "low", "true", "far"}
	c, err := auto.Choose(t.Context(), noise(20, 100), []auto.Candidate{
		median, candidate("high", oracle{bias: 0.5}), candidate("true", oracle{}), candidate("low", oracle{bias: -0.5}), candidate("far", oracle{bias: 20}),
	}, auto.Options{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	// The middle one of three is the true one.
	if a, b := c.Results[0].Scores.SQL, c.Results[2].Scores.SQL; math.Abs(a-b) > 1e-3*b {
		t.Errorf("the median has %v, the true model %v", a, b)
	}
}

// What costs more than its part of the work is looked at first on few series and origins:
// the hopeless do not go on, and what is left is examined as far as the work allows; the
// work is counted, so that the clock is not asked. Of models that are trained the updates
// are bounded.
func TestWork(t *testing.T) {
	p := noise(200, 100)
	costly := func(c auto.Candidate, perSeries float64) auto.Candidate {
		c.Cost = func(p *series.Panel, _ int) auto.Cost { return auto.Cost{Forecast: perSeries * float64(len(p.Series))} }
		return c
	}
	student := trained("student", oracle{bias: 0.2})
	student.Cost = func(*series.Panel, int) auto.Cost { return auto.Cost{Update: 0.1, Updates: 100} }
	brief := 0
	student.Brief = func(updates int) forecast.Model { brief = updates; return oracle{bias: 0.2} }
	late := trained("late", oracle{})
	late.Cost = func(*series.Panel, int) auto.Cost { return auto.Cost{Fit: 1e6, Update: 1, Updates: 1000} }
	candidates := []auto.Candidate{
		costly(candidate("good", oracle{}), 0.01), costly(candidate("bad", oracle{bias: 3}), 0.01),
		costly(candidate("endless", oracle{}), 1000), candidate("free", oracle{bias: -0.3}), student, late,
	}
	c, err := auto.Choose(t.Context(), p, candidates, auto.Options{Horizon: 5, Season: 1, Work: 10})
	if err != nil {
		t.Fatal(err)
	}
	for i, out := range []bool{false, true, true, false, false, true} {
		if errors.Is(c.Results[i].Err, auto.ErrOut) != out {
			t.Errorf("%s: %v", c.Results[i].Model, c.Results[i].Err)
		}
	}
	if c.Series < 24 || c.Series >= 200 || c.InPanel != 200 || !(c.Work <= 7.5) {
		t.Errorf("%d of %d series were examined, for a work of %v", c.Series, c.InPanel, c.Work)
	}
	if brief < 10 || brief > 75 {
		t.Errorf("%d updates of 0.1 s each of what is left of 7.5 s", brief)
	}
}

// What is chosen works on all series: candidates that would cost too much there are passed over, trained ones
// and others, unless the cheapest costs much too.
func TestWholePanel(t *testing.T) {
	p := noise(200, 100)
	of := func(c auto.Candidate, perSeries float64) auto.Candidate {
		c.Cost = func(p *series.Panel, _ int) auto.Cost {
			return auto.Cost{Forecast: perSeries * float64(len(p.Series)), Updates: 1}
		}
		return c
	}
	student := trained("student", oracle{})
	student.Brief = func(int) forecast.Model { return oracle{} }
	for _, test := range []struct {
		cheapest float64
		out      bool // of what costs 90 s on the whole panel, of a work of 20 s
	}{{0.001, true}, {0.01, false}} {
		candidates := []auto.Candidate{
			of(candidate("cheapest", oracle{bias: 0.3}), test.cheapest), of(candidate("dear", oracle{}), 0.2),
			of(candidate("dearer", oracle{}), 0.45), of(student, 0.45),
		}
		c, err := auto.Choose(t.Context(), p, candidates, auto.Options{Horizon: 5, Season: 1, Work: 20})
		if err != nil {
			t.Fatal(err)
		}
		for i, out := range []bool{false, false, test.out, test.out} {
			err := c.Results[i].Err
			if got := errors.Is(err, auto.ErrOut) && strings.Contains(err.Error(), "whole panel"); got != out {
				t.Errorf("cheapest %v, %s: %v", test.cheapest, c.Results[i].Model, err)
			}
		}
	}
}

// TestRows protects that of a long series each candidate sees as much as it can afford: what is cheap all of it,
// what is dear the half of it or a half of that, and what could afford nothing as much as is seen at least.
func TestRows(t *testing.T) {
	const rows, horizon = 12000, 10
	var cheap, dear, endless atomic.Int64
	of := func(name string, perValue float64, seen *atomic.Int64) auto.Candidate {
		c := candidate(name, oracle{seen: seen})
		c.Cost = func(p *series.Panel, _ int) auto.Cost {
			return auto.Cost{Fit: perValue * float64(p.Series[0].Len())}
		}
		return c
	}
	c, err := auto.Choose(t.Context(), noise(1, rows), []auto.Candidate{
		of("dear", 2.2/rows, &dear), of("cheap", 0.01/rows, &cheap), of("endless", 12.0/rows, &endless),
	}, auto.Options{Horizon: horizon, Season: 1, Work: 10})
	if err != nil {
		t.Fatal(err)
	}
	if cheap.Load() <= rows-horizon || dear.Load() != rows/2 || endless.Load() != rows/8 || c.Rows != rows/8 || c.Longest != rows {
		t.Errorf("%d, %d and %d rows are seen, the choice says %d of %d", cheap.Load(), dear.Load(), endless.Load(), c.Rows, c.Longest)
	}
}

// Models that do not end within the time are passed over, and the choice is
// among those that do; what is cheap is tried all the same.
func TestTimeLimit(t *testing.T) {
	slow := func(name string, m oracle) auto.Candidate {
		c := candidate(name, m)
		c.Cost = func(*series.Panel, int) auto.Cost { return auto.Cost{Forecast: 1} }
		return c
	}
	c, err := auto.Choose(t.Context(), noise(10, 100), []auto.Candidate{
		slow("endless", oracle{wait: true}), slow("another", oracle{wait: true}), candidate("quick", oracle{}),
	}, auto.Options{Horizon: 5, TimeLimit: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "quick" {
		t.Errorf("%s, want quick", c.Name)
	}
	for _, r := range c.Results[:2] {
		if !errors.Is(r.Err, context.DeadlineExceeded) || !errors.Is(r.Err, auto.ErrOut) {
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
