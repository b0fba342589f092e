package models_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/option"
	"tsgen/latentode"
	"tsgen/models"
	"tsgen/models/flow"
	"tsgen/models/gauss"
	"tsgen/models/mdn"
	"tsgen/models/vae"
	"tsgen/rnn"
	"tsgen/series"
)

// A generationCase is data of a kind, and pieces of it that generated series are to
// be like.
type generationCase struct {
	name   string
	panel  *series.Panel
	pieces [][]float64
	length int
	fit    forecast.FitOptions
	lags   []int // at which autocorrelations are compared
}

// generationCases returns four kinds of data: a trend with a season, walks like those of
// stocks, sines, and a load with a temperature in halves of a degree and rain that is
// mostly zero.
func generationCases() []generationCase {
	rng := rand.New(rand.NewPCG(11, 12))
	panel := func(channels ...string) *series.Panel {
		return &series.Panel{Channels: channels, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	}
	add := func(p *series.Panel, values []float64) {
		s := &series.Series{ID: fmt.Sprint(len(p.Series)), Values: values}
		for i := range len(values) / len(p.Channels) {
			s.Times = append(s.Times, float64(i))
		}
		p.Series = append(p.Series, s)
	}
	trend := panel("passengers")
	var y []float64
	for i := range 120 {
		y = append(y, math.Round(math.Exp(5+0.01*float64(i)+0.2*math.Sin(2*math.Pi*float64(i)/12)+0.03*rng.NormFloat64())))
	}
	add(trend, y)
	season := generationCase{name: "season", panel: trend, length: 36, fit: forecast.FitOptions{Horizon: 12, Season: 12, Seed: 1}, lags: []int{1, 12}}
	for from := 0; from+36 <= 120; from += 12 {
		season.pieces = append(season.pieces, y[from:from+36])
	}
	walks, waves, load := panel("price"), panel("a", "b"), panel("load", "temperature", "rain")
	for range 60 {
		x, f, g, q := 4+0.3*rng.NormFloat64(), 0.2+0.2*rng.Float64(), 0.2+0.2*rng.Float64(), rng.Float64()
		warm := 15 + 5*rng.NormFloat64()
		var w, s, l []float64
		for i := range 24 {
			x += 0.02 * rng.NormFloat64()
			w = append(w, math.Exp(x))
			s = append(s, math.Sin(f*float64(i)+q), math.Sin(g*float64(i)+q))
			daily := -math.Cos(2 * math.Pi * float64(i) / 24)
			t := math.Round(2*(warm+4*daily+0.7*rng.NormFloat64())) / 2
			l = append(l, 100+20*daily+2*(t-15)+3*rng.NormFloat64(), t, max(0, rng.NormFloat64()-0.4))
		}
		add(walks, w)
		add(waves, s)
		add(load, l)
	}
	all := []generationCase{season,
		{name: "walk", panel: walks, fit: forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1}, lags: []int{1, 4}},
		{name: "sines", panel: waves, fit: forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1}, lags: []int{1, 8}},
		{name: "load", panel: load, fit: forecast.FitOptions{Horizon: 4, Season: 1, Seed: 1}, lags: []int{1, 12}},
	}
	for i := range all[1:] {
		c := &all[i+1]
		c.length = 24
		for _, s := range c.panel.Series {
			c.pieces = append(c.pieces, s.Values)
		}
	}
	return all
}

// A pieceLaw is what is compared of a channel of pieces.
type pieceLaw struct {
	first, step, within, between float64 // deviations: of first values, of steps, within pieces, of their means
	least, most, zeros           float64
	acf                          []float64
}

func lawOf(pieces [][]float64, channels, j int, lags []int) (l pieceLaw) {
	moments := func(x []float64) (mean, sd float64) {
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			sd += (v - mean) * (v - mean) / float64(len(x))
		}
		return mean, math.Sqrt(sd)
	}
	var first, steps, means, all []float64
	for _, p := range pieces {
		var x []float64
		for k := j; k < len(p); k += channels {
			x = append(x, p[k])
			if k >= channels {
				steps = append(steps, p[k]-p[k-channels])
			}
			if p[k] == 0 {
				l.zeros++
			}
		}
		mean, sd := moments(x)
		first, means, all = append(first, x[0]), append(means, mean), append(all, x...)
		l.within += sd / float64(len(pieces))
	}
	_, l.first = moments(first)
	_, l.step = moments(steps)
	_, l.between = moments(means)
	l.least, l.most, l.zeros = slices.Min(all), slices.Max(all), l.zeros/float64(len(all))
	mean, sd := moments(all)
	for _, lag := range lags {
		sum, n := 0.0, 0.0
		for _, p := range pieces {
			for k := j; k+lag*channels < len(p); k += channels {
				sum += (p[k] - mean) * (p[k+lag*channels] - mean)
				n++
			}
		}
		l.acf = append(l.acf, sum/n/(sd*sd))
	}
	return l
}

