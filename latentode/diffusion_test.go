package latentode

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/moments"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/internal/training"
	"tsgen/sde"
	"tsgen/series"
)

// ornsteinUhlenbeck returns series of n observations, on average gap apart, of dx = -x dt + dW seen with
// noise.
func ornsteinUhlenbeck(count, n int, gap, noise float64, seed uint64) *series.Panel {
	rng := rand.New(rand.NewPCG(seed, 18))
	p := &series.Panel{Channels: []string{"x"}}
	for i := range count {
		s := &series.Series{ID: strconv.Itoa(i)}
		at, x := 0.0, math.Sqrt(0.5)*rng.NormFloat64()
		for range n {
			h := gap * (0.5 + rng.Float64())
			at += h
			x = math.Exp(-h)*x + math.Sqrt((1-math.Exp(-2*h))/2)*rng.NormFloat64()
			s.Times, s.Values = append(s.Times, at), append(s.Values, x+noise*rng.NormFloat64())
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// diffusing returns a network with noise of its own, untrained, and a workspace that holds a window of the whole first
// record, read.
func diffusing(t *testing.T, o Options, stride float64, panel *series.Panel) (*fitted, *workspace, *nn.Pass) {
	t.Helper()
	c, records, err := newConfig(t.Context(), o, stride, panel, forecast.FitOptions{Horizon: 5, Season: 1})
	if err != nil {
		t.Fatal(err)
	}
	c.Options.Context = len(records[0].U)
	f := &fitted{config: c, Fitted: training.Fitted{Params: &nn.Params{}}}
	f.network = newNetwork(f.Params, c, rand.New(rand.NewPCG(1, 1)))
	s, err := f.network.newWorkspace(0, purpose{learning: true})
	if err != nil {
		t.Fatal(err)
	}
	s.fill([]window{{Window: neural.Window{Record: &records[0], Origin: len(records[0].U), To: len(records[0].U)}}})
	p := &nn.Pass{Values: f.Params.Values}
	return f, s, p
}

// Prior and posterior are Ornstein-Uhlenbeck processes: the paths have the mean and the variance of the posterior, and
// their mean cost is the divergence, all in closed form.
func TestDivergenceOfOrnsteinUhlenbeck(t *testing.T) {
	seriestest.Long(t)
	const (
		draws    = 2000
		rate     = 0.8  // of the prior
		size     = 1e-3 // of what goes through the hidden layers, which are linear there
		aim      = 30.0
		variance = 100.0
		start    = 0.4
	)
	f, s, p := diffusing(t, Options{State: 1, Hidden: 1, Level: LevelPanel, Static: -1}, 0.1, ornsteinUhlenbeck(5, 30, 0.05, 0.1, 1))
	n := f.network
	clear(p.Values)
	for _, l := range n.field.Layers {
		l.W.In(p.Values)[0] = 1
	}
	n.field.Layers[0].W.In(p.Values)[0] = size
	n.speed.In(p.Values)[0] = -rate / size
	n.guide.aim.B.In(p.Values)[0], n.guide.aim.B.In(p.Values)[1] = aim, math.Log(variance)/2
	g := n.guide.deviations(nil, p.Values)[0]

	n.encode(p, &s.batch)
	s.repeat(draws)
	z0 := slices.Repeat([]float64{start}, draws)
	s.source.Seed(1, 2)
	d, err := n.decode(context.Background(), p, s, p.Const(draws, 1, z0))
	if err != nil {
		t.Fatal(err)
	}
	pull := g / variance
	total := rate + g*pull
	rest := g * pull * aim / total
	span := s.times[0][len(s.times[0])-1]
	mean := rest + (start-rest)*math.Exp(-total*span)
	spread := g * g / (2 * total) * -math.Expm1(-2*total*span)
	// The integrals over time of the square of the mean's distance from the aim, and of the variance.
	a, b := aim-rest, rest-start
	square := a*a*span + 2*a*b*-math.Expm1(-total*span)/total + b*b*-math.Expm1(-2*total*span)/(2*total)
	both := square + g*g/(2*total)*(span+math.Expm1(-2*total*span)/(2*total))
	divergence := pull * pull * both / 2

	var ends, costs moments.Moments
	for i := range draws {
		ends.Add(d.states.Val[(i+1)*len(s.times[0])-1])
		costs.Add(d.paths.Val[i])
	}
	within := func(what string, got, want, tolerance float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s %.5f, want %.5f ± %.5f", what, got, want, tolerance)
		}
	}
	const deviations = 4.5
	bias := 0.005 // of the steps, and of the time to an observation beside the variance
	within("mean", ends.Mean, mean, deviations*math.Sqrt(spread/draws)+bias*math.Abs(mean))
	within("variance", ends.Variance(), spread, deviations*spread*math.Sqrt(2.0/draws)+bias*spread)
	within("divergence", costs.Mean, divergence, deviations*math.Sqrt(costs.Variance()/draws)+bias*divergence)
}

// Where observations say little of where paths are, but their encoder's correction is there, steps have the variance of
// the prior's, and what paths add to the divergence is what package sde makes of the two drifts, path by path.
func TestDivergenceAgainstPackageSDE(t *testing.T) {
	f, s, p := diffusing(t, Options{State: 2, Hidden: 5, Level: LevelPanel, Static: -1}, 0.3, ornsteinUhlenbeck(5, 30, 0.2, 0.1, 1))
	n := f.network
	for j := range 2 {
		n.guide.aim.B.In(p.Values)[2+j] = 9
	}
	n.encode(p, &s.batch)
	s.repeat(3)
	z0 := []float64{0.1, -0.4, 0.5, 0.2, -1, 0.3}
	s.source.Seed(1, 2)
	got, err := n.decode(context.Background(), p, s, p.Const(3, 2, z0))
	if err != nil {
		t.Fatal(err)
	}
	costs, states := slices.Clone(got.paths.Val), slices.Clone(got.states.Val)

	d := s.diffusion
	widened := func(y []float64) []float64 {
		var wide []float64
		for i := 0; i < len(y); i += 2 {
			wide = append(wide, y[i], y[i+1], 0)
		}
		return wide
	}
	system := sde.BatchSystem{
		Dim: 2, Additive: true,
		Drift: func(dst []float64, rows []int, t, y []float64) error {
			wide := make([]float64, 3*len(rows))
			err := d.posterior(wide, rows, t, widened(y))
			for i := range rows {
				copy(dst[2*i:2*i+2], wide[3*i:])
			}
			return err
		},
		Diffusion: d.noise,
	}
	system, err = sde.WithKL(system, sde.Prior{Drift: func(dst []float64, rows []int, _, y []float64) error {
		return d.derivative(dst, rows, nil, y)
	}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := sde.NewBatch(system, sde.EulerMaruyama{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	course := d.courses[0]
	if len(course.grid) < 3*len(s.times[0]) {
		t.Fatalf("%d steps for %d observations", len(course.grid), len(s.times[0]))
	}
	times := [][]float64{course.grid, course.grid, course.grid}
	if err := b.Solve(context.Background(), s.t0, widened(z0), times, slices.Clone(d.seeds)); err != nil {
		t.Fatal(err)
	}
	at := 0
	for i, c := range costs {
		y := b.Y(i)
		if want := y[len(y)-1]; !(want > 0.01) || math.Abs(c-want) > 1e-5*want {
			t.Errorf("path %d costs %v, want %v", i, c, want)
		}
		for _, k := range course.wanted {
			if math.Abs(states[at]-y[3*k]) > 1e-5 || math.Abs(states[at+1]-y[3*k+1]) > 1e-5 {
				t.Fatalf("path %d is at %v, want %v", i, states[at:at+2], y[3*k:3*k+2])
			}
			at += 2
		}
	}
}

// Stretching multiplies the variance over draws beyond the observations, keeps the mean, and makes the noise louder there;
// nothing else moves.
func TestStretch(t *testing.T) {
	c := &config{Stride: 1, Inflation: []float64{1.5}, Noisier: []float64{3}, Frame: neural.Frame{Channels: []string{"x"}}}
	values, noise := []float64{1, 2, 5, 6}, []float64{1, 1, 1, 1}
	c.stretch(decoded{mean: &ad.Node{Rows: 4, Cols: 1, Val: values}, sd: &ad.Node{Rows: 4, Cols: 1, Val: noise}}, []float64{0, 1, 0, 1}, 0, 2, 2)
	if want := []float64{1, 1, 5, 7}; !slices.Equal(values, want) {
		t.Errorf("%v, want %v", values, want)
	}
	if want := []float64{1, 3, 1, 3}; !slices.Equal(noise, want) {
		t.Errorf("noise %v, want %v", noise, want)
	}
}

// What series agree on is taken over but for a standard error, and what they do not agree on is not.
func TestFactor(t *testing.T) {
	for _, c := range []struct {
		series []misfit
		want   float64
	}{
		{[]misfit{{3, 1, 0}}, 1},
		{[]misfit{{2, 1, 0}, {4, 2, 0}, {2, 1, 0}}, 2},
		{[]misfit{{0.5, 1, 0}, {0.5, 1, 0}}, 0.5},
		{[]misfit{{0, 1, 0}, {4, 1, 0}}, 1},
		{[]misfit{{2, 1, 0}, {4, 1, 0}}, 2}, // 3, and a standard error of 1
		{[]misfit{{0, 0, 0}, {0, 0, 0}}, 1},
	} {
		if got := factor(c.series); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", c.series, got, c.want)
		}
	}
}

// The law that is learned of a panel is that of which it was made: generated series have the deviation and the
// correlation over time of the process, and long ones stay; and what came before the first observations is told as well as
// who knows the law tells it.
func TestLearnedLaw(t *testing.T) {
	seriestest.Long(t)
	if raceDetector {
		t.Skip("trains for half a minute")
	}
	const gap, noise = 0.25, 0.1
	m := &Stochastic{Options: StochasticOptions{Updates: 800, Hidden: 32}}
	if err := m.Fit(context.Background(), ornsteinUhlenbeck(80, 60, gap, noise, 3), forecast.FitOptions{Horizon: 10, Season: 1, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 200, Length: 240, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	var early, late, covariance moments.Moments
	var product moments.Line
	for _, s := range g.Series {
		for k, x := range s.Values {
			if k < 60 {
				early.Add(x)
			} else {
				late.Add(x)
			}
			if k >= 4 {
				product.Add(s.Values[k-4], x)
				covariance.Add(0.5 * math.Exp(s.Times[k-4]-s.Times[k]))
			}
		}
	}
	want := math.Sqrt(0.5 + noise*noise)
	for when, m := range map[string]moments.Moments{"early": early, "late": late} {
		if sd := math.Sqrt(m.Variance()); math.Abs(sd-want) > 0.15*want || math.Abs(m.Mean) > 0.15 {
			t.Errorf("%s values have the mean %.3f and the deviation %.3f, want 0 and %.3f", when, m.Mean, sd, want)
		}
	}
	correlation := covariance.Mean / (want * want)
	if got := product.Cross / product.U.Square; math.Abs(got-correlation) > 0.12 {
		t.Errorf("values four steps apart are correlated by %.3f, want %.3f", got, correlation)
	}
	const hidden = 8
	whole := ornsteinUhlenbeck(60, 40, gap, noise, 7)
	seen, at := whole.With(nil), [][]float64{}
	for _, s := range whole.Series {
		seen.Series, at = append(seen.Series, s.Slice(hidden, s.Len())), append(at, s.Times[:hidden])
	}
	before, err := m.Impute(context.Background(), seen, forecast.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	var square, exact, inside moments.Moments
	for i, d := range before.Series {
		s, mean := whole.Series[i], d.MeanTo(nil)
		low, high := d.Interval(nil, nil, 80)
		for k, u := range d.Times {
			x := s.Values[k]
			square.Add((x - mean[k]) * (x - mean[k]))
			exact.Add(noise*noise + 0.5*(1-math.Exp(-2*(s.Times[hidden]-u))))
			inside.Add(neural.Indicator(low[k] <= x && x <= high[k]))
		}
	}
	if square.Mean > 1.2*exact.Mean || math.Abs(inside.Mean-0.8) > 0.08 {
		t.Errorf("mean square error before the first observations %.3f, of who knows the law %.3f; 80 %% intervals hold %.2f", square.Mean, exact.Mean, inside.Mean)
	}
}

// A stored model is that of its kind, forecasts the same, and follows nothing backwards where it does not know where
// states are.
func TestStochasticStored(t *testing.T) {
	panel := ornsteinUhlenbeck(4, 40, 0.25, 0.1, 5)
	m := &Stochastic{Options: StochasticOptions{Hidden: 4, Updates: 5, Batch: 8, Step: 1}}
	opt := forecast.FitOptions{Horizon: 5, Season: 1, Seed: 1}
	if err := m.Fit(context.Background(), panel, opt); err != nil {
		t.Fatal(err)
	}
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	if state.Kind != StochasticKind {
		t.Fatalf("kind %q", state.Kind)
	}
	if _, err := FromState(state); err == nil {
		t.Error("a latent SDE was taken for a latent ODE")
	}
	again, err := StochasticFromState(state)
	if err != nil {
		t.Fatal(err)
	}
	if again.Options.Step != 1 || again.Options.Hidden != 4 {
		t.Errorf("options %+v", again.Options)
	}
	at := forecast.Options{At: [][]float64{{12}, {12}, {12}, {12}}}
	want, err := m.Forecast(context.Background(), panel, at)
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Forecast(context.Background(), panel, at)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(want.Series[0].Values[3], got.Series[0].Values[3]) {
		t.Error("the stored model forecasts otherwise")
	}
	at.At = [][]float64{{-1e9}, {1}, {1}, {1}}
	if _, err := m.Impute(context.Background(), panel, at); !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "before the first") {
		t.Errorf("error %v", err)
	}
	m.config.Opening = nil
	at.At[0][0] = 0.01
	if _, err := m.Impute(context.Background(), panel, at); !errors.Is(err, forecast.ErrMismatch) || !strings.Contains(err.Error(), "before the first") {
		t.Errorf("error %v", err)
	}
	at.At = [][]float64{{1e9}, {20}, {20}, {20}}
	if _, err := m.Forecast(context.Background(), panel, at); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("error %v", err)
	}
	other := *state
	other.Kind = Kind
	if _, err := FromState(&other); err == nil {
		t.Error("paths through noise were taken for those of a latent ODE")
	}
	other = *state
	other.Options = bytes.Replace(state.Options, []byte(`"stride":1`), []byte(`"stride":0`), 1)
	if _, err := StochasticFromState(&other); err == nil || bytes.Equal(other.Options, state.Options) {
		t.Error("a latent SDE without steps was read")
	}
}
