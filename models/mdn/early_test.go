package mdn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/seriestest"
	"tsgen/series"
)

// slopes returns series that rise by a speed of their own, uniform from 0 to 1, but for a little
// noise: their second step is open and the third hardly.
func slopes() *series.Panel {
	rng := rand.New(rand.NewPCG(5, 6))
	p := &series.Panel{Channels: []string{"a", "b"}, IDColumn: "id", TimeColumn: "t", Step: series.Step{Width: 1}}
	for i := range 400 {
		s := &series.Series{ID: fmt.Sprint(i)}
		from, speed := [2]float64{rng.NormFloat64(), rng.NormFloat64()}, [2]float64{rng.Float64(), rng.Float64()}
		for t := range 10 {
			s.Times = append(s.Times, float64(t))
			for j := range from {
				s.Values = append(s.Values, from[j]+speed[j]*float64(t)+0.005*rng.NormFloat64())
			}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// TestEarlySteps protects the law of the steps after the first, for which lines of later steps lack the
// increments before: a network that has learned nothing leaves it to the lines and scores of these
// steps, and what is drawn has the speeds of the data, each channel its own.
func TestEarlySteps(t *testing.T) {
	seriestest.Long(t)
	p := slopes()
	m := fit(t, Options{Hidden: 8, Updates: 1}, p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1})
	c := m.config
	if len(c.Early) != earlySteps || c.Plain < 2 {
		t.Fatalf("lines of %d early steps, %d first rows that are plain", len(c.Early), c.Plain)
	}
	for j := range c.Channels {
		if a, b := c.Early[0][j].Unit, c.Early[1][j].Unit; b > 0.1*a {
			t.Errorf("channel %d: lines leave %v of the second step and %v of the third, which the second tells", j, a, b)
		}
	}
	g, err := m.Generate(context.Background(), forecast.GenerateOptions{Number: 1000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, got := speeds(p), speeds(g)
	for j := range want.mean {
		if sd := got.sd[j] / want.sd[j]; math.Abs(got.mean[j]-want.mean[j]) > 0.03 || math.Abs(sd-1) > 0.06 {
			t.Errorf("channel %d: first increments of %v, want %v, with a deviation of %v of the data's", j, got.mean[j], want.mean[j], sd)
		}
	}
	if math.Abs(got.correlation-want.correlation) > 0.1 || got.outside > 0.01 {
		t.Errorf("a correlation of speeds of %v, want %v, and %v of them out of the range", got.correlation, want.correlation, got.outside)
	}
}

// A law is what first increments of two channels are like, and the part of them beyond 0 to 1.
type law struct {
	mean, sd             [2]float64
	correlation, outside float64
}

func speeds(p *series.Panel) (l law) {
	n, both := float64(len(p.Series)), 0.0
	for _, s := range p.Series {
		var d [2]float64
		for j := range d {
			d[j] = s.Values[2+j] - s.Values[j]
			l.mean[j] += d[j] / n
			l.sd[j] += d[j] * d[j] / n
			if math.Abs(d[j]-0.5) > 0.55 {
				l.outside += 1 / (2 * n)
			}
		}
		both += d[0] * d[1] / n
	}
	for j, m := range l.mean {
		l.sd[j] = math.Sqrt(l.sd[j] - m*m)
	}
	l.correlation = (both - l.mean[0]*l.mean[1]) / (l.sd[0] * l.sd[1])
	return l
}

// TestPlain holds the density of two steps that have lines and scores of their own against its integral.
func TestPlain(t *testing.T) {
	seriestest.Long(t)
	p := slopes()
	p.Channels = p.Channels[:1]
	for _, s := range p.Series {
		for i := range s.Times {
			s.Values[i] = s.Values[2*i]
		}
		s.Values = s.Values[:len(s.Times)]
	}
	m := fit(t, Options{Hidden: 8, Updates: 1}, p, forecast.FitOptions{Horizon: 2, Season: 1, Seed: 1})
	if m.config.Plain < 2 {
		t.Fatalf("%d first rows are plain, want two", m.config.Plain)
	}
	all := &series.Panel{Channels: p.Channels, Step: p.Step, Axis: p.Axis, IDColumn: "id", TimeColumn: "t"}
	const step = 0.04
	for x := -5.0; x < 5; x += 5 * step {
		for d := -0.5; d < 1.5; d += step / 4 {
			all.Series = append(all.Series, &series.Series{ID: fmt.Sprint(x, d), Times: []float64{0, 1}, Values: []float64{x, x + d}})
		}
	}
	l, err := m.LogLikelihood(context.Background(), all, forecast.LikelihoodOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, x := range l {
		sum += math.Exp(x.Value) * 5 * step * step / 4
	}
	if math.Abs(sum-1) > 0.02 {
		t.Errorf("the density of two values is %v in all", sum)
	}
}
