package zeroshot

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// scattered returns series of an Ornstein-Uhlenbeck process about levels of their own, with the rate 0.4
// and the deviation 1, at times an exponentially distributed 1 apart.
func scattered(number, length int) *series.Panel {
	rng := rand.New(rand.NewPCG(3, 5))
	p := &series.Panel{Channels: []string{"y"}}
	for i := range number {
		s := &series.Series{ID: string(rune('a' + i))}
		level, t, x := 10*rng.NormFloat64(), 0.0, rng.NormFloat64()
		for range length {
			gap := rng.ExpFloat64()
			t += gap
			phi := math.Exp(-0.4 * gap)
			x = phi*x + math.Sqrt(1-phi*phi)*rng.NormFloat64()
			s.Times, s.Values = append(s.Times, t), append(s.Values, level+x)
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// Irregular series are forecast at any times, better than by their last value, and the intervals hold
// what they should.
func TestIrregular(t *testing.T) {
	const length = 80
	p := scattered(26, length+20)
	past := p.With(nil)
	at := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		past.Series = append(past.Series, s.Slice(0, length))
		at[i] = s.Times[length:]
	}
	f := mustForecast(t, past, forecast.Options{At: at})
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "irregular") {
		t.Errorf("notes %q", f.Notes)
	}
	var own, last float64
	inside, values := 0, 0
	for i, d := range f.Series {
		if !slices.Equal(d.Times, at[i]) {
			t.Fatalf("series %d: times %v, want %v", i, d.Times, at[i])
		}
		lo, hi := d.Interval(nil, nil, 80)
		for k, y := range p.Series[i].Values[length:] {
			own, last = own+math.Abs(y-d.Values[7][k]), last+math.Abs(y-past.Series[i].Values[length-1])
			values++
			if lo[k] <= y && y <= hi[k] {
				inside++
			}
		}
	}
	if !(own < 0.9*last) {
		t.Errorf("the medians err by %v, the last values by %v", own, last)
	}
	if share := float64(inside) / float64(values); !(share > 0.7 && share < 0.9) {
		t.Errorf("the intervals of 80 %% hold %v of %d values", share, values)
	}
}

// Rows in steps that are called irregular are forecast as those in regular ones.
func TestIrregularInSteps(t *testing.T) {
	p := panel(t, 4, 60)
	p.Step, p.Axis = series.Step{Width: 3}, series.Axis{}
	for _, s := range p.Series {
		for i := range s.Times {
			s.Times[i] = 3 * float64(i)
		}
	}
	want := mustForecast(t, p, forecast.Options{Horizon: 9, Season: 1})
	p.Step = series.Step{}
	at := make([][]float64, len(p.Series))
	for i, d := range want.Series {
		at[i] = d.Times
	}
	for i, d := range mustForecast(t, p, forecast.Options{At: at}).Series {
		for j, q := range d.Values {
			if !slices.Equal(q, want.Series[i].Values[j]) {
				t.Fatalf("series %d: %v, in regular steps %v", i, q, want.Series[i].Values[j])
			}
		}
	}
}

// A time between rows of an irregular series is told by both, one before the first row is refused, and so is one that
// lies too far back.
func TestImputeIrregular(t *testing.T) {
	p := scattered(3, 60)
	at := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		at[i] = []float64{s.Times[0], s.Times[30] + 1e-3}
	}
	f := mustImpute(t, p, at)
	for i, d := range f.Series {
		near := p.Series[i].Values[30]
		if lo, hi := d.Interval(nil, nil, 95); math.Abs(d.Values[7][1]-near) > 2 || hi[1]-lo[1] > 6 {
			t.Errorf("series %d: %v beside %v, from %v to %v", i, d.Values[7][1], near, lo[1], hi[1])
		}
	}
	early := p.Series[1].Times[0] - 1
	if _, err := (&Model{}).Impute(context.Background(), p, forecast.Options{At: [][]float64{nil, {early}, nil}}); !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "before the series") {
		t.Errorf("before the first row: %v", err)
	}
	p.Series[1].Times[0] -= 1e6
	if _, err := (&Model{}).Impute(context.Background(), p, forecast.Options{At: [][]float64{nil, {early - 9e5}, nil}}); !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "looked back over") {
		t.Errorf("far back: %v", err)
	}
}
