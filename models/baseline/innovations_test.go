package baseline

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// walkOf returns a panel of one series that begins at time 0, its seasons of some periods.
func walkOf(y []float64, periods ...float64) *series.Panel {
	s := &series.Series{ID: "a", Values: y}
	for t := range y {
		s.Times = append(s.Times, float64(t))
	}
	return &series.Panel{Channels: []string{"y"}, Seasons: append([]float64{}, periods...), Step: series.Step{Width: 1}, Series: []*series.Series{s}}
}

// autoregressive returns n values of an autoregression of the first order about a mean, after a burn-in.
func autoregressive(n int, phi, mean float64, rng *rand.Rand) []float64 {
	y, x := make([]float64, n), 0.0
	for t := range n + 100 {
		x = phi*x + rng.NormFloat64()
		if t >= 100 {
			y[t-100] = mean + x
		}
	}
	return y
}

// following returns a model whose forecasts are paths that path fills.
func following(samples int, path func(k int, path []float64)) func(*series.Panel, forecast.Options) (*forecast.Forecast, error) {
	return func(p *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
		f := &forecast.Forecast{Model: "m", Channels: p.Channels}
		for i, s := range p.Series {
			d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
			for k := range samples {
				one := make([]float64, len(opt.At[i])*p.Width())
				path(k, one)
				d.Paths = append(d.Paths, one)
			}
			f.Series = append(f.Series, d)
		}
		return f, nil
	}
}

// TestInnovationsRecursion holds paths of innovations that are zero to the means of the autoregression, and one of size 1 to
// its weights one step after the other, at times that are asked for and no others, and of a history that ends with gaps
// as well.
func TestInnovationsRecursion(t *testing.T) {
	y := autoregressive(300, 0.8, 50, rand.New(rand.NewPCG(1, 2)))
	const lead = 12
	q, err := Estimate(y, 3, lead)
	if err != nil {
		t.Fatal(err)
	}
	mean, _ := q.Predict(y, lead)
	weights := q.responses(lead)
	at := [][]float64{{301, 304, 311}}
	for _, shock := range []float64{0, 1} {
		f, err := OverInnovations(t.Context(), walkOf(y), forecast.Options{At: at}, following(2, func(k int, path []float64) { path[0] = shock * (0.5 - float64(k)) * math.Sqrt2 }))
		if err != nil {
			t.Fatal(err)
		}
		d := f.Series[0]
		if !slices.Equal(d.Times, at[0]) || len(d.Paths[0]) != 3 {
			t.Fatalf("times %v, path %v", d.Times, d.Paths[0])
		}
		for i, u := range d.Times {
			h := int(u) - 299
			if want := mean[h] + shock*weights[h-1]; math.Abs(d.Paths[0][i]-want) > 0.03*shock+1e-9 { // which the few parameters widen
				t.Errorf("shock %v, %d steps ahead: %v, want %v", shock, h, d.Paths[0][i], want)
			}
		}
	}
}

