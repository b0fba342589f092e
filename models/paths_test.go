package models_test

import (
	"bytes"
	"math"
	"runtime"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/models"
	"tsgen/series"
)

// pathsOf returns what every series of p has for paths, as CSV by its identifier.
func pathsOf(t *testing.T, m forecast.Model, p *series.Panel, opt forecast.Options) map[string]string {
	t.Helper()
	f, err := forecast.Paths(t.Context(), m, p, opt)
	if err != nil {
		t.Fatalf("paths: %v", err)
	}
	all := make(map[string]string)
	for i, d := range f.Series {
		if len(d.Paths) != opt.Samples {
			t.Fatalf("%d paths, want %d", len(d.Paths), opt.Samples)
		}
		one := *f
		one.Series = f.Series[i : i+1]
		var b bytes.Buffer
		if err := forecast.WritePaths(&b, p.With(p.Series[i:i+1]), &one); err != nil {
			t.Fatal(err)
		}
		all[d.ID] = b.String()
	}
	return all
}

// Sample paths of every kind are the same for any number of processors and any order of the
// series, and other ones with another seed.
func TestContractPathsAreReproducible(t *testing.T) {
	seriestest.Long(t)
	p := shorter(2, 30, 2)
	reversed := p.With(slices.Clone(p.Series))
	slices.Reverse(reversed.Series)
	everyKind(t, func(t *testing.T, k models.Kind) {
		m := fitted(t, k, p)
		opt := forecast.Options{Horizon: 5, Samples: 40, Season: 6, Seed: 3}
		want := pathsOf(t, m, p, opt)
		before := runtime.GOMAXPROCS(1)
		one := pathsOf(t, m, p, opt)
		runtime.GOMAXPROCS(before)
		other := pathsOf(t, m, reversed, opt)
		opt.Seed = 4
		reseeded := pathsOf(t, m, p, opt)
		for id, w := range want {
			if one[id] != w {
				t.Errorf("%s: other paths on one processor", id)
			}
			if other[id] != w {
				t.Errorf("%s: other paths in another order of the series", id)
			}
			if reseeded[id] == w {
				t.Errorf("%s: the same paths with another seed", id)
			}
		}
	})
}

// The quantiles of sample paths are those of the forecast within what so many draws are off
// by, in every channel and step.
func TestContractPathsHaveTheMarginals(t *testing.T) {
	seriestest.Long(t)
	p := waves(3, 40, 2)
	everyKind(t, func(t *testing.T, k models.Kind) {
		m := fitted(t, k, p)
		opt := forecast.Options{Horizon: 5, Samples: 1000, Season: 6, Seed: 3}
		f, err := m.Forecast(t.Context(), p, opt)
		if err != nil {
			t.Fatal(err)
		}
		joint, err := forecast.Paths(t.Context(), m, p, opt)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range f.Series {
			n := float64(len(joint.Series[i].Paths))
			own := n * 1e9
			if len(d.Paths) > 0 {
				own = float64(len(d.Paths)) // the marginals are draws, too
			}
			for _, q := range []float64{0.1, 0.5, 0.9} {
				off := 4.5 * math.Sqrt(q*(1-q)*(1/n+1/own))
				for j, bound := range d.Quantiles(q)[0] {
					below := 0.0
					for _, path := range joint.Series[i].Paths {
						if path[j] < bound {
							below += 1 / n
						} else if path[j] == bound {
							below += 0.5 / n
						}
					}
					if math.Abs(below-q) > off {
						t.Errorf("series %d, value %d: %.3f of the paths are below the %v-quantile", i, j, below, q)
					}
				}
			}
		}
	})
}

// Neighbouring steps of sample paths depend on each other in kinds whose forecasts are
// marginals of random walks.
func TestContractPathsDepend(t *testing.T) {
	p := waves(1, 120, 1)
	level := 0.0
	for i := range p.Series[0].Values { // waves about a walk
		level += math.Sin(float64(i * i))
		p.Series[0].Values[i] += 3 * level
	}
	for _, name := range []string{"naive", "drift", "ar", "ets", "theta", "stl", "lgssm", "regression", "ensemble", "linear-map", "gauss"} {
		m, err := models.New(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(t.Context(), p, shortFit); err != nil {
			t.Fatal(name, err)
		}
		f, err := forecast.Paths(t.Context(), m, p, forecast.Options{Horizon: 4, Samples: 1000, Season: 6, Seed: 1})
		if err != nil {
			t.Fatal(name, err)
		}
		z := f.Series[0].Scores()
		r := 0.0
		for _, row := range z {
			r += row[2] * row[3] / float64(len(z))
		}
		if r < 0.4 {
			t.Errorf("%s: the scores of the third and the fourth step have the correlation %.2f, want that of a walk, .87 or somewhat less", name, r)
		}
	}
}
