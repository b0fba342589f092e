package ode_test

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tsgen/ode"
)

// Lorenz's convection, with the state at any time from the interpolant.
func ExampleSolve() {
	lorenz := ode.Field{Dim: 3, Func: func(dst []float64, _ float64, y []float64) error {
		dst[0] = 10 * (y[1] - y[0])
		dst[1] = y[0]*(28-y[2]) - y[1]
		dst[2] = y[0]*y[1] - 8./3*y[2]
		return nil
	}}
	s, err := ode.Solve(context.Background(), ode.Problem{
		Field: lorenz,
		Y0:    []float64{1, 1, 1},
		Times: []float64{1, 2, 3},
	}, ode.Dopri5{}, &ode.Options{RTol: 1e-8, ATol: 1e-8, Dense: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for k, t := range s.Times {
		fmt.Printf("y(%g) = %.3f\n", t, s.Y(k))
	}
	y := make([]float64, 3)
	if err := s.At(y, 2.5); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("y(2.5) = %.3f\n", y)
	// Output:
	// y(1) = [-9.379 -8.357 29.362]
	// y(2) = [-8.174 -9.562 24.621]
	// y(3) = [-7.457 -6.191 27.442]
	// y(2.5) = [-6.960 -7.272 24.703]
}

// The parameters of predator and prey, found by gradient descent (Adam) from
// twenty observations.
func ExampleSolution_Gradient() {
	theta := []float64{1.5, 1, 3, 1}
	field := ode.Field{
		Dim: 2, Params: 4, Theta: theta,
		Func: func(dst []float64, _ float64, y []float64) error {
			dst[0] = theta[0]*y[0] - theta[1]*y[0]*y[1]
			dst[1] = theta[3]*y[0]*y[1] - theta[2]*y[1]
			return nil
		},
		VJP: func(dy, dp []float64, _ float64, y, a []float64) error {
			dy[0] += a[0]*(theta[0]-theta[1]*y[1]) + a[1]*theta[3]*y[1]
			dy[1] += -a[0]*theta[1]*y[0] + a[1]*(theta[3]*y[0]-theta[2])
			if dp != nil {
				dp[0] += a[0] * y[0]
				dp[1] -= a[0] * y[0] * y[1]
				dp[2] -= a[1] * y[1]
				dp[3] += a[1] * y[0] * y[1]
			}
			return nil
		},
	}
	problem := ode.Problem{Field: field, Y0: []float64{1, 1}}
	for k := range 20 {
		problem.Times = append(problem.Times, 0.25*float64(k+1))
	}
	truth, err := ode.Solve(context.Background(), problem, ode.Dopri5{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	copy(theta, []float64{1.2, 0.8, 2.5, 1.3})
	var mean, square [4]float64
	for n := 1; n <= 800; n++ {
		s, err := ode.Solve(context.Background(), problem, ode.Dopri5{}, &ode.Options{RTol: 1e-5, ATol: 1e-5})
		if err != nil {
			fmt.Println(err)
			return
		}
		loss := 0.0
		var dy []float64 // gradient of the loss with respect to the states
		for k := range s.Times {
			for j, y := range s.Y(k) {
				r := y - truth.Y(k)[j]
				loss += r * r / 2
				dy = append(dy, r)
			}
		}
		if n == 1 {
			fmt.Printf("loss at first %.1f\n", loss)
		}
		g, err := s.Gradient(ode.Loss{States: dy})
		if err != nil {
			fmt.Println(err)
			return
		}
		for j, x := range g.Params {
			mean[j] += 0.1 * (x - mean[j])
			square[j] += 0.01 * (x*x - square[j])
			m := mean[j] / (1 - math.Pow(0.9, float64(n)))
			v := square[j] / (1 - math.Pow(0.99, float64(n)))
			theta[j] -= 0.02 * m / (math.Sqrt(v) + 1e-8)
		}
	}
	fmt.Printf("parameters %.2f\n", theta)
	// Output:
	// loss at first 33.7
	// parameters [1.50 1.00 3.00 1.00]
}

// A ball that is thrown up and comes down again.
func ExampleEvent() {
	ball := ode.Field{Dim: 2, Func: func(dst []float64, _ float64, y []float64) error {
		dst[0], dst[1] = y[1], -9.81
		return nil
	}}
	s, err := ode.Solve(context.Background(), ode.Problem{
		Field: ball,
		Y0:    []float64{2, 10},
		Times: []float64{1, 2, 3},
	}, ode.Dopri5{}, &ode.Options{Events: []ode.Event{
		{Func: func(_ float64, y []float64) float64 { return y[1] }},
		{Func: func(_ float64, y []float64) float64 { return y[0] }, Direction: -1, Terminal: true},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, h := range s.Hits {
		fmt.Printf("event %d at %.4f: height %.4f, speed %.4f\n", h.Event, h.T, math.Abs(h.Y[0]), math.Abs(h.Y[1]))
	}
	fmt.Println("reached", s.Times)
	// Output:
	// event 0 at 1.0194: height 7.0968, speed 0.0000
	// event 1 at 2.2222: height 0.0000, speed 11.8000
	// reached [1 2]
}

// Trajectories with their own starts, directions and times, and one that
// fails.
func ExampleBatch() {
	// y' = y², of which y = 1/(1/y0 - t).
	b, err := ode.NewBatch(ode.BatchField{Dim: 1,
		Func: func(dst []float64, rows []int, t, y []float64) error {
			for i := range rows {
				dst[i] = y[i] * y[i]
			}
			return nil
		},
	}, ode.Tsit5{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	t0 := []float64{0, 0, 1}
	y0 := []float64{1, 0.5, 1}
	times := [][]float64{{0.5, 0.75}, {1, 3}, {0, -1, -2}}
	if err := b.Solve(context.Background(), t0, y0, times); err != nil {
		fmt.Println(err)
		return
	}
	for i := range t0 {
		fmt.Printf("%d: %.3f\n", i, b.Y(i))
		var e *ode.Error
		if err := b.Err(i); errors.As(err, &e) {
			fmt.Printf("   stopped at %.3f: %v\n", e.T, e.Reason)
		}
	}
	// Output:
	// 0: [2.000 4.000]
	// 1: [1.000]
	//    stopped at 2.000: step size underflow
	// 2: [0.500 0.333 0.250]
}

// Robertson's reaction, which is stiff: its rates differ by nine orders of
// magnitude.
func ExampleRodas5P() {
	field := ode.Field{Dim: 3, Autonomous: true,
		Func: func(dst []float64, _ float64, y []float64) error {
			a, b, c := 0.04*y[0], 1e4*y[1]*y[2], 3e7*y[1]*y[1]
			dst[0], dst[1], dst[2] = b-a, a-b-c, c
			return nil
		},
	}
	s, err := ode.Solve(context.Background(), ode.Problem{Field: field, Y0: []float64{1, 0, 0}, Times: []float64{40, 1e5}},
		ode.Rodas5P{}, &ode.Options{RTol: 1e-6, ATol: 1e-10})
	if err != nil {
		fmt.Println(err)
		return
	}
	for k, t := range s.Times {
		fmt.Printf("y(%g) = %.4g\n", t, s.Y(k))
	}
	// Output:
	// y(40) = [0.7158 9.186e-06 0.2842]
	// y(100000) = [0.01787 7.275e-08 0.9821]
}

// Predator and prey with a dose of prey at an unknown time, which is found by
// gradient descent from ten observations: the dose is an event that resets the
// state.
func ExampleEvent_reset() {
	rates := []float64{1.5, 1, 3, 1}
	theta := []float64{1.2} // the time of the dose, at first a guess
	field := ode.Field{
		Dim: 2, Params: 1,
		Func: func(dst []float64, _ float64, y []float64) error {
			dst[0] = rates[0]*y[0] - rates[1]*y[0]*y[1]
			dst[1] = rates[3]*y[0]*y[1] - rates[2]*y[1]
			return nil
		},
		VJP: func(dy, _ []float64, _ float64, y, a []float64) error {
			dy[0] += a[0]*(rates[0]-rates[1]*y[1]) + a[1]*rates[3]*y[1]
			dy[1] += -a[0]*rates[1]*y[0] + a[1]*(rates[3]*y[0]-rates[2])
			return nil
		},
	}
	dose := ode.Event{
		Func: func(t float64, _ []float64) float64 { return t - theta[0] },
		GradientRow: func(_, dp []float64, _ int, _ float64, _ []float64) float64 {
			if dp != nil {
				dp[0] = -1
			}
			return 1
		},
		Reset: func(_ int, _ float64, y []float64) { y[0] += 2 },
		ResetVJP: func(dy, _ []float64, _ int, _ float64, _, a []float64) float64 {
			dy[0] += a[0]
			dy[1] += a[1]
			return 0
		},
	}
	problem := ode.Problem{Field: field, Y0: []float64{1, 1}}
	for k := range 10 {
		problem.Times = append(problem.Times, 0.3*float64(k+1))
	}
	opt := &ode.Options{RTol: 1e-8, ATol: 1e-8, Events: []ode.Event{dose}}
	solve := func() (*ode.Solution, error) { return ode.Solve(context.Background(), problem, ode.Dopri5{}, opt) }
	theta[0] = 1 // the truth, which makes the observations
	s, err := solve()
	if err != nil {
		fmt.Println(err)
		return
	}
	var seen [][]float64
	for k := range problem.Times {
		seen = append(seen, append([]float64(nil), s.Y(k)...))
	}
	theta[0] = 1.1
	for range 100 {
		if s, err = solve(); err != nil {
			fmt.Println(err)
			return
		}
		var loss ode.Loss
		for k := range problem.Times {
			for j, y := range s.Y(k) {
				loss.States = append(loss.States, y-seen[k][j])
			}
		}
		g, err := s.Gradient(loss)
		if err != nil {
			fmt.Println(err)
			return
		}
		theta[0] -= 0.002 * g.Params[0]
	}
	fmt.Printf("the dose was at %.4f\n", theta[0])
	// Output:
	// the dose was at 1.0000
}

// A controlled equation: the state gathers what the path of each trajectory's
// irregular observations does, as a neural CDE does with a network for F.
func ExampleDrive() {
	field := ode.ControlledField{Dim: 1, Channels: 2,
		// dy = -y dt + dx: channel 0 is time, channel 1 the observed value.
		Func: func(dst []float64, rows []int, _, y []float64) error {
			for i := range rows {
				dst[2*i], dst[2*i+1] = -y[i], 1
			}
			return nil
		},
	}
	var paths []*ode.Path
	for _, seen := range []struct{ t, rows []float64 }{
		{[]float64{0, 0.5, 2}, []float64{0, 0, 0.5, 1, 2, 1}},
		{[]float64{0, 1, 1.5, 2}, []float64{0, 0, 1, -1, 1.5, 0, 2, 2}},
	} {
		p, err := ode.HermitePath(seen.t, seen.rows)
		if err != nil {
			fmt.Println(err)
			return
		}
		paths = append(paths, p)
	}
	driven, err := ode.Drive(field, paths)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := ode.NewBatch(driven, ode.Dopri5{}, nil)
	if err == nil {
		err = b.SetRows(ode.PathRows(paths))
	}
	if err == nil {
		err = b.Solve(context.Background(), []float64{0, 0}, []float64{0, 0}, [][]float64{{2}, {2}})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f %.4f\n", b.Y(0)[0], b.Y(1)[0])
	// Output:
	// 0.0159 1.8779
}
