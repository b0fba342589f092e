package forecast_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tsgen/forecast"
	"tsgen/series"
)

// days returns a panel of daily series that begins on the given day of 2024, and the times of n
// days after so many.
func days(first, length, n int) (*series.Panel, []float64) {
	at := func(i int) float64 { return float64(time.Date(2024, 1, first+i, 0, 0, 0, 0, time.UTC).Unix()) }
	p := &series.Panel{Channels: []string{"y"}, TimeColumn: "ds", Axis: series.Axis{Layout: "2006-01-02"}, Step: series.Step{Days: 1}}
	s := &series.Series{}
	for i := range length {
		s.Times, s.Values = append(s.Times, at(i)), append(s.Values, float64(i))
	}
	p.Series = []*series.Series{s}
	var times []float64
	for i := range n {
		times = append(times, at(length+i))
	}
	return p, times
}

// Aggregates are those of each path over the days of a month or a week, and what is said and
// left out of periods that are not whole is as the calendar has it.
func TestAggregate(t *testing.T) {
	p, times := days(1, 29, 34) // ends on 29 January; forecasts to 3 March
	paths := [][]float64{make([]float64, 34), make([]float64, 34)}
	for k := range times {
		paths[0][k], paths[1][k] = 1, float64(k)
	}
	f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{{Times: times, Paths: paths}}}
	months, err := forecast.Aggregate(p, f, forecast.AggregateOptions{Period: "month", How: forecast.Sum})
	if err != nil {
		t.Fatal(err)
	}
	d := months.Series[0]
	february := 29.0*2 + 28*29/2 // of 2 to 30
	if len(d.Times) != 3 || d.Paths[0][0] != 2 || d.Paths[0][1] != 29 || d.Paths[0][2] != 3 || d.Paths[1][1] != february {
		t.Errorf("times %v, sums %v", d.Times, d.Paths)
	}
	if stamp := p.Axis.Stamp(d.Times[1]); stamp != "2024-02-01" {
		t.Errorf("the second month begins on %s", stamp)
	}
	if notes := strings.Join(months.Notes, "; "); !strings.Contains(notes, "first month") || !strings.Contains(notes, "last month") {
		t.Errorf("notes %q", notes)
	}
	whole, err := forecast.Aggregate(p, f, forecast.AggregateOptions{Period: "month", How: forecast.Max, Whole: true})
	if err != nil || len(whole.Series[0].Times) != 1 || whole.Series[0].Paths[1][0] != 30 {
		t.Errorf("whole months: %+v, %v", whole.Series[0], err)
	}
	all, err := forecast.Aggregate(p, f, forecast.AggregateOptions{Period: forecast.WholeHorizon, How: forecast.Mean})
	if err != nil || len(all.Series[0].Times) != 1 || all.Series[0].Paths[1][0] != 16.5 || len(all.Notes) > 0 {
		t.Errorf("the horizon: %+v, notes %q, %v", all.Series[0], all.Notes, err)
	}
	past, err := forecast.AggregateHistory(p, "week", forecast.Sum) // from Monday, 1 January
	if s := past.Series[0]; err != nil || s.Len() != 4 || s.Values[1] != 7+8+9+10+11+12+13 {
		t.Errorf("weeks of the past: %+v, %v", s, err)
	}
	if _, err := forecast.Aggregate(p, f, forecast.AggregateOptions{Period: "fortnight", How: forecast.Sum}); err == nil {
		t.Error("a period that is none is taken")
	}
	f.Series[0] = &forecast.Distribution{Times: times, Mean: paths[0], SD: paths[0]}
	if _, err := forecast.Aggregate(p, f, forecast.AggregateOptions{Period: "week", How: forecast.Sum}); err == nil {
		t.Error("marginals are aggregated")
	}
}

// Paths are written long, with names as the data have them.
func TestWritePaths(t *testing.T) {
	p := panel(0, []string{"x", "y"})
	p.Series = append(p.Series, &series.Series{ID: "b"})
	f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{
		{ID: p.Series[0].ID, Times: []float64{7, 8}, Paths: [][]float64{{1, 2, 3, 4}, {5, 6, 7, 8}}},
		{ID: "b", Times: []float64{7}, Paths: [][]float64{{0.5, 1}}},
	}}
	var b strings.Builder
	if err := forecast.WritePaths(&b, p, f); err != nil {
		t.Fatal(err)
	}
	id := p.Series[0].ID
	want := "unique_id,path,ds,channel,value\n" + id + ",1,7,x,1\n" + id + ",1,7,y,2\n" + id + ",1,8,x,3\n" + id + ",1,8,y,4\n" +
		id + ",2,7,x,5\n" + id + ",2,7,y,6\n" + id + ",2,8,x,7\n" + id + ",2,8,y,8\nb,1,7,x,0.5\nb,1,7,y,1\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// A walker knows the marginals of a random walk alone.
type walker struct{}

func (walker) Name() string { return "walker" }

func (walker) Fit(context.Context, *series.Panel, forecast.FitOptions) error { return nil }

func (w walker) Forecast(_ context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	opt, err := opt.Resolve(history)
	if err != nil {
		return nil, err
	}
	f := &forecast.Forecast{Model: "walker", Channels: history.Channels}
	for i, s := range history.Series {
		d := &forecast.Distribution{ID: s.ID, Times: opt.At[i]}
		for h := range d.Times {
			d.Mean, d.SD = append(d.Mean, s.Values[s.Len()-1]), append(d.SD, math.Sqrt(float64(h+1)))
		}
		f.Series = append(f.Series, d)
	}
	return f, nil
}

