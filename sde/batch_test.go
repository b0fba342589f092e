package sde

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
)

func isErr(err, target error) bool { return errors.Is(err, target) }

// A ragged batch for every method: starts, times and seeds.
func ragged(d, n int) (t0, y0 []float64, times [][]float64, seeds []uint64) {
	for i := range n {
		t0 = append(t0, 0.1*float64(i%4)-0.2)
		for j := range d {
			y0 = append(y0, 0.3*math.Sin(float64(i+j)))
		}
		var ts []float64
		for k := range 1 + i%5 {
			ts = append(ts, t0[i]+0.07*float64(i%3)+0.21*float64(k))
		}
		times = append(times, ts)
		seeds = append(seeds, uint64(1000+i/2))
	}
	return t0, y0, times, seeds
}

// A trajectory and its gradient are the same to the last bit alone, in any
// batch, in any order, and in goroutines at any GOMAXPROCS; adaptive or not.
func TestBatchIndependence(t *testing.T) {
	const n = 24
	for _, c := range gradientCases() {
		for _, m := range []Method{c.m, fixedStep(c.m, 0)} {
			sys := c.sys(c.p).Batch()
			d := sys.Dim
			t0, y0, times, seeds := ragged(d, n)
			opt := &Options{RTol: 1e-2, ATol: 1e-2, TrustVJP: true}
			type result struct{ y, dy0, dp []float64 }
			// solve solves some rows and returns the results of each; the
			// parameters' gradient of the rows one by one.
			solve := func(rows []int) ([]result, error) {
				b, err := NewBatch(sys, m, opt)
				if err != nil {
					return nil, err
				}
				var st, sy []float64
				var sts [][]float64
				var ss []uint64
				for _, i := range rows {
					st, sy = append(st, t0[i]), append(sy, y0[i*d:(i+1)*d]...)
					sts, ss = append(sts, times[i]), append(ss, seeds[i])
				}
				if err := b.Solve(context.Background(), st, sy, sts, ss); err != nil {
					return nil, err
				}
				out := make([]result, len(rows))
				for k := range rows {
					if err := b.Err(k); err != nil {
						return nil, err
					}
					out[k].y = slices.Clone(b.Y(k))
					out[k].dy0, out[k].dp = make([]float64, len(sy)), make([]float64, sys.Params)
					dy := make([][]float64, len(rows))
					dy[k] = b.Y(k)
					if err := b.Backward(out[k].dy0, out[k].dp, dy); err != nil {
						return nil, err
					}
					out[k].dy0 = out[k].dy0[k*d : (k+1)*d]
				}
				// All rows at once.
				all, dy := make([]float64, len(sy)), make([][]float64, len(rows))
				for k := range rows {
					dy[k] = b.Y(k)
				}
				if err := b.Backward(all, nil, dy); err != nil {
					return nil, err
				}
				for k := range rows {
					if !slices.Equal(all[k*d:(k+1)*d], out[k].dy0) {
						return nil, errors.New("gradients of all rows at once differ from those of one")
					}
				}
				return out, nil
			}
			var want []result
			for i := range n {
				r, err := solve([]int{i})
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				want = append(want, r[0])
			}
			check := func(rows []int, got []result) {
				for k, i := range rows {
					if !slices.Equal(got[k].y, want[i].y) || !slices.Equal(got[k].dy0, want[i].dy0) || !slices.Equal(got[k].dp, want[i].dp) {
						t.Errorf("%s, step %g: row %d is %v in a batch of %d, %v alone", c.name, m.step(), i, got[k], len(rows), want[i])
					}
				}
			}
			for _, procs := range []int{1, 2, 4} {
				old := runtime.GOMAXPROCS(procs)
				var parts [][]int
				for i := range 4 {
					var part []int
					for k := range n / 4 {
						part = append(part, n-1-(4*k+i))
					}
					parts = append(parts, part)
				}
				got, errs := make([][]result, 4), make([]error, 4)
				var wg sync.WaitGroup
				for i, part := range parts {
					wg.Go(func() { got[i], errs[i] = solve(part) })
				}
				wg.Wait()
				runtime.GOMAXPROCS(old)
				for i, part := range parts {
					if errs[i] != nil {
						t.Fatalf("%s: %v", c.name, errs[i])
					}
					check(part, got[i])
				}
			}
		}
	}
}

