package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestProductsAgainstGonum compares with gonum's product, within the rounding
// error of two sums of k products.
func TestProductsAgainstGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	random := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.Float64() - 0.5
		}
		return x
	}
	transposed := func(x []float64, r, c int) []float64 {
		return mat.DenseCopyOf(mat.NewDense(r, c, x).T()).RawMatrix().Data
	}
	onEveryPath(t, func(t *testing.T) {
		for _, s := range [][3]int{{1, 1, 1}, {3, 7, 5}, {32, 64, 64}, {128, 20, 20}, {100, 25, 100}, {17, 401, 131}, {1, 64, 33}, {9, 2, 1}, {300, 440, 103}} {
			m, k, n := s[0], s[1], s[2]
			a, b, before, bias := random(m*k), random(k*n), random(m*n), random(n)
			var want mat.Dense
			want.Mul(mat.NewDense(m, k, a), mat.NewDense(k, n, b))
			at, bt := transposed(a, m, k), transposed(b, k, n)
			for _, c := range []struct {
				name  string
				run   func(c []float64)
				start func(i, j int) float64
			}{
				{"MulNN", func(c []float64) { MulNN(c, a, b, m, k, n, false) }, func(i, j int) float64 { return 0 }},
				{"MulNT", func(c []float64) { MulNT(c, a, bt, m, k, n, false) }, func(i, j int) float64 { return 0 }},
				{"MulTN", func(c []float64) { MulTN(c, at, b, m, k, n, false) }, func(i, j int) float64 { return 0 }},
				{"MulNN+", func(c []float64) { MulNN(c, a, b, m, k, n, true) }, func(i, j int) float64 { return before[i*n+j] }},
				{"MulNT+", func(c []float64) { MulNT(c, a, bt, m, k, n, true) }, func(i, j int) float64 { return before[i*n+j] }},
				{"MulTN+", func(c []float64) { MulTN(c, at, b, m, k, n, true) }, func(i, j int) float64 { return before[i*n+j] }},
				{"MulNNPlus", func(c []float64) { MulNNPlus(c, before, a, b, m, k, n) }, func(i, j int) float64 { return before[i*n+j] }},
				{"Affine", func(c []float64) { Affine(c, a, b, bias, m, k, n) }, func(i, j int) float64 { return bias[j] }},
			} {
				got := append([]float64(nil), before...)
				c.run(got)
				// Products are below 1/4 in absolute value.
				bound := 0x1p-52 * float64(k+2) * (float64(k)/4 + 1)
				for i := range m {
					for j := range n {
						w := want.At(i, j) + c.start(i, j)
						if d := math.Abs(got[i*n+j] - w); !(d <= bound) {
							t.Fatalf("%s %d×%d×%d: C(%d, %d) = %v, want %v", c.name, m, k, n, i, j, got[i*n+j], w)
						}
					}
				}
			}
		}
	})
}

// On every path every element arrives in its place, whatever
// the shape, an empty one included.
func TestTranspose(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		for _, s := range [][2]int{{0, 3}, {1, 1}, {4, 8}, {5, 3}, {7, 9}} {
			m, n := s[0], s[1]
			x, y := make([]float64, m*n), make([]float64, m*n)
			for i := range x {
				x[i] = float64(i)
			}
			Transpose(y, x, m, n)
			for i := range x {
				if got := y[i%n*m+i/n]; got != x[i] {
					t.Errorf("%d×%d: element (%d, %d) became %v", m, n, i/n, i%n, got)
				}
			}
		}
	})
}

// TestEmptyProducts: with no products to add, C is zero, itself or the bias.
func TestEmptyProducts(t *testing.T) {
	onEveryPath(t, func(t *testing.T) {
		for _, f := range []func(c, a, b []float64, m, k, n int, add bool){MulNN[float64], MulNT[float64], MulTN[float64]} {
			c := []float64{1, 2, 3, 4, 5, 6}
			f(c, nil, nil, 2, 0, 3, true)
			if fmt.Sprint(c) != "[1 2 3 4 5 6]" {
				t.Errorf("adding an empty product leaves %v", c)
			}
			f(c, nil, nil, 2, 0, 3, false)
			if fmt.Sprint(c) != "[0 0 0 0 0 0]" {
				t.Errorf("an empty product is %v", c)
			}
			f(nil, nil, make([]float64, 15), 0, 5, 3, false)
			f(nil, make([]float64, 15), nil, 3, 5, 0, false)
		}
		c := make([]float64, 6)
		Affine(c, nil, nil, []float64{7, 8, 9}, 2, 0, 3)
		if fmt.Sprint(c) != "[7 8 9 7 8 9]" {
			t.Errorf("an empty product plus a bias is %v", c)
		}
	})
}

// TestProductAllocates nothing once the room for a panel is there.
func TestProductAllocates(t *testing.T) {
	a, b, c := make([]float64, 64*64), make([]float64, 64*64), make([]float64, 64*64)
	onEveryPath(t, func(t *testing.T) {
		runs := testing.AllocsPerRun(200, func() {
			MulNN(c, a, b, 64, 64, 64, false)
			MulNT(c, a, b, 64, 64, 64, true)
			MulTN(c, a, b, 64, 64, 64, true)
			Tanh(c, a)
		})
		if runs != 0 && !raceEnabled {
			t.Errorf("%v allocations a run", runs)
		}
	})
}

// A product of row-major matrices, with a bias a column.
func ExampleAffine() {
	x := []float64{
		1, 2,
		3, 4,
		5, 6,
	}
	w := []float64{
		1, 0, -1,
		0, 1, 1,
	}
	y := make([]float64, 9)
	Affine(y, x, w, []float64{10, 20, 30}, 3, 2, 3)
	for i := 0; i < 9; i += 3 {
		fmt.Println(y[i : i+3])
	}
	// Output:
	// [11 22 31]
	// [13 24 31]
	// [15 26 31]
}
