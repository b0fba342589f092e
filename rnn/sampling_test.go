package rnn

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
)

// TestDrawnInputs holds the means and variances of the inputs of a model where all
// are its own draws against those of the paths of a roll, at every step, from a first
// one at which nothing is observed on.
func TestDrawnInputs(t *testing.T) {
	const steps, n = 7, 4000
	for _, a := range architectures {
		o := begin(t, a.kind, Options{Hidden: 5, Latent: 2, Cell: a.cell, Level: LevelPanel}, seriestest.Monthly(60), forecast.FitOptions{Horizon: 4, Season: 3})
		rng := rand.New(rand.NewPCG(4, 4))
		for i := range o.Params.Values {
			o.Params.Values[i] += 0.5 * rng.NormFloat64()
		}
		r := &neural.Record{U: make([]float64, steps), X: make([]float64, steps)}
		for i := range steps {
			r.U[i] = float64(i)
		}
		r.X[0] = math.NaN()
		w := neural.Window{Record: r, Origin: 1, To: steps}

		var rolled, inputs [steps]moment
		_, err := o.filter(context.Background(), w, filtering{
			values: o.Params.Values, particles: n, paths: n, rng: rng,
			visit: func(_ *batch, t int, y []float64) {
				for _, x := range y {
					rolled[1+t].add(x)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}

		windows := make([]neural.Window, n)
		for i := range windows {
			windows[i] = w
		}
		b := batch{config: o.config}
		b.lay(windows)
		o.network.drawInputs(&nn.Pass{Values: o.Params.Values}, o.Params.Values, &b, 1, rng)
		for row, x := range b.inputs {
			if row < n {
				if !math.IsNaN(x) {
					t.Fatalf("%v: input %v where nothing is observed", a, x)
				}
				continue
			}
			inputs[row/n].add(x)
		}
		for k := 1; k < steps; k++ {
			v := inputs[k].variance() + rolled[k].variance()
			if d := inputs[k].mean() - rolled[k].mean(); math.Abs(d) > 4*math.Sqrt(v/n) {
				t.Errorf("%v: mean %.3f at step %d, of paths %.3f", a, inputs[k].mean(), k, rolled[k].mean())
			}
			// Of a normal variable; the draws are nearly that.
			if q := inputs[k].variance() / rolled[k].variance(); math.Abs(math.Log(q)) > 5*math.Sqrt(4./n) {
				t.Errorf("%v: variance %.3f at step %d, of paths %.3f", a, inputs[k].variance(), k, rolled[k].variance())
			}
		}
	}
}

// TestSampling: of the inputs that many are the model's own draws as the option
// and the course of training say, those to explain stay true, and what does not
// is the same as without.
func TestSampling(t *testing.T) {
	for _, kind := range kinds {
		options := Options{Hidden: 4, Latent: 2, Level: LevelPanel, Teacher: true, Updates: 100, Batch: 400}
		o := begin(t, kind, options, waves(4, 40, false, 1), forecast.FitOptions{Horizon: 4, Season: 1})
		loss := func(k int, sampling float64) float64 {
			o.config.Options.Sampling = sampling
			l, _ := lossOf(t, o, k)
			return l
		}
		if got, want := loss(0, 0.8), loss(0, 0); got != want {
			t.Errorf("%s: the loss before any draws is %v, want %v", kind, got, want)
		}
		for _, c := range []struct {
			k    int
			want float64
		}{{10, 0.16}, {50, 0.8}, {90, 0.8}} {
			loss(c.k, 0.8)
			s := o.workspaces[0]
			own, all := 0., 0.
			for i := 0; i < len(s.inputs); i += 2 {
				for j := i; j < i+2; j++ {
					if math.IsNaN(s.inputs[j]) != math.IsNaN(s.target[j]) {
						t.Fatalf("%s: input %v where there is %v", kind, s.inputs[j], s.target[j])
					}
				}
				if math.IsNaN(s.target[i]) || math.IsNaN(s.target[i+1]) {
					continue
				}
				all++
				if s.inputs[i] != s.target[i] && s.inputs[i+1] != s.target[i+1] {
					own++
				}
				if s.input[2*i] != s.inputs[i] {
					t.Fatalf("%s: the recurrence sees %v, the input is %v", kind, s.input[2*i], s.inputs[i])
				}
			}
			if d := own/all - c.want; math.Abs(d) > 4*math.Sqrt(c.want*(1-c.want)/all) {
				t.Errorf("%s: %.3f of %v steps are own draws in update %d, want %.2f", kind, own/all, all, c.k, c.want)
			}
		}
	}
}