// Work of the same shape as before allocates nothing.
func TestAllocations(t *testing.T) {
	for _, c := range gradientCases() {
		for _, recompute := range []int{0, 3} {
			for _, m := range []Method{c.m, fixedStep(c.m, 0)} {
				sys := c.sys(c.p).Batch()
				b := newBatch(t, sys, m, &Options{RTol: 1e-2, ATol: 1e-2, Recompute: recompute})
				t0, y0, times, seeds := ragged(sys.Dim, 12)
				dy0, dp, dy := make([]float64, len(y0)), make([]float64, sys.Params), make([][]float64, len(t0))
				work := func() {
					if err := b.Solve(context.Background(), t0, y0, times, seeds); err != nil {
						t.Fatal(err)
					}
					for i := range dy {
						dy[i] = b.Y(i)
					}
					if err := b.Backward(dy0, dp, dy); err != nil {
						t.Fatal(err)
					}
				}
				work()
				if n := testing.AllocsPerRun(5, work); n != 0 {
					t.Errorf("%s, step %g, Recompute %d: %g allocations", c.name, m.step(), recompute, n)
				}
			}
		}
	}
}

// Adaptive steps come nearer to the solution as the tolerance goes down, along
// the same path, and the statistics count what was evaluated.
func TestAdaptive(t *testing.T) {
	gbm := []float64{0.4, 0.6}
	for _, c := range []struct {
		name     string
		calculus Calculus
		m        Method
		least    float64 // factor by which a hundredth of the tolerance cuts the error
	}{{"SRI", Ito, SRI{}, 15}, {"Heun", Stratonovich, Heun{}, 15}, {"reversible Heun", Stratonovich, ReversibleHeun{}, 15}} {
		var errs []float64
		for _, tol := range []float64{1e-2, 1e-4} {
			calls := 0
			sys := geometric(c.calculus, gbm)
			drift := sys.Drift
			sys.Drift = func(dst []float64, t float64, y []float64) error { calls++; return drift(dst, t, y) }
			b := newBatch(t, sys.Batch(), c.m, &Options{RTol: tol, ATol: tol})
			const n = 40
			solveMany(t, b, n, []float64{1}, []float64{0.37, 2}, 1)
			square, w, steps := 0.0, make([]float64, 1), 0
			counted := 0
			for i := range n {
				if err := b.Path(i).At(w, 2); err != nil {
					t.Fatal(err)
				}
				m := gbm[0]
				if c.calculus == Ito {
					m -= gbm[1] * gbm[1] / 2
				}
				e := b.Y(i)[1] - math.Exp(2*m+gbm[1]*w[0])
				square += e * e / n
				st := b.Stats(i)
				steps += st.Accepted
				counted += st.Drifts
				if st.MinStep > st.MaxStep || st.MinStep <= 0 {
					t.Errorf("%s: steps from %g to %g", c.name, st.MinStep, st.MaxStep)
				}
			}
			if counted != calls {
				t.Errorf("%s: %d evaluations counted of %d", c.name, counted, calls)
			}
			t.Logf("%-16s tolerance %g: error %.1e in %d steps", c.name, tol, math.Sqrt(square), steps/n)
			errs = append(errs, math.Sqrt(square))
		}
		if errs[0]/errs[1] < c.least {
			t.Errorf("%s: errors %g", c.name, errs)
		}
	}
}

