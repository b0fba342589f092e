package latentode

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
	"tsgen/models/density"
	"tsgen/series"
)

// forced returns a series of n steps that is a level, a season of 8 steps, the effect of a promotion and
// noise, and the first three.
func forced(n int) (p *series.Panel, parts [][]float64) {
	rng := rand.New(rand.NewPCG(3, 15))
	s := &series.Series{ID: "a"}
	parts = make([][]float64, 3)
	for i := range n {
		promotion := neural.Indicator(rng.Float64() < 0.3)
		u := float64(i)
		of := []float64{20, 3 * math.Sin(2*math.Pi*u/8), 4 * promotion}
		for k, x := range of {
			parts[k] = append(parts[k], x)
		}
		s.Times, s.Values = append(s.Times, u), append(s.Values, of[0]+of[1]+of[2]+0.3*rng.NormFloat64())
		s.Known.Times, s.Known.Values = append(s.Known.Times, u), append(s.Known.Values, promotion)
	}
	s.Values[n/3] = math.NaN()
	return &series.Panel{Channels: []string{"y"}, Known: []string{"promotion"}, Step: series.Step{Width: 1}, Seasons: []float64{8}, Series: []*series.Series{s}}, parts
}

// The forcing of which a series was made is found in the components, which add up to the values, at any
// number of processors with the same bytes.
func TestComponents(t *testing.T) {
	seriestest.Long(t)
	p, want := forced(160)
	m := fit(t, Options{Hidden: 8, Updates: 150, Transform: TransformNone}, p, forecast.FitOptions{Horizon: 8, Season: 8, Seed: 1})
	all, err := m.Components(context.Background(), p, forecast.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := all[0]
	if names := []string{"trend", "season-8", "promotion", forecast.Remainder}; !slices.Equal(c.Names, names) {
		t.Fatalf("components %v, want %v", c.Names, names)
	}
	for i, y := range p.Series[0].Values {
		sum := 0.0
		for _, mean := range c.Mean {
			sum += mean[i]
		}
		if math.Abs(sum-y) > 1e-9 || math.IsNaN(sum) != math.IsNaN(y) {
			t.Fatalf("components at %d add up to %v, want %v", i, sum, y)
		}
	}
	for k, parts := range want {
		square := 0.0
		for i, x := range parts {
			square += (c.Mean[k][i] - x) * (c.Mean[k][i] - x)
			if !(c.SD[k][i] >= 0) {
				t.Fatalf("deviation %v of %s", c.SD[k][i], c.Names[k])
			}
		}
		if off := math.Sqrt(square / float64(len(parts))); off > 0.6 {
			t.Errorf("%s is off by %.2f on average", c.Names[k], off)
		} else {
			t.Logf("%s is off by %.2f on average", c.Names[k], off)
		}
	}
	for _, procs := range []int{1, 2} {
		before := runtime.GOMAXPROCS(procs)
		again, err := m.Components(context.Background(), p, forecast.Options{})
		runtime.GOMAXPROCS(before)
		// NaN of the missing value apart
		if err != nil || !reflect.DeepEqual(again[0].Mean[:3], c.Mean[:3]) || !reflect.DeepEqual(again[0].SD, c.SD) {
			t.Errorf("others on %d processors, error %v", procs, err)
		}
	}
	if _, err := new(Model).Components(context.Background(), p, forecast.Options{}); !errors.Is(err, forecast.ErrNotFitted) {
		t.Errorf("a model that is not fitted: %v", err)
	}
	bare := *p
	bare.Known = nil
	if _, err := m.Components(context.Background(), &bare, forecast.Options{}); !errors.Is(err, forecast.ErrMismatch) {
		t.Errorf("without the covariate: %v", err)
	}
}

// The heads of the parts end with the means that the network gives, and the components in the unit of the
// data add up to the signal: of values as they are, by their logarithm, and of counts.
func TestComponentsAddUp(t *testing.T) {
	for name, o := range map[string]Options{
		"values":    {Transform: TransformNone},
		"logarithm": {Transform: TransformLog},
		"counts":    {Likelihood: density.NegativeBinomial},
	} {
		p, _ := forced(60)
		s := p.Series[0]
		for i, y := range s.Values {
			s.Values[i] = math.Round(y)
		}
		o.Hidden, o.Updates = 4, 10
		m := fit(t, o, p, forecast.FitOptions{Horizon: 8, Season: 8, Seed: 1})
		w, err := m.borrow()
		if err != nil {
			t.Fatal(err)
		}
		r, asked, err := m.asked(p, s, s.Times)
		if err != nil {
			t.Fatal(err)
		}
		windows := cover(r, m.config.reach(), asked)
		if len(windows) < 2 {
			t.Fatalf("%s: %d windows", name, len(windows))
		}
		rng := rand.New(rand.NewPCG(1, 2))
		pass := nn.Pass{Values: m.Params.Values}
		base := m.config.neutral(p, s)
		if base[0] == 0 {
			t.Errorf("%s: the covariate adds to its mean, want to where it is zero", name)
		}
		err = m.decodeDraws(context.Background(), &pass, w, windows[1], 3, rng.NormFloat64, func(d decoded, drawn proposal, _ int) error {
			means := m.network.means(&pass, &w.batch, drawn.z0, d.states)
			heads := m.network.heads(&pass, w, drawn, d, base)
			for row := range means.Rows {
				for j, x := range heads(row)[2] {
					if want := means.Val[row*means.Cols+j]; math.Abs(x-want) > 1e-9*(1+math.Abs(want)) {
						t.Fatalf("%s: row %d: the last head is %v, the mean %v", name, row, x, want)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		all, err := m.Components(context.Background(), p, forecast.Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		signal, err := m.Impute(context.Background(), p, forecast.Options{At: [][]float64{s.Times}, Signal: true, Samples: 400})
		if err != nil {
			t.Fatal(name, err)
		}
		mean := signal.Series[0].MeanTo(nil)
		for i := range s.Times {
			sum, sd := 0.0, 0.0
			for k := range all[0].Names[:3] {
				sum, sd = sum+all[0].Mean[k][i], sd+all[0].SD[k][i]
			}
			if math.Abs(sum-mean[i]) > 0.05*math.Abs(mean[i])+sd {
				t.Errorf("%s: at %d the parts are %v together, the signal is %v", name, i, sum, mean[i])
			}
		}
	}
}
