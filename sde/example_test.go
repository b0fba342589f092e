package sde_test

import (
	"context"
	"fmt"
	"math"

	"tsgen/sde"
)

// A price that moves by geometric Brownian motion, beside its exact solution
// along the same path.
func ExampleSolve() {
	const growth, volatility = 0.05, 0.2
	price := sde.System{
		Dim:       1,
		Drift:     func(dst []float64, _ float64, y []float64) error { dst[0] = growth * y[0]; return nil },
		Diffusion: func(dst []float64, _ float64, y []float64) error { dst[0] = volatility * y[0]; return nil },
	}
	s, err := sde.Solve(context.Background(), sde.Problem{
		System: price,
		Y0:     []float64{100},
		Times:  []float64{1, 2, 5},
		Seed:   1,
	}, sde.SRI{}, &sde.Options{RTol: 1e-4, ATol: 1e-4})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := make([]float64, 1)
	for k, t := range s.Times {
		if err := s.Path().At(w, t); err != nil {
			fmt.Println(err)
			return
		}
		exact := 100 * math.Exp((growth-volatility*volatility/2)*t+volatility*w[0])
		fmt.Printf("t = %g: %.1f, exactly %.1f\n", t, s.Y(k)[0], exact)
	}
	// Output:
	// t = 1: 75.0, exactly 75.0
	// t = 2: 69.8, exactly 69.8
	// t = 5: 66.2, exactly 66.2
}

