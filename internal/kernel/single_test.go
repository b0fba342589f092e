package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// everyday returns n numbers of both signs and of sizes that differ by some
// powers of two.
func everyday(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Ldexp(rng.Float64()-0.5, rng.IntN(12)))
	}
	return x
}

// TestFMASingle holds x·y + z in float32 to the exact value rounded once, near
// the middle of two floats and for denormals too.
func TestFMASingle(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	exact := new(big.Float).SetPrec(400)
	check := func(x, y, z float32) {
		t.Helper()
		p := new(big.Float).SetPrec(400).Mul(big.NewFloat(float64(x)), big.NewFloat(float64(y)))
		exact.Add(p, new(big.Float).SetPrec(400).SetFloat64(float64(z)))
		want, _ := exact.Float32()
		if got := float32(fma(x, y, z)); got != want {
			t.Fatalf("%x·%x + %x = %x, want %x", x, y, z, got, want)
		}
	}
	for range 100_000 {
		x, y, z := everyday(rng, 1)[0], everyday(rng, 1)[0], everyday(rng, 1)[0]
		check(x, y, z)
		check(x, y, z*0x1p-60)
		check(x*0x1p-70, y*0x1p-70, z*0x1p-140)
	}
	// 1 + 2⁻²⁴ lies in the middle of two floats, and float64 loses what is far
	// below it.
	for _, tiny := range []float32{0x1p-70, -0x1p-70} {
		check(1+0x1p-12, 0x1p-12, tiny)
		check(0x1p-12+0x1p-23, 0x1p-12, 1)
		check(0x1p-24*(1+0x1p-20), 1-0x1p-20, 1)
		check(tiny, 1, 1+0x1p-23)
	}
	for _, s := range []float32{float32(math.Inf(1)), float32(math.NaN()), math.MaxFloat32} {
		if got, want := float32(fma(s, 2, 1)), s*2; got != want && want == want {
			t.Errorf("%v·2 + 1 = %v", s, got)
		}
	}
	if got := float32(fma(2, 3, float32(math.Inf(-1)))); got != float32(math.Inf(-1)) {
		t.Errorf("2·3 - ∞ = %v", got)
	}
	if got := float32(fma(float32(math.NaN()), 2, 1)); got == got {
		t.Errorf("NaN·2 + 1 = %v", got)
	}
}

// TestProductsSingle compares the float32 products on every path with the sums
// in float64, within the rounding of k steps.
func TestProductsSingle(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	onEveryPath(t, func(t *testing.T) {
		for _, s := range [][3]int{{0, 2, 3}, {2, 0, 3}, {1, 1, 1}, {3, 7, 5}, {32, 64, 65}, {17, 401, 131}, {1, 64, 33}} {
			m, k, n := s[0], s[1], s[2]
			a, b, before := everyday(rng, m*k), everyday(rng, k*n), everyday(rng, m*n)
			nn, tn := append([]float32(nil), before...), make([]float32, m*n)
			MulNN(nn, a, b, m, k, n, true)
			at := make([]float32, m*k)
			for i := range m {
				for l := range k {
					at[l*m+i] = a[i*k+l]
				}
			}
			MulTN(tn, at, b, m, k, n, false)
			for i := range m {
				for j := range n {
					sum, size := 0.0, math.Abs(float64(before[i*n+j]))
					for l := range k {
						p := float64(a[i*k+l]) * float64(b[l*n+j])
						sum, size = sum+p, size+math.Abs(p)
					}
					bound := 0x1p-24 * float64(k+1) * size
					if d := math.Abs(float64(nn[i*n+j]) - sum - float64(before[i*n+j])); !(d <= bound) {
						t.Fatalf("MulNN %v: C(%d, %d) is %v off", s, i, j, d)
					}
					if d := math.Abs(float64(tn[i*n+j]) - sum); !(d <= bound) {
						t.Fatalf("MulTN %v: C(%d, %d) is %v off", s, i, j, d)
					}
				}
			}
		}
	})
}

// The conversions round once and to nearest, on every path and in the last
// elements too.
func TestConversions(t *testing.T) {
	x := []float64{1, 1 + 0x1p-24, 1 + 0x1p-24 + 0x1p-50, 1 + 3*0x1p-24, -1e300, 0x1p-150, 0x1.8p-149, math.Inf(1),
		0.1, 0.2, 0.3, -0.4, 0.5, 0.6, 0.7, 0.8, 0.9, -1.1, 1e-46}
	onEveryPath(t, func(t *testing.T) {
		y := make([]float32, len(x))
		Narrow(y, x)
		for i, v := range x {
			if y[i] != float32(v) {
				t.Errorf("%x became %x", v, y[i])
			}
		}
		sum := append([]float64(nil), x...)
		sum[4], sum[7] = 0, 0
		AddWidened(sum, sum, y)
		for i, v := range x {
			if i == 4 || i == 7 {
				v = 0
			}
			if want := v + float64(y[i]); sum[i] != want {
				t.Errorf("%x + %x = %x", v, y[i], sum[i])
			}
		}
	})
}
