package statespace

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"tsgen/forecast"
	"tsgen/series"
)

// The forecast of a series does not change with which others are asked for, whether
// these suit a logarithm or not, or have other gaps between their times; series with
// too few values keep the last, and notes say so.
func TestAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	var grown, level, negative []float64
	for i := range 60 {
		grown = append(grown, math.Exp(0.08*float64(i)+0.1*rng.NormFloat64()))
		level = append(level, 50+rng.NormFloat64())
		negative = append(negative, rng.NormFloat64())
	}
	for name, step := range map[string]series.Step{"regular": {Width: 1}, "irregular": {}} {
		p := &series.Panel{Channels: []string{"y"}, Step: step}
		for i, y := range [][]float64{grown, level, negative, {7}, {math.NaN()}} {
			s := &series.Series{ID: string(rune('a' + i)), Values: y}
			for k := range y {
				u := float64(k)
				if !step.Regular() {
					u *= float64(i + 1)
				}
				s.Times = append(s.Times, u)
			}
			p.Series = append(p.Series, s)
		}
		models := []forecast.Model{Model{}}
		if step.Regular() {
			models = append(models, Regression{})
		}
		at := func(p *series.Panel) (at [][]float64) {
			for _, s := range p.Series {
				at = append(at, []float64{s.Times[s.Len()-1] + 1, s.Times[s.Len()-1] + 4})
			}
			return at
		}
		for _, m := range models {
			f, err := m.Forecast(t.Context(), p, forecast.Options{At: at(p)})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				one := p.With(p.Series[i : i+1])
				alone, err := m.Forecast(t.Context(), one, forecast.Options{At: at(one)})
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(f.Series[i], alone.Series[0]) {
					t.Errorf("%s, %s: series %d among others is %+v, alone %+v", m.Name(), name, i, f.Series[i], alone.Series[0])
				}
			}
			if f.Series[0].Values == nil || f.Series[2].Values != nil {
				t.Errorf("%s, %s: the first series is not modelled by its logarithm, or the third is", m.Name(), name)
			}
			if d := f.Series[3]; d.Mean[0] != 7 || !(d.SD[1] > d.SD[0]) {
				t.Errorf("%s, %s: of one value %+v", m.Name(), name, d)
			}
			if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "2 of 5 series") {
				t.Errorf("%s, %s: notes %q", m.Name(), name, f.Notes)
			}
		}
	}
}

// Values whose squares are out of the range of float64 have the forecasts that they
// have in other units.
func TestMagnitude(t *testing.T) {
	for _, m := range []forecast.Model{Model{}, Regression{}, Model{Plain: true}, Regression{Plain: true}} {
		scaled := func(power int) [][]float64 {
			p := seasonal(96, true)
			for k, x := range p.Series[0].Values {
				p.Series[0].Values[k] = math.Ldexp(x, power)
			}
			f, err := m.Forecast(t.Context(), p, forecast.Options{At: [][]float64{p.Future(p.Series[0], 4)}, Season: 12})
			if err != nil {
				t.Fatal(m.Name(), err)
			}
			return f.Series[0].Quantiles(0.1, 0.5, 0.9)
		}
		want := scaled(0)
		for _, power := range []int{-1000, 990} {
			for i, row := range scaled(power) {
				for k, x := range row {
					if x = math.Ldexp(x, -power); math.Abs(x-want[i][k]) > 1e-3*math.Abs(want[i][k]) {
						t.Errorf("%s: times 2^%d step %d has the quantile %v, want %v", m.Name(), power, k+1, x, want[i][k])
					}
				}
			}
		}
	}
}
