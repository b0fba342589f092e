package gauss

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"tsgen/forecast"
	running "tsgen/internal/moments"
	"tsgen/series"
)

// short returns n series of so many steps, walks that begin at 10 with a deviation of 2 and
// whose steps have a deviation of 1, and 4 at the fifth.
func short(n, steps int) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 4))
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for range n {
		s := &series.Series{ID: fmt.Sprint(len(p.Series))}
		x := 10 + 2*rng.NormFloat64()
		for t := range steps {
			if t == 5 {
				x += math.Sqrt(15) * rng.NormFloat64()
			}
			s.Times, s.Values = append(s.Times, float64(t)), append(s.Values, x)
			x += rng.NormFloat64()
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestShapes protects that short series begin, and go on at each step, as those did that were
// learned from, and that a stored model draws the same.
func TestShapes(t *testing.T) {
	const steps = 12
	m := &Model{}
	if err := m.Fit(context.Background(), short(300, steps), forecast.FitOptions{Horizon: 2, Season: 1}); err != nil {
		t.Fatal(err)
	}
	ask := forecast.GenerateOptions{Number: 2000, Length: steps, Seed: 1}
	g, err := m.Generate(context.Background(), ask)
	if err != nil {
		t.Fatal(err)
	}
	var first running.Moments
	var moves [steps]running.Moments
	for _, s := range g.Series {
		first.Add(s.Values[0])
		for k := 1; k < steps; k++ {
			moves[k].Add(s.Values[k] - s.Values[k-1])
		}
	}
	if sd := math.Sqrt(first.Variance()); math.Abs(first.Mean-10) > 0.4 || sd < 1.6 || sd > 2.5 {
		t.Errorf("series begin at %.2f with the deviation %.2f, want 10 and 2", first.Mean, sd)
	}
	for k, m := range moves[1:] {
		want := 1.0
		if k == 4 {
			want = 4
		}
		if sd := math.Sqrt(m.Variance()); sd < 0.75*want || sd > 1.3*want {
			t.Errorf("step %d has the deviation %.2f, want %v", k+1, sd, want)
		}
	}
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := FromState(state)
	if err != nil {
		t.Fatal(err)
	}
	again, err := stored.Generate(context.Background(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, again) {
		t.Error("the stored model draws other series")
	}
	state.Tensors[len(state.Tensors)-1].Shape = []int{1, 2}
	if _, err := FromState(state); err == nil {
		t.Error("shapes of another number of channels were taken")
	}
}

// TestNoShapes protects that few series, and series of many lengths, are not learned as wholes.
func TestNoShapes(t *testing.T) {
	unequal := short(60, 12)
	for i, s := range unequal.Series[:30] {
		n := 8 + i%3
		s.Times, s.Values = s.Times[:n], s.Values[:n]
	}
	for name, p := range map[string]*series.Panel{"few": short(23, 12), "unequal": unequal} {
		m := &Model{}
		if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 2, Season: 1}); err != nil {
			t.Fatal(err)
		}
		if m.fit.shapes != nil {
			t.Errorf("%s: the series were learned as wholes", name)
		}
	}
}

// TestNoCopies protects that series whose levels tell nearly all of them, as those of smooth
// ones do, are not drawn with the very levels of training series, and so again.
func TestNoCopies(t *testing.T) {
	const steps, channels, n = 12, 5, 300
	rng := rand.New(rand.NewPCG(5, 6))
	sines := func() *series.Panel {
		p := &series.Panel{Channels: []string{"a", "b", "c", "d", "e"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
		for i := range n {
			s := &series.Series{ID: fmt.Sprint(i), Values: make([]float64, steps*channels)}
			for j := range channels {
				f, q := 0.1*rng.Float64(), 0.1*rng.Float64()
				for k := range steps {
					s.Values[k*channels+j] = math.Sin(f*float64(k) + q)
				}
			}
			for k := range steps {
				s.Times = append(s.Times, float64(k))
			}
			p.Series = append(p.Series, s)
		}
		return p
	}
	learned, others := sines(), sines()
	m := &Model{}
	if err := m.Fit(context.Background(), learned, forecast.FitOptions{Horizon: 2, Season: 1}); err != nil {
		t.Fatal(err)
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: n, Length: steps, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	nearest := func(p *series.Panel) (sum float64) {
		for _, s := range p.Series {
			least := math.Inf(1)
			for _, o := range learned.Series {
				d := 0.0
				for k, v := range s.Values {
					d += (v - o.Values[k]) * (v - o.Values[k])
				}
				least = min(least, d)
			}
			sum += math.Sqrt(least)
		}
		return sum
	}
	if ratio := nearest(g) / nearest(others); ratio < 0.8 || ratio > 2 {
		t.Errorf("series are %.2f times as far from those that were learned from as new ones", ratio)
	}
}