// An Ornstein-Uhlenbeck process dy = r(m - y) dt + s dW is fitted by gradient
// descent (Adam) to what 30 trajectories were seen to be at irregular times, as
// a twin experiment: their Brownian paths are known, so that r, m and s are found
// exactly.
func ExampleBatch_Backward() {
	theta := []float64{1, 0, 0.5} // r, m and s to begin with
	system := sde.BatchSystem{
		Dim: 1, Params: 3, Theta: theta, Additive: true,
		Drift: func(dst []float64, _ []int, _, y []float64) error {
			for i := range dst {
				dst[i] = theta[0] * (theta[1] - y[i])
			}
			return nil
		},
		Diffusion: func(dst []float64, _ []int, _, _ []float64) error {
			for i := range dst {
				dst[i] = theta[2]
			}
			return nil
		},
		DriftVJP: func(dy, dp []float64, _ []int, _, y, a []float64) error {
			for i := range a {
				dy[i] -= a[i] * theta[0]
				if dp != nil {
					dp[0] += a[i] * (theta[1] - y[i])
					dp[1] += a[i] * theta[0]
				}
			}
			return nil
		},
		DiffusionVJP: func(_, dp []float64, _ []int, _, _, a []float64) error {
			if dp != nil {
				for i := range a {
					dp[2] += a[i]
				}
			}
			return nil
		},
	}
	b, err := sde.NewBatch(system, sde.SRA{Step: 0.125}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	const n = 30
	t0, y0, times, seeds := make([]float64, n), make([]float64, n), make([][]float64, n), make([]uint64, n)
	for i := range n {
		seeds[i] = uint64(i)
		times[i] = []float64{0.4 + 0.01*float64(i), 1, 1.5 + 0.02*float64(i)}
	}
	solve := func() error { return b.Solve(context.Background(), t0, y0, times, seeds) }
	copy(theta, []float64{2, 1, 0.8}) // the truth
	if err := solve(); err != nil {
		fmt.Println(err)
		return
	}
	seen, dy := make([][]float64, n), make([][]float64, n)
	for i := range n {
		seen[i] = append(seen[i], b.Y(i)...)
		dy[i] = make([]float64, len(seen[i]))
	}

	copy(theta, []float64{1, 0, 0.5})
	var mean, square [3]float64
	for step := 1; step <= 400; step++ {
		if err := solve(); err != nil {
			fmt.Println(err)
			return
		}
		loss := 0.0
		for i := range n {
			for k, y := range b.Y(i) {
				dy[i][k] = y - seen[i][k]
				loss += dy[i][k] * dy[i][k] / 2
			}
		}
		if step == 1 {
			fmt.Printf("loss at first %.1f\n", loss)
		}
		dp := make([]float64, 3)
		if err := b.Backward(nil, dp, dy); err != nil {
			fmt.Println(err)
			return
		}
		for j, g := range dp {
			mean[j] += 0.1 * (g - mean[j])
			square[j] += 0.01 * (g*g - square[j])
			m, v := mean[j]/(1-math.Pow(0.9, float64(step))), square[j]/(1-math.Pow(0.99, float64(step)))
			theta[j] -= 0.05 * m / (math.Sqrt(v) + 1e-8)
		}
	}
	fmt.Printf("r, m and s: %.2f\n", theta)
	// Output:
	// loss at first 31.9
	// r, m and s: [2.00 1.00 0.80]
}

// The two terms of a latent stochastic differential equation's bound: how
// likely an observation is under the posterior, and the divergence of the
// posterior from the prior. The prior is an Ornstein-Uhlenbeck process at rest
// about 0, the posterior is drawn towards c besides, and the observation is 1
// at time 1, with an error of variance 0.01. Descending the bound finds the c
// that balances both.
func ExampleWithKL() {
	theta := []float64{0} // c
	const noise = 0.5
	posterior := sde.System{
		Dim: 1, Params: 1, Theta: theta,
		Drift:     func(dst []float64, _ float64, y []float64) error { dst[0] = theta[0] - y[0]; return nil },
		Diffusion: func(dst []float64, _ float64, _ []float64) error { dst[0] = noise; return nil },
		DriftVJP: func(dy, dp []float64, _ float64, _, a []float64) error {
			dy[0] -= a[0]
			if dp != nil {
				dp[0] += a[0]
			}
			return nil
		},
		DiffusionVJP: func(_, _ []float64, _ float64, _, _ []float64) error { return nil },
	}
	prior := sde.Prior{
		Drift: func(dst []float64, _ []int, _, y []float64) error {
			for i := range dst {
				dst[i] = -y[i]
			}
			return nil
		},
		DriftVJP: func(dy, _ []float64, _ []int, _, _, a []float64) error {
			for i := range a {
				dy[i] -= a[i]
			}
			return nil
		},
	}
	system, err := sde.WithKL(posterior.Batch(), prior)
	if err != nil {
		fmt.Println(err)
		return
	}
	const n, variance = 128, 0.01
	b, err := sde.NewBatch(system, sde.SRI{Step: 0.125}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	// States begin at 0, and so does the divergence, which is the last component.
	t0, y0, times, seeds, dy := make([]float64, n), make([]float64, 2*n), make([][]float64, n), make([]uint64, n), make([][]float64, n)
	for i := range n {
		times[i], dy[i] = []float64{1}, make([]float64, 2)
	}
	var misfit, kl float64
	for step := range 80 {
		for i := range seeds {
			seeds[i] = uint64(n*step + i) // new paths
		}
		if err := b.Solve(context.Background(), t0, y0, times, seeds); err != nil {
			fmt.Println(err)
			return
		}
		misfit, kl = 0, 0
		for i := range n {
			y := b.Y(i)
			misfit += (y[0] - 1) * (y[0] - 1) / (2 * variance) / n
			kl += y[1] / n
			dy[i][0], dy[i][1] = (y[0]-1)/variance/n, 1./n
		}
		dp := make([]float64, 1)
		if err := b.Backward(nil, dp, dy); err != nil {
			fmt.Println(err)
			return
		}
		theta[0] -= 0.01 * dp[0]
	}
	// With y(1) = c(1 - 1/e) + …, the bound is least at 1.438.
	fmt.Printf("c = %.2f, divergence %.2f\n", theta[0], kl)
	// Output:
	// c = 1.45, divergence 3.98
}

// A path is asked for times in any order. What it says of a time does not
// depend on what it was asked before, and parts add up to the whole.
func ExamplePath() {
	p, err := sde.NewPath(1, 42, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	w := make([]float64, 1)
	for _, t := range []float64{2, 0.5, 1} {
		if err := p.At(w, t); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("W(%g) = %.3f\n", t, w[0])
	}
	area := make([]float64, 1)
	if err := p.Increment(w, area, 0.5, 1); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("W(1) - W(0.5) = %.3f, the integral of W - W(0.5) between %.3f\n", w[0], area[0])
	// Output:
	// W(2) = 0.524
	// W(0.5) = 0.480
	// W(1) = 0.148
	// W(1) - W(0.5) = -0.332, the integral of W - W(0.5) between 0.127
}
