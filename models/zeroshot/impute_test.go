package zeroshot

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/models/zeroshot/internal/network"
	"tsgen/series"
)

func mustImpute(t *testing.T, p *series.Panel, at [][]float64) *forecast.Forecast {
	t.Helper()
	f, err := (&Model{}).Impute(context.Background(), p, forecast.Options{At: at, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Series {
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// gapped returns simulated months without those of three stretches of each series, their times and
// what was there.
func gapped(t *testing.T, number int) (p *series.Panel, at [][]float64, truth [][]float64) {
	t.Helper()
	p = panel(t, number, 120)
	for _, s := range p.Series {
		var times, values []float64
		for _, from := range []int{2, 50, 90} {
			for i := from; i < from+5; i++ {
				times, values = append(times, s.Times[i]), append(values, s.Values[i])
				s.Values[i] = math.NaN()
			}
		}
		at, truth = append(at, times), append(truth, values)
	}
	return p, at, truth
}

// The medians of what both sides say of a gap err less than those of the values before it, and
// intervals hold as much as they should.
func TestImpute(t *testing.T) {
	p, at, truth := gapped(t, 100)
	f := mustImpute(t, p, at)
	var both, past float64
	inside, values := 0, 0
	for i, d := range f.Series {
		lo, hi := d.Interval(nil, nil, 80)
		before := p.Series[i].Slice(0, 90)
		ahead := mustForecast(t, p.With([]*series.Series{before}), forecast.Options{Horizon: 5, Season: 12}).Series[0]
		scale := network.NewView(before.Values, 12, 0).Scale
		for j := range 15 {
			values++
			if lo[j] <= truth[i][j] && truth[i][j] <= hi[j] {
				inside++
			}
		}
		for j := range 5 {
			both += math.Abs(d.Values[7][10+j]-truth[i][10+j]) / scale
			past += math.Abs(ahead.Values[7][j]-truth[i][10+j]) / scale
		}
	}
	if !(both < 0.95*past) {
		t.Errorf("the medians err by %v with both sides, by %v with the past alone", both, past)
	}
	if share := float64(inside) / float64(values); !(share > 0.76 && share < 0.86) {
		t.Errorf("the intervals of 80 %% hold %v of %d values", share, values)
	}
}

// A series read backwards has the same values in its gaps, and a value that was observed tells nothing of
// another measurement at its time.
func TestImputeSymmetric(t *testing.T) {
	p, at, _ := gapped(t, 6)
	at[0] = append([]float64{}, p.Series[0].Times[20:30]...) // observed
	f := mustImpute(t, p, at)
	for i, s := range p.Series {
		slices.Reverse(s.Values)
		n := s.Len()
		for k, u := range at[i] {
			at[i][k] = p.TimeAt(2*p.Coordinate(s.Times[0]) + float64(n-1) - p.Coordinate(u))
		}
		slices.Reverse(at[i])
	}
	back := mustImpute(t, p, at)
	for i, d := range f.Series {
		want := d.Values[7]
		slices.Reverse(want)
		if !reflect.DeepEqual(back.Series[i].Values[7], want) {
			t.Fatalf("series %d: medians backwards %v, forwards %v", i, back.Series[i].Values[7], want)
		}
	}
	seen := slices.Index(p.Series[0].Times, at[0][0])
	one := [][]float64{at[0][:1]}
	alone := p.With(p.Series[:1])
	was := mustImpute(t, alone, one).Series[0].Values[7][0]
	p.Series[0].Values[seen] += 1000
	if now := mustImpute(t, alone, one).Series[0].Values[7][0]; now != was {
		t.Errorf("the median is %v after the observation has changed, %v before", now, was)
	}
}

// Series of which nothing is asked have no part in how wide the intervals of the others are.
func TestImputeAmongWhole(t *testing.T) {
	p, at, _ := gapped(t, 3)
	want := mustImpute(t, p, at)
	whole := panel(t, 60, 120)
	for _, s := range whole.Series {
		s.ID += " whole"
	}
	among := p.With(append(slices.Clone(whole.Series), p.Series...))
	got := mustImpute(t, among, append(make([][]float64, len(whole.Series)), at...))
	if !reflect.DeepEqual(got.Series[len(whole.Series):], want.Series) {
		t.Error("the intervals of gaps differ among series without any")
	}
}

// Times after the end are forecast, times before the beginning refused; where no side has enough
// for the network, the nearest values tell.
func TestImputeEdges(t *testing.T) {
	p := panel(t, 1, 60)
	s := p.Series[0]
	after := []float64{p.TimeAt(p.Coordinate(s.Times[0]) + 60), p.TimeAt(p.Coordinate(s.Times[0]) + 64)}
	f, want := mustImpute(t, p, [][]float64{after}), mustForecast(t, p, forecast.Options{At: [][]float64{after}, Season: 12})
	if !reflect.DeepEqual(f.Series, want.Series) {
		t.Errorf("after the end %v, forecast %v", f.Series[0].Values, want.Series[0].Values)
	}
	before := p.TimeAt(p.Coordinate(s.Times[0]) - 1)
	if _, err := (&Model{}).Impute(context.Background(), p, forecast.Options{At: [][]float64{{before}}}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("a time before the series: %v", err)
	}
	short := p.With([]*series.Series{{ID: "short", Times: s.Times[:7], Values: []float64{1, 2, 3, math.NaN(), 5, 6, 7}}})
	d := mustImpute(t, short, [][]float64{s.Times[3:4]}).Series[0]
	if lo, hi := d.Interval(nil, nil, 80); math.Abs(d.Values[7][0]-4) > 0.01 || hi[0]-lo[0] > 3 {
		t.Errorf("between 3 and 5: %v, from %v to %v", d.Values[7][0], lo[0], hi[0])
	}
}

// The random walk that stands in for a series observed too little begins at its last observation.
func TestShortEndMissing(t *testing.T) {
	p := panel(t, 3, 12)
	cut := p.With([]*series.Series{p.Series[0], p.Series[1], p.Series[2].Slice(0, 3)})
	from := mustForecast(t, cut, forecast.Options{Horizon: 12}).Series[2]
	p.Series[2] = p.Series[2].Slice(0, 6)
	for i := range 3 {
		p.Series[2].Values[3+i] = math.NaN()
	}
	for j, values := range mustForecast(t, p, forecast.Options{Horizon: 9}).Series[2].Values {
		if !reflect.DeepEqual(values, from.Values[j][3:]) {
			t.Fatalf("quantile %d: %v, want %v", j, values, from.Values[j][3:])
		}
	}
}
