package baseline

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/fits"
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

// continuedBy returns the means of the next n values of y.
func continuedBy(t *testing.T, m forecast.Model, p *series.Panel, n int) (mean []float64, notes []string) {
	t.Helper()
	f, err := m.Forecast(context.Background(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], n)}})
	if err != nil {
		t.Fatal(err)
	}
	return f.Series[0].Mean, f.Notes
}

// dayAndWeek returns n values whose days of 24 differ from each other and repeat in
// a week: the days of the weekend are flat.
func dayAndWeek(n int) []float64 {
	y := make([]float64, n)
	for t := range y {
		y[t] = 20 + 3*math.Sin(2*math.Pi*float64(t)/24) + math.Cos(2*math.Pi*float64(t)/12)
		if t/24%7 > 4 {
			y[t] = 15
		}
	}
	return y
}

// Two seasons without noise are continued as they are, where the shorter season alone
// cannot tell when the week ends.
func TestARSeveralSeasons(t *testing.T) {
	const ahead = 168
	y := dayAndWeek(8*168 + ahead)
	past, future := y[:8*168], y[8*168:]
	both, _ := continuedBy(t, AR{}, severalSeasons(past, 24, 168), ahead)
	one, _ := continuedBy(t, AR{}, severalSeasons(past, 24), ahead)
	if e := meanDistance(both, future); e > 0.05 {
		t.Errorf("mean absolute error %.3f with both seasons, want next to nothing", e)
	}
	if e := meanDistance(one, future); e < 0.3 {
		t.Errorf("mean absolute error %.3f with the day alone: the week makes no difference to this test", e)
	}
}

// A season that is not whole is followed over many cycles, two years of a longer one
// beside it and noise notwithstanding; a lag of whole steps alone would be out of phase.
func TestARFractionalSeasons(t *testing.T) {
	signal := func(t int) float64 {
		return 4*math.Sin(2*math.Pi*float64(t)/10.4) + 10*math.Cos(2*math.Pi*float64(t)/365.25)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	y, future := make([]float64, 740), make([]float64, 365)
	for t := range y {
		y[t] = signal(t) + 0.5*rng.NormFloat64()
	}
	for h := range future {
		future[h] = signal(len(y) + h)
	}
	got, _ := continuedBy(t, AR{}, severalSeasons(y, 10.4, 365.25), len(future))
	if e := meanDistance(got, future); e > 0.5 {
		t.Errorf("mean absolute error %.3f, want less than the noise", e)
	}
}

func meanDistance(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += math.Abs(x-b[i]) / float64(len(a))
	}
	return sum
}

// The deviations ahead are those of the moving average that an autoregression of the lags 1
// and 3 is, by the powers of its companion matrix; the estimate finds its coefficients.
func TestLagProcess(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	y, seen := make([]float64, 20000), make([]bool, 20000)
	for t := 3; t < len(y); t++ {
		y[t] = 0.5*y[t-1] + 0.3*y[t-3] + rng.NormFloat64()
		seen[t] = true
	}
	q := lagSet{lags: []int{1, 3}}.regress(y, seen, 0, len(y))
	if math.Abs(q.lagged[0]-0.5) > 0.02 || math.Abs(q.lagged[1]-0.3) > 0.02 || math.Abs(q.variance-1) > 0.03 {
		t.Errorf("coefficients %.3f and variance %.3f, want 0.5, 0.3 and 1", q.lagged, q.variance)
	}
	a, b, s := q.lagged[0], q.lagged[1], math.Sqrt(q.variance)
	psi := []float64{1, a, a * a, a*a*a + b}
	sum := 0.0
	for h, got := range q.spread(4) {
		sum += psi[h] * psi[h]
		if want := s * math.Sqrt(sum); math.Abs(got-want) > 1e-12 {
			t.Errorf("deviation %d steps ahead is %v, want %v", h+1, got, want)
		}
	}
}

// Models of one season take the one that matters of several, and say so.
func TestSingleSeason(t *testing.T) {
	week := dayAndWeek(8 * 168)
	day := make([]float64, 8*168)
	rng := rand.New(rand.NewPCG(5, 6))
	for t := range day {
		day[t] = 5*math.Sin(2*math.Pi*float64(t)/24) + 0.02*float64(t) + rng.NormFloat64()
	}
	for _, m := range []forecast.Model{SeasonalNaive{}, Theta{}, ETS{}} {
		for _, test := range []struct {
			y    []float64
			want string
		}{{week, "168 steps"}, {day, "24 steps"}} {
			mean, notes := continuedBy(t, m, severalSeasons(test.y, 24, 168), 168)
			if said := strings.Join(notes, "\n"); !strings.Contains(said, test.want) {
				t.Errorf("%s: %q does not say that the season is %s", m.Name(), said, test.want)
			}
			if e := meanDistance(mean, test.y[len(test.y)-168:]); e > 4 {
				t.Errorf("%s: %s: mean absolute distance from the last week %.2f", m.Name(), test.want, e)
			}
		}
	}
}

// A season longer than 64 steps is told by lags around it and by waves, and what a file from before has of it, an
// autoregression of all lags, still continues what it was made of.
func TestARLongSeason(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	y := make([]float64, 900)
	wave := func(t int) float64 { return 10 * math.Sin(2*math.Pi*float64(t)/144) }
	e := 0.0
	for i := range y {
		e = 0.6*e + rng.NormFloat64()
		y[i] = wave(i) + e
	}
	mean, _ := continuedBy(t, AR{}, severalSeasons(y, 144), 72)
	off := 0.0
	for h, m := range mean {
		off += math.Abs(m-wave(len(y)+h)) / float64(len(mean))
	}
	if off > 0.8 {
		t.Errorf("what comes is %.2f off, of a season of 10 and noise of 1.25", off)
	}

	x := channel{grid: y, lead: 10}
	c := AR{}.local().continued(nil, []float64{144})
	older := AR{}.plain(2*144 + 1).estimate(x)
	for _, of := range []struct {
		name string
		made estimate
	}{{"before", older}, {"now", c.estimate(x)}} {
		var w fits.Writer
		of.made.write(&w)
		if err := c.check(w.Numbers); err != nil {
			t.Errorf("%s: %v", of.name, err)
		}
		want, _, _ := of.made.continued(x)
		got, _ := c.continued(x, w.Numbers)
		a, _ := want.marginals.At(10)
		if b, _ := got.marginals.At(10); a != b {
			t.Errorf("%s: read again 10 steps ahead %v, want %v", of.name, b, a)
		}
	}
}
