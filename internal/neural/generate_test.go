package neural

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// TestIrregularTimes protects that generated series of irregular times have gaps as the
// data have them, of the same values in about the same shares and following each other as
// there, and that given times are taken.
func TestIrregularTimes(t *testing.T) {
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t"}
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range 30 {
		s := &series.Series{}
		at := 3.0
		for i := range 40 {
			if at += 0.1; (i+k)%8 == 0 { // a long pause after seven short ones
				at += 2.4
			}
			s.Times, s.Values = append(s.Times, at), append(s.Values, rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	f, _, err := NewFrame(p, forecast.FitOptions{}, Reading{}, TransformNone)
	if err != nil {
		t.Fatal(err)
	}
	zeros := func(r Record, _ *rand.Rand) ([]float64, error) { return make([]float64, len(r.U)), nil }
	g, err := f.Generate(context.Background(), forecast.GenerateOptions{Number: 50, Length: 60, Seed: 4}, zeros)
	if err != nil {
		t.Fatal(err)
	}
	long, after, n := 0.0, 0.0, 0.0
	for _, s := range g.Series {
		was := false
		for i := 1; i < s.Len(); i++ {
			gap := s.Times[i] - s.Times[i-1]
			is := math.Abs(gap-2.5) < 1e-6
			if !is && math.Abs(gap-0.1) > 1e-6 {
				t.Fatalf("a gap of %v, those of the data are 0.1 and 2.5", gap)
			}
			if n++; is {
				if long++; was {
					after++
				}
			}
			was = is
		}
	}
	if share := long / n; math.Abs(share-1.0/8) > 0.03 || after > 0.1*long {
		t.Errorf("%.3f of the gaps are long, %.2f of these after a long one", share, after/long)
	}
	if a, b := g.Series[0], g.Series[1]; a.Times[5] == b.Times[5] && a.Times[20] == b.Times[20] && a.Times[50] == b.Times[50] {
		t.Error("two series have the same times")
	}
	times := []float64{1, 5, 6}
	g, err = f.Generate(context.Background(), forecast.GenerateOptions{Number: 2, Times: times}, zeros)
	if err != nil || g.Series[1].Times[1] != 5 {
		t.Errorf("times that are given: %v, %v", err, g)
	}
}

// TestScheduledTimes protects that generated series of irregular times keep a schedule, of gaps that grow from the
// first to the last, and that a series keeps its pace, slow or five times as fast.
func TestScheduledTimes(t *testing.T) {
	p := &series.Panel{Channels: []string{"x"}, IDColumn: "id", TimeColumn: "t"}
	rng := rand.New(rand.NewPCG(1, 2))
	const steps = 12
	usual := func(i int) float64 { return math.Pow(1.5, float64(i)) }
	for k := range 60 {
		s := &series.Series{}
		pace, at := float64(1+4*(k%2)), 0.0
		for i := range steps {
			s.Times, s.Values = append(s.Times, at), append(s.Values, rng.NormFloat64())
			at += usual(i) / pace * (0.9 + 0.2*rng.Float64())
		}
		p.Series = append(p.Series, s)
	}
	f, _, err := NewFrame(p, forecast.FitOptions{}, Reading{}, TransformNone)
	if err != nil {
		t.Fatal(err)
	}
	g, err := f.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Seed: 4}, func(r Record, _ *rand.Rand) ([]float64, error) { return make([]float64, len(r.U)), nil })
	if err != nil {
		t.Fatal(err)
	}
	slow, mixed := 0, 0
	for _, s := range g.Series {
		paced := 0
		for i := range steps - 1 {
			gap := (s.Times[i+1] - s.Times[i]) / usual(i)
			if !(gap > 0.17 && gap < 0.23 || gap > 0.89 && gap < 1.11) {
				t.Fatalf("gap %d is %.2f of the usual one", i+1, gap)
			}
			if gap > 0.5 {
				paced++
			}
		}
		switch {
		case paced == steps-1:
			slow++
		case paced > 0:
			mixed++
		}
	}
	if slow < 70 || slow > 130 || mixed > 10 {
		t.Errorf("%d of 200 series are slow and %d both, half of the data are and none", slow, mixed)
	}
}
