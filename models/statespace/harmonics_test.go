package statespace

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// severalSeasons is a panel of y in steps of one, whose seasons are known.
func severalSeasons(y []float64, periods ...float64) *series.Panel {
	s := &series.Series{Values: y}
	for t := range y {
		s.Times = append(s.Times, float64(t))
	}
	return &series.Panel{Channels: []string{"y"}, Step: series.Step{Width: 1}, Seasons: periods, Series: []*series.Series{s}}
}

// noisyWaves returns n values of waves of the periods, the first of an amplitude of 1,
// the next of 2 and so on, with a slope and noise of a deviation.
func noisyWaves(n int, sd float64, periods ...float64) []float64 {
	rng := rand.New(rand.NewPCG(7, 8))
	y := make([]float64, n)
	for t := range y {
		y[t] = 10 + 0.01*float64(t) + sd*rng.NormFloat64()
		for i, p := range periods {
			y[t] += float64(i+1) * math.Sin(2*math.Pi*float64(t)/p+float64(i))
		}
	}
	return y
}

// A design whose sums are made from the innovations has the likelihood and the
// coefficients of one with the sums of all lags, gaps among the values.
func TestDirectDesign(t *testing.T) {
	y := noisyWaves(300, 1, 7, 50.5)
	y[20], y[21], y[100] = math.NaN(), math.NaN(), math.NaN()
	columns := [][]float64{slices.Repeat([]float64{1}, 310)}
	for _, w := range wavesOf([]float64{7, 50.5}, len(y))[:4] {
		columns = append(columns, w.columns(3, 310)...)
	}
	short := [][]float64{y}
	for _, x := range columns {
		short = append(short, x[:len(y)])
	}
	partial := []float64{0.6, -0.3}
	a, b := newGLS(partial, newDesign(short, 2), ridge), newGLS(partial, newDirect(y, columns, 2), ridge)
	if math.Abs(a.logL-b.logL) > 1e-9*math.Abs(a.logL) || math.Abs(a.sigma2-b.sigma2) > 1e-9*a.sigma2 {
		t.Errorf("log-likelihood %v and variance %v, want %v and %v", b.logL, b.sigma2, a.logL, a.sigma2)
	}
	for j := range a.beta {
		if math.Abs(a.beta[j]-b.beta[j]) > 1e-9 {
			t.Errorf("coefficient %d is %v, want %v", j, b.beta[j], a.beta[j])
		}
	}
}

// The number of groups that is chosen is that of the least AICc of regressions that are
// fitted one by one; of waves, those are taken that the series is made of.
func TestBestColumns(t *testing.T) {
	y := noisyWaves(400, 1, 7, 50.5)
	columns, groups, _ := candidates([]float64{7, 50.5}, len(y), 0, len(y), 0, [][]float64{slices.Repeat([]float64{1}, len(y))})
	whole := newGLS(nil, newDirect(y, columns, 0), ridge)
	n := float64(len(y))
	var order []int
	for _, i := range whole.best(groups, n, criterion) {
		order = append(order, groups[i]...)
	}
	free := func(k int) float64 {
		g := newGLS(nil, newDirect(y, pick(columns, order[:k]), 0), ridge)
		return criterion(n*math.Log(g.sigma2), float64(k+1), n)
	}
	if k := len(order); free(k) > free(k-2) {
		t.Errorf("%d columns have an AICc of %.2f, two less %.2f", k, free(k), free(k-2))
	}
	for _, j := range []int{0, 1, 2, 3} { // constant, slope, first wave of 7
		if !slices.Contains(order, j) {
			t.Errorf("column %d is not among the chosen %v", j, order)
		}
	}
	if len(order) > 12 {
		t.Errorf("%d columns were chosen of %d, the series is made of 6", len(order), len(columns))
	}
}

func pick(columns [][]float64, some []int) [][]float64 {
	var picked [][]float64
	for _, j := range some {
		picked = append(picked, columns[j])
	}
	return picked
}

// Waves of a season that another has are not taken twice; the harmonics of a multiple reach
// as far as those of the season that it is a multiple of.
func TestWavesOf(t *testing.T) {
	waves := wavesOf([]float64{24, 168}, 2000)
	if len(waves) != 12+84-12 {
		t.Errorf("%d waves, want the 84 of the week, of which 12 are the day's", len(waves))
	}
	for i, w := range waves {
		for _, o := range waves[:i] {
			if math.Abs(w.frequency()-o.frequency()) < 1e-4 {
				t.Errorf("%v and %v are one", w, o)
			}
		}
	}
	if waves := wavesOf([]float64{7, 365.25}, 400); len(waves) != 3 {
		t.Errorf("%d waves of 400 days, want the week's 3: little more than a year says nothing of years", len(waves))
	}
}

// A regression on seasons that are not whole continues what they are made of, far beyond
// two cycles of the longest and past a gap.
func TestRegressionSeveralSeasons(t *testing.T) {
	all := noisyWaves(1100, 0, 7, 30.6, 365.25)
	y := noisyWaves(760, 0.5, 7, 30.6, 365.25)
	for i := 300; i < 330; i++ {
		y[i] = math.NaN()
	}
	p := severalSeasons(y, 7, 30.6, 365.25)
	f, err := Regression{Plain: true}.Forecast(context.Background(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], 340)}})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for h, m := range f.Series[0].Mean {
		sum += math.Abs(m-all[760+h]) / 340
	}
	if sum > 0.4 {
		t.Errorf("mean absolute error %.3f, want less than the noise of 0.5", sum)
	}
}

// The state space model has the harmonics of all seasons that matter, in a state that stays
// small, and continues them in phase.
func TestModelSeveralSeasons(t *testing.T) {
	all := noisyWaves(960, 0, 7, 50.6)
	p := severalSeasons(noisyWaves(700, 0.5, 7, 50.6), 7, 50.6)
	f, err := Model{Plain: true}.Forecast(context.Background(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], 260)}})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for h, m := range f.Series[0].Mean {
		sum += math.Abs(m-all[700+h]) / 260
	}
	if sum > 0.6 {
		t.Errorf("mean absolute error %.3f, want about the noise of 0.5", sum)
	}
	y := spikes(2000)
	if waves := strongest(y, []float64{24, 168}, 0, 10); len(waves) != 10 {
		t.Errorf("%d waves of a week of spikes, want 10", len(waves))
	}
}

// spikes returns n values, a spike every 24 and a larger one every 168.
func spikes(n int) []float64 {
	y := make([]float64, n)
	for t := range y {
		if t%24 == 3 {
			y[t] = 5
		}
		if t%168 == 100 {
			y[t] = 9
		}
	}
	return y
}
