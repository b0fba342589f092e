package rnn

import (
	"context"
	"math"
	"slices"
	"testing"

	"tsgen/forecast"
	"tsgen/internal/neural"
	"tsgen/internal/nn"
	"tsgen/internal/seriestest"
)

// lossOf returns the loss of a shard's part of an update, and the number of its
// rows.
func lossOf(t *testing.T, o *objective, k int) (loss float64, rows int) {
	t.Helper()
	pass := nn.Pass{Values: o.Params.Values}
	l, err := o.Loss(context.Background(), &pass, k, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l.Val[0], len(o.workspaces[0].target) / len(o.config.Channels)
}

// TestFree: where more is free than there is, the loss counts what is free and
// not the divergence.
func TestFree(t *testing.T) {
	for _, kind := range kinds {
		o := begin(t, kind, Options{Hidden: 4, Latent: 3}, waves(4, 30, false, 1), forecast.FitOptions{Horizon: 4, Season: 1})
		o.anneal.Start, o.anneal.Updates = 0.2, 10
		fit := make([]float64, 2)
		for i, free := range []float64{50, 80} {
			o.config.Options.Free = free
			const weight = 0.2 + 0.8*3/10
			loss, rows := lossOf(t, o, 3)
			fit[i] = loss*o.weight - weight*free*3*float64(rows)
		}
		if math.Abs(fit[0]-fit[1]) > 1e-9*math.Abs(fit[0]) {
			t.Errorf("%s: the loss without what is free is %v, then %v", kind, fit[0], fit[1])
		}
		o.config.Options.Free = 0
		without, _ := lossOf(t, o, 3)
		o.config.Options.Free = 1e-9
		little, _ := lossOf(t, o, 3)
		if math.Abs(without-little) > 1e-6 {
			t.Errorf("%s: the loss is %v with nothing free and %v with next to nothing", kind, without, little)
		}
	}
}

// TestDropout: a dropped activation is 0, the others keep the mean, and nothing
// is dropped outside training.
func TestDropout(t *testing.T) {
	const rate, n = 0.3, 40_000
	o := begin(t, VRNN, Options{Hidden: 4, Dropout: rate}, waves(4, 30, false, 1), forecast.FitOptions{Horizon: 4, Season: 1})
	s := o.workspaces[0]
	s.noise.draw(o.config, n/4, s.thinned, s.rng)
	sum, dropped := 0.0, 0
	for _, x := range s.noise.latent {
		sum += x
		if x == 0 {
			dropped++
		}
	}
	// Four deviations of a binomial share.
	if d := math.Abs(float64(dropped)/n - rate); d > 4*math.Sqrt(rate*(1-rate)/n) {
		t.Errorf("%d of %d activations are dropped", dropped, n)
	}
	if want := float64(n-dropped) / (1 - rate); math.Abs(sum-want) > 1e-6 {
		t.Errorf("those that stay add up to %v, want %v", sum, want)
	}
	bound := func() float64 {
		fit, divergence, _, err := o.elbo(context.Background(), o.Params.Values, o.valid, 1)
		if err != nil {
			t.Fatal(err)
		}
		return fit - divergence
	}
	with := bound()
	o.config.Options.Dropout = 0
	if without := bound(); with != without {
		t.Errorf("the bound of what is held back is %v, without dropout %v", with, without)
	}
}

// TestTeacher: by default what the model sees in training is not what it has
// to explain, and with the option it is.
func TestTeacher(t *testing.T) {
	for _, teacher := range []bool{false, true} {
		o := begin(t, SRNN, Options{Hidden: 4, Teacher: teacher, Level: LevelPanel}, seriestest.Monthly(60), forecast.FitOptions{Horizon: 4, Season: 1})
		lossOf(t, o, 0)
		s := o.workspaces[0]
		same := true
		for i, x := range s.target {
			same = same && s.input[2*i] == x
		}
		if same != teacher {
			t.Errorf("teacher %v: sees the true values: %v", teacher, same)
		}
	}
}

// TestFilter: what the posterior sees of a step depends on later steps where
// it smooths, and not where it filters; on the step itself it always depends.
func TestFilter(t *testing.T) {
	for _, filter := range []bool{false, true} {
		o := begin(t, SRNN, Options{Hidden: 4, Filter: filter, Level: LevelPanel}, seriestest.Monthly(60), forecast.FitOptions{Horizon: 4, Season: 1})
		guides := func() []float64 {
			s := newWorkspace(o.config)
			r := &o.records[0]
			s.fill([]neural.Window{{Record: r, From: 0, Origin: 20, To: 20}})
			p := nn.Pass{Values: o.Params.Values}
			rows := len(s.target)
			known := p.Const(rows, o.config.knownWidth(), s.known)
			return o.network.core.guides(&p, &s.batch, o.network.phi(&p, p.Const(rows, 2, s.input)), known).Val
		}
		before := guides()
		o.records[0].X[10] += 0.5
		after := guides()
		at := func(x []float64, step int) []float64 { return x[step*len(x)/20 : (step+1)*len(x)/20] }
		if changed := !slices.Equal(at(before, 9), at(after, 9)); changed == filter {
			t.Errorf("filter %v: sees the step after: %v", filter, changed)
		}
		if slices.Equal(at(before, 10), at(after, 10)) {
			t.Errorf("filter %v: does not see the step itself", filter)
		}
	}
}

// TestSegments: into how many segments a batch is cut changes nothing.
func TestSegments(t *testing.T) {
	for _, kind := range kinds {
		for name, options := range map[string]Options{"": {}, "residual": {Residual: true}, "lstm": {Cell: LSTM}} {
			options.Hidden, options.Latent, options.Batch, options.Dropout = 5, 2, 80, 0.3
			o := begin(t, kind, options, waves(4, 40, true, 1), forecast.FitOptions{Horizon: 4})
			s := o.workspaces[0]
			lossOf(t, o, 0) // fills the batch
			bound := func() (fit, divergence float64) {
				s.source.Seed(1, 1)
				p := nn.Pass{Values: o.Params.Values}
				o.network.infer(&p, &s.batch, &s.double.trail, s.rng, func(g segment, what func(*nn.Pass) inferred[float64]) {
					q := what(&p)
					fit, divergence = fit+o.network.fit(&p, &p, &s.batch, g, q).Val[0], divergence+p.Sum(q.divergence).Val[0]
				})
				return fit, divergence
			}
			fit, divergence := bound()
			last := s.segments[len(s.segments)-1]
			if len(s.segments) < 3 {
				t.Fatalf("%d segments", len(s.segments))
			}
			s.segments = []segment{{last: last.last, to: last.to}}
			f, d := bound()
			if math.Abs(f-fit) > 1e-10*math.Abs(f) || math.Abs(d-divergence) > 1e-10*d {
				t.Errorf("%s %s: likelihood %v and divergence %v in segments, %v and %v in one", kind, name, fit, divergence, f, d)
			}
		}
	}
}
