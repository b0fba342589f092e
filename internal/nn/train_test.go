package nn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"tsgen/internal/ad"
	"tsgen/internal/panics"
)

// regression is the problem of fitting an MLP to y = sin 3x from noisy points.
type regression struct {
	mlp   MLP
	x, y  [][]float64 // a slice a shard
	fault func(k int) error
}

func newRegression(shards int) (*regression, *Params) {
	rng := rand.New(rand.NewPCG(1, 2))
	var s Params
	r := &regression{mlp: NewMLP(&s, "mlp", []int{1, 16, 1}, 1, rng)}
	for range shards {
		x, y := make([]float64, 16), make([]float64, 16)
		for i := range x {
			x[i] = 2*rng.Float64() - 1
			y[i] = math.Sin(3*x[i]) + 0.01*rng.NormFloat64()
		}
		r.x, r.y = append(r.x, x), append(r.y, y)
	}
	return r, &s
}

func (r *regression) Loss(_ context.Context, p *Pass, k, shard int) (*ad.Node, error) {
	if r.fault != nil {
		if err := r.fault(k); err != nil {
			return nil, err
		}
	}
	n := len(r.x[shard])
	d := p.Sub(r.mlp.Apply(p, p.Const(n, 1, r.x[shard])), p.Const(n, 1, r.y[shard]))
	return p.Scale(1/float64(n*len(r.x)), p.Sum(p.Mul(d, d))), nil
}

func (r *regression) Validate(ctx context.Context, values []float64) (float64, error) {
	p := Pass{Values: values}
	loss, err := r.Loss(ctx, &p, -1, 0)
	if err != nil {
		return 0, err
	}
	return loss.Val[0], nil
}

func training(updates int) Training {
	return Training{
		Schedule: Schedule{Rate: 0.02, Floor: 0.1, WarmUp: 10, Updates: updates},
		Shards:   4, Clip: 10, Decay: 0.9, Every: 50,
	}
}

// Training fits a smooth function, validates as often as asked, and
// keeps the best score of its curve.
func TestTrainingFits(t *testing.T) {
	r, s := newRegression(4)
	tr := training(1000)
	c := NewCheckpoint(s.Values)
	if err := tr.Run(context.Background(), c, r); err != nil {
		t.Fatal(err)
	}
	if !(c.BestScore < 1e-3) {
		t.Errorf("best score %v", c.BestScore)
	}
	if len(c.Curve) != 20 || c.Steps != 1000 {
		t.Errorf("%d points, %d steps", len(c.Curve), c.Steps)
	}
	if slices.ContainsFunc(c.Curve, func(p Point) bool { return p.Valid < c.BestScore }) {
		t.Error("the best score is not the least of the curve")
	}
}

// The parameters after a training are the same to the bit on one processor and on three.
func TestTrainingIsTheSameOnAnyNumberOfProcessors(t *testing.T) {
	run := func(procs int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		r, s := newRegression(4)
		tr := training(60)
		c := NewCheckpoint(s.Values)
		if err := tr.Run(context.Background(), c, r); err != nil {
			t.Fatal(err)
		}
		return c.Values
	}
	if !slices.Equal(run(1), run(3)) {
		t.Error("parameters differ between 1 and 3 processors")
	}
}

// A training stopped between validations ends, when it goes on,
// with the bits of one that was not.
func TestTrainingGoesOnWhereItWasStopped(t *testing.T) {
	r, s := newRegression(4)
	tr := training(100)
	whole := NewCheckpoint(s.Values)
	if err := tr.Run(context.Background(), whole, r); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tr.Progress = func(p Progress) {
		if p.Update == 70 {
			cancel()
		}
	}
	c := NewCheckpoint(s.Values)
	if err := tr.Run(ctx, c, r); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want %v", err, context.Canceled)
	}
	if c.Steps != 70 || c.Best == nil {
		t.Fatalf("stopped at %d with best %v", c.Steps, c.Best)
	}
	if err := tr.Run(context.Background(), c, r); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Values, whole.Values) || !slices.Equal(c.Best, whole.Best) {
		t.Error("a training in two parts ends elsewhere than one in one")
	}
}

// costly is a regression of whose updates each costs 1 until the given one and 9 from then on.
type costly struct {
	*regression
	until, done, ahead int
}

func (c *costly) Pace(ahead int) { c.ahead = ahead }

func (c *costly) Cost() float64 {
	if c.done++; c.done <= c.until {
		return 1
	}
	return 9
}

