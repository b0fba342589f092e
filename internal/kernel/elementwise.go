package kernel

// Add sets dst to a + b. dst may be a or b.
func Add[T Float](dst, a, b []T) {
	sameLength("Add", "a", len(a), len(dst))
	sameLength("Add", "b", len(b), len(dst))
	add(dst, a, b)
}

// Sub sets dst to a - b. dst may be a or b.
func Sub[T Float](dst, a, b []T) {
	sameLength("Sub", "a", len(a), len(dst))
	sameLength("Sub", "b", len(b), len(dst))
	sub(dst, a, b)
}

// Mul sets dst to the elementwise product a ⊙ b. dst may be a or b.
func Mul[T Float](dst, a, b []T) {
	sameLength("Mul", "a", len(a), len(dst))
	sameLength("Mul", "b", len(b), len(dst))
	mul(dst, a, b)
}

// MulAdd adds a ⊙ b to dst, rounding once. dst may be a or b.
func MulAdd[T Float](dst, a, b []T) {
	sameLength("MulAdd", "a", len(a), len(dst))
	sameLength("MulAdd", "b", len(b), len(dst))
	mulAdd(dst, a, b)
}

// Axpy adds alpha·x to y, rounding once. y may be x.
func Axpy[T Float](y []T, alpha T, x []T) {
	sameLength("Axpy", "x", len(x), len(y))
	axpy(y, alpha, x)
}

// Combine sets dst to base + Σ c_i·x_i, the sum taken from the first term on,
// each but the first product added to it with one rounding, before base. There
// is at least one term; dst may be base or one of x.
func Combine(dst, base, c []float64, x [][]float64) {
	sameLength("Combine", "base", len(base), len(dst))
	sameLength("Combine", "c", len(c), len(x))
	if len(c) == 0 {
		panic("kernel: Combine of no terms")
	}
	for _, v := range x {
		sameLength("Combine", "x", len(v), len(dst))
	}
	combine(dst, base, c, x)
}

// ToTolerance sets dst to x in units of a tolerance, x/(atol + rtol·max(|y|, |z|)),
// and to NaN where the tolerance is infinite and would hide x. dst may be any
// of the others.
func ToTolerance(dst, x, y, z, atol, rtol []float64) {
	sameLength("ToTolerance", "x", len(x), len(dst))
	sameLength("ToTolerance", "y", len(y), len(dst))
	sameLength("ToTolerance", "z", len(z), len(dst))
	sameLength("ToTolerance", "atol", len(atol), len(dst))
	sameLength("ToTolerance", "rtol", len(rtol), len(dst))
	toTolerance(dst, x, y, z, atol, rtol)
}

// Scale multiplies x by alpha.
func Scale[T Float](x []T, alpha T) {
	scale(x, alpha)
}

// TanhGrad sets dst to dy ⊙ (1 - y²), the gradient behind y = tanh x; 1 - y²
// is rounded once. dst may be y or dy.
func TanhGrad[T Float](dst, y, dy []T) {
	sameLength("TanhGrad", "y", len(y), len(dst))
	sameLength("TanhGrad", "dy", len(dy), len(dst))
	tanhGrad(dst, y, dy)
}

// SigmoidGrad sets dst to dy ⊙ y ⊙ (1 - y), the gradient behind y = σ(x). dst
// may be y or dy.
func SigmoidGrad[T Float](dst, y, dy []T) {
	sameLength("SigmoidGrad", "y", len(y), len(dst))
	sameLength("SigmoidGrad", "dy", len(dy), len(dst))
	sigmoidGrad(dst, y, dy)
}
