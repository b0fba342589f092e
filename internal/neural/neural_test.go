package neural

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/models/density"
	"tsgen/series"
)

// regular returns a panel of a step a unit, with a gap in its second series and a
// covariate known for ten steps beyond.
func regular() *series.Panel {
	p := &series.Panel{Channels: []string{"a", "b"}, Step: series.Step{Width: 1}, Known: []string{"k"}}
	for _, id := range []string{"one", "two"} {
		s := &series.Series{ID: id}
		for i := range 40 {
			t := float64(i)
			s.Known.Times, s.Known.Values = append(s.Known.Times, t), append(s.Known.Values, t/2)
			if id == "two" && i == 7 {
				continue
			}
			s.Times = append(s.Times, t)
			s.Values = append(s.Values, 100+t+math.Sin(t), math.NaN())
		}
		for i := 40; i < 50; i++ {
			s.Known.Times, s.Known.Values = append(s.Known.Times, float64(i)), append(s.Known.Values, float64(i)/2)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestFrame protects what is decided from a panel: horizon, season, gap, which
// series count, and the scaling, held against sums made here.
func TestFrame(t *testing.T) {
	p := regular()
	p.Series = append(p.Series, &series.Series{ID: "short", Times: []float64{-5}, Values: []float64{1, 2}})
	f, records, err := NewFrame(p, forecast.FitOptions{Season: 4}, Reading{Family: density.Gaussian, Grid: true}, TransformNone)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || f.Length != 40 || f.Season != 4 || f.Horizon != 8 || f.Gap != 1 || f.Start != -5 {
		t.Errorf("%d records, length %d, season %d, horizon %d, gap %v, start %v", len(records), f.Length, f.Season, f.Horizon, f.Gap, f.Start)
	}
	var x []float64
	for _, s := range p.Series[:2] {
		for i := 0; i < len(s.Values); i += 2 {
			x = append(x, s.Values[i])
		}
	}
	mean, square := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	if math.Abs(f.Center[0]-mean) > 1e-12 || math.Abs(f.Scale[0]-math.Sqrt(square)) > 1e-12 {
		t.Errorf("mean %v and deviation %v, want %v and %v", f.Center[0], f.Scale[0], mean, math.Sqrt(square))
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Frame){
		"scale":    func(f *Frame) { f.Scale = []float64{1, 0} },
		"channels": func(f *Frame) { f.Channels = nil },
		"horizon":  func(f *Frame) { f.Horizon = 0 },
		"gap":      func(f *Frame) { f.Gap = math.Inf(1) },
		"log":      func(f *Frame) { f.Log = f.Log[:1] },
		"known":    func(f *Frame) { f.KnownScaling = nil },
	} {
		g := *f
		if spoil(&g); g.Check() == nil {
			t.Errorf("a frame with its %s spoiled passes", name)
		}
	}
}

// TestGrid protects records and their continuation on a grid: gaps are rows of
// NaN, known covariates lie at all steps, and times off the grid are refused.
func TestGrid(t *testing.T) {
	p := regular()
	how := Reading{Family: density.Gaussian, Grid: true}
	f, _, err := NewFrame(p, forecast.FitOptions{}, how, TransformNone)
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Record(p, p.Series[1], how)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.U) != 40 || !math.IsNaN(r.X[14]) || r.X[16] != p.Series[1].Values[14] || len(r.Known) != 40 {
		t.Fatalf("%d steps, %v at the gap, %d covariates", len(r.U), r.X[14], len(r.Known))
	}
	wanted, err := f.Extend(p, p.Series[1], &r, []float64{41, 43})
	if err != nil || !slices.Equal(wanted, []bool{false, true, false, true}) || len(r.X) != 88 || len(r.Known) != 44 {
		t.Errorf("wanted %v, %d values, %d covariates, %v", wanted, len(r.X), len(r.Known), err)
	}
	if _, err := f.Extend(p, p.Series[1], &r, []float64{44.4}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("off the grid: %v", err)
	}
	if _, err := f.Extend(p, p.Series[1], &r, []float64{60}); !errors.Is(err, series.ErrKnown) {
		t.Errorf("beyond the covariates: %v", err)
	}
}

// TestHoldBack demands that nothing that is validated on can be drawn for
// training, whole series or their ends.
func TestHoldBack(t *testing.T) {
	for _, whole := range []bool{false, true} {
		var records []Record
		for range 10 {
			r := Record{U: make([]float64, 30), X: make([]float64, 30), Limit: 30}
			records = append(records, r)
		}
		s := Split{Context: 8, Horizon: 6, Series: whole, Windows: 64}
		held, err := s.HoldBack(records)
		if err != nil || len(held) == 0 {
			t.Fatalf("%d windows held back, %v", len(held), err)
		}
		from := make(map[*Record]int)
		for _, w := range held {
			if at, ok := from[w.Record]; !ok || w.Origin < at {
				from[w.Record] = w.Origin
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			r, origin, context := s.Draw(records, rng)
			if origin >= r.Limit || context < 4 || context > 8 {
				t.Fatalf("origin %d of %d, a context of %d", origin, r.Limit, context)
			}
			if at, ok := from[r]; ok && (whole || r.Limit > at) {
				t.Fatalf("steps up to %d are trained on, those from %d on held back", r.Limit, at)
			}
		}
	}
	if _, err := (Split{Context: 8, Horizon: 6, Windows: 64}).HoldBack([]Record{{U: make([]float64, 3), X: make([]float64, 3), Limit: 3}}); !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("three steps: %v", err)
	}
}

// TestTiltKeepsScale demands that a trend changes a window's mean and not its
// scale, which is what lets a model read the trend off the context.
func TestTiltKeepsScale(t *testing.T) {
	r := Record{Limit: 30}
	for i := range 30 {
		r.U, r.X = append(r.U, float64(i)), append(r.X, math.Sin(float64(i)))
	}
	f := Frame{Channels: []string{"y"}, Scaling: series.Scaling{Center: []float64{0}, Scale: []float64{1}}}
	w := Window{Record: &r, From: 2, Origin: 25, To: 30}
	_, plain := f.AppendLevel(nil, nil, &w, LevelWindow)
	w.TiltAtRandom(nil, 23, rand.New(rand.NewPCG(3, 4)))
	if w.Tilt[0] == 0 {
		t.Fatal("no tilt")
	}
	_, tilted := f.AppendLevel(nil, nil, &w, LevelWindow)
	if math.Abs(tilted[0]-plain[0]) > 1e-12 {
		t.Errorf("scale %v, tilted %v", plain[0], tilted[0])
	}
}

// TestLogJacobian holds the change of a density's logarithm against the
// derivative of the transform by differences.
func TestLogJacobian(t *testing.T) {
	f := Frame{Channels: []string{"a", "b"}, Log: []bool{false, true}, Scaling: series.Scaling{Center: []float64{1, 2}, Scale: []float64{3, 0.5}}}
	data := []float64{2, 7, math.NaN(), 0.4}
	model := func(j int, y float64) float64 { // from the data's unit to the model's
		if f.Log[j] {
			y = math.Log(y)
		}
		return (y - f.Center[j]) / f.Scale[j]
	}
	want, values := 0.0, 0
	x := slices.Clone(data)
	for k, y := range data {
		j := k % 2
		if f.Log[j] {
			x[k] = math.Log(y)
		}
		if !math.IsNaN(y) {
			want += math.Log((model(j, y+1e-6) - model(j, y-1e-6)) / 2e-6)
			values++
		}
	}
	got, n := f.LogJacobian(&Record{U: []float64{0, 1}, X: x})
	if math.Abs(got-want) > 1e-8 || n != values {
		t.Errorf("%v of %d values, want %v of %d", got, n, want, values)
	}
}

// Windows before those that were held back have origins a horizon apart and all that follows; those before ends are but a few.
func TestEarlier(t *testing.T) {
	r := Record{U: make([]float64, 30), X: make([]float64, 30)}
	held := []Window{{Record: &r, From: 14, Origin: 24, To: 30}}
	s := Split{Context: 10, Horizon: 6, Series: true}
	var origins []int
	for _, w := range s.Earlier(held) {
		origins = append(origins, w.Origin)
		if w.To != 30 || w.From != max(0, w.Origin-10) {
			t.Errorf("a window from %d to %d with the origin %d", w.From, w.To, w.Origin)
		}
	}
	if want := []int{24, 18, 12, 6}; !slices.Equal(origins, want) {
		t.Errorf("origins %v, want %v", origins, want)
	}
	s.Series, s.Horizon, r.Limit, origins = false, 3, 27, nil
	held = []Window{{Record: &r, From: 17, Origin: 27, To: 30}, {Record: &r, From: 18, Origin: 28, To: 30}}
	for _, w := range s.Earlier(held) {
		origins = append(origins, w.Origin)
	}
	if want := []int{27, 24, 21, 18, 15, 28}; !slices.Equal(origins, want) {
		t.Errorf("origins before ends %v, want %v", origins, want)
	}
}

// Windows are those that begin where a series does, or near it.
func TestBegin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		starts []float64
		u      float64
		want   []int
	}{
		{[]float64{0, 3, 0, 7}, 0, []int{0, 2}},
		{[]float64{0, 3, 0, 7}, 3, []int{1}},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, 20, []int{6, 7, 8}},
		{[]float64{2, 2, 2, 2, 2}, 1, []int{0, 1, 2, 3, 4}},
	} {
		f := &Frame{Starts: c.starts}
		met := map[int]bool{}
		for range 100 {
			met[f.Begin(c.u, rng)] = true
		}
		if got := slices.Sorted(maps.Keys(met)); !slices.Equal(got, c.want) {
			t.Errorf("at %v of %v: windows %v, want %v", c.u, c.starts, got, c.want)
		}
	}
}