// A training whose updates cost more than their part of the work goes through its schedule in fewer of them, from a checkpoint on
// as without, is validated at its end, and says how many it expects.
func TestWork(t *testing.T) {
	run := func(stop int) (*Checkpoint, Progress, int) {
		r, s := newRegression(4)
		o := &costly{regression: r, until: 100}
		var last Progress
		tr := training(200)
		tr.Work, tr.From = 200, 100
		tr.Progress = func(p Progress) { last = p }
		c := NewCheckpoint(s.Values)
		if stop > 0 {
			ctx, cancel := context.WithCancel(context.Background())
			r.fault = func(k int) error {
				if k == stop {
					cancel()
				}
				return nil
			}
			if err := tr.Run(ctx, c, o); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			r.fault = nil
		}
		if err := tr.Run(context.Background(), c, o); err != nil {
			t.Fatal(err)
		}
		return c, last, o.ahead
	}
	c, last, ahead := run(0)
	const want = 100 + 12 // of which each moves the schedule on by nine
	if c.Steps != want || c.Best == nil || c.Curve[len(c.Curve)-1].Update != want {
		t.Errorf("%d updates, curve %v, want %d", c.Steps, c.Curve, want)
	}
	if ahead != 100+9*11-111 || last.Updates != want || !(last.Rate < 0.15*0.02) {
		t.Errorf("the schedule is ahead by %d updates, %+v", ahead, last)
	}
	if again, _, _ := run(60); !slices.Equal(again.Values, c.Values) || again.Spent != c.Spent {
		t.Error("a training that was stopped ends otherwise")
	}
}

// Training stops after as many validations without a better score as it has patience for.
func TestPatience(t *testing.T) {
	r, s := newRegression(4)
	tr := training(1000)
	tr.Rate, tr.Patience = 1e-300, 3 // nothing moves, so nothing gets better
	c := NewCheckpoint(s.Values)
	if err := tr.Run(context.Background(), c, r); err != nil {
		t.Fatal(err)
	}
	if c.Steps != 4*50 {
		t.Errorf("stopped at %d, want %d", c.Steps, 4*50)
	}
}

// TestLimit demands that time ends training after the update during which it
// runs out, with the parameters of that update.
func TestLimit(t *testing.T) {
	r, s := newRegression(1)
	r.fault = func(int) error { time.Sleep(2 * time.Millisecond); return nil }
	tr := training(1 << 20)
	tr.Shards, tr.Limit = 1, time.Millisecond
	c := NewCheckpoint(s.Values)
	if err := tr.Run(context.Background(), c, r); err != nil || c.Steps != 1 {
		t.Errorf("%d updates, error %v; want 1 and none", c.Steps, err)
	}
}

// After a single failure training goes on with half the rate
// and still makes all its updates.
func TestRollBack(t *testing.T) {
	r, s := newRegression(1)
	tr := training(200)
	tr.Shards = 1
	failed := false
	r.fault = func(k int) error {
		if k == 120 && !failed {
			failed = true
			return fmt.Errorf("the solver failed: %w", ErrNonFinite)
		}
		return nil
	}
	c := NewCheckpoint(s.Values)
	if err := tr.Run(context.Background(), c, r); err != nil {
		t.Fatal(err)
	}
	if c.Damping != 0.5 || c.Steps != 200 {
		t.Errorf("damping %v after %d steps, want 0.5 after 200", c.Damping, c.Steps)
	}
}

// A training that keeps failing ends with the cause, and the best
// parameters until then are kept.
func TestDivergence(t *testing.T) {
	r, s := newRegression(1)
	r.fault = func(k int) error {
		if k < 30 {
			return nil
		}
		return ErrNonFinite
	}
	tr := training(200)
	tr.Shards, tr.Every = 1, 10
	c := NewCheckpoint(s.Values)
	err := tr.Run(context.Background(), c, r)
	if !errors.Is(err, ErrDiverged) || !errors.Is(err, ErrNonFinite) {
		t.Fatalf("error %v", err)
	}
	if c.Best == nil || c.Steps != 30 {
		t.Errorf("the best parameters of %d steps were not kept", c.Steps)
	}
}

// An error other than of values that are not finite ends training and is passed on.
func TestOtherErrorsEndTraining(t *testing.T) {
	r, s := newRegression(1)
	want := errors.New("disk full")
	r.fault = func(k int) error {
		if k == 3 {
			return want
		}
		return nil
	}
	tr := training(10)
	tr.Shards = 1
	if err := tr.Run(context.Background(), NewCheckpoint(s.Values), r); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// TestPanicEndsTraining protects that a panic in the loss, on a goroutine of its own
// or not, is an error of Run that says where, and that training can go on from the
// update before it.
func TestPanicEndsTraining(t *testing.T) {
	for _, processors := range []int{1, 4} {
		t.Run(fmt.Sprint(processors), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			r, s := newRegression(4)
			r.fault = func(k int) error {
				if k == 3 {
					explode()
				}
				return nil
			}
			tr := training(10)
			c := NewCheckpoint(s.Values)
			err := tr.Run(t.Context(), c, r)
			var caught *panics.Error
			if !errors.As(err, &caught) || caught.Value != "boom" || !strings.Contains(string(caught.Stack), "explode") {
				t.Fatalf("error %v, want the panic with its stack", err)
			}
			if r.fault = nil; c.Steps != 3 || tr.Run(t.Context(), c, r) != nil || c.Steps != 10 {
				t.Errorf("training stands at update %d, want 10", c.Steps)
			}
		})
	}
}

