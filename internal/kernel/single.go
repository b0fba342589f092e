package kernel

import "unsafe"

// Narrow sets dst to x, rounded to float32 if that is its type.
func Narrow[T Float](dst []T, x []float64) {
	sameLength("Narrow", "x", len(x), len(dst))
	if unsafe.Sizeof(T(0)) == 8 {
		copy(as[float64](dst), x)
		return
	}
	y, n := as[float32](dst), len(x)&^7
	narrowGroups(y[:n], x[:n])
	narrowGo(y[n:], x[n:])
}

// Same returns x itself if T is float64, and else false.
func Same[T Float](x []float64) (same []T, yes bool) {
	if unsafe.Sizeof(T(0)) == 8 {
		return as[T](x), true
	}
	return nil, false
}

// Widen sets dst to x in float64.
func Widen[T Float](dst []float64, x []T) {
	sameLength("Widen", "x", len(x), len(dst))
	for i, v := range x {
		dst[i] = float64(v)
	}
}

// AddWidened sets dst to a + x, with one rounding to float64. dst may be a.
func AddWidened(dst, a []float64, x []float32) {
	sameLength("AddWidened", "a", len(a), len(dst))
	sameLength("AddWidened", "x", len(x), len(dst))
	n := len(x) &^ 7
	addWidenedGroups(dst[:n], a[:n], x[:n])
	addWidenedGo(dst[n:], a[n:], x[n:])
}

func narrowGo(dst []float32, x []float64) {
	for i, v := range x {
		dst[i] = float32(v)
	}
}

func addWidenedGo(dst, a []float64, x []float32) {
	for i, v := range x {
		dst[i] = a[i] + float64(v)
	}
}
