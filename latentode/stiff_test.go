package latentode

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/ode"
	"tsgen/series"
)

// TestStiffDynamics protects that dynamics in which something happens thousands of times faster than all else are followed where
// forecasts are made, to the state that their balance says, and that training has an error of them.
func TestStiffDynamics(t *testing.T) {
	c, _, err := newConfig(t.Context(), Options{Level: LevelPanel, State: 2, Static: 1, Hidden: 4}, 0, oscillators(20, 20, 0.1, 1), forecast.FitOptions{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	params := &nn.Params{}
	n := newNetwork(params, c, rand.New(rand.NewPCG(1, 2)))
	f, err := newFlow(n, c.Options.Tolerance, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	const fast = 1e5
	w := n.linear.In(params.Values)
	clear(w)
	w[2*2], w[2*2+1] = fast, -20 // the first variable's damping, and next to none of the second
	clear(n.speed.In(params.Values))
	drift := n.constant.In(params.Values)
	drift[0], drift[1] = 0.5*fast, 0.25
	y0, times := []float64{2, 1, 1}, [][]float64{{1e-4, 1, 3}}
	run := func(grad []float64) ([]float64, error) {
		p := &nn.Pass{Values: params.Values, Grad: grad}
		states, err := f.run(t.Context(), p, p.Const(1, 3, y0), []float64{0}, times)
		if err != nil {
			return nil, err
		}
		return states.Val, nil
	}
	states, err := run(nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, x := range times[0] {
		if got, want := states[3*k], 0.5+1.5*math.Exp(-fast*x); math.Abs(got-want) > 1e-3 {
			t.Errorf("at %v the fast variable is %v, want %v", x, got, want)
		}
		if got, want := states[3*k+1], 1+0.25*x; math.Abs(got-want) > 1e-3 {
			t.Errorf("at %v the slow variable is %v, want %v", x, got, want)
		}
	}
	if _, err := run(make([]float64, len(params.Values))); !errors.Is(err, ode.ErrStiff) || !errors.Is(err, nn.ErrNonFinite) {
		t.Errorf("in training: %v", err)
	}
}

// relaxing returns series that relax by powers of the time, observed over seven decades of it.
func relaxing(n int) *series.Panel {
	rng := rand.New(rand.NewPCG(7, 8))
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", TimeColumn: "t"}
	for i := range n {
		s := &series.Series{ID: fmt.Sprint(i)}
		from := 0.1 * math.Exp(rng.NormFloat64())
		for x := 1e-3 * (1 + rng.Float64()); x < 1e4; x *= 2 + 2*rng.Float64() {
			s.Times = append(s.Times, x)
			s.Values = append(s.Values, 1/math.Sqrt(1+x/from)+0.01*rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// What relaxes over decades is learned by a clock of decades: a short training forecasts the last decade, asked for by its
// times, and a generated series has as many decades.
func TestDecades(t *testing.T) {
	seriestest.Long(t)
	all := relaxing(10)
	heads := all.With(nil)
	var at [][]float64
	for _, s := range all.Series {
		cut := s.Len() - 2
		heads.Series, at = append(heads.Series, s.Slice(0, cut)), append(at, s.Times[cut:])
	}
	m := fit(t, Options{Updates: 150, Hidden: 8, Companion: CompanionNone}, heads, forecast.FitOptions{Horizon: 2, Seed: 1})
	f, err := m.Forecast(t.Context(), heads, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range f.Series {
		if d.Times[0] != at[i][0] {
			t.Errorf("%s: forecast at %v, want %v", d.ID, d.Times[0], at[i][0])
		}
		for k, x := range d.Quantiles(0.5)[0] {
			if want := all.Series[i].Values[len(heads.Series[i].Times)+k]; math.Abs(x-want) > 0.15 {
				t.Errorf("%s: %v at %v, want %v", d.ID, x, at[i][k], want)
			}
		}
	}
	if !strings.Contains(strings.Join(f.Notes, " "), "logarithms since 0") {
		t.Errorf("notes %q do not say what times go by", f.Notes)
	}
	g, err := m.Generate(t.Context(), forecast.GenerateOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	times := g.Series[0].Times
	if first, last := times[0], times[len(times)-1]; first > 0.1 || last < 10 {
		t.Errorf("a generated series has times from %v to %v", first, last)
	}
}