func explode() { panic("boom") }

// TestAdam holds two updates against algorithm 1 of the paper, by hand.
func TestAdam(t *testing.T) {
	var o Adam
	p := []float64{1}
	o.Step(p, []float64{0.5}, 0.1, 0)
	if want := 1 - 0.1*0.5/(0.5+1e-8); math.Abs(p[0]-want) > 1e-15 {
		t.Errorf("after one step %v, want %v", p[0], want)
	}
	p0 := p[0]
	o.Step(p, []float64{-0.25}, 0.1, 0)
	m := (0.9*0.1*0.5 + 0.1*-0.25) / (1 - 0.9*0.9)
	v := (0.999*0.001*0.25 + 0.001*0.0625) / (1 - 0.999*0.999)
	if want := p0 - 0.1*m/(math.Sqrt(v)+1e-8); math.Abs(p[0]-want) > 1e-14 {
		t.Errorf("after two steps %v, want %v", p[0], want)
	}
	g := []float64{3, 4}
	var clipped Adam
	if norm := clipped.Step([]float64{0, 0}, g, 0.1, 1); norm != 5 || math.Hypot(g[0], g[1]) > 1+1e-15 {
		t.Errorf("norm %v, clipped gradient %v", norm, g)
	}
}

// The rate rises over the warm-up, falls to its floor by the
// last update, and stays there.
func TestSchedule(t *testing.T) {
	s := Schedule{Rate: 2, Floor: 0.1, WarmUp: 4, Updates: 104}
	for k, want := range map[int]float64{0: 0.5, 3: 2, 4: 2, 54: 2 * (0.1 + 0.9/2), 104: 0.2, 500: 0.2} {
		if got := s.At(k); math.Abs(got-want) > 1e-15 {
			t.Errorf("rate at %d is %v, want %v", k, got, want)
		}
	}
}

// TestEvaluator holds the products without a tape against those with one.
func TestEvaluator(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var s Params
	m := NewMLP(&s, "m", []int{3, 7, 6, 2}, 1, rng)
	const n = 5
	x, a := make([]float64, n*3), make([]float64, n*2)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	for i := range a {
		a[i] = rng.NormFloat64()
	}
	p := Pass{Values: s.Values, Grad: make([]float64, len(s.Values))}
	dx := make([]float64, len(x))
	y := m.Apply(&p, p.TapeOf.Param(n, 3, x, dx))
	p.Backward(p.Sum(p.Mul(y, p.Const(n, 2, a))))

	var e Evaluator
	dst, gx, gp := make([]float64, n*2), make([]float64, len(x)), make([]float64, len(s.Values))
	e.Forward(m, s.Values, dst, x, n)
	e.Backward(m, s.Values, gx, gp, x, a, n)
	for _, c := range []struct {
		name      string
		got, want []float64
	}{{"output", dst, y.Val}, {"dx", gx, dx}, {"dp", gp, p.Grad}} {
		for i := range c.want {
			if math.Abs(c.got[i]-c.want[i]) > 1e-13 {
				t.Errorf("%s[%d] = %v, want %v", c.name, i, c.got[i], c.want[i])
			}
		}
	}
}

// Only finite values of a known name and its shape are taken, and others
// leave the parameters as they were.
func TestParamsSet(t *testing.T) {
	var s Params
	s.Add("a", 1, 2)
	for _, c := range []struct {
		name       string
		rows, cols int
		values     []float64
		ok         bool
	}{
		{"a", 1, 2, []float64{1, 2}, true},
		{"b", 1, 2, []float64{1, 2}, false},
		{"a", 2, 1, []float64{1, 2}, false},
		{"a", 1, 2, []float64{1}, false},
		{"a", 1, 2, []float64{1, math.Inf(1)}, false},
	} {
		if err := s.Set(c.name, c.rows, c.cols, c.values); (err == nil) != c.ok {
			t.Errorf("Set(%q, %d, %d, %v): %v", c.name, c.rows, c.cols, c.values, err)
		}
	}
	if !slices.Equal(s.Values, []float64{1, 2}) {
		t.Errorf("values %v", s.Values)
	}
}
