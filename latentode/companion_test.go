package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/mixture"
	"tsgen/models/pooled"
	"tsgen/series"
)

// records are short irregular series of two positive channels, each with a level of its own about
// which it varies by noise alone, and of a third that differs between series but not within.
func records(n int) (head, tail *series.Panel) {
	rng := rand.New(rand.NewPCG(7, 8))
	p := &series.Panel{Channels: []string{"a", "b", "own"}, IDColumn: "id", TimeColumn: "day"}
	for i := range n {
		s := &series.Series{ID: strconv.Itoa(i)}
		at, a, b := 0.0, 10+2*rng.NormFloat64(), 50+5*rng.NormFloat64()
		for range 6 + rng.IntN(4) {
			at += 1 + 20*rng.Float64()
			s.Times = append(s.Times, at)
			s.Values = append(s.Values, a+0.5*rng.NormFloat64(), b+2*rng.NormFloat64(), float64(i%3))
		}
		p.Series = append(p.Series, s)
	}
	head, tail, err := p.SplitLast(2)
	if err != nil {
		panic(err)
	}
	return head, tail
}

// TestCompanionHolds demands that on short records, of which a network that is hardly trained
// learns nothing, forecasts are as good as those of the companion, stay positive, and come back from a
// stored model.
func TestCompanionHolds(t *testing.T) {
	head, tail := records(24)
	opt := forecast.Options{}
	for _, s := range tail.Series {
		opt.At = append(opt.At, s.Times)
	}
	crps := func(m forecast.Model) (sum float64) {
		if err := m.Fit(context.Background(), head, forecast.FitOptions{}); err != nil {
			t.Fatal(err)
		}
		r, err := forecast.Examine(context.Background(), head, tail, []forecast.Model{m}, forecast.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r[0].Scores.CRPS
	}
	m := &Model{Options: Options{Hidden: 4, Updates: 30, Batch: 8}}
	if got, want := crps(m), crps(&pooled.Model{}); !(got < 1.1*want) {
		t.Errorf("CRPS %.3f, that of the companion alone %.3f", got, want)
	}
	if m.config.Companion == nil || m.config.Options.Level != LevelPanel || m.config.Horizon < 2 || m.config.Options.Context < 3 {
		t.Errorf("companion %v, level %q, horizon %d, context %d", m.config.Companion, m.config.Options.Level, m.config.Horizon, m.config.Options.Context)
	}
	f, err := m.Forecast(context.Background(), head, opt)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := FromState(s)
	if err != nil {
		t.Fatal(err)
	}
	g, err := again.Forecast(context.Background(), head, opt)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range f.Series {
		for k, v := range d.Values {
			if slices.Min(v) < 0 {
				t.Errorf("series %d: a quantile of positive values is %v", i, slices.Min(v))
			}
			if !slices.Equal(v, g.Series[i].Values[k]) {
				t.Fatalf("series %d: another forecast after storing", i)
			}
		}
	}
}

// Where the companion has all the weight, quantiles are its own, and the network is not asked.
func TestCompanionAlone(t *testing.T) {
	head, _ := records(6)
	m := &Model{Options: Options{Hidden: 4, Updates: 2, Batch: 4, Companion: CompanionPooled}}
	if err := m.Fit(t.Context(), head, forecast.FitOptions{Horizon: 2}); err != nil {
		t.Fatal(err)
	}
	model := newClosedForm(CompanionPooled)
	if err := model.Fit(t.Context(), head, forecast.FitOptions{Horizon: 2}); err != nil {
		t.Fatal(err)
	}
	m.config.Companion = &companion{kind: CompanionPooled, model: model, Weights: make([]float64, len(head.Channels))}
	m.config.Stretch, m.config.NonNegative = nil, nil
	m.Params.Values[0] = math.NaN()
	opt := forecast.Options{Horizon: 3, Seed: 1}
	got, err := m.Forecast(t.Context(), head, opt)
	if err != nil {
		t.Fatal(err)
	}
	want, err := model.Forecast(t.Context(), head, opt)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range got.Series {
		for k, q := range want.Series[i].Quantiles(d.Probs...) {
			if !slices.Equal(d.Values[k], q) {
				t.Fatalf("series %d: quantiles %v at %v, the companion's are %v", i, d.Values[k], d.Probs[k], q)
			}
		}
	}
}

// TestBlend holds quantiles and paths that were brought together with a companion's against the
// average of two Gaussians' quantiles, and demands that paths keep their ranks.
func TestBlend(t *testing.T) {
	c := &companion{Weights: []float64{0.25}}
	beside := &forecast.Distribution{Times: []float64{1}, Mean: []float64{4}, SD: []float64{2}}
	own := &forecast.Distribution{Times: []float64{1}, Probs: mixture.Probabilities()}
	base := forecast.Distribution{Times: []float64{1}, Mean: []float64{0}, SD: []float64{1}}
	own.Values = base.Quantiles(own.Probs...)
	c.blend(own, beside, []float64{1})
	for i, p := range own.Probs {
		want := 0.25*base.Quantile(nil, p)[0] + 0.75*beside.Quantile(nil, p)[0]
		if math.Abs(own.Values[i][0]-want) > 1e-12 {
			t.Errorf("the %v-quantile is %v, want %v", p, own.Values[i][0], want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	drawn := &forecast.Distribution{Times: []float64{1}}
	var before []float64
	for range 2000 {
		before = append(before, rng.NormFloat64())
		drawn.Paths = append(drawn.Paths, []float64{before[len(before)-1]})
	}
	c.blend(drawn, beside, []float64{3})
	for i := range 100 {
		if (before[i] < before[i+1]) != (drawn.Paths[i][0] < drawn.Paths[i+1][0]) {
			t.Fatal("paths have changed places")
		}
	}
	if m := drawn.MeanTo(nil)[0]; math.Abs(m-3) > 0.1 {
		t.Errorf("mean %v of the paths, want 3", m)
	}
	c.Reach = 2
	for lead, want := range map[float64]float64{0: 0.25, 2: 0.25, 4: 0.25 / math.E} {
		if w := c.weight(0, lead); math.Abs(w-want) > 1e-12 {
			t.Errorf("weight %v at the lead time %v, want %v", w, lead, want)
		}
	}
}

// TestMarginalsAgainstPaths holds the closed form of the distributions against very many paths of a model that
// is not trained.
func TestMarginalsAgainstPaths(t *testing.T) {
	m := still(t)
	panel := oscillators(4, 20, 0.1, 1)
	closed := forecastOf(t, m, panel, 3, 0)
	f, err := m.Forecast(context.Background(), panel, forecast.Options{Horizon: 3, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range f.Series {
		lo, hi := d.Interval(nil, nil, 80)
		low, high := closed.Series[i].Interval(nil, nil, 80)
		for k := range lo {
			width := high[k] - low[k]
			if math.Abs(lo[k]-low[k]) > 0.15*width || math.Abs(hi[k]-high[k]) > 0.15*width {
				t.Errorf("series %d, value %d: interval %.3f to %.3f, of paths %.3f to %.3f", i, k, lo[k], hi[k], low[k], high[k])
			}
		}
	}
}

// TestWeights demands the weight with the least loss of every channel with many values, that of all
// for a channel with few, and a smaller one where series contradict each other.
func TestWeights(t *testing.T) {
	l := losses{channels: 3}
	for i := range 5000 {
		for j := range 3 {
			if j == 2 && i%500 > 0 {
				continue
			}
			var loss [weightSteps + 1]float64
			for k := range loss {
				w := float64(k) / weightSteps
				loss[k] = []float64{3 + (w-1)*(w-1), 1e3 * (2 + (w-0.25)*(w-0.25)), 0.01 * (1 + w)}[j]
			}
			l.add(strconv.Itoa(i), j, loss)
		}
	}
	weights := l.weights()
	if weights[0] != 1 || weights[1] != 0.25 || !(weights[2] > 0 && weights[2] < 1) {
		t.Errorf("weights %v", weights)
	}
	for _, series := range []int{4, 400} {
		l := losses{channels: 1}
		for i := range series {
			var loss [weightSteps + 1]float64
			for k := range loss {
				loss[k] = 2 - (0.3+2*float64(i%2)-1)*float64(k)/weightSteps
			}
			l.add(strconv.Itoa(i), 0, loss)
		}
		weights := l.weights()
		if want := map[int]float64{4: 0, 400: 1}[series]; weights[0] != want {
			t.Errorf("weight %v by %d series that contradict each other, want %v", weights[0], series, want)
		}
	}
}

// TestLearnEnds demands that what was held back of short records is learned in the end, and whole series
// that were are not.
func TestLearnEnds(t *testing.T) {
	panel, _ := records(8)
	c, all, err := newConfig(t.Context(), Options{Hidden: 4, Updates: 8, Batch: 8, Companion: CompanionNone}, 0, panel, forecast.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := newFitted(c, rand.New(rand.NewPCG(1, 0)))
	o, err := newObjective(f, panel, all, 1)
	if err != nil {
		t.Fatal(err)
	}
	loss := func() (sum float64) {
		if err := o.eachValid(context.Background(), f.Params.Values, o.valid, func(d decoded, v heldBack) {
			for j, x := range v.target {
				if e := x - d.mean.Val[v.row*3+j]; !math.IsNaN(e) {
					sum += e * e
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := loss()
	c.Options.Updates, c.Companion = 800, &companion{Weights: []float64{0.5, 0.5, 0.5}, Reach: 1}
	if err := o.learnEnds(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if after := loss(); !(after < 0.8*before) {
		t.Errorf("square errors of what was held back %.3f, before it was learned %.3f", after, before)
	}
	for _, r := range all {
		if r.Limit != len(r.U) {
			t.Errorf("%d of %d times are learned from", r.Limit, len(r.U))
		}
	}
	if c.Companion.weight(0, 5) != 0.5 {
		t.Error("the weight of a network that learned the ends fades")
	}
	c.HoldSeries = true
	kept := slices.Clone(f.Params.Values)
	if err := o.learnEnds(context.Background(), 0); err != nil || !slices.Equal(kept, f.Params.Values) {
		t.Errorf("whole series that were held back are learned (error %v)", err)
	}
}