// TestInnovationsQuantiles holds the quantiles of Gaussian innovations through the autoregression to those of a process of
// the first order, from its last value or from one that gaps hide.
func TestInnovationsQuantiles(t *testing.T) {
	const phi, samples = 0.7, 20_000
	for _, hidden := range []int{0, 2} {
		rng := rand.New(rand.NewPCG(3, 4))
		y := autoregressive(4000, phi, 0, rng)
		last := y[len(y)-1-hidden]
		for t := len(y) - hidden; t < len(y); t++ {
			y[t] = math.NaN()
		}
		f, err := OverInnovations(t.Context(), walkOf(y), forecast.Options{Horizon: 6}, following(samples, func(_ int, path []float64) {
			for i := range path {
				path[i] = rng.NormFloat64()
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		q := f.Series[0].Quantiles(0.1, 0.5, 0.9)
		for i := range 6 {
			h := float64(i + 1 + hidden)
			mean, sd := math.Pow(phi, h)*last, math.Sqrt((1-math.Pow(phi, 2*h))/(1-phi*phi))
			for k, z := range []float64{-1.2816, 0, 1.2816} {
				if want := mean + z*sd; math.Abs(q[k][i]-want) > 0.08 {
					t.Errorf("%d hidden, %d ahead: quantile %v, want %v", hidden, i+1, q[k][i], want)
				}
			}
		}
	}
}

// TestInnovations holds innovations to be what a process was driven by, in units of their size, of several seasons and of
// logarithms, where values are missing, and in all channels together.
func TestInnovations(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const n = 900
	weekly, growing := make([]float64, n), make([]float64, n)
	shocks := make([]float64, n)
	for i := range n {
		shocks[i] = rng.NormFloat64()
		weekly[i] = shocks[i]
		if i > 28 {
			weekly[i] += 0.5*weekly[i-1] + 0.45*weekly[i-28] - 0.225*weekly[i-29]
		}
		growing[i] = math.Exp(0.005*float64(i) + math.Sin(2*math.Pi*float64(i)/7) + 0.05*rng.NormFloat64())
	}
	p := walkOf(nil, 7, 28)
	p.Channels = []string{"weekly", "growing"}
	p.Series[0].Times = walkOf(weekly).Series[0].Times
	for i := range n {
		p.Series[0].Values = append(p.Series[0].Values, weekly[i], growing[i])
	}
	p.Series[0].Values[2*600] = math.NaN()
	less, err := Innovations(t.Context(), p, forecast.FitOptions{Horizon: 14})
	if err != nil {
		t.Fatal(err)
	}
	s := less.Series[0]
	var ee, es, gg, count float64
	for i, at := range s.Times {
		e, g := s.Values[2*i], s.Values[2*i+1]
		if at == 600 && !math.IsNaN(e) {
			t.Errorf("a gap has the innovation %v", e)
		}
		if math.IsNaN(e) || math.IsNaN(g) {
			continue
		}
		ee, es, gg, count = ee+e*e, es+e*shocks[int(at)], gg+g*g, count+1
	}
	if count < n-60 || s.Times[0] < 1 || s.Times[0] > 40 {
		t.Fatalf("%v innovations from %v on, want most", count, s.Times[0])
	}
	if r := es / math.Sqrt(ee*count); r < 0.95 {
		t.Errorf("innovations correlate with the shocks by %.3f", r)
	}
	if math.Abs(ee/count-1) > 0.03 || math.Abs(gg/count-1) > 0.03 {
		t.Errorf("squares of %v and %v, want 1", ee/count, gg/count)
	}
	f, err := OverInnovations(context.Background(), p, forecast.Options{Horizon: 7}, following(1, func(int, []float64) {}))
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range f.Series[0].Times {
		if got, want := f.Series[0].Paths[0][2*i+1], math.Exp(0.005*at+math.Sin(2*math.Pi*at/7)); math.Abs(math.Log(got/want)) > 0.15 {
			t.Errorf("growing at %v: %v, want %v", at, got, want)
		}
	}
}

// TestInnovationsShort lets series of a value or of none go on from it, says so, and refuses irregular times.
func TestInnovationsShort(t *testing.T) {
	p := walkOf(autoregressive(60, 0.5, 10, rand.New(rand.NewPCG(7, 8))))
	p.Series = append(p.Series,
		&series.Series{ID: "one", Times: []float64{3}, Values: []float64{12}},
		&series.Series{ID: "none", Times: []float64{3, 4}, Values: []float64{math.NaN(), math.NaN()}},
		&series.Series{ID: "same", Times: []float64{3, 4, 5, 6}, Values: []float64{2, 2, 2, 2}})
	f, err := OverInnovations(t.Context(), p, forecast.Options{Horizon: 2}, following(2, func(k int, path []float64) { path[0] = float64(k) }))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Notes) != 1 || f.Series[1].Paths[0][1]+f.Series[1].Paths[1][1] != 24 || f.Series[1].Paths[1][1] <= 12.1 || f.Series[3].Paths[1][1] != 2 {
		t.Errorf("notes %v, paths %v and %v", f.Notes, f.Series[1].Paths, f.Series[3].Paths)
	}
	p.Step = series.Step{}
	if _, err := Innovations(t.Context(), p, forecast.FitOptions{}); err == nil {
		t.Error("irregular times are taken")
	}
}
