package kernel

// Narrow sets dst to x, rounded to float32.
func Narrow(dst []float32, x []float64) {
	sameLength("Narrow", "x", len(x), len(dst))
	n := len(x) &^ 7
	narrowGroups(dst[:n], x[:n])
	narrowGo(dst[n:], x[n:])
}

// AddSingle sets dst to a + x, with one rounding to float64. dst may be a.
func AddSingle(dst, a []float64, x []float32) {
	sameLength("AddSingle", "a", len(a), len(dst))
	sameLength("AddSingle", "x", len(x), len(dst))
	n := len(x) &^ 7
	addSingleGroups(dst[:n], a[:n], x[:n])
	addSingleGo(dst[n:], a[n:], x[n:])
}

func narrowGo(dst []float32, x []float64) {
	for i, v := range x {
		dst[i] = float32(v)
	}
}

func addSingleGo(dst, a []float64, x []float32) {
	for i, v := range x {
		dst[i] = a[i] + float64(v)
	}
}