// What a model with marginals alone got wrong in the past tells how its steps depend on each
// other: of walks the sum of n steps has the deviation sqrt(n(n+1)(2n+1)/6). Where the past
// is too short to tell, that is taken for what it is.
func TestPathsOfMarginals(t *testing.T) {
	const n = 6
	want := math.Sqrt(n * (n + 1) * (2*n + 1) / 6.0)
	for _, c := range []struct {
		number, length int
		off            float64
	}{{40, 80, 0.1}, {1, 5, 0.06}} {
		p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
		for i := range c.number {
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			s := &series.Series{ID: string(rune('a' + i))}
			x := 0.0
			for k := range c.length {
				x += rng.NormFloat64()
				s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, x)
			}
			p.Series = append(p.Series, s)
		}
		f, err := forecast.Paths(t.Context(), walker{}, p, forecast.Options{Horizon: n, Samples: 4000, Seed: 1, Outliers: forecast.KeepOutliers})
		if err != nil {
			t.Fatal(err)
		}
		all, err := forecast.Aggregate(p, f, forecast.AggregateOptions{Period: forecast.WholeHorizon, How: forecast.Sum})
		if err != nil {
			t.Fatal(err)
		}
		q := all.Series[0].Quantiles(0.1, 0.9)
		if got := (q[1][0] - q[0][0]) / 2 / 1.2816; math.Abs(got-want) > c.off*want {
			t.Errorf("%d series of %d: the sum has the deviation %.2f, want %.2f", c.number, c.length, got, want)
		}
	}
}

// A column of means beside medians is no model of its own.
func TestMeanColumn(t *testing.T) {
	p := panel(1, []string{"y"})
	f := &forecast.Forecast{Model: "m", Channels: p.Channels, Series: []*forecast.Distribution{{ID: p.Series[0].ID, Times: []float64{9}, Paths: [][]float64{{1}, {2}, {6}}}}}
	var b strings.Builder
	if err := (forecast.CSVOptions{Levels: []float64{80}, Mean: true}).Write(&b, p, f); err != nil {
		t.Fatal(err)
	}
	header, row, _ := strings.Cut(b.String(), "\n")
	if header != "ds,m,m-mean,m-lo-80,m-hi-80" || !strings.HasPrefix(row, "9,2,3,1.2") {
		t.Errorf("got %s", b.String())
	}
	table, _, err := series.ReadCSV(strings.NewReader(b.String()), series.ReadOptions{MinRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	forecasts, _, err := forecast.FromColumns(table, []string{"y"})
	if err != nil || len(forecasts) != 1 || forecasts[0].Model != "m" {
		t.Errorf("%d models, %v", len(forecasts), err)
	}
}

// A believer is a walker that takes the steps to be independent, and says so in its paths.
type believer struct{ walker }

func (b believer) ForecastPaths(ctx context.Context, history *series.Panel, opt forecast.Options) (*forecast.Forecast, error) {
	f, err := b.Forecast(ctx, history, opt)
	if err != nil {
		return nil, err
	}
	for i, d := range f.Series {
		rng := rand.New(rand.NewPCG(opt.Seed, uint64(i)))
		scores := make([][]float64, opt.Samples)
		for n := range scores {
			scores[n] = make([]float64, len(d.Times))
			for k := range scores[n] {
				scores[n][k] = rng.NormFloat64()
			}
		}
		f.Series[i] = forecast.Join(d, scores)
	}
	return f, nil
}

// Paths of a model that is wrong about how its steps go together are corrected by its past
// errors: the sum of 6 steps of a walk is as uncertain as it is, and each step by itself
// stays so.
func TestPathsCorrected(t *testing.T) {
	const n = 6
	p := &series.Panel{Channels: []string{"y"}, IDColumn: "id", Step: series.Step{Width: 1}}
	for i := range 30 {
		rng := rand.New(rand.NewPCG(2, uint64(i)))
		s := &series.Series{ID: string(rune('a' + i))}
		x := 0.0
		for k := range 80 {
			x += rng.NormFloat64()
			s.Times, s.Values = append(s.Times, float64(k)), append(s.Values, x)
		}
		p.Series = append(p.Series, s)
	}
	f, err := forecast.Paths(t.Context(), believer{}, p, forecast.Options{Horizon: n, Samples: 4000, Seed: 1, Outliers: forecast.KeepOutliers})
	if err != nil {
		t.Fatal(err)
	}
	var squares [n + 1]float64 // of steps and of the sum, about the last value
	d := f.Series[3]
	last := p.Series[3].Values[79]
	for _, path := range d.Paths {
		sum := 0.0
		for k, x := range path {
			squares[k] += (x - last) * (x - last) / 4000
			sum += x - last
		}
		squares[n] += sum * sum / 4000
	}
	want := n * (n + 1) * (2*n + 1) / 6.0
	if math.Abs(squares[n]-want) > 0.2*want {
		t.Errorf("the sum has the variance %.1f, want %.1f (independent steps have %d)", squares[n], want, n*(n+1)/2)
	}
	if math.Abs(squares[0]-1) > 0.12 || math.Abs(squares[n-1]-n) > 0.12*n {
		t.Errorf("the first and the last step have the variances %.2f and %.2f, want 1 and %d", squares[0], squares[n-1], n)
	}
}
