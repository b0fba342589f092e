package baseline

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// noisy returns n values of a curve with noise.
func noisy(n int) []float64 {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	y := make([]float64, n)
	for i := range y {
		y[i] = math.Sin(float64(i)/30) + 0.3*rng.NormFloat64()
	}
	return y
}

// local returns the local regression at a position by weighted least squares
// over the nearest values.
func local(y []float64, at, window, degree int, weight []float64) float64 {
	n := len(y)
	left := min(max(at-(window-1)/2, 0), max(n-window, 0))
	right := min(left+window, n) - 1
	h := math.Max(float64(at-left), float64(right-at))
	if window > n {
		h += float64((window - n) / 2)
	}
	a, b := mat.NewDense(right-left+1, degree+1, nil), mat.NewDense(right-left+1, 1, nil)
	for j := left; j <= right; j++ {
		u := math.Abs(float64(j-at)) / h
		w := math.Sqrt(math.Pow(1-u*u*u, 3) * weight[j])
		if u >= 1 {
			w = 0
		}
		a.Set(j-left, 0, w)
		if degree == 1 {
			a.Set(j-left, 1, w*float64(j-at))
		}
		b.Set(j-left, 0, w*y[j])
	}
	var x mat.Dense
	if err := x.Solve(a, b); err != nil {
		return math.NaN()
	}
	return x.At(0, 0)
}

// The smoother agrees with weighted least squares at every place, interpolated ones
// and those beyond the ends too.
func TestLoess(t *testing.T) {
	tests := []struct {
		n, window, degree int
		tol               float64 // but for the weights near 0 and 1, that are rounded to them
	}{
		{40, 7, 0, 1e-6}, {40, 7, 1, 1e-6}, {40, 15, 1, 1e-6}, {9, 21, 1, 1e-6}, {9, 21, 0, 1e-6},
		{900, 401, 1, 1e-3}, // every fourth value is interpolated
	}
	for _, tt := range tests {
		y, weight := noisy(tt.n), make([]float64, tt.n)
		for i := range weight {
			weight[i] = 0.25 + float64(i%4)/4
		}
		got := make([]float64, tt.n+2)
		loess(got, y, -1, tt.window, tt.degree, weight)
		for i, v := range got {
			if want := local(y, i-1, tt.window, tt.degree, weight); math.Abs(v-want) > tt.tol {
				t.Errorf("%+v: at %d: %v, want %v", tt, i-1, v, want)
			}
		}
	}
	// Where nothing has weight the nearest value stands in.
	got := make([]float64, 3)
	loess(got, []float64{5, 6, 7}, 0, 3, 1, make([]float64, 3))
	if got[0] != 5 || got[1] != 6 || got[2] != 7 {
		t.Errorf("without weights: %v", got)
	}
}

// The autocorrelations are those of the direct sum, with missing values left out.
func TestAutocorrelations(t *testing.T) {
	for _, n := range []int{10, 33, 64} {
		y := newStandard(noisy(n)).y
		y[3], y[7] = math.NaN(), math.NaN()
		direct := func(lag int) float64 {
			sum := 0.0
			for i := lag; i < n; i++ {
				if p := y[i] * y[i-lag]; !math.IsNaN(p) {
					sum += p
				}
			}
			return sum
		}
		for k, r := range autocorrelations(y, n/2) {
			if want := direct(k) / direct(0); math.Abs(r-want) > 1e-12 {
				t.Errorf("%d values, lag %d: %v, want %v", n, k, r, want)
			}
		}
	}
}

// A season is found where there is one, and neither in noise, a
// constant, nor two seasons of data.
func TestIsSeasonal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	noise, season := make([]float64, 240), make([]float64, 240)
	for i := range noise {
		noise[i] = rng.NormFloat64()
		season[i] = noise[i] + 2*math.Cos(math.Pi*float64(i)/6)
	}
	tests := []struct {
		name string
		y    []float64
		m    int
		want bool
	}{
		{"season", season, 12, true},
		{"noise", noise, 12, false},
		{"two seasons", season[:24], 12, false},
		{"none asked for", season, 1, false},
		{"constant", make([]float64, 50), 12, false},
	}
	for _, tt := range tests {
		if got := isSeasonal(tt.y, tt.m); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