// crossCorrelation returns that of two channels.
func crossCorrelation(pieces [][]float64, channels, a, b int) float64 {
	var n, sa, sb, saa, sbb, sab float64
	for _, p := range pieces {
		for k := 0; k < len(p); k += channels {
			x, y := p[k+a], p[k+b]
			n, sa, sb, saa, sbb, sab = n+1, sa+x, sb+y, saa+x*x, sbb+y*y, sab+x*y
		}
	}
	return (sab - sa*sb/n) / math.Sqrt((saa-sa*sa/n)*(sbb-sb*sb/n))
}

// TestGeneratedLikeData holds generators, with their default options but for the number of
// updates of those that make many, against four kinds of data: the distributions of the first value, of steps
// and of levels, autocorrelations, correlations between channels, ranges, and which
// values there are.
func TestGeneratedLikeData(t *testing.T) {
	if testing.Short() {
		t.Skip("trains generators")
	}
	// Those that were found to keep these bounds.
	kept := map[string][]string{
		"season": {gauss.Name, mdn.Kind, rnn.VRNN, rnn.SRNN, vae.Kind},
		"walk":   {flow.Kind, gauss.Name, rnn.VRNN, rnn.SRNN, vae.Kind},
		"sines":  {flow.Kind, gauss.Name, latentode.Kind, rnn.VRNN, rnn.SRNN, vae.Kind},
		"load":   {flow.Kind, gauss.Name, latentode.Kind, rnn.VRNN, rnn.SRNN, vae.Kind},
	}
	for _, c := range generationCases() {
		for _, k := range models.Kinds() {
			if !slices.Contains(kept[c.name], k.Name) {
				continue
			}
			t.Run(c.name+"/"+k.Name, func(t *testing.T) {
				t.Parallel()
				var options map[string]string
				if slices.ContainsFunc(option.List(k.Options), func(o option.Option) bool { return o.Name == "updates" }) && k.Name != rnn.VRNN && k.Name != rnn.SRNN {
					options = map[string]string{"updates": "400"}
				}
				m, err := k.New(options)
				if err != nil {
					t.Fatal(err)
				}
				if err := m.Fit(context.Background(), c.panel, c.fit); err != nil {
					t.Fatal(err)
				}
				g, err := m.(forecast.Generator).Generate(context.Background(), forecast.GenerateOptions{Number: 150, Length: c.length, Seed: 5})
				if err != nil {
					t.Fatal(err)
				}
				var pieces [][]float64
				for _, s := range g.Series {
					pieces = append(pieces, s.Values)
				}
				compareLaws(t, c, pieces)
			})
		}
	}
}

func compareLaws(t *testing.T, c generationCase, pieces [][]float64) {
	t.Helper()
	n := c.panel.Width()
	for j, channel := range c.panel.Channels {
		want, got := lawOf(c.pieces, n, j, c.lags), lawOf(pieces, n, j, c.lags)
		for _, x := range []struct {
			name      string
			got, want float64
			factor    float64
		}{
			{"deviation of the first value", got.first, want.first, 1.8},
			{"deviation of a step", got.step, want.step, 1.6},
			{"deviation within series", got.within, want.within, 1.6},
			{"deviation of the means", got.between, want.between, 2},
		} {
			if !(x.got < x.factor*x.want && x.got > x.want/x.factor) {
				t.Errorf("%s: %s %.3g, of the data %.3g", channel, x.name, x.got, x.want)
			}
		}
		for i, lag := range c.lags {
			if math.Abs(got.acf[i]-want.acf[i]) > 0.25 {
				t.Errorf("%s: autocorrelation %.2f at lag %d, of the data %.2f", channel, got.acf[i], lag, want.acf[i])
			}
		}
		if width := want.most - want.least; got.least < want.least-0.4*width || got.most > want.most+0.4*width {
			t.Errorf("%s: values from %.3g to %.3g, of the data from %.3g to %.3g", channel, got.least, got.most, want.least, want.most)
		}
		if math.Abs(got.zeros-want.zeros) > 0.15 {
			t.Errorf("%s: %.2f of the values are zero, of the data %.2f", channel, got.zeros, want.zeros)
		}
		if want.least > 0 && got.least <= 0 {
			t.Errorf("%s: %v where all values are positive", channel, got.least)
		}
		for i := range j {
			a, b := crossCorrelation(pieces, n, i, j), crossCorrelation(c.pieces, n, i, j)
			if math.Abs(a-b) > 0.35 {
				t.Errorf("correlation %.2f of %s and %s, of the data %.2f", a, c.panel.Channels[i], channel, b)
			}
		}
		for _, p := range pieces {
			for k := j; k < len(p); k += n {
				if grid := map[string]float64{"passengers": 1, "temperature": 0.5}[channel]; grid > 0 && math.Mod(p[k], grid) != 0 {
					t.Fatalf("%s: %v, a multiple of %v in the data", channel, p[k], grid)
				}
			}
		}
	}
}
