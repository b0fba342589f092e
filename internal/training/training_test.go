package training

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"tsgen/forecast"
	"tsgen/internal/ad"
	"tsgen/internal/nn"
)

// A bowl is the objective (v - 3)², of which training must find the bottom.
type bowl struct{ slow time.Duration }

func (b bowl) Loss(_ context.Context, p *nn.Pass, _, _ int) (*ad.Node, error) {
	time.Sleep(b.slow)
	d := p.Sub(p.Param(nn.Param{Rows: 1, Cols: 1}), p.Const(1, 1, []float64{3}))
	return p.Sum(p.Mul(d, d)), nil
}

func (b bowl) Validate(_ context.Context, values []float64) (float64, error) {
	return math.Abs(values[0] - 3), nil
}

func newFitted() *Fitted {
	f := &Fitted{Params: &nn.Params{}}
	f.Params.Add("v", 1, 1)
	return f
}

// TestTrain protects the one training loop of all families: it finds the bottom,
// a time limit too short for an update leaves a usable model and a training to go
// on with, a context that ended before it began does not.
func TestTrain(t *testing.T) {
	g := Regime{Updates: 600, Patience: 100, Rate: 0.05, Shards: 1, Clip: 10, Decay: 0.9, Every: 10}
	f := newFitted()
	usable, err := f.Train(t.Context(), g, bowl{}, 1, forecast.FitOptions{})
	if !usable || err != nil || math.Abs(f.Params.Values[0]-3) > 0.01 || len(f.Curve()) == 0 {
		t.Errorf("usable %v, %v, at %v after %d points", usable, err, f.Params.Values[0], len(f.Curve()))
	}

	short := newFitted()
	usable, err = short.Train(t.Context(), g, bowl{time.Millisecond}, 1, forecast.FitOptions{TimeLimit: 1})
	if !usable || err != nil || short.unfinished == nil {
		t.Errorf("one nanosecond: usable %v, %v", usable, err)
	}
	type config struct{}
	state, err := State("bowl", &config{}, short)
	if err != nil {
		t.Fatal(err)
	}
	resumed := newFitted()
	if _, err := resumed.Train(t.Context(), g, bowl{}, 1, forecast.FitOptions{Resume: state}); err != nil || resumed.Params.Values[0] != f.Params.Values[0] {
		t.Errorf("resumed: at %v, %v, want %v", resumed.Params.Values[0], err, f.Params.Values[0])
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if usable, err := newFitted().Train(ctx, g, bowl{}, 1, forecast.FitOptions{}); usable || !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: usable %v, %v", usable, err)
	}
}

// TestFinish protects that a training that was cut short is finished all the same,
// with the weights that are kept, and that its weights are not used if that fails.
func TestFinish(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, finished := newFitted(), 0.0
	g := Regime{Updates: 600, Patience: 100, Rate: 0.05, Shards: 1, Clip: 10, Decay: 0.9, Every: 10}
	g.Finish = func(ctx context.Context) error {
		finished = f.Params.Values[0]
		return ctx.Err()
	}
	stop := forecast.FitOptions{Progress: func(p forecast.Progress) {
		if p.Update == 400 {
			cancel()
		}
	}}
	usable, err := f.Train(ctx, g, bowl{}, 1, stop)
	if !usable || !errors.Is(err, context.Canceled) || finished == 0 || finished != f.Params.Values[0] {
		t.Errorf("usable %v, %v, finished at %v of %v", usable, err, finished, f.Params.Values[0])
	}
	g.Finish = func(context.Context) error { return forecast.ErrTooShort }
	if usable, err := f.Train(t.Context(), g, bowl{}, 1, forecast.FitOptions{}); usable || !errors.Is(err, forecast.ErrTooShort) {
		t.Errorf("a finish that fails: usable %v, %v", usable, err)
	}
}

// TestRestore demands that each weight of a stored model is there once, and
// nothing else.
func TestRestore(t *testing.T) {
	type config struct{ Size int }
	f := newFitted()
	f.Params.Values[0] = 5
	state, err := State("bowl", &config{7}, f)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadConfig[config](state, "bowl")
	if err != nil || p.Size != 7 {
		t.Errorf("configuration %v, %v", p, err)
	}
	if _, err := ReadConfig[config](state, "cup"); err == nil {
		t.Error("a state of another kind is read")
	}
	g := newFitted()
	more, err := g.Restore(state)
	if err != nil || NoMore(more) != nil || g.Params.Values[0] != 5 {
		t.Errorf("restored %v, %v, %v", g.Params.Values, more, err)
	}
	state.Tensors = append(state.Tensors, state.Tensors[0])
	if more, err := g.Restore(state); err == nil && NoMore(more) == nil {
		t.Error("a tensor that is there twice passes")
	}
	state.Tensors = nil
	if _, err := g.Restore(state); err == nil {
		t.Error("a state without weights passes")
	}
}
