package gauss

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	running "tsgen/internal/moments"
	"tsgen/series"
)

// weekly returns three series of two channels at whole numbers that begin at steps of the week of
// their own. One channel has a week beside noise that persists, the other none.
func weekly(week []float64) *series.Panel {
	rng := rand.New(rand.NewPCG(8, 9))
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}, Seasons: []float64{7}}
	for i, start := range []int{3, 5, 9} {
		s := &series.Series{ID: string(rune('a' + i))}
		a := 0.0
		for t := range 140 {
			a = 0.6*a + rng.NormFloat64()
			s.Times = append(s.Times, float64(start+t))
			s.Values = append(s.Values, 20+a+week[(start+t)%7], rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestCourse protects the phases of seasons: generated series have the week of the data from their
// first step to the last, also by a model that was stored, with the noise about it that the data have.
func TestCourse(t *testing.T) {
	week := []float64{-3, -1, 0, 0, 1, 4, -1}
	m, data := &Model{}, weekly(week)
	if err := m.Fit(context.Background(), data, forecast.FitOptions{Horizon: 7, Season: 7}); err != nil {
		t.Fatal(err)
	}
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = FromState(state); err != nil {
		t.Fatal(err)
	}
	if !m.Anchored() {
		t.Fatal("no course of the week")
	}
	const number, length = 40, 120
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: number, Length: length, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	for j, course := range [][]float64{week, make([]float64, 7)} {
		var late [7]float64 // means of the last weeks
		for _, s := range g.Series {
			for k := length - 35; k < length; k++ {
				late[int(s.Times[k])%7] += s.Values[2*k+j] / (5 * number)
			}
		}
		mean := 0.0
		for _, v := range late {
			mean += v / 7
		}
		for phase, v := range late {
			if v -= mean; math.Abs(v-course[phase]) > 0.4 {
				t.Errorf("channel %d: %.2f at step %d of the week, want %.2f", j, v, phase, course[phase])
			}
		}
	}
	if got, want := weeklyChange(g), weeklyChange(data); math.Abs(got/want-1) > 0.12 {
		t.Errorf("changes over a week have the variance %.2f, want %.2f", got, want)
	}
}

// weeklyChange returns the mean square of changes of the first channel over seven steps.
func weeklyChange(p *series.Panel) (square float64) {
	n := 0.0
	for _, s := range p.Series {
		for k := 7; k < s.Len(); k++ {
			d := s.Values[2*k] - s.Values[2*(k-7)]
			square, n = square+d*d, n+1
		}
	}
	return square / n
}

// TestNoCourse protects series that a course would not tell: of noise there is none.
func TestNoCourse(t *testing.T) {
	p := weekly(make([]float64, 7))
	m := &Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 7, Season: 7}); err != nil {
		t.Fatal(err)
	}
	if m.Anchored() {
		t.Errorf("a course of noise: %v", m.fit.courses[0].values)
	}
}

// TestLogarithms protects seasons that grow with the level: generated series have them as large in
// parts of the level at every level, stay positive, and are the same by a model that was stored.
func TestLogarithms(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	p := &series.Panel{Channels: []string{"sales"}, TimeColumn: "t", Step: series.Step{Width: 1}, Seasons: []float64{7}}
	s, level := &series.Series{}, 0.0
	for i := range 420 {
		level = 0.98*level + 0.15*rng.NormFloat64()
		s.Times, s.Values = append(s.Times, float64(i)), append(s.Values, math.Exp(3+level+0.6*math.Sin(2*math.Pi*float64(i)/7)+0.05*rng.NormFloat64()))
	}
	p.Series = append(p.Series, s)
	m := &Model{}
	if err := m.Fit(context.Background(), p, forecast.FitOptions{Horizon: 7, Season: 7}); err != nil {
		t.Fatal(err)
	}
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := FromState(state)
	if err != nil {
		t.Fatal(err)
	}
	opt := forecast.GenerateOptions{Number: 20, Length: 210, Seed: 2}
	g, err := m.Generate(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	again, err := stored.Generate(context.Background(), opt)
	if err != nil || !slices.Equal(again.Series[3].Values, g.Series[3].Values) {
		t.Errorf("a stored model generates others, error %v", err)
	}
	want := weeklySwing([]*series.Series{s})
	for half, got := range weeklySwing(g.Series) {
		if math.Abs(got/want[half]-1) > 0.1 {
			t.Errorf("swing of the week in logarithms, half %d by level: %.3f, the data have %.3f", half, got, want[half])
		}
	}
}

// weeklySwing returns the mean deviation within a week of the logarithms of weeks of a low and of a high
// level.
func weeklySwing(all []*series.Series) (swing [2]float64) {
	var weeks []running.Moments
	for _, s := range all {
		for week := range slices.Chunk(s.Values, 7) {
			var m running.Moments
			for _, x := range week {
				m.Add(math.Log(x))
			}
			weeks = append(weeks, m)
		}
	}
	slices.SortFunc(weeks, func(a, b running.Moments) int { return cmp.Compare(a.Mean, b.Mean) })
	half := len(weeks) / 2
	for i, m := range weeks[:2*half] {
		swing[i/half] += math.Sqrt(m.Variance()) / float64(half)
	}
	return swing
}
