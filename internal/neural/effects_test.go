package neural

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/models/density"
	"tsgen/series"
)

// driven returns series of which two covariates, of four, drive the values by act, on top
// of levels, a season and noise that depends on itself.
func driven(act func(a, b float64) float64) *series.Panel {
	rng := rand.New(rand.NewPCG(5, 6))
	p := &series.Panel{Channels: []string{"y"}, Known: []string{"a", "b", "c", "d"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range 3 {
		s := &series.Series{ID: fmt.Sprint(i)}
		e := 0.0
		for t := range 200 {
			known := []float64{2 + 3*rng.NormFloat64(), float64(rng.IntN(2)), rng.NormFloat64(), rng.NormFloat64()}
			e = 0.8*e + 0.5*rng.NormFloat64()
			s.Times = append(s.Times, float64(t))
			s.Known.Values = append(s.Known.Values, known...)
			s.Values = append(s.Values, float64(10*i)+2*math.Sin(2*math.Pi*float64(t)/12)+act(known[0], known[1])+e)
		}
		s.Known.Times = s.Times
		p.Series = append(p.Series, s)
	}
	return p
}

// TestEffects protects the effects of covariates: those that were planted come back within
// a few standard errors, covariates that do nothing have next to none, records are without
// them, and values are restored.
func TestEffects(t *testing.T) {
	p := driven(func(a, b float64) float64 { return 0.4*a - 3*b })
	how := Reading{Family: density.Gaussian, Grid: true, Effects: true, Less: true}
	f, records, err := NewFrame(p, forecast.FitOptions{Season: 12}, how, TransformNone)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.4, -3, 0, 0} {
		if got := f.Effects[i] / f.KnownScaling.Scale[i]; math.Abs(got-want) > 0.12 {
			t.Errorf("effect of %s is %.3f, planted %v", f.Known[i], got, want)
		}
	}
	if !f.Linear || f.Inputs() != 0 {
		t.Error("linear effects are not known for such")
	}
	for i, r := range records {
		for k, x := range r.X {
			want := p.Series[i].Values[k]
			if got := f.RestoreAt(&r, r.U[k], 0, x); math.Abs(got-want) > 1e-9 {
				t.Fatalf("value %d of series %d is restored as %v, is %v", k, i, got, want)
			}
			left := want - 0.4*(p.Series[i].Known.Values[4*k]-f.KnownScaling.Center[0]) + 3*(p.Series[i].Known.Values[4*k+1]-f.KnownScaling.Center[1])
			if math.Abs(x-left) > 0.8 {
				t.Fatalf("value %d of series %d is %v without effects, want about %v", k, i, x, left)
			}
		}
	}
}

// TestEffectsBeyondLines protects what is no line: covariates are inputs of networks where their
// effects bend or depend on each other.
func TestEffectsBeyondLines(t *testing.T) {
	for name, act := range map[string]func(a, b float64) float64{
		"bend":    func(a, _ float64) float64 { return math.Abs(a - 2) },
		"product": func(a, b float64) float64 { return a * b },
	} {
		how := Reading{Family: density.Gaussian, Grid: true, Effects: true}
		f, _, err := NewFrame(driven(act), forecast.FitOptions{Season: 12}, how, TransformNone)
		if err != nil {
			t.Fatal(err)
		}
		if f.Linear || f.Inputs() != 4 {
			t.Errorf("%s: the network has %d covariates as inputs", name, f.Inputs())
		}
	}
}
