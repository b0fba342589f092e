package latentode

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/internal/training"
	"tsgen/models/density"
	"tsgen/series"
)

// TestGradient holds the gradient of the whole objective, through decoder,
// solver and encoder, against differences.
func TestGradient(t *testing.T) {
	seriestest.Long(t)
	panel := oscillators(4, 20, 0.1, 1)
	for _, c := range []struct {
		name   string
		panel  *series.Panel
		season int
		o      Options
		stride float64
	}{
		{"irregular, common level", panel, 1, Options{Level: LevelPanel}, 0},
		{"linear part that the static part sets", oscillators(20, 20, 0.1, 1), 1, Options{Level: LevelPanel, Static: 2}, 0},
		{"seasonal, static part, windows' own level", seriestest.Monthly(80), 12, Options{Static: 2}, 0},
		{"covariate", seriestest.Promotions(60), 12, Options{Static: 2}, 0},
		{"many series with noise of their own", shops(), 12, Options{Static: 2}, 0},
		{"Student's t", seriestest.Monthly(80), 12, Options{Static: 2, Likelihood: density.StudentT}, 0},
		{"noise held", panel, 1, Options{Level: LevelPanel, Noise: 0.2}, 0},
		{"counts", visits(4, 60), 12, Options{Static: 2, Likelihood: density.Poisson}, 0},
		{"spread counts", visits(4, 60), 1, Options{Likelihood: density.NegativeBinomial}, 0},
		{"binary values", opened(4, 60), 1, Options{Likelihood: density.Bernoulli}, 0},
		{"free nats", panel, 1, Options{Level: LevelPanel, Free: 0.3}, 0},
		{"importance weights", panel, 1, Options{Level: LevelPanel, Draws: 3}, 0},
		{"speed paid for", panel, 1, Options{Level: LevelPanel, Kinetic: 0.1}, 0},
		{"paths paid for", panel, 1, Options{Level: LevelPanel, Path: 0.1}, 0},
		{"encoder that forgets", panel, 1, Options{Level: LevelPanel, Encoder: EncoderGRUD}, 0},
		{"residuals of a process", panel, 1, Options{Level: LevelPanel, Residuals: ResidualsOU}, 0},
		{"residuals of a process and of the season, many series", shops(), 12, Options{Static: 2, Residuals: ResidualsOU}, 0},
		{"residuals of a process about noise that is held", panel, 1, Options{Level: LevelPanel, Noise: 0.2, Draws: 2, Residuals: ResidualsOU}, 0},
		{"encoder in motion", panel, 1, Options{Level: LevelPanel, Encoder: EncoderODERNN}, 0},
		{"paths", panel, 1, Options{Level: LevelPanel}, 0.4},
		{"paths with a static part", oscillators(20, 20, 0.1, 1), 1, Options{Level: LevelPanel, Static: 2}, 1},
		{"paths, noise held, encoder in motion", panel, 1, Options{Level: LevelPanel, Noise: 0.2, Encoder: EncoderODERNN}, 0.7},
		{"paths of counts", visits(4, 60), 12, Options{Static: 2, Likelihood: density.Poisson, Free: 0.1}, 0.5},
		{"paths under Student's t, windows' own level", seriestest.Monthly(80), 12, Options{Likelihood: density.StudentT, Encoder: EncoderGRUD}, 0.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := c.o
			o.Hidden, o.Batch, o.Updates, o.Tolerance, o.Precision = 5, 8, 10, 1e-12, Float64
			p, records, err := newConfig(t.Context(), o, c.stride, c.panel, forecast.FitOptions{Horizon: 6, Season: c.season})
			if err != nil {
				t.Fatal(err)
			}
			f := &fitted{config: p, Fitted: training.Fitted{Params: &nn.Params{}}}
			rng := rand.New(rand.NewPCG(1, 1))
			f.network = newNetwork(f.Params, p, rng)
			obj, err := newObjective(f, c.panel, records, 1)
			if err != nil {
				t.Fatal(err)
			}
			pass := nn.Pass{Values: f.Params.Values, Grad: make([]float64, len(f.Params.Values))}
			const update = 5
			obj.anneal.Updates = 2 * update
			loss := func() float64 {
				pass.Reset()
				l, err := obj.Loss(context.Background(), &pass, update, 1)
				if err != nil {
					t.Fatal(err)
				}
				return l.Val[0]
			}
			pass.Reset()
			l, err := obj.Loss(context.Background(), &pass, update, 1)
			if err != nil {
				t.Fatal(err)
			}
			pass.Backward(l)
			if shooting := len(obj.workspaces[1].bound) > 0; shooting != (p.Options.Level == LevelPanel && o.Draws == 0 && c.stride == 0) {
				t.Errorf("at level %q windows within others: %v", p.Options.Level, shooting)
			}
			grad := slices.Clone(pass.Grad)
			f.Params.Each(func(name string, rows, cols int, values []float64) {
				if len(values) == 0 {
					return
				}
				at := 0
				for &f.Params.Values[at] != &values[0] {
					at++
				}
				for range 3 {
					k := rng.IntN(len(values))
					x := values[k]
					const h = 7e-4
					d := func(e float64) float64 { values[k] = x + e; return loss() }
					want := (8*(d(h)-d(-h)) - (d(2*h) - d(-2*h))) / (12 * h)
					values[k] = x
					if got := grad[at+k]; math.Abs(got-want) > 1e-7*(0.01+math.Abs(want)) {
						t.Errorf("%s[%d]: derivative %.10g, by differences %.10g", name, k, got, want)
					}
				}
			})
		})
	}
}

// TestFutureIsNotSeen changes what lies behind the origin of a window: nothing
// that the encoder sees may change with it.
func TestFutureIsNotSeen(t *testing.T) {
	p, records, err := newConfig(t.Context(), Options{}, 0, seriestest.Monthly(80), forecast.FitOptions{Horizon: 12, Season: 12})
	if err != nil {
		t.Fatal(err)
	}
	seen := func() ([]float64, []float64, []float64) {
		b := batch{config: p}
		b.fill([]window{{Window: neural.Window{Record: &records[0], From: 5, Origin: 41, To: 53}}})
		return b.input, b.windowMean, b.windowScale
	}
	in, center, scale := seen()
	for i := 41; i < 80; i++ {
		records[0].X[i] = 1e6
	}
	in2, center2, scale2 := seen()
	if !slices.Equal(in, in2) || !slices.Equal(center, center2) || !slices.Equal(scale, scale2) {
		t.Error("the encoder's input depends on the future")
	}
}