// Bad input is refused, and each failure has its reason; the other
// trajectories go on.
func TestErrors(t *testing.T) {
	p := []float64{0.4, 0.6}
	gbm := geometric(Ito, p).Batch()
	for _, c := range []struct {
		name string
		sys  func(s *BatchSystem)
		m    Method
		opt  Options
		want error
	}{
		{"no method", nil, nil, Options{}, ErrOption},
		{"no drift", func(s *BatchSystem) { s.Drift = nil }, SRI{}, Options{}, ErrOption},
		{"one product", func(s *BatchSystem) { s.DriftVJP = nil }, SRI{}, Options{}, ErrOption},
		{"dimension 0", func(s *BatchSystem) { s.Dim = 0 }, SRI{}, Options{}, ErrDimension},
		{"short theta", func(s *BatchSystem) { s.Theta = p[:1] }, SRI{}, Options{}, ErrDimension},
		{"too many motions", func(s *BatchSystem) { s.Motions = 2 }, SRI{}, Options{}, ErrDimension},
		{"scalar noise of two", func(s *BatchSystem) { s.Noise, s.Motions = Scalar, 2 }, SRI{}, Options{}, ErrDimension},
		{"no such noise", func(s *BatchSystem) { s.Noise = 9 }, SRI{}, Options{}, ErrOption},
		{"no such calculus", func(s *BatchSystem) { s.Calculus = 9 }, SRI{}, Options{}, ErrOption},
		{"SRA for state noise", nil, SRA{}, Options{}, ErrMethod},
		{"Heun for Itô", nil, Heun{}, Options{}, ErrMethod},
		{"SRI for Stratonovich", func(s *BatchSystem) { s.Calculus = Stratonovich }, SRI{}, Options{}, ErrMethod},
		{"SRI for general noise", func(s *BatchSystem) { s.Noise = General }, SRI{}, Options{}, ErrMethod},
		{"negative step", nil, SRI{-1}, Options{}, ErrOption},
		{"step NaN", nil, EulerMaruyama{math.NaN()}, Options{}, ErrOption},
		{"negative tolerance", nil, SRI{}, Options{RTol: -1}, ErrTolerance},
		{"tolerances 0", nil, SRI{}, Options{RTolEach: []float64{0}, ATolEach: []float64{0}}, ErrTolerance},
		{"tolerances of two", nil, SRI{}, Options{RTolEach: []float64{1, 1}}, ErrDimension},
		{"negative MaxSteps", nil, SRI{}, Options{MaxSteps: -1}, ErrOption},
	} {
		s := gbm
		if c.sys != nil {
			c.sys(&s)
		}
		if _, err := NewBatch(s, c.m, &c.opt); !isErr(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}

	b := newBatch(t, gbm, SRI{0.1}, nil)
	ctx := context.Background()
	for _, c := range []struct {
		name   string
		t0, y0 []float64
		times  [][]float64
		seeds  []uint64
		want   error
	}{
		{"too few states", []float64{0, 0}, []float64{1}, make([][]float64, 2), make([]uint64, 2), ErrDimension},
		{"too few seeds", []float64{0}, []float64{1}, make([][]float64, 1), nil, ErrDimension},
		{"backwards", []float64{0}, []float64{1}, [][]float64{{-1}}, make([]uint64, 1), ErrTimes},
		{"not in order", []float64{0}, []float64{1}, [][]float64{{2, 1}}, make([]uint64, 1), ErrTimes},
		{"time NaN", []float64{0}, []float64{1}, [][]float64{{math.NaN()}}, make([]uint64, 1), ErrTimes},
		{"start infinite", []float64{math.Inf(-1)}, []float64{1}, [][]float64{{1}}, make([]uint64, 1), ErrTimes},
	} {
		if err := b.Solve(ctx, c.t0, c.y0, c.times, c.seeds); !isErr(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Solve(done, []float64{0}, []float64{1}, [][]float64{{1}}, []uint64{1}); !isErr(err, ErrCanceled) || !isErr(b.Err(0), ErrCanceled) {
		t.Errorf("canceled: errors %v and %v", err, b.Err(0))
	}

	// y' = y³ blows up from 2 before 1 and not from 0.1.
	cubic := one(System{Dim: 1},
		func(dst []float64, _ float64, y []float64) { dst[0] = y[0] * y[0] * y[0] },
		func(dst []float64, _ float64, _ []float64) { dst[0] = 0.01 }, nil, nil).Batch()
	for _, c := range []struct {
		m    Method
		opt  Options
		want error
	}{
		{EulerMaruyama{0.01}, Options{}, ErrNonFiniteStep},
		{SRI{}, Options{}, ErrUnderflow},
		{SRI{}, Options{MaxSteps: 20}, ErrMaxSteps},
		{EulerMaruyama{1e-12}, Options{MaxSteps: 20}, ErrMaxSteps},
	} {
		b := newBatch(t, cubic, c.m, &c.opt)
		err := b.Solve(ctx, make([]float64, 3), []float64{2, 0.1, math.NaN()}, [][]float64{{0, 0.5}, {0.01, 0.02}, {1}}, []uint64{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		var e *Error
		if !isErr(b.Err(0), c.want) || !errors.As(b.Err(0), &e) || e.Row != 0 || e.T < 0 || e.T > 0.5 || len(b.Y(0)) != 1 {
			t.Errorf("%v: error %v after %v, want %v", c.m, b.Err(0), b.Y(0), c.want)
		}
		if c.m.step() != 1e-12 && (b.Err(1) != nil || len(b.Y(1)) != 2) {
			t.Errorf("%v: the other trajectory has error %v and %v", c.m, b.Err(1), b.Y(1))
		}
		if !isErr(b.Err(2), ErrNonFiniteState) {
			t.Errorf("a start that is NaN has the error %v", b.Err(2))
		}
	}

	// A drift that is not defined from 0.3 on is found at any step.
	undefined := one(System{Dim: 2},
		func(dst []float64, t float64, _ []float64) { dst[0], dst[1] = 0, math.Sqrt(0.3-t) },
		func(dst []float64, _ float64, _ []float64) { dst[0], dst[1] = 1, 1 }, nil, nil).Batch()
	for _, m := range []Method{SRI{}, SRI{0.01}, EulerMaruyama{0.01}} {
		b := newBatch(t, undefined, m, nil)
		if err := b.Solve(ctx, []float64{0}, []float64{0, 0}, [][]float64{{1}}, []uint64{1}); err != nil {
			t.Fatal(err)
		}
		var e *Error
		if !errors.As(b.Err(0), &e) || e.Reason != ErrNonFiniteStep || e.Component != 1 || math.Abs(e.T-0.3) > 0.02 {
			t.Errorf("%T: an undefined drift gives the error %v", m, b.Err(0))
		}
	}

	sys := geometric(Ito, p)
	sys.Drift = func([]float64, float64, []float64) error { return errors.New("no such luck") }
	if _, err := Solve(ctx, Problem{System: sys, Y0: []float64{1}, Times: []float64{1}}, SRI{}, nil); !isErr(err, ErrSystem) {
		t.Errorf("a drift that fails gives the error %v", err)
	}
	if _, err := Solve(ctx, Problem{System: geometric(Ito, p), Y0: []float64{1}}, SRI{}, nil); !isErr(err, ErrTimes) {
		t.Errorf("no times give the error %v", err)
	}
	if err := b.Solve(ctx, []float64{0}, []float64{1}, [][]float64{{1}}, []uint64{1}); err != nil {
		t.Fatal(err)
	}
	if err := b.Backward(nil, nil, [][]float64{{1, 2}}); !isErr(err, ErrDimension) {
		t.Errorf("a gradient of two numbers gives the error %v", err)
	}
	if err := b.Backward(nil, nil, [][]float64{{math.NaN()}}); !isErr(err, ErrNonFiniteGradient) {
		t.Errorf("a gradient of NaN gives the error %v", err)
	}
	none := newBatch(t, gbm, SRI{0.1}, &Options{NoGradient: true})
	solveMany(t, none, 1, []float64{1}, []float64{1}, 1)
	if err := none.Backward(nil, nil, [][]float64{{1}}); !isErr(err, ErrNoGradient) {
		t.Errorf("NoGradient gives the error %v", err)
	}
}
